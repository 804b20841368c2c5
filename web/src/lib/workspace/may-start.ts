import { authorize } from '@lianban/model';
import type { SignedIn } from './workspace.ts';

/** Whether this person's post lets them start cases; asks the same rule as the relay. */
export function mayStartCases(me: SignedIn | null | undefined): boolean {
  if (!me) return false;
  const resource = { kind: 'new-case', lead: me.department, department: me.department } as const;
  return authorize({ person: me.person, posts: me.posts }, 'open', resource).ok;
}
