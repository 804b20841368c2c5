import { caseZh } from './case-zh.ts';

/** Every sentence people read, in Chinese. A sentence with a figure or a name is a function. */
export const zh = {
  ...caseZh,
  product: '联办',
  justNow: '刚刚',
};

/** What a language must have: every key, with the same figures and names. */
export type Catalogue = typeof zh;
