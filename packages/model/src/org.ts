import * as z from 'zod/mini';
import { DepartmentId, JurisdictionCode, PersonId } from './ids.ts';

/** Words written in both languages of the workspace. */
export const Wording = z.object({ zh: z.string(), en: z.string() });
/** See the schema of the same name. */
export type Wording = z.infer<typeof Wording>;

/** Levels of government, the widest first. */
export const Level = z.enum(['province', 'city', 'county']);
/** See the schema of the same name. */
export type Level = z.infer<typeof Level>;

/** A place at a level that has departments; `parent` is the place above, null for a province. */
export const Jurisdiction = z.object({
  code: JurisdictionCode,
  name: Wording,
  level: Level,
  parent: z.nullable(JurisdictionCode),
});
/** See the schema of the same name. */
export type Jurisdiction = z.infer<typeof Jurisdiction>;

/** What a department is for, the same word in every jurisdiction (`market`, `fire`, `tax`, …); templates name it. */
export const DepartmentKind = z.string().check(z.regex(/^[a-z][a-z0-9]{1,23}$/));
/** See the schema of the same name. */
export type DepartmentKind = z.infer<typeof DepartmentKind>;

/** An organ of government. `name` is the full one, `short` fits a row. */
export const Department = z.object({
  id: DepartmentId,
  jurisdiction: JurisdictionCode,
  kind: DepartmentKind,
  name: Wording,
  short: Wording,
});
/** See the schema of the same name. */
export type Department = z.infer<typeof Department>;

/** A person; `account` is what they type to sign in, unique at their relay. */
export const Person = z.object({
  id: PersonId,
  account: z.string().check(z.regex(/^[a-z0-9][a-z0-9._-]{0,31}$/)),
  name: Wording,
});
/** See the schema of the same name. */
export type Person = z.infer<typeof Person>;

/**
 * What a post lets its holder do in the cases of its department: `officer` and `clerk` work on them, `coordinator`
 * works and brings departments in, `commenter` reads and comments, `reader` reads.
 */
export const Role = z.enum(['officer', 'clerk', 'coordinator', 'commenter', 'reader']);
/** See the schema of the same name. */
export type Role = z.infer<typeof Role>;

/** One person in one department in one role. */
export const Post = z.object({ person: PersonId, department: DepartmentId, role: Role });
/** See the schema of the same name. */
export type Post = z.infer<typeof Post>;

/** Everything a device needs to name places, departments and people; `version` rises with every change. */
export const Directory = z.object({
  version: z.int().check(z.nonnegative()),
  jurisdictions: z.array(Jurisdiction),
  departments: z.array(Department),
  people: z.array(Person),
  posts: z.array(Post),
});
/** See the schema of the same name. */
export type Directory = z.infer<typeof Directory>;
