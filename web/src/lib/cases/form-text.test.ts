import { describe, expect, it } from 'vitest';
import * as Y from 'yjs';
import { bindText, mapIndex, textDiff } from './form-text.ts';

/** As much of a text area as the binding touches; Node has none. */
class Area extends EventTarget {
  value = '';
  selectionStart = 0;
  selectionEnd = 0;
  scrollTop = 0;
  ownerDocument = { activeElement: this as unknown };
  setSelectionRange(start: number, end: number) {
    this.selectionStart = start;
    this.selectionEnd = end;
  }
  /** Types over the selection, as a browser does, without telling. */
  put(text: string) {
    this.value = this.value.slice(0, this.selectionStart) + text + this.value.slice(this.selectionEnd);
    this.setSelectionRange(this.selectionStart + text.length, this.selectionStart + text.length);
  }
  type(text: string) {
    this.put(text);
    this.dispatchEvent(new Event('input'));
  }
  say(type: string) {
    this.dispatchEvent(new Event(type));
  }
}

function bound(start: string) {
  const doc = new Y.Doc();
  const text = doc.getText('t/remarks');
  text.insert(0, start);
  const area = new Area();
  const close = bindText(area as unknown as HTMLTextAreaElement, text);
  area.setSelectionRange(start.length, start.length);
  return { doc, text, area, close };
}

describe('the smallest change between two texts', () => {
  it.each([
    ['', 'abc', 3, { index: 0, remove: 0, insert: 'abc' }],
    ['abc', 'abXc', 3, { index: 2, remove: 0, insert: 'X' }],
    ['abc', 'ac', 1, { index: 1, remove: 1, insert: '' }],
    ['aaaa', 'aaaaa', 2, { index: 1, remove: 0, insert: 'a' }],
    ['租赁合同', '房屋租赁合同', 2, { index: 0, remove: 0, insert: '房屋' }],
    ['一二三', '一五三', 2, { index: 1, remove: 1, insert: '五' }],
  ])('%s to %s', (before, after, caret, change) => {
    expect(textDiff(before, after, caret)).toEqual(change);
  });

  it('is nothing between equal texts', () => {
    expect(textDiff('同', '同')).toBeNull();
  });

  it('never splits a surrogate pair', () => {
    expect(textDiff('𠮷a', '𠮸a', 2)).toEqual({ index: 0, remove: 2, insert: '𠮸' });
  });

  it('always leads from one text to the other', () => {
    let seed = 7;
    const next = (n: number) => (seed = (seed * 48271) % 2147483647) % n;
    const word = () => Array.from({ length: next(8) }, () => 'ab中'[next(3)]).join('');
    for (let round = 0; round < 3000; round++) {
      const [before, after] = [word(), word()];
      const change = textDiff(before, after, next(after.length + 1));
      const made = change
        ? before.slice(0, change.index) + change.insert + before.slice(change.index + change.remove)
        : before;
      expect(made).toBe(after);
    }
  });
});

describe('a place in a text under a remote change', () => {
  it('moves behind what came before it and stays for what came after', () => {
    expect(mapIndex(3, [{ insert: '甲乙' }])).toBe(5);
    expect(mapIndex(3, [{ retain: 5 }, { insert: '甲' }])).toBe(3);
    expect(mapIndex(3, [{ retain: 1 }, { delete: 4 }])).toBe(1);
    expect(mapIndex(3, [{ retain: 3 }, { insert: '甲' }])).toBe(3);
    expect(mapIndex(3, [{ retain: 3 }, { insert: '甲' }], true)).toBe(4);
  });
});

describe('a text area bound to a shared text', () => {
  it('sends each input as one small change', () => {
    const { doc, text, area } = bound('租赁');
    let updates = 0;
    doc.on('update', () => (updates += 1));
    area.type('合同');
    expect(text.toString()).toBe('租赁合同');
    expect(updates).toBe(1);
  });

  it('keeps the caret in its place when somebody writes before it', () => {
    const { text, area } = bound('合同');
    area.setSelectionRange(1, 1);
    text.insert(0, '房屋');
    expect(area.value).toBe('房屋合同');
    expect(area.selectionStart).toBe(3);
  });

  it('neither sends nor shows anything while an input method composes', () => {
    const { text, area } = bound('消防');
    area.say('compositionstart');
    area.type('shu');
    text.insert(0, '【县】');
    expect(area.value).toBe('消防shu');
    expect(text.toString()).toBe('【县】消防');
    area.setSelectionRange(2, 5);
    area.put('疏散');
    area.say('compositionend');
    expect(text.toString()).toBe('【县】消防疏散');
    expect(area.value).toBe('【县】消防疏散');
    expect(area.selectionStart).toBe(7);
  });

  it('puts a composed word where it was typed, also when the text around it was deleted meanwhile', () => {
    const { text, area } = bound('一二三四');
    area.setSelectionRange(2, 2);
    area.say('compositionstart');
    text.delete(0, 4);
    area.type('中');
    area.say('compositionend');
    expect(text.toString()).toBe('中');
    expect(area.value).toBe('中');
  });

  it('undoes its own changes only', () => {
    const { text, area } = bound('');
    area.type('甲');
    text.insert(1, '乙');
    const key = Object.assign(new Event('keydown', { cancelable: true }), { ctrlKey: true, key: 'z' });
    area.dispatchEvent(key);
    expect(key.defaultPrevented).toBe(true);
    expect(text.toString()).toBe('乙');
    expect(area.value).toBe('乙');
  });

  it('lets go of the text when it is closed', () => {
    const { text, area, close } = bound('甲');
    close();
    text.insert(0, '乙');
    expect(area.value).toBe('甲');
  });
});
