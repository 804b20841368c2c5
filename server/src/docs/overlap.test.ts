import { describe, expect, it } from 'vitest';
import * as fc from 'fast-check';
import * as Y from 'yjs';
import { compact } from './compaction.ts';
import { device, LI } from './door-for-tests.ts';
import { compareOverlap } from './overlap.ts';
import { EMPTY_DOC, type LoadedDoc } from './update-log.ts';

function stored(updates: readonly Uint8Array[]): LoadedDoc {
  const sender = { holder: `device:${device(1)}`, person: LI, atMs: 0 } as const;
  return { ...EMPTY_DOC, tail: updates.map((bytes, index) => ({ seq: index + 1, bytes, ...sender })) };
}

function compacted(doc: LoadedDoc): LoadedDoc {
  return { ...doc, snapshot: compact(doc).snapshot, tail: [] };
}

const Step = fc.record({
  by: fc.nat(1),
  what: fc.constantFrom('text', 'erase', 'format', 'map', 'type', 'embed', 'hear'),
  at: fc.nat(50),
  text: fc.string({ minLength: 1, maxLength: 4, unit: 'grapheme' }),
});
type Step = typeof Step extends fc.Arbitrary<infer T> ? T : never;

/** Two editors that hear each other now and then; returns them and every update in the order it was made. */
function play(steps: readonly Step[]): { docs: Y.Doc[]; updates: Uint8Array[] } {
  const docs = [new Y.Doc(), new Y.Doc()];
  const updates: Uint8Array[] = [];
  for (const [index, doc] of docs.entries()) {
    doc.clientID = index + 1;
    doc.on('update', (update: Uint8Array, origin: unknown) => origin !== 'heard' && updates.push(update));
  }
  for (const { by, what, at, text } of steps) {
    const doc = docs[by] as Y.Doc;
    const note = doc.getText('t/note');
    const place = Math.min(at, note.length);
    if (what === 'text') note.insert(place, text);
    else if (what === 'erase') note.delete(place, Math.min(at % 5, note.length - place));
    else if (what === 'format') note.format(place, Math.min(2, note.length - place), { bold: at % 2 === 0 });
    else if (what === 'embed') note.insertEmbed(place, { image: text });
    else if (what === 'map') doc.getArray<unknown>('f/a').push([{ value: text, at }, at, null]);
    else if (what === 'type') doc.getArray<unknown>('f/a').insert(0, [new Y.Map([[text, at]])]);
    else Y.applyUpdate(doc, Y.encodeStateAsUpdate(docs[1 - by] as Y.Doc, Y.encodeStateVector(doc)), 'heard');
  }
  return { docs, updates };
}

describe('comparing an overlap', () => {
  it('finds whatever an honest editor sends again the same, from the tail and from a snapshot', () => {
    let compared = 0;
    fc.assert(
      fc.property(fc.array(Step, { minLength: 1, maxLength: 40 }), fc.nat(100), (steps, cut) => {
        const { docs, updates } = play(steps);
        // what the first editor has, whole; the relay has stored a part of what everybody made, in order
        const first = docs[0] as Y.Doc;
        const vector = new Map<number, number>();
        const tail = updates.slice(0, 1 + (cut % (updates.length || 1)));
        for (const { id, length } of tail.flatMap((update) => Y.decodeUpdate(update).structs)) {
          vector.set(id.client, Math.max(vector.get(id.client) ?? 0, id.clock + length));
        }
        const sv = Y.encodeStateVectorFromUpdate(
          Y.mergeUpdates(tail.length > 0 ? tail : [Y.encodeStateAsUpdate(new Y.Doc())]),
        );
        for (const log of [stored(tail), compacted(stored(tail))]) {
          const result = compareOverlap(log, Y.encodeStateAsUpdate(first), sv);
          expect(result.kind).toBe('same');
          if (result.kind === 'same') {
            const remainder = Y.decodeUpdate(result.remainder).structs;
            expect(remainder.every(({ id }) => id.clock >= (vector.get(id.client) ?? 0))).toBe(true);
          }
          compared++;
        }
      }),
      { numRuns: 150 },
    );
    expect(compared).toBeGreaterThan(100);
  });

  const forge: [string, (doc: Y.Doc) => void, (doc: Y.Doc) => void][] = [
    ['text', (doc) => doc.getText('t/note').insert(0, 'approve'), (doc) => doc.getText('t/note').insert(0, 'REJECT!')],
    [
      'a place',
      (doc) => doc.getText('t/note').insert(0, 'ab'),
      (doc) => {
        doc.getText('t/note').insert(0, 'a');
        doc.getText('t/note').insert(0, 'b');
      },
    ],
    ['a root', (doc) => doc.getText('t/note').insert(0, 'a'), (doc) => doc.getText('t/other').insert(0, 'a')],
    ['a value', (doc) => doc.getArray('f/a').push([{ value: 1 }]), (doc) => doc.getArray('f/a').push([{ value: 2 }])],
    ['a type', (doc) => doc.getArray('f/a').push([new Y.Map()]), (doc) => doc.getArray('f/a').push([new Y.Array()])],
    ['a kind of content', (doc) => doc.getArray('f/a').push(['x']), (doc) => doc.getText('f/a').insert(0, 'x')],
    [
      'an embed',
      (doc) => doc.getText('t/n').insertEmbed(0, { a: 1 }),
      (doc) => doc.getText('t/n').insertEmbed(0, { a: 2 }),
    ],
  ];
  it.each(forge)('sees that %s is another', (_what, honest, lie) => {
    const [one, two] = [new Y.Doc(), new Y.Doc()];
    for (const doc of [one, two]) doc.clientID = 7;
    honest(one);
    lie(two);
    const log = stored([Y.encodeStateAsUpdate(one)]);
    for (const doc of [log, compacted(log)]) {
      expect(compareOverlap(doc, Y.encodeStateAsUpdate(two), Y.encodeStateVector(one)).kind).toBe('different');
      expect(compareOverlap(doc, Y.encodeStateAsUpdate(one), Y.encodeStateVector(one)).kind).toBe('same');
    }
  });
});
