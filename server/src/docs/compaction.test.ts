import { MAX_NESTING } from '@lianban/sync';
import { describe, expect, it } from 'vitest';
import * as Y from 'yjs';
import { activate } from './active-doc.ts';
import { compact, shouldCompact } from './compaction.ts';
import { device, Editor, FILE, LI, NOTE } from './door-for-tests.ts';
import { EMPTY_DOC, type LoadedDoc } from './update-log.ts';

function loaded(updates: readonly Uint8Array[], before: LoadedDoc = EMPTY_DOC): LoadedDoc {
  const sender = { holder: `device:${device(1)}`, person: LI, atMs: 0 } as const;
  const tail = updates.map((bytes, index) => ({ seq: before.headSeq + index + 1, bytes, ...sender }));
  return { ...before, headSeq: before.headSeq + updates.length, tail };
}

function textOf(bytes: Uint8Array): string {
  const doc = new Y.Doc();
  Y.applyUpdate(doc, bytes);
  return doc.getText(NOTE).toJSON();
}

describe('compaction', () => {
  it('makes one update of snapshot and tail, with what is needed to go on without decoding it', () => {
    const editor = new Editor(7);
    for (const letter of 'hello') editor.type(letter);
    editor.erase(0, 1);
    const first = compact(loaded(editor.updates));
    expect(first.snapshot.seq).toBe(6);
    expect(textOf(first.snapshot.bytes)).toBe('ello');
    expect(first.flagged).toEqual([]);
    const before: LoadedDoc = { headSeq: 6, snapshot: first.snapshot, tail: [], bindings: [] };
    const more = [editor.type('!'), editor.erase(1, 2)];
    const second = compact(loaded(more, before));
    expect(second.snapshot.seq).toBe(8);
    expect(textOf(second.snapshot.bytes)).toBe(editor.text);
    const { doc } = activate(FILE, { ...before, headSeq: 8, snapshot: second.snapshot });
    expect(doc.state.clockOf(7)).toBe(6);
    expect(doc.state.isDeleted({ client: 7, clock: 0, len: 1 })).toBe(true);
    expect(doc.state.isDeleted({ client: 7, clock: 1, len: 1 })).toBe(false);
  });

  it('lets a device merge that was away all the time', () => {
    const editor = new Editor(7);
    editor.type('base ');
    const away = new Editor(8);
    Y.applyUpdate(away.doc, editor.updates[0] as Uint8Array, 'relay');
    for (let i = 0; i < 50; i++) {
      editor.type(String(i));
      if (i % 3 === 0) editor.erase(0, 2);
    }
    const { snapshot } = compact(loaded(editor.updates));
    away.type('typed at sea', 2);
    Y.applyUpdate(away.doc, snapshot.bytes, 'relay');
    Y.applyUpdate(editor.doc, Y.encodeStateAsUpdate(away.doc), 'relay');
    expect(away.text).toBe(editor.text);
    expect(away.text).toContain('typed at sea');
  });

  it('leaves out rows that cannot be applied, and only those', () => {
    const editor = new Editor(7);
    const other = new Editor(8);
    const rows = [
      editor.type('a'),
      Uint8Array.of(1, 1, 7, 1, 255),
      editor.type('b'),
      other.type('c'),
      new Editor(9).type('x'),
    ];
    const orphan = new Editor(10);
    orphan.type('1');
    rows.push(orphan.type('2'));
    const { snapshot, flagged } = compact(loaded(rows));
    expect(flagged.map(({ row, reason }) => [row.seq, reason])).toEqual([
      [2, 'unreadable'],
      [6, 'unreadable'],
    ]);
    expect([...textOf(snapshot.bytes)].sort().join('')).toBe('abcx');
    expect(snapshot.seq).toBe(6);
  });

  it('flags rows that nest deeper than receivers can walk', () => {
    const doc = new Y.Doc();
    const updates: Uint8Array[] = [];
    doc.on('update', (update: Uint8Array) => updates.push(update));
    let parent = doc.getArray<unknown>('f/x');
    for (let depth = 1; depth <= MAX_NESTING + 2; depth++) {
      const child = new Y.Array<unknown>();
      parent.push([child]);
      parent = child;
    }
    const { flagged, depth } = compact(loaded(updates));
    expect(depth).toBe(MAX_NESTING + 2);
    expect(flagged.map(({ row, reason }) => [row.seq, reason])).toEqual([
      [MAX_NESTING + 1, 'too-deep'],
      [MAX_NESTING + 2, 'too-deep'],
    ]);
    expect(compact(loaded(updates.slice(0, MAX_NESTING))).flagged).toEqual([]);
  });

  it('waits for more beside a large snapshot, so that typing in it is not writing it again and again', () => {
    expect(shouldCompact({ rows: 500, bytes: 1000, snapshotBytes: 0 })).toBe(false);
    expect(shouldCompact({ rows: 501, bytes: 1000, snapshotBytes: 0 })).toBe(true);
    expect(shouldCompact({ rows: 3, bytes: 300 * 1024, snapshotBytes: 0 })).toBe(true);
    expect(shouldCompact({ rows: 501, bytes: 20_000, snapshotBytes: 1024 * 1024 })).toBe(false);
    expect(shouldCompact({ rows: 5001, bytes: 200_000, snapshotBytes: 20 * 1024 * 1024 })).toBe(true);
  });
});
