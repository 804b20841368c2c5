import type { DocId } from '@lianban/model';
import { ORIGIN_STORE, type DocStore, type OutboxItem } from '@lianban/sync';
import * as Y from 'yjs';
import type { Database, OutboxRecord } from './database.ts';

/** Rows of one document above which they are written as one. */
export const COMPACT_AFTER_ROWS = 200;

/** The documents of one account in this browser; see `DocStore` for what it keeps. */
export interface BrowserDocStore extends DocStore {
  /** Resolves when no compaction is under way. */
  idle(): Promise<void>;
}

/** Opens the documents of an account. Rows of other accounts are neither seen nor touched. */
export function createDocStore(db: Database, account: string): BrowserDocStore {
  let compacting: Promise<void> = Promise.resolve();
  const due = new Set<DocId>();
  const itemsOf = (docId: DocId) => db.outbox.where('[account+docId]').equals([account, docId]);
  const itemsNamed = (msgIds: readonly string[]) =>
    db.outbox.where('[account+msgId]').anyOf(msgIds.map((msgId) => [account, msgId]));

  return {
    load: (docId) =>
      db.read([db.docRows, db.docHeads, db.outbox], async () => {
        const rows = await db.docRows.where('[account+docId]').equals([account, docId]).sortBy('key');
        const items = await itemsOf(docId).sortBy('key');
        const head = await db.docHeads.get([account, docId]);
        return {
          updates: rows.flatMap((row) => row.updates),
          outbox: items.map(itemOf),
          siblings: head?.siblings ?? [],
        };
      }),

    unsent: (docId) => db.read([db.outbox], async () => (await itemsOf(docId).sortBy('key')).map(itemOf)),

    async append(docId, batch) {
      if (batch.length === 0) return;
      const updates = batch.map((item) => item.update);
      const items: OutboxRecord[] = batch.flatMap(({ outbox, update }) =>
        outbox ? [{ ...outbox, account, docId, bytes: update.length }] : [],
      );
      const near = batch.flatMap((item) => item.siblings ?? []);
      const rows = await db.write([db.docRows, db.docHeads, db.outbox], async () => {
        const head = await db.docHeads.get([account, docId]);
        await db.docRows.add({ account, docId, updates });
        if (items.length > 0) await db.outbox.bulkAdd(items);
        const next = {
          account,
          docId,
          rows: (head?.rows ?? 0) + 1,
          bytes: (head?.bytes ?? 0) + bytesOf(updates),
          siblings: [...new Set([...(head?.siblings ?? []), ...near])],
        };
        await db.docHeads.put(next);
        return next.rows;
      });
      if (rows > COMPACT_AFTER_ROWS && !due.has(docId)) {
        due.add(docId);
        // nothing depends on it: one that fails is tried again with the next append
        compacting = compacting.then(() => compact(db, account, docId)).catch(() => {});
        compacting = compacting.then(() => void due.delete(docId));
      }
    },

    acknowledged: (docId, msgIds) =>
      db.write([db.outbox], async () => {
        await itemsNamed(msgIds)
          .filter((item) => item.docId === docId)
          .delete();
      }),

    refused: (docId, msgIds, code) =>
      db.write([db.outbox], async () => {
        await itemsNamed(msgIds)
          .filter((item) => item.docId === docId)
          .modify({ refusedCode: code });
      }),

    outbox: () =>
      db.read([db.outbox], async () => (await db.outbox.where('account').equals(account).sortBy('key')).map(itemOf)),

    docs: () =>
      db.read([db.docHeads], async () => {
        const heads = await db.docHeads.where('account').equals(account).toArray();
        return heads.map(({ docId, bytes }) => ({ docId, bytes }));
      }),

    idle: () => compacting,
  };
}

/**
 * Writes the rows of a document as one, in one transaction: what cannot be read stops it and everything stays. Rows that
 * come in meanwhile wait for the transaction; the outbox is not touched.
 */
export async function compact(db: Database, account: string, docId: DocId): Promise<void> {
  await db.write([db.docRows, db.docHeads], async () => {
    const rows = await db.docRows.where('[account+docId]').equals([account, docId]).sortBy('key');
    const doc = new Y.Doc();
    try {
      doc.transact(() => {
        for (const row of rows) for (const update of row.updates) Y.applyUpdate(doc, update, ORIGIN_STORE);
      }, ORIGIN_STORE);
      const whole = Y.encodeStateAsUpdate(doc);
      const head = await db.docHeads.get([account, docId]);
      await db.docRows.bulkDelete(rows.flatMap((row) => (row.key === undefined ? [] : [row.key])));
      await db.docRows.add({ account, docId, updates: [whole] });
      await db.docHeads.put({ account, docId, rows: 1, bytes: whole.length, siblings: head?.siblings ?? [] });
    } finally {
      doc.destroy();
    }
  });
}

function itemOf({ docId, msgId, clientId, bytes, atMs, refusedCode }: OutboxRecord): OutboxItem {
  const item = { msgId, docId, clientId, bytes, atMs };
  return refusedCode === undefined ? item : { ...item, refusedCode };
}

function bytesOf(updates: readonly Uint8Array[]): number {
  return updates.reduce((sum, update) => sum + update.length, 0);
}
