import type { DeviceId, DocId, PersonId } from '@lianban/model';

/**
 * Who may send structs under a client id: one device of the workspace, or, for a stock client, one signed-in session
 * (reliability B2.2).
 */
export type Holder = `device:${DeviceId}` | `session:${string}`;

/** A client id of one document and who holds it, for ever: stored in the commit that first carries it. */
export interface Binding {
  readonly clientId: number;
  readonly holder: Holder;
  readonly person: PersonId;
}

/** One update to be stored. */
export interface NewUpdate {
  readonly bytes: Uint8Array;
  readonly holder: Holder;
  readonly person: PersonId;
  /** Relay time, ms; never decides an order. */
  readonly atMs: number;
}

/** One stored update. `seq` counts the updates of its document from 1, without gaps as they are appended. */
export interface UpdateRow extends NewUpdate {
  readonly seq: number;
}

/** Everything up to and including `seq`, as one update, with what is needed to go on without decoding it. */
export interface Snapshot {
  readonly seq: number;
  readonly bytes: Uint8Array;
  /** State vector of the snapshot, as y-protocols writes it. */
  readonly stateVector: Uint8Array;
  /** An update without structs that carries every deletion of the snapshot. */
  readonly deletes: Uint8Array;
}

/** A document as it lies in the log: committed rows only. An unknown document is empty, with head 0. */
export interface LoadedDoc {
  /** Seq of the newest committed update; 0 when there is none. */
  readonly headSeq: number;
  readonly snapshot?: Snapshot;
  /** Rows above the snapshot, ascending. A row that was set aside is missing from them. */
  readonly tail: readonly UpdateRow[];
  readonly bindings: readonly Binding[];
}

/** Why an update was set aside. */
export type QuarantineReason = 'equivocation' | 'unreadable' | 'too-deep';

/** An update that was set aside: kept for a person to look at, part of no document. */
export interface QuarantineRow extends NewUpdate {
  readonly docId: DocId;
  /** Its place in the log, when it had one. */
  readonly seq?: number;
  readonly reason: QuarantineReason;
  readonly detail: string;
}

/** Size of one document in the log. */
export interface DocStats {
  readonly docId: DocId;
  readonly headSeq: number;
  readonly snapshotBytes: number;
  readonly tailRows: number;
  readonly tailBytes: number;
}

/** A stored document for a worker thread: where the file is, or the document itself. Can be sent as a message. */
export type DocSource = { kind: 'sqlite'; path: string; docId: DocId } | { kind: 'copy'; loaded: LoadedDoc };

/**
 * Port: the relay's append-only record of documents. Every write is committed when its promise resolves, and rejects
 * with `store-failed` when the store could not; then nothing of that call is stored. Writes commit in the order of the
 * calls. One contract suite (`update-log-contract.ts`) runs over every implementation.
 */
export interface UpdateLog {
  /**
   * Appends rows behind `afterSeq`, which must be the document's head, and new bindings, in one commit. Rejects with
   * `unexpected` when it is not the head: somebody else writes to this document. A binding that exists stays as it is.
   */
  append(batch: {
    docId: DocId;
    afterSeq: number;
    rows: readonly NewUpdate[];
    bindings: readonly Binding[];
  }): Promise<void>;
  /** Resolves when everything submitted before is committed. */
  flushed(): Promise<void>;
  load(docId: DocId): Promise<LoadedDoc>;
  /**
   * Replaces the snapshot, deletes exactly the rows it covers and keeps those that could not be applied, in one commit.
   * Does nothing when there is a snapshot of this seq or a later one.
   */
  writeSnapshot(docId: DocId, snapshot: Snapshot, setAside: readonly QuarantineRow[]): Promise<void>;
  /** Keeps an update for a person to look at; when it has a seq, its row leaves the log in the same commit. */
  quarantine(row: QuarantineRow): Promise<void>;
  /** Updates set aside, of one document or of all, oldest first. */
  quarantined(docId?: DocId): Promise<QuarantineRow[]>;
  /** Every document that has a row, by name. */
  docs(): Promise<DocStats[]>;
  /** How a worker thread reads this document: committed rows only. */
  source(docId: DocId): Promise<DocSource>;
}

/** A document that nobody has written to. */
export const EMPTY_DOC: LoadedDoc = { headSeq: 0, tail: [], bindings: [] };
