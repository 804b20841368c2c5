import type { DocId } from '@lianban/model';
import { ORIGIN_STORE, type DocStore, type OutboxItem } from '@lianban/sync';
import { Dexie } from 'dexie';
import * as Y from 'yjs';
import type { Database, DocRow, OutboxRecord } from './database.ts';

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
  /** Rows as far as this tab knows; those of other tabs are counted with the next loading. */
  const rowCounts = new Map<DocId, number>();
  const itemsOf = (docId: DocId) => db.outbox.where('[account+docId]').equals([account, docId]);
  const itemsNamed = (msgIds: readonly string[]) =>
    db.outbox.where('[account+msgId]').anyOf(msgIds.map((msgId) => [account, msgId]));

  return {
    load: (docId) =>
      db.read([db.docRows, db.outbox], async () => {
        const rows = await db.docRows.where('[account+docId]').equals([account, docId]).sortBy('key');
        const items = await itemsOf(docId).sortBy('key');
        counted(docId, rows.length);
        return {
          updates: rows.flatMap((row) => row.updates),
          outbox: items.map(itemOf),
          siblings: siblingsOf(rows),
        };
      }),

    unsent: (docId) => db.read([db.outbox], async () => (await itemsOf(docId).sortBy('key')).map(itemOf)),

    async append(docId, batch) {
      if (batch.length === 0) return;
      const updates = batch.map((item) => item.update);
      await db.addAtOnce({
        docRows: [
          { account, docId, updates, bytes: bytesOf(updates), siblings: batch.flatMap((item) => item.siblings ?? []) },
        ],
        outbox: batch.flatMap(({ outbox, update }) =>
          outbox ? [{ ...outbox, account, docId, bytes: update.length }] : [],
        ),
      });
      counted(docId, (rowCounts.get(docId) ?? 0) + 1);
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
      db.read([db.docRows], async () => {
        // the index says it all: no update is read
        const keys = await db.docRows.where('[account+docId+bytes]').between([account], [account, Dexie.maxKey]).keys();
        const sizes = new Map<DocId, number>();
        for (const key of keys as unknown as [string, DocId, number][])
          sizes.set(key[1], (sizes.get(key[1]) ?? 0) + key[2]);
        return [...sizes].map(([docId, bytes]) => ({ docId, bytes }));
      }),

    idle: () => compacting,
  };

  function counted(docId: DocId, rows: number): void {
    rowCounts.set(docId, rows);
    if (rows <= COMPACT_AFTER_ROWS || due.has(docId)) return;
    due.add(docId);
    compacting = compacting
      .then(() => compact(db, account, docId))
      .then(() => void rowCounts.set(docId, 1))
      // nothing depends on it: one that fails is tried again with the next write
      .catch(() => {})
      .then(() => void due.delete(docId));
  }
}

/**
 * Writes the rows of a document as one, in one transaction: what cannot be read stops it and everything stays. Rows that
 * come in meanwhile wait for the transaction; the outbox is not touched.
 */
export async function compact(db: Database, account: string, docId: DocId): Promise<void> {
  await db.write([db.docRows], async () => {
    const rows = await db.docRows.where('[account+docId]').equals([account, docId]).sortBy('key');
    const doc = new Y.Doc();
    try {
      doc.transact(() => {
        for (const row of rows) for (const update of row.updates) Y.applyUpdate(doc, update, ORIGIN_STORE);
      }, ORIGIN_STORE);
      const whole = Y.encodeStateAsUpdate(doc);
      await db.docRows.bulkDelete(rows.flatMap((row) => (row.key === undefined ? [] : [row.key])));
      await db.docRows.add({ account, docId, updates: [whole], bytes: whole.length, siblings: siblingsOf(rows) });
    } finally {
      doc.destroy();
    }
  });
}

function siblingsOf(rows: readonly DocRow[]): number[] {
  return [...new Set(rows.flatMap((row) => row.siblings))];
}

function itemOf({ docId, msgId, clientId, bytes, atMs, refusedCode }: OutboxRecord): OutboxItem {
  const item = { msgId, docId, clientId, bytes, atMs };
  return refusedCode === undefined ? item : { ...item, refusedCode };
}

function bytesOf(updates: readonly Uint8Array[]): number {
  return updates.reduce((sum, update) => sum + update.length, 0);
}
