import { authorize, type Subject } from './access.ts';
import { homeOf, type DepartmentId } from './ids.ts';
import type { CaseState } from './reduce.ts';
import { opensItsCase } from './reduce.ts';
import { accept, refuse, type Result } from './refusal.ts';
import type { VerifiedEntry } from './seal.ts';

/** What a relay or a dialog has to know to judge an entry. */
export interface MoveContext {
  /** The case before the entry; null when it does not exist yet. */
  state: CaseState | null;
  subject: Subject;
  /** True for a department of the directory. */
  knowsDepartment: (department: DepartmentId) => boolean;
}

/**
 * Decides whether an entry may be appended now. The same function guards the dialog and the relay. A second opening,
 * an entry without its case, a person or department that is not the asker's, an unknown department or an unknown type
 * is refused; an addition that is already there is accepted and changes nothing.
 */
export function mayAppend(entry: VerifiedEntry, context: MoveContext): Result<true> {
  const { entry: written, event } = entry;
  if (written.person !== context.subject.person) return refuse('forbidden', 'an entry of another person');
  if (event === null) return refuse('client-too-old', `the relay does not know ${written.type}`);
  if (event.type === 'case.opened') {
    if (context.state !== null) return refuse('fork', 'the case is open already');
    if (!opensItsCase(entry)) return refuse('bad-entry', `the lead is not of ${homeOf(written.case)}`);
    if (!context.knowsDepartment(event.body.lead)) return refuse('bad-entry', 'no such department');
    return authorize(context.subject, 'open', {
      kind: 'new-case',
      lead: event.body.lead,
      department: written.department,
    });
  }
  if (context.state === null) return refuse('no-such-case', 'the case has not been opened');
  const resource = {
    kind: 'case',
    participants: context.state.participants,
    department: written.department,
  } as const;
  switch (event.type) {
    case 'department.added': {
      const allowed = authorize(context.subject, 'add-department', resource);
      if (!allowed.ok) return allowed;
      return context.knowsDepartment(event.body.department) ? accept(true) : refuse('bad-entry', 'no such department');
    }
    case 'document.added':
      return authorize(context.subject, 'add-document', resource);
  }
}
