import {
  accept,
  Department,
  DepartmentId,
  Jurisdiction,
  Level,
  PersonId,
  refuse,
  Wording,
  type Random,
  type Result,
} from '@lianban/model';
import * as z from 'zod';
import { sha256Hex } from '../host.ts';
import type { Org } from './org.ts';
import type { Passwords } from './passwords.ts';

/** Shortest password an account may be given, characters (NIST SP 800-63B, single factor). */
export const MIN_PASSWORD_LENGTH = 15;

/** What the first coordinator fills in. `department.id` is the short name behind the dash of its id. */
export const FirstRun = z.strictObject({
  code: z.string().max(100),
  jurisdiction: z.strictObject({ code: Jurisdiction.shape.code, name: Wording, level: Level }),
  department: z.strictObject({
    id: z.string().regex(/^[a-z0-9]{2,24}$/),
    kind: Department.shape.kind,
    name: Wording,
    short: Wording,
  }),
  person: z.strictObject({ account: z.string().regex(/^[a-z0-9][a-z0-9._-]{0,31}$/), name: Wording }),
  password: z.string().min(MIN_PASSWORD_LENGTH).max(200),
});
/** See the schema of the same name. */
export type FirstRun = z.infer<typeof FirstRun>;

/** The one-time set-up of a relay without people. */
export interface Setup {
  /** The code of the set-up link; null once the relay has been set up. Another one is drawn at each start. */
  readonly code: string | null;
  /**
   * Makes the first jurisdiction, department and coordinator. Refuses a wrong or used code with `forbidden`, whatever
   * else is wrong.
   */
  run(input: FirstRun): Promise<Result<true>>;
}

/** Set-up of a relay; `code` is null from the start where people exist. */
export function createSetup(parts: { org: Org; passwords: Passwords; random: Random }): Setup {
  const { org, passwords, random } = parts;
  let code = org.directory.people.length > 0 ? null : Buffer.from(random.bytes(24)).toString('base64url');
  return {
    get code() {
      return code;
    },
    run: async (input) => {
      // hashes are compared, so that the time taken says nothing about how much of a guess was right
      if (code === null || sha256Hex(input.code) !== sha256Hex(code)) return refuse('forbidden', 'no such set-up code');
      const used = code;
      code = null;
      try {
        const hash = await passwords.hash(input.password);
        const { code: place } = input.jurisdiction;
        const department = DepartmentId.parse(`${place}-${input.department.id}`);
        const person = PersonId.parse(`${input.person.account}@${place}`);
        await org.change({
          jurisdictions: [{ ...input.jurisdiction, parent: null }],
          departments: [{ ...input.department, id: department, jurisdiction: place }],
          people: [{ ...input.person, id: person }],
          posts: [{ person, department, role: 'coordinator' }],
          accounts: [{ account: input.person.account, person, hash }],
        });
      } catch (reason) {
        code = used;
        throw reason;
      }
      return accept(true);
    },
  };
}
