import { describe, expect, it } from 'vitest';
import { backoffMs, BACKOFF_HIDDEN_MS, BACKOFF_VISIBLE_MS } from './backoff.ts';
import { INITIAL_LINK, nextTickMs, reduceLink, type LinkFacts, type LinkInput } from './link-state.ts';

/** Plays inputs and ticks exactly when the state asks for them; returns the words with the times they came up. */
function play(inputs: LinkInput[], untilMs: number, start: LinkFacts = INITIAL_LINK): [word: string, atMs: number][] {
  let facts = start;
  let now = 0;
  const words: [string, number][] = [];
  const apply = (input: LinkInput): void => {
    const before = facts.shown;
    facts = reduceLink(facts, input);
    now = input.atMs;
    if (facts.shown !== before) words.push([facts.shown, input.atMs]);
  };
  const ticksUntil = (atMs: number): void => {
    for (let next = nextTickMs(facts, now); next !== null && next < atMs; next = nextTickMs(facts, now)) {
      apply({ type: 'tick', atMs: next });
    }
  };
  for (const input of inputs) {
    ticksUntil(input.atMs);
    apply(input);
  }
  ticksUntil(untilMs);
  return words;
}

const missed = (atMs: number): LinkInput => ({ type: 'missed', atMs, wallMs: atMs });
const reached = (atMs: number, rttMs = 20): LinkInput => ({ type: 'reached', atMs, rttMs });
const outbox = (atMs: number, unsent: number, refused = 0): LinkInput => ({ type: 'outbox', atMs, unsent, refused });

describe('the words of the line', () => {
  it('says nothing of a blip of 3 seconds', () => {
    expect(play([missed(1_000), missed(2_000), reached(4_000)], 60_000)).toEqual([]);
  });

  it('says reconnecting after 5 s and offline after 30 s, and takes it back 200 ms after the line is there', () => {
    expect(play([missed(1_000), missed(9_000), missed(20_000), reached(41_000)], 60_000)).toEqual([
      ['reconnecting', 6_000],
      ['offline', 31_000],
      ['live', 41_200],
    ]);
  });

  it('believes the host that the network is gone only once a ping has failed', () => {
    expect(play([{ type: 'hint-offline', atMs: 0 }], 10_000)).toEqual([]);
    expect(play([{ type: 'hint-offline', atMs: 0 }, missed(1_000)], 2_000)).toEqual([['offline', 1_000]]);
  });

  it('says sending only when work has waited for more than 800 ms on a line that answers', () => {
    expect(play([outbox(0, 1), outbox(500, 0), outbox(600, 1), outbox(1_000, 2)], 3_000)).toEqual([['sending', 1_400]]);
    expect(play([outbox(0, 1), missed(100), reached(2_000)], 2_500)).toEqual([]);
  });

  it('counts what is caught up after an absence of two minutes', () => {
    const words = play([missed(0), outbox(100, 14), reached(200_000), outbox(201_000, 5), outbox(202_000, 0)], 210_000);
    expect(words.map(([word]) => word)).toEqual(['reconnecting', 'offline', 'returning', 'live']);
  });

  it('calls the line weak at two losses within a minute or a median above 2 s, and forgets it', () => {
    const words = play([missed(0), reached(1_000), missed(20_000), reached(21_000)], 200_000);
    expect(words.map(([word]) => word)).toEqual(['weak', 'live']);
    expect(
      play(
        [1, 2, 3, 4, 5].map((i) => reached(i * 1_000, 2_500)),
        9_000,
      ),
    ).toEqual([['weak', 1_000]]);
  });

  it('shows the strongest of several at once', () => {
    const words = play(
      [
        outbox(0, 3, 1),
        { type: 'session', atMs: 10, valid: false },
        { type: 'storage', atMs: 20, state: 'broken' },
        { type: 'storage', atMs: 30, state: 'ok' },
        { type: 'session', atMs: 400, valid: true },
      ],
      2_000,
    );
    expect(words.map(([word]) => word)).toEqual(['attention', 'signin', 'broken', 'signin', 'attention']);
  });

  it('asks for no tick that has passed', () => {
    const facts = reduceLink(reduceLink(INITIAL_LINK, missed(0)), { type: 'tick', atMs: 40_000 });
    expect(facts.shown).toBe('offline');
    expect(nextTickMs(facts, 40_000)).toBeNull();
  });
});

describe('the wait between attempts', () => {
  it('grows by 1.6 up to its ceiling, with full jitter', () => {
    expect(backoffMs(1, true, 0.999)).toBeLessThanOrEqual(500);
    expect(backoffMs(3, true, 1)).toBe(1_280);
    expect(backoffMs(99, true, 1)).toBe(BACKOFF_VISIBLE_MS);
    expect(backoffMs(99, false, 1)).toBe(BACKOFF_HIDDEN_MS);
    expect(backoffMs(99, true, 0)).toBe(0);
  });
});
