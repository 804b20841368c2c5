import type { Department, DepartmentId, Directory, PersonId, Role, Subject } from '@lianban/model';
import { authorize } from '@lianban/model';
import type { OrgChange, OrgStore } from './org-store.ts';

/** The directory as the relay uses it: in memory, read once, and replaced after each change. */
export interface Org {
  readonly directory: Directory;
  /** A person with the posts they hold now; nobody's posts are an empty list. */
  subject(person: PersonId): Subject;
  /** Departments whose cases this person sees, sorted. */
  sees(subject: Subject): DepartmentId[];
  department(id: DepartmentId): Department | undefined;
  knowsDepartment: (id: DepartmentId) => boolean;
  person(id: PersonId): Directory['people'][number] | undefined;
  change(change: OrgChange): Promise<void>;
}

/** Reads the directory of a store. One relay process writes a store, so that what is in memory is what is stored. */
export async function openOrg(store: OrgStore): Promise<Org> {
  let view = viewOf(await store.directory());
  return {
    get directory() {
      return view.directory;
    },
    subject: (person) => ({ person, posts: view.posts.get(person) ?? [] }),
    sees: (subject) =>
      [...new Set(subject.posts.map((post) => post.department))]
        .filter((department) => authorize(subject, 'see', { kind: 'case', participants: [department] }).ok)
        .sort(),
    department: (id) => view.departments.get(id),
    knowsDepartment: (id) => view.departments.has(id),
    person: (id) => view.people.get(id),
    change: async (change) => {
      view = viewOf(await store.change(change));
    },
  };
}

function viewOf(directory: Directory) {
  const posts = new Map<PersonId, { department: DepartmentId; role: Role }[]>();
  for (const { person, department, role } of directory.posts) {
    posts.set(person, [...(posts.get(person) ?? []), { department, role }]);
  }
  return {
    directory,
    posts,
    departments: new Map(directory.departments.map((row) => [row.id, row])),
    people: new Map(directory.people.map((row) => [row.id, row])),
  };
}
