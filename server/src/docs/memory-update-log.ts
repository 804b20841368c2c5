import { LianbanError, type DocId } from '@lianban/model';
import {
  EMPTY_DOC,
  type Binding,
  type LoadedDoc,
  type QuarantineRow,
  type Snapshot,
  type UpdateLog,
  type UpdateRow,
} from './update-log.ts';

/** An update log in memory that a test can hold back, empty or break, to see what the relay tells and when. */
export interface MemoryUpdateLog extends UpdateLog {
  /** From now on nothing is committed until `commit` or `release`. */
  hold(): void;
  /** Commits what waits, in order. */
  commit(): void;
  /** Commits what waits and goes on committing by itself. */
  release(): void;
  /** Loses what waits, as a crash would: it rejects `store-failed`. */
  lose(): void;
  /** Everything rejects `store-failed` until `heal`. */
  fail(): void;
  heal(): void;
  /** How many writes wait. */
  readonly waiting: number;
}

interface MemoryDoc {
  headSeq: number;
  snapshot?: Snapshot;
  tail: UpdateRow[];
  bindings: Map<number, Binding>;
}

/** Makes an empty log; a write commits at the next turn of the event loop unless it is held. */
export function createMemoryUpdateLog(): MemoryUpdateLog {
  const docs = new Map<DocId, MemoryDoc>();
  const aside: QuarantineRow[] = [];
  let waiting: { run: () => void; resolve: () => void; reject: (reason: unknown) => void }[] = [];
  let held = false;
  let failing = false;

  const commit = (): void => {
    const batch = waiting;
    waiting = [];
    for (const { run, resolve, reject } of batch) {
      try {
        run();
        resolve();
      } catch (reason) {
        reject(reason);
      }
    }
  };
  const submit = (run: () => void): Promise<void> => {
    if (failing) return Promise.reject(new LianbanError('store-failed', 'told to fail'));
    return new Promise((resolve, reject) => {
      if (waiting.length === 0 && !held) setImmediate(() => held || commit());
      waiting.push({ run, resolve, reject });
    });
  };
  const lose = (): void => {
    const batch = waiting;
    waiting = [];
    for (const { reject } of batch) reject(new LianbanError('store-failed', 'lost'));
  };
  const load = (docId: DocId): LoadedDoc => {
    const doc = docs.get(docId);
    if (!doc) return EMPTY_DOC;
    return { ...doc, tail: [...doc.tail], bindings: [...doc.bindings.values()] };
  };
  return {
    get waiting() {
      return waiting.length;
    },
    hold: () => void (held = true),
    commit,
    release: () => {
      held = false;
      commit();
    },
    lose,
    fail: () => {
      failing = true;
      lose();
    },
    heal: () => void (failing = false),
    append: ({ docId, afterSeq, rows, bindings }) =>
      submit(() => {
        const doc = docs.get(docId) ?? { headSeq: 0, tail: [], bindings: new Map<number, Binding>() };
        if (doc.headSeq !== afterSeq) throw new LianbanError('unexpected', `${afterSeq} is not the head of ${docId}`);
        docs.set(docId, doc);
        for (const row of rows) doc.tail.push({ ...row, seq: ++doc.headSeq });
        for (const binding of bindings) {
          if (!doc.bindings.has(binding.clientId)) doc.bindings.set(binding.clientId, binding);
        }
      }),
    flushed: () => (waiting.length === 0 ? Promise.resolve() : submit(() => undefined)),
    load: (docId) => Promise.resolve(load(docId)),
    writeSnapshot: (docId, snapshot, rows) =>
      submit(() => {
        const doc = docs.get(docId);
        if (!doc || (doc.snapshot && doc.snapshot.seq >= snapshot.seq)) return;
        doc.snapshot = snapshot;
        doc.tail = doc.tail.filter(({ seq }) => seq > snapshot.seq);
        aside.push(...rows);
      }),
    quarantine: (row) =>
      submit(() => {
        aside.push(row);
        const doc = docs.get(row.docId);
        if (doc && row.seq !== undefined) doc.tail = doc.tail.filter(({ seq }) => seq !== row.seq);
      }),
    quarantined: (docId) => Promise.resolve(aside.filter((row) => docId === undefined || row.docId === docId)),
    docs: () =>
      Promise.resolve(
        [...docs]
          .map(([docId, { headSeq, snapshot, tail }]) => ({
            docId,
            headSeq,
            snapshotBytes: snapshot?.bytes.length ?? 0,
            tailRows: tail.length,
            tailBytes: tail.reduce((sum, { bytes }) => sum + bytes.length, 0),
          }))
          .sort((a, b) => (a.docId < b.docId ? -1 : 1)),
      ),
    source: (docId) => Promise.resolve({ kind: 'copy', loaded: load(docId) }),
  };
}
