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
 * 1. It is at most 4 MiB and decodes; its content is on the allow-list.
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
  if (update.types.length > MAX_NESTING && depthInside(update, linked.value) > MAX_NESTING) {
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

/** Checks what the items name. Gives the references in an order in which their items can be applied. */
function checkRefs(update: DecodedUpdate, state: DocState, ends: ReadonlyMap<number, number>): Result<UpdateRef[]> {
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
  const order = across ? inOrder(update, state) : update.refs;
  return order === null ? refuse('bad-update', 'items that wait for each other') : accept(order);
}

/**
 * The references in an order in which every item comes after those it names; null when there is none: two that name
 * each other could never be applied. Each reference is waited for once at most, so that the work is linear whatever the
 * order of the bytes.
 */
function inOrder(update: DecodedUpdate, state: DocState): UpdateRef[] | null {
  const refsOf: UpdateRef[][] = update.blocks.map(() => []);
  for (const ref of update.refs) (refsOf[ref.block] as UpdateRef[]).push(ref);
  const blockOf = new Map(update.blocks.map(({ client }, index) => [client, index]));
  /** First clock of each client in the update that is not applied yet; everything below can be named. */
  const reached = new Map(update.blocks.map(({ client, clock }) => [client, Math.max(clock, state.clockOf(client))]));
  const next = update.blocks.map(() => 0);
  const order: UpdateRef[] = [];
  /** Blocks under way: each waits until the one above it has reached the clock that it `needs`. */
  const waiting: { block: number; needs: number }[] = [];
  const isWaiting = update.blocks.map(() => false);
  for (let first = 0; first < update.blocks.length; first++) {
    waiting.push({ block: first, needs: Infinity });
    isWaiting[first] = true;
    for (let top = waiting.at(-1); top; top = waiting.at(-1)) {
      const { block, needs } = top;
      const refs = refsOf[block] as UpdateRef[];
      const { client, end } = update.blocks[block] as { client: number; end: number };
      let at = next[block] as number;
      while (at < refs.length && isReached(refs[at] as UpdateRef, client, reached, state)) {
        order.push(refs[at] as UpdateRef);
        at++;
      }
      next[block] = at;
      const stop = refs[at];
      reached.set(client, Math.max(reached.get(client) ?? 0, stop ? stop.clock : end));
      if (!stop || (reached.get(client) as number) > needs) {
        waiting.pop();
        isWaiting[block] = false;
        continue;
      }
      const target = blockOf.get(stop.targetClient) as number;
      if (isWaiting[target]) return null;
      waiting.push({ block: target, needs: stop.targetClock });
      isWaiting[target] = true;
    }
  }
  return order;
}

function isReached(ref: UpdateRef, owner: number, reached: ReadonlyMap<number, number>, state: DocState): boolean {
  // Within its own client an item names earlier ones only: checkRefs has seen to that.
  if (ref.kind === 'root' || ref.targetClient === owner) return true;
  return ref.targetClock < Math.max(reached.get(ref.targetClient) ?? 0, state.clockOf(ref.targetClient));
}

/**
 * Deepest chain of types inside the update; what hangs under a type that is stored already counts from 1. `order` has
 * every item behind those it names, so that one pass is enough.
 */
function depthInside(update: DecodedUpdate, order: readonly UpdateRef[]): number {
  const items: PlacedItem[][] = update.blocks.map(() => []);
  const blockOf = new Map(update.blocks.map(({ client }, index) => [client, index]));
  let deepest = 1;
  for (const { block, clock, kind, targetClient, targetClock } of order) {
    const list = items[block] as PlacedItem[];
    let item = list.at(-1);
    if (item?.clock !== clock) list.push((item = { clock, depth: 1 }));
    const target = kind === 'root' ? undefined : itemAt(items[blockOf.get(targetClient) ?? -1], targetClock);
    if (!target) continue;
    item.depth = Math.max(item.depth, target.depth + (kind === 'parent' ? 1 : 0));
    deepest = Math.max(deepest, item.depth);
  }
  return deepest;
}

interface PlacedItem {
  clock: number;
  depth: number;
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
