import type { Clock, Timers } from '../ports.ts';

/** Time that a test moves: a clock and the timers that hang on it. */
export interface FakeTime {
  clock: Clock;
  timers: Timers;
  /** Moves time on and runs what falls due, in order of time. */
  advance(byMs: number): void;
  /** Timers that have not run. */
  pending(): number;
}

/** A clock that stands still until it is moved; starts at 2026-01-05T01:00Z. */
export function createFakeTime(startMs = Date.UTC(2026, 0, 5, 1)): FakeTime {
  let atMs = 0;
  let order = 0;
  const waiting = new Map<number, { dueMs: number; run: () => void }>();

  return {
    clock: { nowMs: () => startMs + atMs, monotonicMs: () => atMs },
    timers: {
      after(delayMs, run) {
        const key = (order += 1);
        waiting.set(key, { dueMs: atMs + Math.max(0, delayMs), run });
        return () => waiting.delete(key);
      },
    },
    advance(byMs) {
      const untilMs = atMs + byMs;
      for (;;) {
        const due = [...waiting].filter(([, timer]) => timer.dueMs <= untilMs);
        due.sort(([keyA, a], [keyB, b]) => a.dueMs - b.dueMs || keyA - keyB);
        const next = due[0];
        if (!next) break;
        const [key, timer] = next;
        waiting.delete(key);
        atMs = Math.max(atMs, timer.dueMs);
        timer.run();
      }
      atMs = untilMs;
    },
    pending: () => waiting.size,
  };
}
