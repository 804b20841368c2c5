import type { CaseId, DocId, EntryId, LedgerItem, SealedEntry } from '@lianban/model';

export type { Clock, Digest, Random } from '@lianban/model';

/** Timers come in through this port; the simulator steps them. */
export interface Timers {
  /** Calls `run` once after `delayMs` ms, unless the returned function is called first. */
  after(delayMs: number, run: () => void): () => void;
}

/** A change of this device that no relay has acknowledged. Survives a reload; removed by its acknowledgement alone. */
export interface OutboxItem {
  /** Names the change for ever: it is sent again under the same id. */
  msgId: string;
  docId: DocId;
  /** Client id of the Y.Doc that made the change; announced again when it is sent. */
  clientId: number;
  /** Size of the update in bytes. */
  bytes: number;
  /** Device time of the change, ms. */
  atMs: number;
  /** Set when the relay refused it: the code; the item stays until a person decides. */
  refusedCode?: string;
}

/** One local or remote update on its way into the store. */
export interface DocAppend {
  update: Uint8Array;
  /** Present for a change of this device: stored in the same transaction as the update. */
  outbox?: { msgId: string; clientId: number; atMs: number };
  /**
   * Client ids of other tabs of this device whose structs the update may hold. Kept, and announced with the document:
   * their tab may have died before it stored its own change.
   */
  siblings?: readonly number[];
}

/** A document as it lies in a store. */
export interface StoredDoc {
  /** Updates in an order in which they can be applied. */
  updates: Uint8Array[];
  outbox: OutboxItem[];
  /** Client ids of this device that were noted as `siblings`. */
  siblings: number[];
}

/**
 * Documents and their outbox on one device, for one account. Every write is one strict transaction and has reached the
 * disk when its promise resolves. A full disk rejects with `quota`, a dead store with `store-blocked` or
 * `store-corrupt`; what was there before stays.
 */
export interface DocStore {
  load(docId: DocId): Promise<StoredDoc>;
  /** What waits of one document, oldest first; cheaper than loading it. */
  unsent(docId: DocId): Promise<OutboxItem[]>;
  /** Appends a batch: all of it or nothing. */
  append(docId: DocId, batch: readonly DocAppend[]): Promise<void>;
  /** Removes acknowledged items; unknown ids are ignored. */
  acknowledged(docId: DocId, msgIds: readonly string[]): Promise<void>;
  /** Marks items the relay refused; they stay listed. */
  refused(docId: DocId, msgIds: readonly string[], code: string): Promise<void>;
  /** Everything of this account that waits, oldest first. */
  outbox(): Promise<OutboxItem[]>;
  /** Documents that hold at least one update, with the bytes they take. */
  docs(): Promise<{ docId: DocId; bytes: number }[]>;
}

/** A sealed entry of this device that its home relay has not confirmed. */
export interface OutgoingEntry {
  entry: SealedEntry;
  caseId: CaseId;
  atMs: number;
  refusedCode?: string;
}

/** Ledgers on one device, for one account. The same promises as `DocStore`. */
export interface LedgerStore {
  /** Stores entries of this device together with their place in the outbox: all of them or nothing. */
  appendOwn(entries: readonly { caseId: CaseId; entry: SealedEntry; atMs: number }[]): Promise<void>;
  /**
   * Stores what a relay sent and, when it came by the feed, the cursor up to which it was sent, in one transaction. An
   * own entry that has a receipt leaves the outbox. Twice is once; a receipt or a payload is never lost again.
   */
  receive(items: readonly { caseId: CaseId; item: LedgerItem }[], cursor?: string): Promise<void>;
  /** Place up to which the relay's feed has been stored; undefined before the first time. */
  cursor(): Promise<string | undefined>;
  ledger(caseId: CaseId): Promise<LedgerItem[]>;
  cases(): Promise<CaseId[]>;
  /** Own entries without a receipt, in the order in which they were sealed. */
  outgoing(): Promise<OutgoingEntry[]>;
  /** Marks an own entry the relay refused; it stays listed. */
  refused(id: EntryId, code: string): Promise<void>;
}
