import { templateById, type PersonId } from '@lianban/model';
import type { Names } from '../workspace/names.ts';
import type { CaseRow } from '../workspace/workspace.ts';

/** The saved views of the list. */
export type CaseView = 'mine' | 'department' | 'waiting';
/** What the list can be ordered by. */
export type CaseOrder = 'number' | 'matter' | 'lead' | 'heard';

/** What the address says of the list; anything unknown falls back to the usual. */
export interface ListState {
  view: CaseView;
  words: string;
  order: CaseOrder;
  /** The usual direction of an order is down: newest, highest number, first letter. */
  reversed: boolean;
}

/** Reads the address. */
export function listState(params: Pick<URLSearchParams, 'get'>): ListState {
  const view = params.get('view');
  const order = params.get('order');
  return {
    view: view === 'mine' || view === 'waiting' ? view : 'department',
    words: params.get('q') ?? '',
    order: order === 'number' || order === 'matter' || order === 'lead' ? order : 'heard',
    reversed: params.get('dir') === 'up',
  };
}

/** The address that shows this state; what is usual is left out. */
export function listHref(state: ListState): string {
  const params = new URLSearchParams();
  if (state.view !== 'department') params.set('view', state.view);
  if (state.words !== '') params.set('q', state.words);
  if (state.order !== 'heard') params.set('order', state.order);
  if (state.reversed) params.set('dir', 'up');
  const query = params.toString();
  return query === '' ? '/cases' : `/cases?${query}`;
}

/** A row with everything it can be found by, folded once: full width, case and both languages make no difference. */
export interface FindableRow {
  row: CaseRow;
  text: string;
}

/** Folds rows for `findRows`; cost is one short string per row. */
export function findable(rows: readonly CaseRow[], names: Names): FindableRow[] {
  return rows.map((row) => {
    const { state } = row;
    const wordings = [
      templateById(state.template)?.name,
      names.person(state.openedBy)?.name,
      ...state.participants.flatMap((id) => {
        const department = names.department(id);
        return department ? [department.name, department.short] : [];
      }),
    ];
    const parts = [
      row.label,
      state.applicant ?? '',
      ...wordings.flatMap((wording) => (wording ? [wording.zh, wording.en] : [])),
    ];
    return { row, text: fold(parts.join('\n')) };
  });
}

/** Rows that have every one of the words somewhere, as substrings: Chinese has no spaces to search by. */
export function findRows(rows: readonly FindableRow[], words: string): CaseRow[] {
  const wanted = fold(words).split(/\s+/).filter(Boolean);
  return rows.filter(({ text }) => wanted.every((word) => text.includes(word))).map(({ row }) => row);
}

/** Rows of a view: opened by me, of my departments (every row), or not wholly sent. */
export function inView(rows: readonly CaseRow[], view: CaseView, me: PersonId): readonly CaseRow[] {
  if (view === 'mine') return rows.filter((row) => row.state.openedBy === me);
  if (view === 'waiting') return rows.filter((row) => row.delivery !== 'relay');
  return rows;
}

/** A new array in the wanted order; ties by last heard, then by id, so that the order never jumps. */
export function ordered(
  rows: readonly CaseRow[],
  { order, reversed }: Pick<ListState, 'order' | 'reversed'>,
  wordsOf: { matter(row: CaseRow): string; lead(row: CaseRow): string },
  locale: string,
): CaseRow[] {
  const collator = new Intl.Collator(locale, { numeric: true });
  const by: Record<CaseOrder, (a: CaseRow, b: CaseRow) => number> = {
    heard: () => 0,
    // what has no number yet is the newest of all
    number: (a, b) => Number(a.numbered) - Number(b.numbered) || collator.compare(b.label, a.label),
    matter: (a, b) => collator.compare(wordsOf.matter(a), wordsOf.matter(b)),
    lead: (a, b) => collator.compare(wordsOf.lead(a), wordsOf.lead(b)),
  };
  const turn = reversed ? -1 : 1;
  return [...rows].sort(
    (a, b) => turn * (by[order](a, b) || b.lastHeardMs - a.lastHeardMs) || (a.state.id < b.state.id ? -1 : 1),
  );
}

function fold(text: string): string {
  return text.normalize('NFKC').toLowerCase();
}
