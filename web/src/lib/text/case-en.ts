import type { caseZh } from './case-zh.ts';

/** Sentences of the case page, in English: written, not translated. */
export const caseEn = {} satisfies typeof caseZh;
