import { describe, expect, it } from 'vitest';
import { isNumbered } from './heading-number.ts';

describe('a number typed in a heading', () => {
  it.each([
    '一、基本情况',
    '十二、其他',
    '（一）食品',
    '(2) Fire',
    '1. Facts',
    '1．现场',
    '1、现场',
    '2.1 Width',
    '第三章 附则',
  ])('is seen in %j', (heading) => {
    expect(isNumbered(heading)).toBe(true);
  });

  it.each(['基本情况', '一次性告知', '12 号房屋', '86 平方米', '（草稿）', ''])('is not seen in %j', (heading) => {
    expect(isNumbered(heading)).toBe(false);
  });
});
