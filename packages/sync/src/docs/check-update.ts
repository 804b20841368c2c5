import { accept, refuse, type DocPart, type Result } from '@lianban/model';
import { MAX_NESTING, MAX_UPDATE_BYTES } from '../wire/limits.ts';
import { decodeUpdate, type DecodedUpdate, type UpdateRef } from './decode-update.ts';
import { isRootAllowed } from './doc-kinds.ts';
import type { DocState } from './doc-state.ts';

/**
 * What an update is to a document.
 * `new`: follows on what is known; store it. `known`: no structs, and every deletion is known; there is nothing to store.
 * `overlap`: names clocks that are known; compare them with what is stored before anything else, then store the rest.
 */
export type Verdict =
  { kind: 'new'; update: DecodedUpdate } | { kind: 'known' } | { kind: 'overlap'; update: DecodedUpdate };

/**
 * Checks an update against a document's state before it is stored (reliability B2, items 1 and 3 to 6; who may use
 * which client id, item 2, is the session's check). No Y.Doc; 1 to 2 us for a keystroke.
 *
 * 1. It is at most 1 MiB and decodes; its content is on the allow-list.
 * 2. The clocks of each client follow on those known: a gap is `needs-sync`, nothing is parked.
 * 3. What an item names (neighbours, parent) is known or in this update, and in its own client has a smaller clock:
 *    else `needs-sync`, or `bad-update` where no order of arrival could ever satisfy it.
 * 4. Literal roots are on the list of the document's kind: else `bad-update`.
 * 5. Deletions name clocks that are known or in this update: else `needs-sync`.
 * 6. Types nest at most 64 deep inside the update: else `bad-update`.
 */
export function checkUpdate(bytes: Uint8Array, state: DocState, part: DocPart): Result<Verdict> {
  if (bytes.length > MAX_UPDATE_BYTES) return refuse('frame-too-large', `an update of ${bytes.length} bytes`);
  const decoded = decodeUpdate(bytes);
  if (!decoded.ok) return decoded;
  const update = decoded.value;
  if (update.hasHole) return refuse('needs-sync', 'an update with a hole');

  const ends = new Map<number, number>();
  let overlaps = false;
  for (const { client, clock, end } of update.blocks) {
    const known = state.clockOf(client);
    if (clock > known) return refuse('needs-sync', `client ${client} goes on at ${known}, not at ${clock}`);
    if (clock < known) overlaps = true;
    ends.set(client, end);
  }
  if (!update.roots.every((name) => isRootAllowed(part, name))) {
    return refuse('bad-update', `a root that a ${part} document does not have`);
  }
  const linked = checkRefs(update, state, ends);
  if (!linked.ok) return linked;
  if (update.types.length > MAX_NESTING && depthInside(update) > MAX_NESTING) {
    return refuse('bad-update', `types nested more than ${MAX_NESTING} deep`);
  }
  let deletesAnew = false;
  for (const range of update.deletes) {
    const end = Math.max(state.clockOf(range.client), ends.get(range.client) ?? 0);
    if (range.clock + range.len > end) return refuse('needs-sync', `deletes what client ${range.client} has not sent`);
    deletesAnew ||= !state.isDeleted(range);
  }
  if (overlaps) return accept({ kind: 'overlap', update });
  if (update.blocks.length === 0 && !deletesAnew) return accept({ kind: 'known' });
  return accept({ kind: 'new', update });
}

function checkRefs(update: DecodedUpdate, state: DocState, ends: ReadonlyMap<number, number>): Result<true> {
  let across = false;
  for (const { block, clock, kind, targetClient, targetClock } of update.refs) {
    if (kind === 'root') continue;
    const { client } = update.blocks[block] as { client: number };
    if (targetClient === client) {
      if (targetClock >= clock) return refuse('bad-update', 'an item that names a later one of its own client');
    } else if (targetClock >= state.clockOf(targetClient)) {
      if (targetClock >= (ends.get(targetClient) ?? 0)) {
        return refuse('needs-sync', `names clock ${targetClock} of client ${targetClient}, which is not known`);
      }
      across = true;
    }
  }
  return across && !canBeOrdered(update, state) ? refuse('bad-update', 'items that wait for each other') : accept(true);
}

/** True when the items of several clients can be applied in some order: two that name each other never could. */
function canBeOrdered(update: DecodedUpdate, state: DocState): boolean {
  const refsOf: UpdateRef[][] = update.blocks.map(() => []);
  for (const ref of update.refs) (refsOf[ref.block] as UpdateRef[]).push(ref);
  /** First clock of each client in the update that is not applied yet; everything below can be named. */
  const reached = new Map(update.blocks.map(({ client, clock }) => [client, Math.max(clock, state.clockOf(client))]));
  const next = update.blocks.map(() => 0);
  for (let moved = true; moved;) {
    moved = false;
    for (let block = 0; block < update.blocks.length; block++) {
      const refs = refsOf[block] as UpdateRef[];
      const { client, end } = update.blocks[block] as { client: number; end: number };
      let at = next[block] as number;
      while (at < refs.length && isReached(refs[at] as UpdateRef, client, reached, state)) at++;
      if (at === next[block]) continue;
      next[block] = at;
      moved = true;
      reached.set(client, at < refs.length ? (refs[at] as UpdateRef).clock : end);
    }
  }
  return next.every((at, block) => at === (refsOf[block] as UpdateRef[]).length);
}

function isReached(ref: UpdateRef, owner: number, reached: ReadonlyMap<number, number>, state: DocState): boolean {
  // Within its own client an item names earlier ones only: checkRefs has seen to that.
  if (ref.kind === 'root' || ref.targetClient === owner) return true;
  return ref.targetClock < Math.max(reached.get(ref.targetClient) ?? 0, state.clockOf(ref.targetClient));
}

/**
 * Deepest chain of types inside the update; what hangs under a type that is stored already counts from 1. Items of
 * several clients may point forwards in the bytes, so rounds go on until nothing gets deeper.
 */
function depthInside(update: DecodedUpdate): number {
  const items: PlacedItem[][] = update.blocks.map(() => []);
  const blockOf = new Map(update.blocks.map(({ client }, index) => [client, index]));
  for (const ref of update.refs) {
    const list = items[ref.block] as PlacedItem[];
    const last = list.at(-1);
    if (last?.clock === ref.clock) last.refs.push(ref);
    else list.push({ clock: ref.clock, depth: 1, refs: [ref] });
  }
  let deepest = 1;
  for (let deeper = true; deeper && deepest <= MAX_NESTING;) {
    deeper = false;
    for (const list of items) {
      for (const item of list) {
        for (const { kind, targetClient, targetClock } of item.refs) {
          const target = kind === 'root' ? undefined : itemAt(items[blockOf.get(targetClient) ?? -1], targetClock);
          const depth = target ? target.depth + (kind === 'parent' ? 1 : 0) : 1;
          if (depth <= item.depth) continue;
          item.depth = depth;
          deepest = Math.max(deepest, depth);
          deeper = true;
        }
      }
    }
  }
  return deepest;
}

interface PlacedItem {
  clock: number;
  depth: number;
  refs: UpdateRef[];
}

/** The item that holds `clock`: the last that starts at it or before it. */
function itemAt(items: PlacedItem[] | undefined, clock: number): PlacedItem | undefined {
  if (!items) return undefined;
  let low = 0;
  let high = items.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if ((items[middle] as PlacedItem).clock <= clock) low = middle + 1;
    else high = middle;
  }
  return items[low - 1];
}
