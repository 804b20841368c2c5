import type { Code } from '@lianban/model';
import { t } from '../text/text.svelte.ts';
import type { OutboxRow, SyncView } from './workspace.ts';

/** One unsent thing in words a person can check. */
export function outboxWords(row: OutboxRow): string {
  switch (row.kind) {
    case 'text':
      return row.title === null ? t.outboxText(row.label, row.changes) : t.outboxDoc(row.label, row.title, row.changes);
    case 'form':
      return t.outboxForm(row.label, row.changes);
    case 'talk':
      return t.outboxTalk(row.label, row.changes);
    case 'private':
      return t.outboxPrivate(row.label, row.changes);
    case 'entry':
      if (row.title === 'case.opened') return t.outboxOpened(row.label);
      if (row.title === 'department.added') return t.outboxDepartment(row.label);
      if (row.title === 'document.added') return t.outboxDocument(row.label);
      return t.outboxEntry(row.label);
  }
}

/** Why it has not left: what the relay answered, else what the line is waiting for. */
export function whyWaiting(row: OutboxRow, { state, lostSinceMs }: Pick<SyncView, 'state' | 'lostSinceMs'>): string {
  if (row.refusedCode !== null) return refusalWords(row.refusedCode as Code);
  if (lostSinceMs !== null && state !== 'broken') return t.whyOffline;
  switch (state) {
    case 'offline':
    case 'reconnecting':
      return t.whyOffline;
    case 'signin':
      return t.whySignin;
    case 'update':
      return t.whyUpdate;
    case 'broken':
      return t.whyStorage;
    case 'live':
    case 'sending':
    case 'weak':
    case 'returning':
    case 'attention':
    case 'full':
      return t.whySending;
  }
}

function refusalWords(code: Code): string {
  switch (code) {
    case 'forbidden':
    case 'read-only':
      return t.whyForbidden;
    case 'no-such-case':
    case 'no-such-doc':
    case 'not-found':
      return t.whyGone;
    case 'frame-too-large':
      return t.whyTooLarge;
    case 'client-too-old':
      return t.whyTooOld;
    case 'login-needed':
      return t.whySignin;
    default:
      return t.whyBad;
  }
}
