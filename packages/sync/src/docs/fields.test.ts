import { PersonId } from '@lianban/model';
import { describe, expect, it } from 'vitest';
import * as Y from 'yjs';
import { fieldRoot, readField, readTick, setField, setTick } from './fields.ts';

const li = PersonId.parse('limin@990101');
const wang = PersonId.parse('wanglei@990100');

function pair(): [Y.Doc, Y.Doc, () => void] {
  const a = new Y.Doc();
  const b = new Y.Doc();
  return [
    a,
    b,
    () => {
      Y.applyUpdate(a, Y.encodeStateAsUpdate(b));
      Y.applyUpdate(b, Y.encodeStateAsUpdate(a));
    },
  ];
}

describe('a field', () => {
  it('keeps both values of two first writes that had not seen each other', () => {
    const [a, b, sync] = pair();
    setField(a, 'phone', '138 5901 4417', li, 1);
    setField(b, 'phone', '138 5901 4471', wang, 2);
    sync();
    const values = readField(a, 'phone').map((one) => one.value);
    expect(values.toSorted()).toEqual(['138 5901 4417', '138 5901 4471']);
    expect(readField(b, 'phone')).toEqual(readField(a, 'phone'));
  });

  it('is one value again once somebody who sees both has chosen', () => {
    const [a, b, sync] = pair();
    setField(a, 'phone', '1', li, 1);
    setField(b, 'phone', '2', wang, 2);
    sync();
    setField(b, 'phone', '2', wang, 3);
    sync();
    expect(readField(a, 'phone')).toEqual([{ value: '2', person: wang, at: 3 }]);
  });

  it('leaves a value alone that arrived after editing began', () => {
    const [a, b, sync] = pair();
    const seen = readField(a, 'phone');
    setField(b, 'phone', '2', wang, 2);
    sync();
    setField(a, 'phone', '1', li, 3, seen);
    sync();
    expect(readField(b, 'phone')).toHaveLength(2);
  });

  it('shows an entry of another shape as text instead of dropping it', () => {
    const doc = new Y.Doc();
    fieldRoot(doc, 'phone').push([{ odd: true }]);
    expect(readField(doc, 'phone')).toEqual([{ value: '{"odd":true}', person: null, at: null }]);
  });
});

describe('a tick', () => {
  it('stays when one of two people ticks and the other opens without having seen it', () => {
    const [a, b, sync] = pair();
    setTick(a, 'lease', true, li, 1);
    setTick(b, 'lease', false, wang, 2);
    sync();
    expect(readTick(a, 'lease')?.person).toBe(li);
    setTick(b, 'lease', false, wang, 3);
    sync();
    expect(readTick(a, 'lease')).toBeNull();
  });
});
