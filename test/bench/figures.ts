import type { Peer, PeerName } from './peers.ts';

/** What performance asks: a factor of another server's figure. */
export interface Target {
  /** Told as it is written down. */
  must: string;
  wants: string;
  /** True when the figures fulfil the must; absent where that is not a comparison of medians. */
  holds?: (median: (name: PeerName) => number) => boolean;
}

/** One line of the table. */
export interface Row {
  measure: string;
  unit: string;
  target?: Target;
  /** One figure for each round. */
  figures: Partial<Record<PeerName, number[]>>;
}

/** What one measure is asked for. */
export interface Stage {
  peers: readonly PeerName[];
  /** A number of clients, documents or edits, scaled by LIANBAN_BENCH_SCALE; at least 1. */
  scaled(full: number): number;
  /** A duration, scaled the same way; at least 300 ms. */
  scaledMs(full: number): number;
  /** Tells something that belongs under the table. */
  note(text: string): void;
}

/** A measure: what it asks and how. */
export interface Measure {
  name: string;
  run(stage: Stage): Promise<Row[]>;
}

/** Rounds that count; one goes before them. */
export const ROUNDS = 3;

/** `times` H must be reached from below, or from above where less is better. */
export function timesH(side: 'at most' | 'at least', must: number, wants: number): Target {
  const sign = side === 'at most' ? '≤' : '≥';
  return {
    must: `${sign} ${must} H`,
    wants: `${sign} ${wants} H`,
    holds: (median) => (side === 'at most' ? median('L') <= must * median('H') : median('L') >= must * median('H')),
  };
}

/**
 * Runs one measure on every server in turn, three times after a round that only warms up, and gathers what each run
 * returns under its name. Nobody measures a server in a stretch in which another did not run.
 */
export async function inRounds<Name extends string>(
  peers: readonly PeerName[],
  run: (peer: PeerName, round: number) => Promise<Record<Name, number>>,
  { warmUp = true } = {},
): Promise<Record<Name, Row['figures']>> {
  const gathered = {} as Record<Name, Row['figures']>;
  for (let round = warmUp ? 0 : 1; round <= ROUNDS; round++) {
    for (const peer of peers) {
      const figures = await run(peer, round);
      if (round === 0) continue;
      for (const name of Object.keys(figures) as Name[]) ((gathered[name] ??= {})[peer] ??= []).push(figures[name]);
    }
  }
  return gathered;
}

/** Starts every server, lets `use` measure, and ends them whatever happened. */
export async function withPeers<Result>(
  names: readonly PeerName[],
  start: (name: PeerName) => Promise<Peer>,
  use: (peers: Map<PeerName, Peer>) => Promise<Result>,
): Promise<Result> {
  const peers = new Map<PeerName, Peer>();
  try {
    for (const name of names) peers.set(name, await start(name));
    return await use(peers);
  } finally {
    for (const peer of peers.values()) await peer.close();
  }
}

/** The middle figure. */
export function median(figures: readonly number[]): number {
  const sorted = [...figures].sort((a, b) => a - b);
  const middle = sorted.length >> 1;
  return sorted.length % 2 === 1
    ? (sorted[middle] as number)
    : ((sorted[middle - 1] as number) + (sorted[middle] as number)) / 2;
}

/** The figure that a share of all does not exceed. */
export function percentile(figures: readonly number[], share: number): number {
  const sorted = [...figures].sort((a, b) => a - b);
  return sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? Number.NaN;
}

/** Rows as a table in Markdown: median and spread of each server, ratios, targets. */
export function table(rows: readonly Row[]): string {
  const columns: PeerName[] = ['H', 'Y', 'B', 'L'];
  const head = ['measure', 'H', 'Y', 'B', 'Lianban', 'L/H', 'L/Y', 'must', 'wants', 'must kept'];
  const lines = rows.map(({ measure, unit, target, figures }) => {
    const middle = (name: PeerName): number => median(figures[name] ?? []);
    const ratio = (name: PeerName): string => {
      if (!figures[name] || !figures.L) return '';
      const value = middle('L') / middle(name);
      return Number.isFinite(value) ? short(value) : '';
    };
    const kept = target?.holds === undefined || !figures.L || !figures.H ? '' : target.holds(middle) ? 'yes' : 'NO';
    return [
      `${measure}, ${unit}`,
      ...columns.map((name) => withSpread(figures[name])),
      ratio('H'),
      ratio('Y'),
      target?.must ?? '',
      target?.wants ?? '',
      kept,
    ];
  });
  const cells = [head, head.map(() => '---'), ...lines];
  return cells.map((line) => `| ${line.join(' | ')} |`).join('\n');
}

function withSpread(figures: readonly number[] | undefined): string {
  if (!figures) return '';
  if (figures.every((figure) => figure === figures[0])) return short(figures[0] as number);
  return `${short(median(figures))} (${short(Math.min(...figures))}–${short(Math.max(...figures))})`;
}

function short(value: number): string {
  if (!Number.isFinite(value)) return '?';
  const size = Math.abs(value);
  if (size >= 1e6) return `${(value / 1e6).toFixed(2)} M`;
  if (size >= 1e4) return `${(value / 1e3).toFixed(1)} k`;
  if (size >= 100) return value.toFixed(0);
  if (size >= 10) return value.toFixed(1);
  if (size === 0) return '0';
  return value.toFixed(2);
}
