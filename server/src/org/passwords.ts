import { hash, verify, type Options } from '@node-rs/argon2';

/** OWASP's first choice for argon2id: 19 MiB, two passes, one lane; about 20 ms here. */
const ARGON2: Options = { algorithm: 2, memoryCost: 19 * 1024, timeCost: 2, parallelism: 1 };
/** Hashes computed at a time: each holds 19 MiB. */
const MAX_RUNNING = 2;
/** Sign-ins that may wait for their turn; more are sent away rather than served minutes later. */
const MAX_WAITING = 200;

/** Makes and checks password hashes, a few at a time. */
export interface Passwords {
  hash(password: string): Promise<string>;
  /** Compares with a stored hash or, for an account that is not there, with one that nothing matches: same work. */
  matches(password: string, stored: string | undefined): Promise<boolean>;
  /** True while so many wait that no more should be let in. */
  isBusy(): boolean;
}

/** Passwords hashed with argon2id. */
export async function createPasswords(): Promise<Passwords> {
  const decoy = await hash(crypto.randomUUID(), ARGON2);
  const waiting: (() => void)[] = [];
  let running = 0;

  async function inTurn<T>(work: () => Promise<T>): Promise<T> {
    if (running >= MAX_RUNNING) await new Promise<void>((go) => waiting.push(go));
    else running++;
    try {
      return await work();
    } finally {
      const next = waiting.shift();
      if (next === undefined) running--;
      else next();
    }
  }

  return {
    hash: (password) => inTurn(() => hash(password, ARGON2)),
    matches: async (password, stored) => {
      const same = await inTurn(() => verify(stored ?? decoy, password, ARGON2));
      return same && stored !== undefined;
    },
    isBusy: () => waiting.length >= MAX_WAITING,
  };
}
