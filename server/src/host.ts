import { createHash, randomFillSync } from 'node:crypto';
import { performance } from 'node:perf_hooks';
import type { Clock, Digest, Random } from '@lianban/model';
import type { Timers } from '@lianban/sync';

/** The machine's clock. */
export const systemClock: Clock = {
  nowMs: () => Date.now(),
  monotonicMs: () => performance.now(),
};

/** The operating system's random source. */
export const systemRandom: Random = {
  bytes: (length) => randomFillSync(new Uint8Array(length)),
};

/** SHA-256 on the calling thread: entries are small, and a trip to the thread pool costs more than the hash. */
export const systemDigest: Digest = {
  sha256: (data) => Promise.resolve(createHash('sha256').update(data).digest()),
};

/** SHA-256 of a text, hex: what is stored of a token in its place. */
export function sha256Hex(text: string): string {
  return createHash('sha256').update(text).digest('hex');
}

/** The event loop's timers; none keeps the process alive. */
export const systemTimers: Timers = {
  after: (delayMs, run) => {
    const timer = setTimeout(run, delayMs);
    timer.unref();
    return () => clearTimeout(timer);
  },
};
