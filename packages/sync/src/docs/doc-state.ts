import { refuse, accept, type Result } from '@lianban/model';
import * as encoding from 'lib0/encoding';
import { decodeUpdate, type DecodedUpdate, type DeleteRange } from './decode-update.ts';

/**
 * What a relay keeps of an active document to check updates: the state vector and the set of deleted ranges. No Y.Doc;
 * about 50 bytes for each client and 16 for each deleted range.
 */
export class DocState {
  private readonly clocks = new Map<number, number>();
  private readonly deleted = new Map<number, RangeSet>();

  /** State after updates that were checked before they were stored, in an order in which they can be applied. */
  static fromUpdates(updates: Iterable<Uint8Array>): Result<DocState> {
    const state = new DocState();
    let index = 0;
    for (const bytes of updates) {
      const update = decodeUpdate(bytes);
      if (!update.ok) return refuse('store-corrupt', `stored update ${index}: ${update.detail}`);
      state.admit(update.value);
      index++;
    }
    return accept(state);
  }

  /** First clock of `client` that is not known; 0 for an unknown client. */
  clockOf(client: number): number {
    return this.clocks.get(client) ?? 0;
  }

  /** True when every clock of the range is known to be deleted. */
  isDeleted({ client, clock, len }: DeleteRange): boolean {
    return this.deleted.get(client)?.covers(clock, clock + len) ?? false;
  }

  /** Takes an update in that was checked against this state. */
  admit(update: DecodedUpdate): void {
    for (const { client, end } of update.blocks) {
      if (end > this.clockOf(client)) this.clocks.set(client, end);
    }
    for (const [client, added] of rangesByClient(update.deletes)) {
      let ranges = this.deleted.get(client);
      if (!ranges) this.deleted.set(client, (ranges = new RangeSet()));
      ranges.addAll(added);
    }
  }

  /** The state vector as y-protocols sends it in step 1. */
  encodeStateVector(): Uint8Array {
    return encoding.encode((encoder) => {
      encoding.writeVarUint(encoder, this.clocks.size);
      for (const [client, clock] of this.clocks) {
        encoding.writeVarUint(encoder, client);
        encoding.writeVarUint(encoder, clock);
      }
    });
  }

  /** An update without structs that carries every deletion: a state vector does not move with them. */
  encodeDeletes(): Uint8Array {
    return encoding.encode((encoder) => {
      encoding.writeVarUint(encoder, 0);
      writeDeletes(encoder, this.deleted);
    });
  }

  /** Clients and their clocks. */
  entries(): IterableIterator<[client: number, clock: number]> {
    return this.clocks.entries();
  }
}

function rangesByClient(deletes: readonly DeleteRange[]): Map<number, [start: number, end: number][]> {
  const byClient = new Map<number, [number, number][]>();
  for (const { client, clock, len } of deletes) {
    const ranges = byClient.get(client);
    if (ranges) ranges.push([clock, clock + len]);
    else byClient.set(client, [[clock, clock + len]]);
  }
  return byClient;
}

/** Above this many ranges at once a set is merged and built anew, not added to one by one. */
const MERGE_ABOVE = 16;

/** Sorted, disjoint, half-open ranges of clocks. */
export class RangeSet {
  /** start, end, start, end, … ascending; ranges that touch are one. */
  private bounds: number[] = [];

  /** Adds `start` to `end` (exclusive). Appending at the end, the usual case, costs nothing more. */
  add(start: number, end: number): void {
    const bounds = this.bounds;
    const last = bounds.length - 1;
    if (last < 0 || start > (bounds[last] as number)) {
      bounds.push(start, end);
      return;
    }
    let from = this.firstEndingAtOrAfter(start);
    let to = from;
    let low = start;
    let high = end;
    while (to < bounds.length && (bounds[to] as number) <= end) {
      low = Math.min(low, bounds[to] as number);
      high = Math.max(high, bounds[to + 1] as number);
      to += 2;
    }
    from = Math.min(from, to);
    bounds.splice(from, to - from, low, high);
  }

  /**
   * Adds many ranges in any order. Each insertion in the middle moves all that follow, so that a frame full of ranges in
   * the wrong order would take seconds one by one.
   */
  addAll(ranges: readonly (readonly [start: number, end: number])[]): void {
    if (ranges.length <= MERGE_ABOVE) {
      for (const [start, end] of ranges) this.add(start, end);
      return;
    }
    const all = [...this, ...ranges].sort(([a], [b]) => a - b);
    this.bounds = [];
    for (const [start, end] of all) this.add(start, end);
  }

  /** True when the whole of `start` to `end` is in the set. */
  covers(start: number, end: number): boolean {
    const at = this.firstEndingAtOrAfter(end);
    const low = this.bounds[at];
    return low !== undefined && low <= start;
  }

  /** The ranges, ascending. */
  *[Symbol.iterator](): Generator<readonly [start: number, end: number]> {
    for (let i = 0; i < this.bounds.length; i += 2) yield [this.bounds[i] as number, this.bounds[i + 1] as number];
  }

  /** How many ranges. */
  get size(): number {
    return this.bounds.length / 2;
  }

  /** Index in `bounds` of the first range whose end is `clock` or more. */
  private firstEndingAtOrAfter(clock: number): number {
    let low = 0;
    let high = this.bounds.length / 2;
    while (low < high) {
      const middle = (low + high) >> 1;
      if ((this.bounds[2 * middle + 1] as number) < clock) low = middle + 1;
      else high = middle;
    }
    return 2 * low;
  }
}

/** Writes a delete set in the version-1 encoding. */
export function writeDeletes(encoder: encoding.Encoder, deleted: ReadonlyMap<number, RangeSet>): void {
  encoding.writeVarUint(encoder, deleted.size);
  for (const [client, ranges] of deleted) {
    encoding.writeVarUint(encoder, client);
    encoding.writeVarUint(encoder, ranges.size);
    for (const [start, end] of ranges) {
      encoding.writeVarUint(encoder, start);
      encoding.writeVarUint(encoder, end - start);
    }
  }
}
