import { LianbanError, type CaseId, type Code, type DocId, type EntryId, type LedgerItem } from '@lianban/model';
import { Dexie, type Table } from 'dexie';

/** One write of a document: a few updates, or a whole document after compaction. */
export interface DocRow {
  key?: number;
  account: string;
  docId: DocId;
  updates: Uint8Array[];
  bytes: number;
  /** See `DocAppend`. */
  siblings: number[];
}

/** See `OutboxItem`. */
export interface OutboxRecord {
  key?: number;
  account: string;
  docId: DocId;
  msgId: string;
  clientId: number;
  bytes: number;
  atMs: number;
  refusedCode?: string;
}

/** One entry of one ledger. */
export interface EntryRecord {
  account: string;
  caseId: CaseId;
  id: EntryId;
  item: LedgerItem;
}

/** See `OutgoingEntry`. */
export interface OutgoingRecord {
  key?: number;
  account: string;
  caseId: CaseId;
  id: EntryId;
  atMs: number;
  refusedCode?: string;
}

/** A single value; `account` is empty for what belongs to the browser. */
export interface StateRecord {
  account: string;
  name: string;
  value: unknown;
}

/** The one database of this browser. Every row but the browser's own carries the account it belongs to. */
export interface Database {
  docRows: Table<DocRow, number>;
  outbox: Table<OutboxRecord, number>;
  entries: Table<EntryRecord, [string, CaseId, EntryId]>;
  outgoing: Table<OutgoingRecord, number>;
  state: Table<StateRecord, [string, string]>;
  /** Reads in one transaction. */
  read<T>(tables: Table[], run: () => Promise<T>): Promise<T>;
  /**
   * Adds rows in one strict transaction that is handed over whole and at once, without a turn of this page in between:
   * a page that is being closed runs no more of them, and what it has to wait for is undone.
   */
  addAtOnce(rows: { docRows: readonly DocRow[]; outbox: readonly OutboxRecord[] }): Promise<void>;
  /** Runs a strict transaction; what it throws carries a code. */
  write<T>(tables: Table[], run: () => Promise<T>): Promise<T>;
  close(): void;
}

/** How often opening is tried before it counts as broken. */
const OPEN_TRIES = 4;

/**
 * Opens the database of this name. Strict durability: a transaction that is over has reached the disk. Throws
 * `store-blocked` after three further tries, `quota` where there is no room at all.
 */
export async function openDatabase(name: string): Promise<Database> {
  let last: unknown;
  for (let attempt = 0; attempt < OPEN_TRIES; attempt++) {
    const dexie = new Dexie(name, { chromeTransactionDurability: 'strict' });
    // a released version is never changed: the next one adds `dexie.version(2)`
    dexie.version(1).stores({
      docRows: '++key, [account+docId], [account+docId+bytes]',
      outbox: '++key, account, [account+docId], [account+msgId]',
      entries: '[account+caseId+id], [account+caseId]',
      outgoing: '++key, account, [account+id]',
      state: '[account+name]',
    });
    try {
      await dexie.open();
      return {
        docRows: dexie.table('docRows'),
        outbox: dexie.table('outbox'),
        entries: dexie.table('entries'),
        outgoing: dexie.table('outgoing'),
        state: dexie.table('state'),
        read: (tables, run) => coded(dexie.transaction('r', tables, run)),
        write: (tables, run) => coded(dexie.transaction('rw', tables, run)),
        addAtOnce: (rows) => coded(addAtOnce(dexie.backendDB(), rows)),
        close: () => dexie.close(),
      };
    } catch (reason) {
      last = reason;
      dexie.close();
    }
  }
  throw faultOf(last);
}

function addAtOnce(db: IDBDatabase, rows: Record<string, readonly unknown[]>): Promise<void> {
  return new Promise((resolve, reject) => {
    const transaction = db.transaction(Object.keys(rows), 'readwrite', { durability: 'strict' });
    transaction.oncomplete = () => resolve();
    transaction.onabort = () => reject(transaction.error ?? new DOMException('undone', 'AbortError'));
    try {
      for (const [table, items] of Object.entries(rows)) {
        for (const item of items) transaction.objectStore(table).add(item);
      }
      transaction.commit();
    } catch (reason) {
      transaction.abort();
      // eslint-disable-next-line @typescript-eslint/prefer-promise-reject-errors -- `coded` finds the fault in anything
      reject(reason);
    }
  });
}

async function coded<T>(result: PromiseLike<T>): Promise<T> {
  try {
    return await result;
  } catch (reason) {
    throw faultOf(reason);
  }
}

/** The fault behind what IndexedDB threw: `quota`, `store-corrupt` or `store-blocked`. */
export function faultOf(reason: unknown): LianbanError {
  if (reason instanceof LianbanError) return reason;
  const names = new Set<string>();
  for (let error: unknown = reason; error instanceof Error || error instanceof DOMException;) {
    names.add(error.name);
    const inner: unknown = 'inner' in error ? error.inner : undefined;
    if (inner === error) break;
    error = inner;
  }
  let code: Code = 'store-blocked';
  if (names.has('QuotaExceededError')) code = 'quota';
  else if (names.has('DataError') || names.has('NotReadableError')) code = 'store-corrupt';
  return new LianbanError(code, [...names].join(' < ') || 'unknown', { cause: reason });
}
