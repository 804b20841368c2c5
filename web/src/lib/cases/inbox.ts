import type { DepartmentId, PersonId, TimelineLine } from '@lianban/model';
import type { CaseRow } from '../workspace/workspace.ts';

/** One row of the inbox: a case, and the line of its ledger that brought it here. */
export interface InboxRow {
  row: CaseRow;
  line: TimelineLine | null;
}

/** The inbox of now. A case stands in one group only, the first that fits. */
export interface Inbox {
  /** My department was brought in, or a case was opened for it, by somebody else, within `RECENT_MS`. */
  fresh: InboxRow[];
  /** Somebody else wrote the last line of the ledger within `RECENT_MS`. */
  changed: InboxRow[];
  /** Opened by me. */
  mine: InboxRow[];
}

/** What counts as new: seven days, a working week with its weekend. */
export const RECENT_MS = 7 * 86_400_000;

/** Sorts cases into the groups of the inbox, each newest first. What the ledger does not say is not shown. */
export function inboxOf(
  rows: readonly CaseRow[],
  me: { person: PersonId; departments: readonly DepartmentId[] },
  nowMs: number,
): Inbox {
  const inbox: Inbox = { fresh: [], changed: [], mine: [] };
  for (const row of rows) {
    const arrival = row.state.timeline.find((line) => brings(line, row, me.departments));
    const last = row.state.timeline.at(-1) ?? null;
    if (arrival && arrival.person !== me.person && nowMs - arrival.atMs <= RECENT_MS) {
      inbox.fresh.push({ row, line: arrival });
    } else if (last && last.person !== me.person && nowMs - last.atMs <= RECENT_MS) {
      inbox.changed.push({ row, line: last });
    } else if (row.state.openedBy === me.person) {
      inbox.mine.push({ row, line: last });
    }
  }
  for (const group of [inbox.fresh, inbox.changed]) group.sort((a, b) => (b.line?.atMs ?? 0) - (a.line?.atMs ?? 0));
  inbox.mine.sort((a, b) => b.row.lastHeardMs - a.row.lastHeardMs);
  return inbox;
}

function brings(line: TimelineLine, { state }: CaseRow, departments: readonly DepartmentId[]): boolean {
  if (line.type === 'department.added') return departments.some((department) => department === line.subject);
  // a case opened by another department for mine to lead
  return line.type === 'case.opened' && departments.includes(state.lead) && !departments.includes(line.department);
}
