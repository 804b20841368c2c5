import type { Random } from '../ports.ts';

/** Repeatable randomness for tests and benchmarks. */
export interface SeededRandom extends Random {
  readonly seed: number;
  /** Uniform in [0, 1). */
  next(): number;
  /** Whole number in [0, below). */
  int(below: number): number;
  /** True with this probability. */
  chance(probability: number): boolean;
  /** One of the items; throws on an empty list. */
  pick<T>(items: readonly T[]): T;
}

/** The randomness of one seed (mulberry32). */
export function seededRandom(seed: number): SeededRandom {
  let state = seed >>> 0;
  const next = () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
  const int = (below: number) => Math.floor(next() * below);
  return {
    seed,
    next,
    int,
    chance: (probability) => next() < probability,
    pick<T>(items: readonly T[]): T {
      if (items.length === 0) throw new Error('nothing to pick from');
      return items[int(items.length)] as T;
    },
    bytes(length) {
      const bytes = new Uint8Array(length);
      for (let i = 0; i < length; i++) bytes[i] = int(256);
      return bytes;
    },
  };
}

/** Seeds of a random test: `LIANBAN_SEED` alone when it is set, else `LIANBAN_RUNS` or `runs` of them from 1. */
export function seedsFor(runs: number, env: Record<string, string | undefined>): number[] {
  const only = env['LIANBAN_SEED'];
  if (only) return [Number(only)];
  return Array.from({ length: Number(env['LIANBAN_RUNS'] ?? runs) }, (_, at) => at + 1);
}
