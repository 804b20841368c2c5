import type { DocumentKind, Secrecy } from './events.ts';
import type { Receipt } from './entry.ts';
import { docIdOf, homeOf, type CaseId, type DepartmentId, type DocId, type EntryId, type PersonId } from './ids.ts';
import type { VerifiedEntry } from './seal.ts';

/** A verified entry and, once the home relay has confirmed it, its receipt. */
export interface LedgerFact {
  entry: VerifiedEntry;
  receipt?: Receipt;
}

/** One line of a case's timeline. `atMs` is the receipt's time, or the device's while the entry is provisional. */
export interface TimelineLine {
  id: EntryId;
  type: string;
  person: PersonId;
  department: DepartmentId;
  atMs: number;
  deviceAtMs: number;
  confirmed: boolean;
  /** The department added, or the title of the document added; null where there is none or it was withheld. */
  subject: string | null;
}

/** A rich-text document of a case. */
export interface CaseDocument {
  id: DocId;
  kind: DocumentKind;
  /** Null where the payload was withheld. */
  title: string | null;
  confirmed: boolean;
}

/** What a ledger says of its case: the same on every device and relay that holds the same entries. */
export interface CaseState {
  id: CaseId;
  template: string;
  templateVersion: number;
  secrecy: Secrecy;
  lead: DepartmentId;
  /** Null where the payload was withheld. */
  applicant: string | null;
  /** Given by the home relay with the receipt of the opening; null until then. */
  number: string | null;
  openedBy: PersonId;
  openedAtMs: number;
  confirmed: boolean;
  /** Departments that take part, the lead first, then in the order in which they were added. */
  participants: DepartmentId[];
  documents: CaseDocument[];
  timeline: TimelineLine[];
  /** Highest confirmed place; 0 while nothing is. */
  caseSeq: number;
}

/** Version of the rules below; a figure computed from a case names it. */
export const REDUCER_VERSION = 1;

/**
 * Folds the entries of one case, in any order of arrival, to its state; null while the opening is missing. Confirmed
 * entries count in the order of `caseSeq`, provisional ones after them by their links, ties by device time and id.
 */
export function reduceCase(facts: readonly LedgerFact[]): CaseState | null {
  let state: CaseState | null = null;
  for (const fact of inOrder(facts)) state = step(state, fact);
  return state;
}

function step(state: CaseState | null, { entry, receipt }: LedgerFact): CaseState | null {
  const { event, entry: written } = entry;
  const deviceAtMs = Number(written.hlc.split('.')[0]);
  const confirmed = receipt !== undefined;
  if (state === null) {
    if (event?.type !== 'case.opened' || !opensItsCase(entry)) return null;
    state = {
      id: written.case,
      template: event.body.template,
      templateVersion: event.body.templateVersion,
      secrecy: event.body.secrecy,
      lead: event.body.lead,
      applicant: event.payload?.applicant ?? null,
      number: receipt?.number ?? null,
      openedBy: written.person,
      openedAtMs: receipt?.time ?? deviceAtMs,
      confirmed,
      participants: [...new Set([event.body.lead, written.department])],
      documents: [],
      timeline: [],
      caseSeq: 0,
    };
  }
  const line: TimelineLine = {
    id: entry.id,
    type: written.type,
    person: written.person,
    department: written.department,
    atMs: receipt?.time ?? deviceAtMs,
    deviceAtMs,
    confirmed,
    subject: null,
  };
  const next = { ...state, timeline: [...state.timeline, line], caseSeq: receipt?.caseSeq ?? state.caseSeq };
  switch (event?.type) {
    case 'department.added': {
      const { department } = event.body;
      line.subject = department;
      if (!next.participants.includes(department)) next.participants = [...next.participants, department];
      return next;
    }
    case 'document.added': {
      const id = docIdOf({ caseId: written.case, part: 'doc', number: event.body.number });
      const title = event.payload?.title ?? null;
      line.subject = title;
      if (!next.documents.some((document) => document.id === id)) {
        next.documents = [...next.documents, { id, kind: event.body.kind, title, confirmed }];
      }
      return next;
    }
    case 'case.opened':
    case undefined:
      return next;
  }
}

/** A case belongs to the jurisdiction of its lead department: an opening that says otherwise opens nothing. */
export function opensItsCase(entry: VerifiedEntry): boolean {
  return entry.event?.type === 'case.opened' && entry.event.body.lead.startsWith(`${homeOf(entry.entry.case)}-`);
}

function inOrder(facts: readonly LedgerFact[]): LedgerFact[] {
  const confirmed: { caseSeq: number; fact: LedgerFact }[] = [];
  const waiting = new Map<EntryId, LedgerFact>();
  for (const fact of facts) {
    if (fact.receipt) confirmed.push({ caseSeq: fact.receipt.caseSeq, fact });
    else waiting.set(fact.entry.id, fact);
  }
  confirmed.sort((a, b) => a.caseSeq - b.caseSeq);
  const ordered = confirmed.map(({ fact }) => fact);
  for (const { entry } of ordered) waiting.delete(entry.id);
  while (waiting.size > 0) {
    const ready = [...waiting.values()].filter((fact) => !links(fact).some((id) => waiting.has(id)));
    // A ring of links cannot be made without breaking SHA-256; the fallback only keeps this loop finite.
    const round = ready.length > 0 ? ready : [...waiting.values()];
    round.sort(byDeviceTimeThenId);
    const first = round[0] as LedgerFact;
    ordered.push(first);
    waiting.delete(first.entry.id);
  }
  return ordered;
}

function links({ entry }: LedgerFact): EntryId[] {
  const { deps, prev } = entry.entry;
  return prev === undefined ? deps : [...deps, prev];
}

function byDeviceTimeThenId(a: LedgerFact, b: LedgerFact): number {
  const [aMs = 0, aCounter = 0] = a.entry.entry.hlc.split('.').map(Number);
  const [bMs = 0, bCounter = 0] = b.entry.entry.hlc.split('.').map(Number);
  return aMs - bMs || aCounter - bCounter || (a.entry.id < b.entry.id ? -1 : 1);
}
