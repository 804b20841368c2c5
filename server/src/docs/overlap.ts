import { isDeepStrictEqual } from 'node:util';
import * as Y from 'yjs';
import { readStateVector, type StateVector } from './door-frames.ts';
import type { LoadedDoc } from './update-log.ts';

/** What comparing an update with the stored document comes to. */
export type Compared =
  /** The known part is what is stored; `remainder` is the update without it. */
  | { kind: 'same'; remainder: Uint8Array }
  /** Equivocation: other content under clocks that are stored. */
  | { kind: 'different'; detail: string };

type Struct = ReturnType<typeof Y.decodeUpdate>['structs'][number];

/**
 * Compares the part of a checked update below `stateVector` with what is stored, clock by clock: content, neighbours and
 * parent at the time of writing. Where one side was deleted and collected there is nothing left to compare, and the
 * clocks count as the same. Reads the whole stored document: for a worker.
 */
export function compareOverlap(stored: LoadedDoc, update: Uint8Array, stateVector: Uint8Array): Compared {
  const known = readStateVector(stateVector);
  const incoming = Y.decodeUpdate(update).structs;
  const index = indexStructs(stored, new Set(incoming.map(({ id }) => id.client)));
  for (const struct of incoming) {
    const detail = differenceOf(struct, index.get(struct.id.client) ?? [], known);
    if (detail !== undefined) return { kind: 'different', detail };
  }
  return { kind: 'same', remainder: Y.diffUpdate(update, stateVector) };
}

/** Stored structs of some clients, ascending by clock. */
function indexStructs({ snapshot, tail }: LoadedDoc, clients: ReadonlySet<number>): Map<number, Struct[]> {
  const index = new Map<number, Struct[]>();
  for (const bytes of [...(snapshot ? [snapshot.bytes] : []), ...tail.map((row) => row.bytes)]) {
    for (const struct of Y.decodeUpdate(bytes).structs) {
      if (!clients.has(struct.id.client)) continue;
      const structs = index.get(struct.id.client);
      if (structs) structs.push(struct);
      else index.set(struct.id.client, [struct]);
    }
  }
  for (const structs of index.values()) structs.sort((a, b) => a.id.clock - b.id.clock);
  return index;
}

function differenceOf(struct: Struct, stored: readonly Struct[], known: StateVector): string | undefined {
  const { client, clock } = struct.id;
  const end = Math.min(clock + struct.length, known.get(client) ?? 0);
  for (let at = firstEndingAfter(stored, clock); at < stored.length; at++) {
    const other = stored[at] as Struct;
    const from = Math.max(clock, other.id.clock);
    const to = Math.min(end, other.id.clock + other.length);
    if (from >= end) break;
    if (from < to && !isSame(struct, from - clock, other, from - other.id.clock, to - from)) {
      return `client ${client}, clocks ${from} to ${to}`;
    }
  }
  return undefined;
}

function firstEndingAfter(structs: readonly Struct[], clock: number): number {
  let low = 0;
  let high = structs.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    const { id, length } = structs[middle] as Struct;
    if (id.clock + length <= clock) low = middle + 1;
    else high = middle;
  }
  return low;
}

function isSame(a: Struct, aFrom: number, b: Struct, bFrom: number, length: number): boolean {
  if (!(a instanceof Y.Item) || !(b instanceof Y.Item)) return true;
  if (a.content instanceof Y.ContentDeleted || b.content instanceof Y.ContentDeleted) return true;
  const origin = originAt(a, aFrom);
  if (!Y.compareIDs(origin, originAt(b, bFrom)) || !Y.compareIDs(a.rightOrigin, b.rightOrigin)) return false;
  if (origin === null && a.rightOrigin === null) {
    if (!isDeepStrictEqual(a.parent, b.parent) || a.parentSub !== b.parentSub) return false;
  }
  return isSameContent(a.content, aFrom, b.content, bFrom, length);
}

function originAt(item: Y.Item, offset: number): Y.ID | null {
  return offset === 0 ? item.origin : Y.createID(item.id.client, item.id.clock + offset - 1);
}

function isSameContent(
  a: Y.Item['content'],
  aFrom: number,
  b: Y.Item['content'],
  bFrom: number,
  length: number,
): boolean {
  if (a instanceof Y.ContentString && b instanceof Y.ContentString) {
    const left = a.str.slice(aFrom, aFrom + length);
    const right = b.str.slice(bFrom, bFrom + length);
    // Yjs puts U+FFFD where it has split a surrogate pair
    return left === right || ((left + right).includes('\ufffd') && blurPairs(left) === blurPairs(right));
  }
  if (a instanceof Y.ContentType && b instanceof Y.ContentType) {
    return a.type.constructor === b.type.constructor && nodeName(a.type) === nodeName(b.type);
  }
  if (a instanceof Y.ContentFormat && b instanceof Y.ContentFormat) {
    return a.key === b.key && isDeepStrictEqual(a.value, b.value);
  }
  if (a.constructor !== b.constructor) return false;
  const whole = [a.getContent(), b.getContent()] as const;
  return isDeepStrictEqual(whole[0].slice(aFrom, aFrom + length), whole[1].slice(bFrom, bFrom + length));
}

function nodeName(type: Y.AbstractType<unknown>): string | undefined {
  return type instanceof Y.XmlElement ? type.nodeName : undefined;
}

function blurPairs(text: string): string {
  return text.replace(/[\ud800-\udfff]/g, '\ufffd');
}
