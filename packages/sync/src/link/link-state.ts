/** Silence until a loss is worth a word, ms (ux B.2): a shorter one is nobody's business. */
export const RECONNECTING_AFTER_MS = 5_000;
/** Silence until the screen says offline, ms. */
export const OFFLINE_AFTER_MS = 30_000;
/** How long a problem's word stays after the problem has ended, ms: long enough not to flicker. */
export const LEAVE_AFTER_MS = 200;
/** Unsent work younger than this is simply on its way, ms. */
export const SENDING_AFTER_MS = 800;
/** An absence that is worth a "catching up", ms. */
export const RETURNING_AFTER_MS = 2 * 60_000;
/** Median round trip above which the line is weak, ms. */
export const WEAK_RTT_MS = 2_000;
/** Losses within a minute that make a line weak. */
export const WEAK_LOSSES = 2;
const WEAK_WINDOW_MS = 60_000;
const RTT_SAMPLES = 5;

/** What the line can be, the strongest first where several hold at once. */
export const LINK_WORDS = [
  'broken',
  'signin',
  'attention',
  'update',
  'full',
  'offline',
  'reconnecting',
  'returning',
  'weak',
  'sending',
  'live',
] as const;
/** One of the words. */
export type LinkWord = (typeof LINK_WORDS)[number];

/** What happened, with the host's monotonic time; `wallMs` only where a time is shown to people. */
export type LinkInput =
  | { type: 'reached'; atMs: number; rttMs?: number }
  | { type: 'missed'; atMs: number; wallMs: number }
  | { type: 'hint-offline'; atMs: number }
  | { type: 'outbox'; atMs: number; unsent: number; refused: number }
  | { type: 'session'; atMs: number; valid: boolean }
  | { type: 'version'; atMs: number; tooOld: boolean }
  | { type: 'storage'; atMs: number; state: 'ok' | 'full' | 'broken' }
  | { type: 'caught-up'; atMs: number; done: number; total: number }
  | { type: 'tick'; atMs: number };

/** Facts about the line. Times are monotonic ms unless they say wall. */
export interface LinkFacts {
  /** First evidence of the present loss; null while the relay answers. */
  lostAtMs: number | null;
  lostSinceWallMs: number | null;
  /** The host said the network is gone and a ping has failed since. */
  hintedOffline: boolean;
  hintPending: boolean;
  /** Recent losses, for `weak`. */
  lossesAtMs: readonly number[];
  rttsMs: readonly number[];
  unsent: number;
  refused: number;
  unsentSinceMs: number | null;
  sessionValid: boolean;
  tooOld: boolean;
  storage: 'ok' | 'full' | 'broken';
  catchingUp: { done: number; total: number } | null;
  /** The word on screen, and since when a milder one has been due. */
  shown: LinkWord;
  milderSinceMs: number | null;
}

/** Before anything is known: nothing is wrong yet. */
export const INITIAL_LINK: LinkFacts = {
  lostAtMs: null,
  lostSinceWallMs: null,
  hintedOffline: false,
  hintPending: false,
  lossesAtMs: [],
  rttsMs: [],
  unsent: 0,
  refused: 0,
  unsentSinceMs: null,
  sessionValid: true,
  tooOld: false,
  storage: 'ok',
  catchingUp: null,
  shown: 'live',
  milderSinceMs: null,
};

/**
 * Folds what happened into the facts and the word on screen (ux B.2). Pure: the host feeds it with pings, socket losses
 * and a tick, and asks `nextTickMs` when the next tick matters. A problem's word goes 200 ms after the problem.
 */
export function reduceLink(facts: LinkFacts, input: LinkInput): LinkFacts {
  return show(fold(facts, input), input.atMs);
}

/** When the word may next change by time alone after `nowMs`, both monotonic ms; null when only an event can change it. */
export function nextTickMs(facts: LinkFacts, nowMs: number): number | null {
  const times: number[] = [];
  if (facts.lostAtMs !== null) times.push(facts.lostAtMs + RECONNECTING_AFTER_MS, facts.lostAtMs + OFFLINE_AFTER_MS);
  if (facts.unsentSinceMs !== null && facts.lostAtMs === null) times.push(facts.unsentSinceMs + SENDING_AFTER_MS);
  if (facts.milderSinceMs !== null) times.push(facts.milderSinceMs + LEAVE_AFTER_MS);
  if (facts.shown === 'weak' && facts.lossesAtMs[0] !== undefined) times.push(facts.lossesAtMs[0] + WEAK_WINDOW_MS);
  const ahead = times.filter((at) => at > nowMs);
  return ahead.length === 0 ? null : Math.min(...ahead);
}

function fold(facts: LinkFacts, input: LinkInput): LinkFacts {
  switch (input.type) {
    case 'reached': {
      const awayMs = facts.lostAtMs === null ? 0 : input.atMs - facts.lostAtMs;
      const rttsMs = input.rttMs === undefined ? facts.rttsMs : [...facts.rttsMs, input.rttMs].slice(-RTT_SAMPLES);
      return {
        ...facts,
        lostAtMs: null,
        lostSinceWallMs: null,
        hintedOffline: false,
        hintPending: false,
        rttsMs: awayMs > 0 ? rttsMs.slice(-1) : rttsMs,
        catchingUp:
          awayMs >= RETURNING_AFTER_MS && facts.unsent > 0 ? { done: 0, total: facts.unsent } : facts.catchingUp,
        // What waited through the outage starts its 800 ms now.
        unsentSinceMs: facts.unsent > 0 ? (awayMs > 0 ? input.atMs : facts.unsentSinceMs) : null,
      };
    }
    case 'missed':
      return {
        ...facts,
        lostAtMs: facts.lostAtMs ?? input.atMs,
        lostSinceWallMs: facts.lostSinceWallMs ?? input.wallMs,
        hintedOffline: facts.hintedOffline || facts.hintPending,
        lossesAtMs: facts.lostAtMs === null ? [...facts.lossesAtMs, input.atMs] : facts.lossesAtMs,
      };
    case 'hint-offline':
      return { ...facts, hintPending: true };
    case 'outbox': {
      const done = facts.catchingUp ? Math.max(0, facts.catchingUp.total - input.unsent) : 0;
      return {
        ...facts,
        unsent: input.unsent,
        refused: input.refused,
        unsentSinceMs: input.unsent === 0 ? null : (facts.unsentSinceMs ?? input.atMs),
        catchingUp: facts.catchingUp && input.unsent > 0 ? { ...facts.catchingUp, done } : null,
      };
    }
    case 'session':
      return { ...facts, sessionValid: input.valid };
    case 'version':
      return { ...facts, tooOld: input.tooOld };
    case 'storage':
      return { ...facts, storage: input.state };
    case 'caught-up':
      return { ...facts, catchingUp: input.done >= input.total ? null : { done: input.done, total: input.total } };
    case 'tick':
      return facts;
  }
}

function show(facts: LinkFacts, atMs: number): LinkFacts {
  const lossesAtMs = facts.lossesAtMs.filter((at) => atMs - at < WEAK_WINDOW_MS);
  const due = wordFor({ ...facts, lossesAtMs }, atMs);
  if (due === facts.shown) return { ...facts, lossesAtMs, milderSinceMs: null };
  const milder = LINK_WORDS.indexOf(due) > LINK_WORDS.indexOf(facts.shown);
  if (!milder) return { ...facts, lossesAtMs, shown: due, milderSinceMs: null };
  const since = facts.milderSinceMs ?? atMs;
  if (atMs - since < LEAVE_AFTER_MS) return { ...facts, lossesAtMs, milderSinceMs: since };
  return { ...facts, lossesAtMs, shown: due, milderSinceMs: null };
}

function wordFor(facts: LinkFacts, atMs: number): LinkWord {
  if (facts.storage === 'broken') return 'broken';
  if (!facts.sessionValid) return 'signin';
  if (facts.refused > 0) return 'attention';
  if (facts.tooOld) return 'update';
  if (facts.storage === 'full') return 'full';
  if (facts.lostAtMs !== null) {
    const silentMs = atMs - facts.lostAtMs;
    if (silentMs >= OFFLINE_AFTER_MS || facts.hintedOffline) return 'offline';
    if (silentMs >= RECONNECTING_AFTER_MS) return 'reconnecting';
    return facts.shown === 'offline' || facts.shown === 'reconnecting' ? facts.shown : 'live';
  }
  if (facts.catchingUp) return 'returning';
  if (facts.lossesAtMs.length >= WEAK_LOSSES || median(facts.rttsMs) > WEAK_RTT_MS) return 'weak';
  if (facts.unsentSinceMs !== null && atMs - facts.unsentSinceMs >= SENDING_AFTER_MS) return 'sending';
  return 'live';
}

function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[sorted.length >> 1] ?? 0;
}
