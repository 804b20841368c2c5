import {
  accept,
  chainPlace,
  homeOf,
  mayAppend,
  reduceCase,
  refuse,
  type CaseId,
  type CaseState,
  type DepartmentId,
  type DeviceHead,
  type DeviceId,
  type EntryId,
  type LedgerFact,
  type PersonId,
  type Receipt,
  type Result,
  type Subject,
  type VerifiedEntry,
} from '@lianban/model';

/** What a relay holds of one case in order to judge its next entry; never changed, only replaced. */
export interface CaseBook {
  state: CaseState | null;
  facts: readonly LedgerFact[];
  heads: ReadonlyMap<DeviceId, DeviceHead>;
  /** Receipts by `<device>.<dseq>`. */
  stored: ReadonlyMap<string, Receipt>;
}

/** A case of which nothing is known. */
export const NO_CASE: CaseBook = { state: null, facts: [], heads: new Map(), stored: new Map() };

/** The book of a case from its confirmed entries in order. */
export function bookOf(facts: readonly (LedgerFact & { receipt: Receipt })[]): CaseBook {
  const heads = new Map<DeviceId, DeviceHead>();
  const stored = new Map<string, Receipt>();
  for (const { entry, receipt } of facts) enter(heads, stored, entry, receipt);
  return { state: reduceCase(facts), facts, heads, stored };
}

/** The book with one more confirmed entry. */
export function bookWith(book: CaseBook, entry: VerifiedEntry, receipt: Receipt): CaseBook {
  const heads = new Map(book.heads);
  const stored = new Map(book.stored);
  enter(heads, stored, entry, receipt);
  const facts = [...book.facts, { entry, receipt }];
  return { state: reduceCase(facts), facts, heads, stored };
}

/** What is to be done with an entry: answer with the receipt it has, or give it one. */
export type Judgement = { verdict: 'known'; receipt: Receipt } | { verdict: 'next' };

/** What an entry is judged against. */
export interface JudgeContext {
  book: CaseBook;
  subject: Subject;
  knowsDepartment: (department: DepartmentId) => boolean;
  /** Takes the device for the person, or refuses. */
  claim: (device: DeviceId, person: PersonId) => Result<true>;
}

/**
 * Decides about one entry: the asker's own, from a device that is theirs, in its place in the device's chain, and
 * allowed now. Refuses with `forbidden`, `stale-head` (earlier entries are missing: send those first), `fork`, or what
 * `mayAppend` says. A case the asker may not see is refused like one that is not there, whatever else is wrong.
 */
export function judge(entry: VerifiedEntry, context: JudgeContext): Result<Judgement> {
  const { book, subject } = context;
  const { person, device, dseq } = entry.entry;
  if (person !== subject.person) return refuse('forbidden', 'an entry of another person');
  const allowed = mayAppend(entry, { state: book.state, subject, knowsDepartment: context.knowsDepartment });
  const receipt = book.stored.get(`${device}.${dseq}`);
  // the same entry again is answered with its receipt, even by somebody who could not append it any more
  if (receipt !== undefined && receipt.ev === entry.id) return accept({ verdict: 'known', receipt });
  if (!allowed.ok) return allowed;
  const place = chainPlace(entry, book.heads.get(device), (of, at) => book.stored.get(`${of}.${at}`)?.ev);
  switch (place) {
    case 'next': {
      const claimed = context.claim(device, person);
      return claimed.ok ? accept({ verdict: 'next' }) : claimed;
    }
    case 'gap':
      return refuse('stale-head', 'earlier entries of this device are missing');
    case 'known':
    case 'fork':
      return refuse('fork', 'another entry stands in this place of the chain');
  }
}

/** Departments that take part after an entry and did not before. */
export function joinedBy(before: CaseBook, after: CaseBook): DepartmentId[] {
  const known = before.state?.participants ?? [];
  return (after.state?.participants ?? []).filter((department) => !known.includes(department));
}

/** Year in which a case is numbered: the calendar year in Beijing, UTC+8, which has no summer time. */
export function yearOf(timeMs: number): number {
  return new Date(timeMs + 8 * 3_600_000).getUTCFullYear();
}

/** The number of a case: home, year, and the count of that year with four digits or more. */
export function caseNumber(caseId: CaseId, year: number, count: number): string {
  return `${homeOf(caseId)}-${year}-${String(count).padStart(4, '0')}`;
}

function enter(
  heads: Map<DeviceId, DeviceHead>,
  stored: Map<string, Receipt>,
  { entry, id }: { entry: VerifiedEntry['entry']; id: EntryId },
  receipt: Receipt,
): void {
  heads.set(entry.device, { dseq: entry.dseq, id });
  stored.set(`${entry.device}.${entry.dseq}`, receipt);
}
