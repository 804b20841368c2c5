import {
  displayNumber,
  docIdOf,
  docParts,
  shortCode,
  type CaseId,
  type CaseState,
  type DocId,
  type Subject,
} from '@lianban/model';
import type { OutboxItem, OutgoingEntry } from '@lianban/sync';
import type { CaseRow, OutboxRow } from './workspace.ts';

/** What people call a case: its number, or the short code while it has none. */
export function labelOf(caseId: CaseId, state: CaseState | null): string {
  const number = state?.number ?? null;
  return number === null ? shortCode(caseId) : displayNumber(number);
}

/** The unsent things of an account, one row for each document and entry, oldest first. */
export function outboxRows(
  items: readonly OutboxItem[],
  outgoing: readonly OutgoingEntry[],
  stateOf: (caseId: CaseId) => CaseState | null,
): OutboxRow[] {
  const rows = new Map<string, OutboxRow>();
  for (const { docId, bytes, atMs, refusedCode } of items) {
    const known = rows.get(docId);
    if (known) {
      known.changes += 1;
      known.bytes += bytes;
      known.sinceMs = Math.min(known.sinceMs, atMs);
      known.refusedCode ??= refusedCode ?? null;
      continue;
    }
    const parts = docParts(docId);
    const state = stateOf(parts.caseId);
    rows.set(docId, {
      key: docId,
      caseId: parts.caseId,
      label: labelOf(parts.caseId, state),
      kind: ({ doc: 'text', file: 'form', talk: 'talk', private: 'private' } as const)[parts.part],
      title: state?.documents.find((document) => document.id === docId)?.title ?? null,
      changes: 1,
      bytes,
      sinceMs: atMs,
      refusedCode: refusedCode ?? null,
    });
  }
  for (const { entry, caseId, atMs, refusedCode } of outgoing) {
    rows.set(entry.id, {
      key: entry.id,
      caseId,
      label: labelOf(caseId, stateOf(caseId)),
      kind: 'entry',
      title: typeOf(entry.text),
      changes: 1,
      bytes: entry.text.length + (entry.payload?.length ?? 0),
      sinceMs: atMs,
      refusedCode: refusedCode ?? null,
    });
  }
  return [...rows.values()].sort((a, b) => a.sinceMs - b.sinceMs);
}

/** The list of cases, the latest opened first. */
export function caseRows(states: readonly CaseState[], outbox: readonly OutboxRow[]): CaseRow[] {
  const waiting = new Map<CaseId, { refused: boolean; lastMs: number }>();
  for (const row of outbox) {
    const known = waiting.get(row.caseId) ?? { refused: false, lastMs: 0 };
    waiting.set(row.caseId, {
      refused: known.refused || row.refusedCode !== null,
      lastMs: Math.max(known.lastMs, row.sinceMs),
    });
  }
  const rows = states.map((state): CaseRow => {
    const here = waiting.get(state.id);
    return {
      state,
      label: labelOf(state.id, state),
      numbered: state.number !== null,
      delivery: here ? (here.refused ? 'refused' : 'here') : 'relay',
      lastHeardMs: Math.max(here?.lastMs ?? 0, ...state.timeline.map((line) => line.atMs)),
    };
  });
  return rows.sort((a, b) => b.state.openedAtMs - a.state.openedAtMs || (a.state.id < b.state.id ? 1 : -1));
}

/** The documents of a case that somebody with these departments may read, those every case has first. */
export function docIdsOf(state: CaseState, subject: Subject): DocId[] {
  const { id: caseId, participants } = state;
  const own = participants.filter((department) => subject.posts.some((post) => post.department === department));
  return [
    docIdOf({ caseId, part: 'file' }),
    docIdOf({ caseId, part: 'talk' }),
    ...state.documents.map((document) => document.id),
    ...own.map((department) => docIdOf({ caseId, part: 'private', department })),
  ];
}

function typeOf(text: string): string | null {
  try {
    const value: unknown = JSON.parse(text);
    if (typeof value === 'object' && value !== null && 'type' in value && typeof value.type === 'string')
      return value.type;
  } catch {
    // the row is shown without it
  }
  return null;
}
