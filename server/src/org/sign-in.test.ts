import { describe, expect, it } from 'vitest';
import { systemClock, systemRandom } from '../host.ts';
import { createLockout, MAX_ATTEMPTS } from './lockout.ts';
import { createMemoryOrgStore } from './memory-org-store.ts';
import { createMemorySessionStore } from './memory-session-store.ts';
import { createPasswords, type Passwords } from './passwords.ts';
import { createSessions } from './sessions.ts';
import { createSignIn } from './sign-in.ts';

describe('signing in', () => {
  const make = (change: Partial<Passwords> = {}) => {
    const looked: (string | undefined)[] = [];
    const passwords: Passwords = {
      hash: (password) => Promise.resolve(password),
      matches: (_password, stored) => {
        looked.push(stored);
        return Promise.resolve(false);
      },
      isBusy: () => false,
      ...change,
    };
    const sessions = createSessions(createMemorySessionStore(), systemClock, systemRandom);
    const lockout = createLockout(systemClock);
    return { looked, signIn: createSignIn({ store: createMemoryOrgStore(), passwords, lockout, sessions }) };
  };
  const attempt = { account: 'nobody', password: 'x', address: '10.0.0.1' };

  it('does the same work for a name that is not there', async () => {
    const { looked, signIn } = make();
    expect(await signIn(attempt)).toMatchObject({ code: 'login-needed' });
    expect(looked).toEqual([undefined]);
  });

  it('looks at no password once the attempts are used up', async () => {
    const { looked, signIn } = make();
    for (let i = 0; i < MAX_ATTEMPTS; i++) await signIn(attempt);
    expect(await signIn(attempt)).toMatchObject({ code: 'too-many' });
    expect(looked).toHaveLength(MAX_ATTEMPTS);
  });

  it('sends people away rather than let hundreds wait', async () => {
    const { looked, signIn } = make({ isBusy: () => true });
    expect(await signIn(attempt)).toMatchObject({ code: 'too-many', retryAfterMs: 5000 });
    expect(looked).toEqual([]);
  });
});

describe('passwords', () => {
  it('are argon2id hashes of 19 MiB and two passes, each with a salt of its own', async () => {
    const passwords = await createPasswords();
    const [one, two] = [await passwords.hash('correct horse'), await passwords.hash('correct horse')];
    expect(one).toMatch(/^\$argon2id\$v=19\$m=19456,t=2,p=1\$/);
    expect(two).not.toBe(one);
    expect(await passwords.matches('correct horse', one)).toBe(true);
    expect(await passwords.matches('correct horse ', one)).toBe(false);
    expect(await passwords.matches('correct horse', undefined)).toBe(false);
  });

  it('are checked a few at a time, and all of them in the end', async () => {
    const passwords = await createPasswords();
    const stored = await passwords.hash('x');
    const waiting = Array.from({ length: 204 }, () => passwords.matches('x', stored));
    expect(passwords.isBusy()).toBe(true);
    expect((await Promise.all(waiting)).every(Boolean)).toBe(true);
    expect(passwords.isBusy()).toBe(false);
  });
});
