import type { Clock } from '@lianban/model';

/** Wrong passwords that one address may try on one account, per window. */
export const MAX_ATTEMPTS = 5;
/** How long an attempt counts, ms. */
export const LOCKOUT_WINDOW_MS = 15 * 60_000;
/** Pairs of account and address that are remembered; above it the oldest are forgotten, so that guessing fills no memory. */
const MAX_PAIRS = 100_000;

/** Counts attempts to sign in. It never asks whether an account exists, so that a lockout says nothing about it. */
export interface Lockout {
  /** Takes one attempt, before the password is looked at; ms to wait when there is none left, else 0. */
  take(account: string, address: string): number;
  /** The password was right: the pair starts anew. */
  clear(account: string, address: string): void;
}

/** A lockout that lives as long as the relay. */
export function createLockout(clock: Clock): Lockout {
  const attempts = new Map<string, number[]>();
  return {
    take: (account, address) => {
      const key = `${account} ${address}`;
      const now = clock.monotonicMs();
      const recent = (attempts.get(key) ?? []).filter((at) => now - at < LOCKOUT_WINDOW_MS);
      if (recent.length >= MAX_ATTEMPTS) return Math.ceil(LOCKOUT_WINDOW_MS - (now - (recent[0] ?? now)));
      attempts.delete(key);
      attempts.set(key, [...recent, now]);
      for (const oldest of attempts.keys()) {
        if (attempts.size <= MAX_PAIRS) break;
        attempts.delete(oldest);
      }
      return 0;
    },
    clear: (account, address) => void attempts.delete(`${account} ${address}`),
  };
}
