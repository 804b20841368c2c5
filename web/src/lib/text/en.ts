import { caseEn } from './case-en.ts';
import type { Catalogue } from './zh.ts';

/** Every sentence people read, in English: written, not translated. */
export const en = {
  ...caseEn,
  product: 'Lianban',
  justNow: 'just now',
} satisfies Catalogue;
