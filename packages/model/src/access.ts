import type { DepartmentId, DocPart, PersonId } from './ids.ts';
import type { Role } from './org.ts';
import { accept, refuse, type Result } from './refusal.ts';

/** Who asks: a person and the posts they hold today. */
export interface Subject {
  person: PersonId;
  posts: readonly { department: DepartmentId; role: Role }[];
}

/** What is asked for. `department` of a new case's opening is the department that acts. */
export type Resource =
  | { kind: 'directory' }
  | { kind: 'new-case'; lead: DepartmentId; department: DepartmentId }
  | { kind: 'case'; participants: readonly DepartmentId[]; department?: DepartmentId }
  | { kind: 'doc'; part: DocPart; participants: readonly DepartmentId[]; owner?: DepartmentId };

/** What may be done; not every verb fits every resource. */
export type Verb = 'see' | 'open' | 'add-department' | 'add-document' | 'read' | 'write';

/** Roles that may do a verb inside a case their department takes part in. Absent means nobody. */
const IN_CASE: Record<Verb, readonly Role[]> = {
  see: ['officer', 'clerk', 'coordinator', 'commenter', 'reader'],
  open: ['officer', 'clerk', 'coordinator'],
  'add-department': ['officer', 'clerk', 'coordinator'],
  'add-document': ['officer', 'clerk', 'coordinator'],
  read: ['officer', 'clerk', 'coordinator', 'commenter', 'reader'],
  write: ['officer', 'clerk', 'coordinator'],
};

/** Roles that may write a document of a kind, where that is more than `IN_CASE.write`. */
const EXTRA_WRITERS: Partial<Record<DocPart, readonly Role[]>> = { talk: ['commenter'] };

/**
 * The one decision on access, the same on every door and in the browser (design 6). Denies by default. What the asker
 * may not even see is refused as missing, so that forbidden and absent look the same; what they see but may not do is
 * `forbidden` or, for a document, `read-only`.
 */
export function authorize(subject: Subject, verb: Verb, resource: Resource): Result<true> {
  switch (resource.kind) {
    case 'directory':
      return verb === 'see' && subject.posts.length > 0 ? accept(true) : refuse('forbidden', 'no post');
    case 'new-case':
      return verb === 'open' && holds(subject, IN_CASE.open, [resource.department])
        ? accept(true)
        : refuse('forbidden', 'no post that opens cases in this department');
    case 'case': {
      if (!holds(subject, IN_CASE.see, resource.participants))
        return refuse('no-such-case', 'no department of theirs takes part');
      if (verb !== 'see' && verb !== 'add-department' && verb !== 'add-document')
        return refuse('forbidden', `${verb} on a case`);
      const acting = resource.department === undefined ? resource.participants : [resource.department];
      const inside = acting.filter((department) => resource.participants.includes(department));
      return holds(subject, IN_CASE[verb], inside) ? accept(true) : refuse('forbidden', `no post that may ${verb}`);
    }
    case 'doc': {
      const audience =
        resource.part === 'private'
          ? resource.participants.filter((department) => department === resource.owner)
          : resource.participants;
      if (!holds(subject, IN_CASE.read, audience))
        return refuse('no-such-doc', 'no department of theirs is in its audience');
      if (verb === 'read') return accept(true);
      if (verb !== 'write') return refuse('forbidden', `${verb} on a document`);
      const writers = [...IN_CASE.write, ...(EXTRA_WRITERS[resource.part] ?? [])];
      return holds(subject, writers, audience) ? accept(true) : refuse('read-only', 'a post that only reads');
    }
  }
}

function holds(subject: Subject, roles: readonly Role[], departments: readonly DepartmentId[]): boolean {
  return subject.posts.some((post) => roles.includes(post.role) && departments.includes(post.department));
}
