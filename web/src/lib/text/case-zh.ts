/** Sentences of the case page, in Chinese; merged into the catalogue by `zh.ts`. Keys are shared with `zh.ts`, so they begin with `case`. */
export const caseZh = {};
