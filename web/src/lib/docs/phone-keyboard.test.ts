import { describe, expect, it } from 'vitest';
import { keyboardInset, lineShift } from './phone-keyboard.ts';

describe('writing above a phone keyboard', () => {
  it('knows what the keyboard covers, also when the page was pushed up', () => {
    expect(keyboardInset({ windowHeight: 844, viewHeight: 508, viewTop: 0 })).toBe(336);
    expect(keyboardInset({ windowHeight: 844, viewHeight: 508, viewTop: 100 })).toBe(236);
    expect(keyboardInset({ windowHeight: 844, viewHeight: 844.4, viewTop: 0 })).toBe(0);
  });

  it('scrolls a line into view from below and from above, and leaves one in view alone', () => {
    expect(lineShift({ top: 480, bottom: 506, from: 104, to: 464 })).toBe(50);
    expect(lineShift({ top: 90, bottom: 116, from: 104, to: 464 })).toBe(-22);
    expect(lineShift({ top: 200, bottom: 226, from: 104, to: 464 })).toBe(0);
  });
});
