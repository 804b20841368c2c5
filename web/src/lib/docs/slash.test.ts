import { describe, expect, it } from 'vitest';
import { slashIn } from './slash.ts';

describe('the / menu', () => {
  it.each([
    ['/', ''],
    ['/表', '表'],
    ['现场 /tab', 'tab'],
    ['、', ''],
    ['、表格', '表格'],
  ])('opens at %j', (before, typed) => {
    expect(slashIn(before)).toBe(typed);
  });

  it.each(['', '1/2', 'https://a', '市监、', '市监、城管', '/表 格', '/abcdefghijklm', '消防/'])(
    'stays shut at %j',
    (before) => {
      expect(slashIn(before)).toBeNull();
    },
  );
});
