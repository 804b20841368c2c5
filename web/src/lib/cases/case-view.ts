import { docParts, type CaseId, type CaseState, type DocumentNumber } from '@lianban/model';
import type { CaseRow, SyncState } from '../workspace/workspace.ts';

/** What the middle of a case page shows; `overview` and `talk` are places of their own on narrow screens only. */
export type CaseTab = 'overview' | 'form' | 'doc' | 'timeline' | 'talk';

/** What the address says of a case page. */
export interface CasePlace {
  tab: CaseTab;
  /** The document on screen, or the one to come back to. */
  document: DocumentNumber | null;
}

/** How wide the page is: three columns, two, or one. */
export type Layout = 'wide' | 'middle' | 'phone';

/** Reads `?tab=` and `?doc=`; what does not fit the case falls back to its form. */
export function placeOf(query: Pick<URLSearchParams, 'get'>, state: CaseState, layout: Layout): CasePlace {
  const numbers = documentNumbers(state);
  const asked = query.get('doc');
  const document = numbers.find((number) => number === asked) ?? numbers[0] ?? null;
  const tab = query.get('tab');
  if (tab === 'timeline' || tab === 'form') return { tab, document };
  if (tab === 'doc') return { tab: document === null && layout !== 'phone' ? 'form' : 'doc', document };
  if (tab === 'talk' && layout !== 'wide') return { tab, document };
  if (tab === 'overview' && layout === 'phone') return { tab, document };
  if (asked !== null && asked === document) return { tab: 'doc', document };
  return { tab: 'form', document };
}

/** The address of a place in a case. */
export function hrefOf(caseId: CaseId, tab: CaseTab, document: DocumentNumber | null): string {
  const query = new URLSearchParams();
  if (document !== null) query.set('doc', document);
  query.set('tab', tab);
  return `/cases/${caseId}?${query.toString()}`;
}

/** Numbers of a case's documents, in the order in which they were added. */
export function documentNumbers(state: CaseState): DocumentNumber[] {
  return state.documents.flatMap(({ id }) => {
    const parts = docParts(id);
    return parts.part === 'doc' ? [parts.number] : [];
  });
}

/** The case before or after this one in the list, for `[` and `]`; null at its ends. */
export function neighbour(rows: readonly CaseRow[], id: CaseId, step: 1 | -1): CaseId | null {
  const at = rows.findIndex(({ state }) => state.id === id);
  return at < 0 ? null : (rows[at + step]?.state.id ?? null);
}

/** Why a case is not on screen. Forbidden and absent are one, so that neither can be told from the other. */
export type Absence = 'reading' | 'catching-up' | 'not-here' | 'missing';

/** What to say where a case is not in the list of this device. */
export function absenceOf(rows: readonly CaseRow[] | undefined, sync: SyncState): Absence {
  if (rows === undefined) return 'reading';
  switch (sync) {
    case 'returning':
      return 'catching-up';
    case 'offline':
    case 'reconnecting':
    case 'signin':
    case 'update':
    case 'broken':
      return 'not-here';
    case 'live':
    case 'sending':
    case 'weak':
    case 'attention':
    case 'full':
      return 'missing';
  }
}
