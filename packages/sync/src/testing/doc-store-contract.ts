import { DocId } from '@lianban/model';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import * as Y from 'yjs';
import type { DocStore } from '../ports.ts';

/** A store under test, over something that outlives it. */
export interface StoreUnderTest<S> {
  store: S;
  /** The same data through a new store, as after a reload. */
  reopen(): Promise<S>;
  /** The store of another account over the same data. */
  other(): Promise<S>;
  close(): Promise<void>;
}

const A = DocId.parse('case:350481-01k8x0000000000000000000aa/file');
const B = DocId.parse('case:350481-01k8x0000000000000000000aa/doc/1');

/** What every document store keeps, whatever it is made of. */
export function docStoreContract(name: string, open: () => Promise<StoreUnderTest<DocStore>>): void {
  describe(`${name} as a document store`, () => {
    let under: StoreUnderTest<DocStore>;
    let store: DocStore;
    beforeEach(async () => {
      under = await open();
      store = under.store;
    });
    afterEach(() => under.close());

    it('is empty for a document it never saw', async () => {
      expect(await store.load(A)).toEqual({ updates: [], outbox: [], siblings: [] });
      expect(await store.docs()).toEqual([]);
      expect(await store.outbox()).toEqual([]);
    });

    it('gives back what was appended, after a reload too', async () => {
      const { update } = typed('有效期至');
      await store.append(A, [{ update, outbox: { msgId: 'm1', clientId: 7, atMs: 5 } }]);
      for (const each of [store, await under.reopen()]) {
        const found = await each.load(A);
        expect(textOf(found.updates)).toBe('有效期至');
        expect(found.outbox).toEqual([{ msgId: 'm1', docId: A, clientId: 7, bytes: update.length, atMs: 5 }]);
        expect(await each.docs()).toEqual([{ docId: A, bytes: update.length }]);
      }
    });

    it('keeps documents apart', async () => {
      await store.append(A, [{ update: typed('a').update, outbox: { msgId: 'm1', clientId: 1, atMs: 1 } }]);
      await store.append(B, [{ update: typed('b').update, outbox: { msgId: 'm2', clientId: 2, atMs: 2 } }]);
      await store.acknowledged(B, ['m1']);
      expect(textOf((await store.load(A)).updates)).toBe('a');
      expect(textOf((await store.load(B)).updates)).toBe('b');
      expect((await store.outbox()).map((item) => item.msgId)).toEqual(['m1', 'm2']);
    });

    it('removes what was acknowledged and ignores what it does not know', async () => {
      await append(store, ['m1', 'm2', 'm3']);
      await store.acknowledged(A, ['m2', 'never-seen']);
      expect((await store.unsent(A)).map((item) => item.msgId)).toEqual(['m1', 'm3']);
      expect((await (await under.reopen()).outbox()).map((item) => item.msgId)).toEqual(['m1', 'm3']);
      expect((await store.load(A)).updates.length).toBeGreaterThan(0);
    });

    it('lists a refused item with its code, after a reload too', async () => {
      await append(store, ['m1', 'm2']);
      await store.refused(A, ['m1'], 'read-only');
      const items = await (await under.reopen()).unsent(A);
      expect(items.map((item) => [item.msgId, item.refusedCode])).toEqual([
        ['m1', 'read-only'],
        ['m2', undefined],
      ]);
    });

    it('lists the outbox oldest first', async () => {
      for (let i = 0; i < 12; i++) {
        await store.append(i % 2 ? A : B, [
          { update: typed('x').update, outbox: { msgId: `m${i}`, clientId: 1, atMs: i } },
        ]);
      }
      expect((await store.outbox()).map((item) => item.atMs)).toEqual([0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11]);
    });

    it('remembers the client ids of other tabs', async () => {
      await store.append(A, [{ update: typed('x').update, siblings: [9, 2 ** 53 - 1] }]);
      await store.append(A, [{ update: typed('y').update, siblings: [9] }]);
      expect((await (await under.reopen()).load(A)).siblings.sort((a, b) => a - b)).toEqual([9, 2 ** 53 - 1]);
    });

    it('shows another account nothing and lets it change nothing', async () => {
      await append(store, ['m1']);
      const other = await under.other();
      expect(await other.load(A)).toEqual({ updates: [], outbox: [], siblings: [] });
      expect(await other.outbox()).toEqual([]);
      expect(await other.docs()).toEqual([]);
      await other.acknowledged(A, ['m1']);
      await other.refused(A, ['m1'], 'forbidden');
      expect((await store.unsent(A)).map((item) => [item.msgId, item.refusedCode])).toEqual([['m1', undefined]]);
    });

    it('holds the same document after a thousand updates, and every unsent item', async () => {
      const doc = new Y.Doc();
      const updates: Uint8Array[] = [];
      doc.on('update', (update: Uint8Array) => updates.push(update));
      for (let i = 0; i < 1_000; i++) {
        const text = doc.getText('t');
        if (i % 7 === 6) text.delete(0, 2);
        else text.insert(text.length >> 1, `${i} `);
      }
      const unsent: string[] = [];
      for (let i = 0; i < updates.length; i += 25) {
        const msgId = `m${i}`;
        unsent.push(msgId);
        await store.append(
          A,
          updates
            .slice(i, i + 25)
            .map((update, at) => (at === 0 ? { update, outbox: { msgId, clientId: 1, atMs: i } } : { update })),
        );
      }
      const found = await (await under.reopen()).load(A);
      expect(textOf(found.updates)).toBe(doc.getText('t').toJSON());
      expect(found.outbox.map((item) => item.msgId)).toEqual(unsent);
    });
  });
}

async function append(store: DocStore, msgIds: readonly string[]): Promise<void> {
  await store.append(
    A,
    msgIds.map((msgId, atMs) => ({ update: typed(msgId).update, outbox: { msgId, clientId: 1, atMs } })),
  );
}

function typed(text: string): { update: Uint8Array } {
  const doc = new Y.Doc();
  doc.getText('t').insert(0, text);
  return { update: Y.encodeStateAsUpdate(doc) };
}

function textOf(updates: readonly Uint8Array[]): string {
  const doc = new Y.Doc();
  for (const update of updates) Y.applyUpdate(doc, update);
  return doc.getText('t').toJSON();
}
