import type { Department, DepartmentId, Directory, Jurisdiction, Person, PersonId, Post } from '@lianban/model';

/** The directory, looked up by id; what is not in it is undefined, never invented. */
export interface Names {
  person(id: string): Person | undefined;
  department(id: string): Department | undefined;
  jurisdiction(code: string): Jurisdiction | undefined;
  /** Posts of one person, in the directory's order. */
  postsOf(person: string): readonly Post[];
  /** Where somebody writes from in a case: a post in a participating department before any other. */
  departmentOf(person: string, participants: readonly DepartmentId[]): Department | undefined;
  /** People with a post in one of these departments. */
  peopleOf(departments: readonly DepartmentId[]): readonly Person[];
}

/** Indexes a directory once; cheap to ask afterwards. */
export function namesOf(directory: Directory | undefined): Names {
  const people = new Map<string, Person>(directory?.people.map((person) => [person.id, person]));
  const departments = new Map<string, Department>(
    directory?.departments.map((department) => [department.id, department]),
  );
  const jurisdictions = new Map<string, Jurisdiction>(directory?.jurisdictions.map((place) => [place.code, place]));
  const posts = new Map<string, Post[]>();
  for (const post of directory?.posts ?? []) posts.set(post.person, [...(posts.get(post.person) ?? []), post]);
  return {
    person: (id) => people.get(id),
    department: (id) => departments.get(id),
    jurisdiction: (code) => jurisdictions.get(code),
    postsOf: (person) => posts.get(person) ?? [],
    departmentOf(person, participants) {
      const held = posts.get(person) ?? [];
      const post = held.find(({ department }) => participants.includes(department)) ?? held[0];
      return post && departments.get(post.department);
    },
    peopleOf(wanted) {
      const ids = new Set<PersonId>();
      for (const post of directory?.posts ?? []) if (wanted.includes(post.department)) ids.add(post.person);
      return [...ids].flatMap((id) => people.get(id) ?? []);
    },
  };
}
