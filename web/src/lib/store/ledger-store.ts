import { LedgerItem, type CaseId, type EntryId } from '@lianban/model';
import type { LedgerStore, OutgoingEntry } from '@lianban/sync';
import { Dexie } from 'dexie';
import type { Database } from './database.ts';

const CURSOR = 'feed-cursor';

/** Opens the ledgers of an account; see `LedgerStore` for what it keeps. */
export function createLedgerStore(db: Database, account: string): LedgerStore {
  const outgoingNamed = (id: EntryId) => db.outgoing.where('[account+id]').equals([account, id]);

  return {
    appendOwn: (entries) =>
      db.write([db.entries, db.outgoing], async () => {
        for (const { caseId, entry, atMs } of entries) {
          if (await db.entries.get([account, caseId, entry.id])) continue;
          await db.entries.add({ account, caseId, id: entry.id, item: { entry } });
          await db.outgoing.add({ account, caseId, id: entry.id, atMs });
        }
      }),

    receive: (items, cursor) =>
      db.write([db.entries, db.outgoing, db.state], async () => {
        for (const { caseId, item } of items) {
          const { id } = item.entry;
          const known = await db.entries.get([account, caseId, id]);
          await db.entries.put({ account, caseId, id, item: merge(known?.item, item) });
          if (item.receipt) await outgoingNamed(id).delete();
        }
        if (cursor !== undefined) await db.state.put({ account, name: CURSOR, value: cursor });
      }),

    cursor: () =>
      db.read([db.state], async () => {
        const row = await db.state.get([account, CURSOR]);
        return typeof row?.value === 'string' ? row.value : undefined;
      }),

    ledger: (caseId) =>
      db.read([db.entries], async () => {
        const rows = await db.entries.where('[account+caseId]').equals([account, caseId]).toArray();
        return rows.flatMap(({ item }) => {
          // what another version or a fault of the disk left here is set aside, not taken for an entry
          const parsed = LedgerItem.safeParse(item);
          return parsed.success ? [parsed.data] : [];
        });
      }),

    cases: () =>
      db.read([db.entries], async () => {
        const keys = await db.entries
          .where('[account+caseId]')
          .between([account, Dexie.minKey], [account, Dexie.maxKey])
          .uniqueKeys();
        return keys.map((key) => (key as unknown as [string, CaseId])[1]);
      }),

    outgoing: () =>
      db.read([db.outgoing, db.entries], async () => {
        const rows = await db.outgoing.where('account').equals(account).sortBy('key');
        const items: OutgoingEntry[] = [];
        for (const { caseId, id, atMs, refusedCode } of rows) {
          const entry = await db.entries.get([account, caseId, id]);
          if (!entry) continue;
          const item = { caseId, entry: entry.item.entry, atMs };
          items.push(refusedCode === undefined ? item : { ...item, refusedCode });
        }
        return items;
      }),

    refused: (id, code) =>
      db.write([db.outgoing], async () => {
        await outgoingNamed(id).modify({ refusedCode: code });
      }),
  };
}

/** A receipt and a payload that are known stay known. */
function merge(known: LedgerItem | undefined, item: LedgerItem): LedgerItem {
  const receipt = known?.receipt ?? item.receipt;
  const entry = known?.entry.payload === undefined ? item.entry : known.entry;
  return receipt ? { entry, receipt } : { entry };
}
