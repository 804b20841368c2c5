/** A rate with a burst; units are the caller's (messages, bytes). */
export interface Rate {
  readonly perSecond: number;
  readonly burst: number;
}

/** Measures one sender against a rate. */
export interface Bucket {
  /** 0 when something may be taken now, else the ms until then. */
  waitMs(nowMs: number): number;
  /** Takes `amount`; more than there is becomes a debt that is waited for before the next. */
  take(amount: number, nowMs: number): void;
}

/** A full bucket. `nowMs` is monotonic. */
export function createBucket({ perSecond, burst }: Rate, nowMs: number): Bucket {
  let level = burst;
  let atMs = nowMs;
  const fill = (now: number): void => {
    level = Math.min(burst, level + ((now - atMs) / 1000) * perSecond);
    atMs = now;
  };
  return {
    waitMs: (now) => {
      fill(now);
      return level > 0 ? 0 : Math.ceil((1 - level) * (1000 / perSecond));
    },
    take: (amount, now) => {
      fill(now);
      level -= amount;
    },
  };
}
