import type { CaseId } from '@lianban/model';
import { backoffMs, type Clock, type LedgerStore, type Random, type Timers } from '@lianban/sync';
import type { Line } from './line.ts';
import { isOutOfReach, type RelayClient } from './relay-client.ts';

/** Pause between two looks at the feed while somebody looks at the page, ms. It is the ping as well (ux B.2). */
export const FEED_VISIBLE_MS = 5_000;
/** The same while nobody does, ms. */
export const FEED_HIDDEN_MS = 60_000;

/** A last look is taken so long after the first miss, plus up to as much again as the second figure, ms: before a word is due. */
const LAST_LOOK_MS = [3_200, 1_000] as const;

/** What the loop needs. */
export interface FeedOptions {
  client: RelayClient;
  store: LedgerStore;
  line: Line;
  clock: Clock;
  timers: Timers;
  random: Random;
  visible: () => boolean;
  /** Asked while the session of this tab is in doubt: whether it is this account's. */
  checkSession: () => Promise<'valid' | 'invalid' | 'out-of-reach'>;
  /** True once the session is known to be this account's. */
  sessionKnown: () => boolean;
  onLoginNeeded: () => void;
  /** Ledgers that have grown. */
  onCases: (caseIds: CaseId[]) => Promise<void>;
  onDirectory: (version: number) => Promise<void>;
  /** After each round that reached the relay with a valid session. */
  onReached: () => Promise<void>;
}

/** The loop that keeps the ledgers here and knows whether the relay is there. */
export interface Feed {
  /** Looks at once; during a look, once more after it. */
  now(): void;
  close(): void;
}

/** Starts the loop. It never ends by itself: a miss is tried again with the back-off of ux B.2. */
export function openFeed(options: FeedOptions): Feed {
  const { client, store, line, clock, timers, random } = options;
  let cancel: (() => void) | null = null;
  let running = false;
  let again = false;
  let misses = 0;
  let lastLookAtMs = 0;
  let closed = false;

  void round();
  return {
    now() {
      if (running) again = true;
      else void round();
    },
    close() {
      closed = true;
      cancel?.();
    },
  };

  async function round(): Promise<void> {
    if (closed) return;
    cancel?.();
    running = true;
    let next: 'at-once' | 'pause' | 'back-off' = 'pause';
    try {
      next = await look();
    } catch {
      // a store that fails has told of itself; the feed goes on from the cursor it has
    }
    running = false;
    if (closed) return;
    const nowMs = clock.monotonicMs();
    misses = next === 'back-off' ? misses + 1 : 0;
    if (misses === 1) lastLookAtMs = nowMs + LAST_LOOK_MS[0] + draw() * LAST_LOOK_MS[1];
    if (again || next === 'at-once') {
      again = false;
      cancel = timers.after(0, () => void round());
      return;
    }
    const visible = options.visible();
    let delayMs = next === 'back-off' ? backoffMs(misses, visible, draw()) : visible ? FEED_VISIBLE_MS : FEED_HIDDEN_MS;
    if (next === 'back-off' && nowMs < lastLookAtMs) delayMs = Math.min(delayMs, lastLookAtMs - nowMs);
    line.nextTry(clock.nowMs() + delayMs);
    cancel = timers.after(delayMs, () => void round());
  }

  async function look(): Promise<'at-once' | 'pause' | 'back-off'> {
    const startMs = clock.monotonicMs();
    if (!options.sessionKnown()) {
      const session = await options.checkSession();
      if (closed) return 'pause';
      if (session === 'out-of-reach') return miss();
      line.happened({ type: 'reached', rttMs: clock.monotonicMs() - startMs });
      line.happened({ type: 'session', valid: session === 'valid' });
      if (session === 'invalid') return 'pause';
    }
    const askedMs = clock.monotonicMs();
    const page = await client.feed(await store.cursor());
    if (closed) return 'pause';
    if (!page.ok) {
      if (isOutOfReach(page.code)) return miss();
      line.happened({ type: 'reached', rttMs: clock.monotonicMs() - askedMs });
      if (page.code === 'login-needed') options.onLoginNeeded();
      if (page.code === 'client-too-old') line.happened({ type: 'version', tooOld: true });
      return 'pause';
    }
    line.happened({ type: 'reached', rttMs: clock.monotonicMs() - askedMs });
    line.happened({ type: 'session', valid: true });
    const { items, cursor, more, directoryVersion } = page.value;
    if (items.length > 0 || cursor !== (await store.cursor())) await store.receive(items, cursor);
    if (items.length > 0) await options.onCases([...new Set(items.map((item) => item.caseId))]);
    await options.onDirectory(directoryVersion);
    if (!closed && !more) await options.onReached();
    return more ? 'at-once' : 'pause';
  }

  function miss(): 'back-off' {
    line.happened({ type: 'missed' });
    return 'back-off';
  }

  function draw(): number {
    let value = 0;
    for (const byte of random.bytes(4)) value = value * 256 + byte;
    return value / 2 ** 32;
  }
}
