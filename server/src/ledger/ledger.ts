import {
  accept,
  homeOf,
  LianbanError,
  receiptHash,
  refuse,
  verify,
  type CaseId,
  type CaseState,
  type Clock,
  type DepartmentId,
  type DeviceId,
  type Digest,
  type JurisdictionCode,
  type PersonId,
  type Receipt,
  type Result,
  type SealedEntry,
  type Subject,
  type VerifiedEntry,
} from '@lianban/model';
import { bookOf, bookWith, caseNumber, joinedBy, judge, NO_CASE, yearOf, type CaseBook } from './case-book.ts';
import type { LedgerBatch, LedgerLog, LedgerRow } from './ledger-log.ts';

/** Most entries that share one commit; the rest waits for the next. */
const MAX_BATCH = 256;
/** Cases whose books stay in memory, the least recently used going first; about 2 KiB for each entry. */
const MAX_BOOKS = 2_000;

/** Who asks for an entry to be appended. */
export interface Asker {
  subject: Subject;
  knowsDepartment: (department: DepartmentId) => boolean;
}

/** The ledgers of the cases whose home is this relay. */
export interface Ledger {
  /**
   * Checks entries one after the other and confirms those that may stand: stored with their receipts, in one commit,
   * when the promise resolves. Results come in the order of the entries; the same entry again gets the same receipt,
   * and an entry of another case is refused with `bad-entry`.
   * Throws `store-failed` when the commit failed: nothing of the call is stored then.
   */
  append(caseId: CaseId, entries: readonly SealedEntry[], asker: Asker): Promise<Result<Receipt>[]>;
  /** What the confirmed entries say of a case; null when it does not exist. */
  state(caseId: CaseId): Promise<CaseState | null>;
  /** n of the last receipt. */
  headN(): number;
  /** Runs after every commit, with the cases that changed. Returns what takes the listener away. */
  onAppended(listener: (cases: ReadonlySet<CaseId>) => void): () => void;
}

/** What a ledger is built from. */
export interface LedgerParts {
  log: LedgerLog;
  clock: Clock;
  digest: Digest;
  /** Whose a device is: claimed when an entry is judged, told when its commit is through. */
  devices: {
    claim: (device: DeviceId, person: PersonId) => Result<true>;
    stored: (devices: Iterable<DeviceId>) => void;
  };
  relay: () => { jurisdiction: JurisdictionCode | null; incarnation: string };
}

interface Waiting {
  entries: readonly Result<VerifiedEntry>[];
  asker: Asker;
  done: (results: Result<Receipt>[]) => void;
  failed: (reason: unknown) => void;
}

/** Opens the ledgers on a log. Books of cases are read when they are first asked for. */
export async function openLedger({ log, clock, digest, devices, relay }: LedgerParts): Promise<Ledger> {
  let head = await log.head();
  const books = new Map<CaseId, CaseBook>();
  const listeners = new Set<(cases: ReadonlySet<CaseId>) => void>();
  const queue: Waiting[] = [];
  let draining = false;

  async function bookFor(caseId: CaseId): Promise<CaseBook> {
    const known = books.get(caseId);
    if (known !== undefined) {
      books.delete(caseId);
      books.set(caseId, known);
      return known;
    }
    const nBefore = head.n;
    const facts = [];
    for (const { entry, receipt } of await log.ledger(caseId)) {
      const verified = await verify(entry, digest);
      if (!verified.ok || receipt === undefined)
        throw new LianbanError('store-corrupt', `an entry of ${caseId} does not verify`);
      facts.push({ entry: verified.value, receipt });
    }
    if (facts.length === 0) return NO_CASE;
    const book = bookOf(facts);
    // a commit that happened while this was read may have touched the case: then the book is good for this caller only
    if (head.n === nBefore) keep(caseId, book);
    return book;
  }

  function keep(caseId: CaseId, book: CaseBook): void {
    books.delete(caseId);
    books.set(caseId, book);
    for (const oldest of books.keys()) {
      if (books.size <= MAX_BOOKS) break;
      books.delete(oldest);
    }
  }

  /** One commit: everything is decided on copies, which become the truth when the disk has them. */
  async function commit(group: readonly Waiting[]): Promise<void> {
    const drafts = new Map<CaseId, CaseBook>();
    const drafted = new Map<DeviceId, PersonId>();
    const numbers = new Map<string, LedgerBatch['counters'][number]>();
    const rows: LedgerRow[] = [];
    let { n, receiptHash: previous } = head;

    async function confirm(entry: VerifiedEntry, { subject, knowsDepartment }: Asker): Promise<Result<Receipt>> {
      const caseId = entry.entry.case;
      const book = drafts.get(caseId) ?? (await bookFor(caseId));
      const judged = judge(entry, { book, subject, knowsDepartment, claim: devices.claim });
      if (!judged.ok) return judged;
      if (judged.value.verdict === 'known') return accept(judged.value.receipt);
      const time = clock.nowMs();
      const { jurisdiction, incarnation } = relay();
      const number = book.state === null ? await nextNumber(caseId, yearOf(time)) : undefined;
      const receipt: Receipt = {
        relay: jurisdiction ?? homeOf(caseId),
        incarnation,
        n: n + 1,
        ...(previous === undefined ? {} : { prevReceipt: previous }),
        ev: entry.id,
        kind: 'home',
        time,
        aclEpoch: 0,
        verdict: 'ok',
        caseSeq: (book.state?.caseSeq ?? 0) + 1,
        ...(number === undefined ? {} : { number }),
        alg: 'none',
      };
      const hash = await receiptHash(receipt, digest);
      const next = bookWith(book, entry, receipt);
      rows.push({ caseId, entry: entry.sealed, receipt, receiptHash: hash, joined: joinedBy(book, next) });
      drafts.set(caseId, next);
      drafted.set(entry.entry.device, entry.entry.person);
      n += 1;
      previous = hash;
      return accept(receipt);
    }

    async function nextNumber(caseId: CaseId, year: number): Promise<string> {
      const home = homeOf(caseId);
      const key = `${home} ${year}`;
      const last = (numbers.get(key)?.last ?? (await log.lastNumber(home, year))) + 1;
      numbers.set(key, { home, year, last });
      return caseNumber(caseId, year, last);
    }

    const answers: Result<Receipt>[][] = [];
    for (const { entries, asker } of group) {
      const results: Result<Receipt>[] = [];
      for (const entry of entries) results.push(entry.ok ? await confirm(entry.value, asker) : entry);
      answers.push(results);
    }
    if (rows.length > 0) {
      const atMs = clock.nowMs();
      const used = [...drafted].map(([device, person]) => ({ device, person, atMs }));
      await log.append({ rows, counters: [...numbers.values()], devices: used });
      head = { n, ...(previous === undefined ? {} : { receiptHash: previous }) };
      for (const [caseId, book] of drafts) keep(caseId, book);
      devices.stored(drafted.keys());
    }
    group.forEach(({ done }, i) => done(answers[i] ?? []));
    if (rows.length > 0) for (const listener of listeners) listener(new Set(drafts.keys()));
  }

  /** Takes what waits, commits it, and goes on until nothing waits: one commit at a time, in the order of arrival. */
  async function drain(): Promise<void> {
    if (draining) return;
    draining = true;
    while (queue.length > 0) {
      let size = 0;
      const group: Waiting[] = [];
      while (queue[0] !== undefined && (group.length === 0 || size + queue[0].entries.length <= MAX_BATCH)) {
        const next = queue.shift() as Waiting;
        size += next.entries.length;
        group.push(next);
      }
      try {
        await commit(group);
      } catch (cause) {
        const fault =
          cause instanceof LianbanError
            ? cause
            : new LianbanError('store-failed', 'the commit of a ledger failed', { cause });
        for (const { failed } of group) failed(fault);
      }
    }
    draining = false;
  }

  return {
    append: async (caseId, entries, asker) => {
      const verified: Result<VerifiedEntry>[] = [];
      for (const sealed of entries) {
        const entry = await verify(sealed, digest);
        const strays = entry.ok && entry.value.entry.case !== caseId;
        verified.push(strays ? refuse('bad-entry', 'an entry of another case') : entry);
      }
      return new Promise((done, failed) => {
        queue.push({ entries: verified, asker, done, failed });
        void drain();
      });
    },
    state: async (caseId) => (await bookFor(caseId)).state,
    headN: () => head.n,
    onAppended: (listener) => {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
  };
}
