import type {
  CaseId,
  DepartmentId,
  DeviceId,
  JurisdictionCode,
  LedgerItem,
  PersonId,
  Receipt,
  SealedEntry,
} from '@lianban/model';

/** One confirmed entry on its way into the log. */
export interface LedgerRow {
  caseId: CaseId;
  entry: SealedEntry;
  receipt: Receipt;
  /** Hash of the receipt: what the next one names. */
  receiptHash: string;
  /** Departments that take part from this entry on and did not before. */
  joined: readonly DepartmentId[];
}

/** What one commit holds: rows in the order of their receipts, and what they used up. */
export interface LedgerBatch {
  rows: readonly LedgerRow[];
  /** Last number given per home and year. */
  counters: readonly { home: JurisdictionCode; year: number; last: number }[];
  /** Devices and whose they are, as far as the rows show; known ones are left as they are. */
  devices: readonly { device: DeviceId; person: PersonId; atMs: number }[];
}

/** An item as a feed hands it out. `at` is its place in the caller's feed; several items may share one. */
export interface FeedRow {
  at: number;
  caseId: CaseId;
  item: LedgerItem;
}

/**
 * Where a relay keeps the ledgers it sequences: one row per receipt, `n` from 1 without a gap. Rows are added and
 * never change. Contract: `ledger-log.contract.ts`.
 */
export interface LedgerLog {
  /** The last receipt; n is 0 and the hash absent while there is none. */
  head(): Promise<{ n: number; receiptHash?: string }>;
  /** One commit, on the disk when the promise resolves. Throws and stores nothing when the rows do not follow the head. */
  append(batch: LedgerBatch): Promise<void>;
  /** A case in the order of `caseSeq`; empty when there is none. */
  ledger(caseId: CaseId): Promise<LedgerItem[]>;
  /** Last number given in a year; 0 before the first. */
  lastNumber(home: JurisdictionCode, year: number): Promise<number>;
  /**
   * What these departments may see, behind `after`, at least `limit` items when there are as many. An item stands
   * where it was stored or, when the case became visible to them later, where it did: a case arrives whole. Items that
   * share a place are never cut apart, so that a page may be longer than `limit`.
   */
  feed(departments: readonly DepartmentId[], after: number, limit: number): Promise<FeedRow[]>;
  /** Cases these departments take part in, the latest opened first, opened before receipt `before`; with that receipt's n. */
  casesOf(
    departments: readonly DepartmentId[],
    before: number,
    limit: number,
  ): Promise<{ caseId: CaseId; openedN: number }[]>;
  /** Stores whose a device is, in a commit of its own; a known one is left as it is. */
  bindDevice(device: DeviceId, person: PersonId, atMs: number): Promise<void>;
  /** Every device that has ever been used, with its person. */
  devices(): Promise<{ device: DeviceId; person: PersonId }[]>;
}
