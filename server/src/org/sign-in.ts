import { accept, refuse, type Refusal, type Result } from '@lianban/model';
import type { Lockout } from './lockout.ts';
import type { OrgStore } from './org-store.ts';
import type { Passwords } from './passwords.ts';
import type { Session } from './session-store.ts';
import type { Sessions } from './sessions.ts';

/** What somebody typed, and from where. */
export interface Attempt {
  account: string;
  password: string;
  address: string;
}

/** A refused attempt; `retryAfterMs` with `too-many`. */
export type AttemptRefused = Refusal & { retryAfterMs?: number };

/**
 * Opens a session for the right password. A wrong name and a wrong password are refused alike, with `login-needed`,
 * after the same work; the sixth attempt within a quarter of an hour, right or wrong, with `too-many`.
 */
export function createSignIn(parts: { store: OrgStore; passwords: Passwords; lockout: Lockout; sessions: Sessions }) {
  const { store, passwords, lockout, sessions } = parts;
  return async ({
    account,
    password,
    address,
  }: Attempt): Promise<Result<{ token: string; session: Session }> | AttemptRefused> => {
    const name = account.trim().toLowerCase();
    const retryAfterMs = lockout.take(name, address);
    if (retryAfterMs > 0) return { ...refuse('too-many', 'too many attempts'), retryAfterMs };
    if (passwords.isBusy()) return { ...refuse('too-many', 'too many people sign in at once'), retryAfterMs: 5_000 };
    const known = await store.account(name);
    if (!(await passwords.matches(password, known?.hash)) || known === undefined) {
      return refuse('login-needed', 'wrong name or password');
    }
    lockout.clear(name, address);
    return accept(await sessions.open(known.person));
  };
}
