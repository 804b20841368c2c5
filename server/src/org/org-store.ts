import { PersonId, type Department, type Directory, type Jurisdiction, type Person, type Post } from '@lianban/model';
import * as z from 'zod';

/** Password account of one person. `hash` is an argon2id string; the password itself is nowhere. */
export const Account = z.object({ account: z.string(), person: PersonId, hash: z.string() });
/** See the schema of the same name. */
export type Account = z.infer<typeof Account>;

/** Rows to add or, where the key is known, to replace. Posts of a named person are replaced as a whole. */
export interface OrgChange {
  jurisdictions?: readonly Jurisdiction[];
  departments?: readonly Department[];
  people?: readonly Person[];
  /** Every post of every person named in `people`, or in a post given here. */
  posts?: readonly Post[];
  accounts?: readonly Account[];
}

/** Where places, departments, people and password accounts are kept. Contract: `org-store.contract.ts`. */
export interface OrgStore {
  /** The whole directory, rows in the order in which they first came. Version 0 and empty before the first change. */
  directory(): Promise<Directory>;
  /** The account of this name. */
  account(account: string): Promise<Account | undefined>;
  /**
   * One commit: the rows and a version one higher. Resolves with the directory after it. Throws `unexpected` and
   * changes nothing when a row names something that is not there.
   */
  change(change: OrgChange): Promise<Directory>;
}
