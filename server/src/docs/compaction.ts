import { decodeUpdate, MAX_NESTING } from '@lianban/sync';
import * as Y from 'yjs';
import type { LoadedDoc, QuarantineReason, Snapshot, UpdateRow } from './update-log.ts';

/** Rows a tail may have before it is compacted: reading and joining them costs about a millisecond. */
const MAX_TAIL_ROWS = 500;
/** Bytes a tail may have before it is compacted: what a weak line (128 kbit/s) carries in 16 s. */
const MAX_TAIL_BYTES = 256 * 1024;
/** Most rows beside a snapshot however large: joining them costs about 10 ms. */
const MOST_TAIL_ROWS = 5000;
/** A snapshot is written again at most once for each of these bytes of it and a row: 512 bytes a keystroke. */
const SNAPSHOT_BYTES_PER_ROW = 512;
/** ... and once for a tail of this share of it: a byte typed is written five times at most. */
const SNAPSHOT_SHARE = 1 / 4;

/** True when a tail should be put into a snapshot. Larger snapshots wait for more, so that writing stays bounded. */
export function shouldCompact({
  rows,
  bytes,
  snapshotBytes,
}: {
  rows: number;
  bytes: number;
  snapshotBytes: number;
}): boolean {
  const maxRows = Math.min(MOST_TAIL_ROWS, Math.max(MAX_TAIL_ROWS, snapshotBytes / SNAPSHOT_BYTES_PER_ROW));
  return rows > maxRows || bytes > Math.max(MAX_TAIL_BYTES, snapshotBytes * SNAPSHOT_SHARE);
}

/** A row that did not become part of the snapshot (`unreadable`), or did and should be looked at (`too-deep`). */
export interface FlaggedRow {
  readonly row: UpdateRow;
  readonly reason: QuarantineReason;
  readonly detail: string;
}

/** What a compaction comes to. */
export interface Compacted {
  readonly snapshot: Snapshot;
  readonly flagged: readonly FlaggedRow[];
  /** Deepest nesting of types in the document; a receiver walks it recursively. */
  readonly depth: number;
}

/**
 * One update out of a snapshot and its tail: applies them to a Y.Doc that collects garbage and encodes it. Never
 * `Y.mergeUpdates`: 6 s where this takes 30 ms (performance 3). A row that Yjs throws on, or that waits for something
 * which is not there, is left out and flagged; the others go on.
 */
export function compact({ snapshot, tail }: LoadedDoc): Compacted {
  const flagged: FlaggedRow[] = [];
  const seq = tail.at(-1)?.seq ?? snapshot?.seq ?? 0;
  for (;;) {
    const left = tail.filter((row) => !flagged.some((flag) => flag.row === row));
    const doc = new Y.Doc({ gc: true });
    const failed = applyAll(doc, snapshot, left);
    if (failed) {
      // a row that fails may have changed the document already, so it is built again without it
      flagged.push({ ...failed, reason: 'unreadable' });
      doc.destroy();
      continue;
    }
    const stateVector = Y.encodeStateVector(doc);
    const deep = deepTypes(doc);
    for (const row of left) {
      if (deep.ids.length > 0 && holdsAny(row, deep.ids)) {
        flagged.push({ row, reason: 'too-deep', detail: `types nested ${deep.depth} deep` });
      }
    }
    const compacted = {
      snapshot: {
        seq,
        bytes: Y.encodeStateAsUpdate(doc),
        stateVector,
        deletes: Y.encodeStateAsUpdate(doc, stateVector),
      },
      flagged,
      depth: deep.depth,
    };
    doc.destroy();
    return compacted;
  }
}

function applyAll(
  doc: Y.Doc,
  snapshot: Snapshot | undefined,
  rows: readonly UpdateRow[],
): { row: UpdateRow; detail: string } | undefined {
  return doc.transact(() => {
    if (snapshot) Y.applyUpdate(doc, snapshot.bytes);
    for (const row of rows) {
      try {
        Y.applyUpdate(doc, row.bytes);
      } catch (reason) {
        return { row, detail: String(reason) };
      }
      if (doc.store.pendingStructs || doc.store.pendingDs) return { row, detail: 'waits for what is not there' };
    }
    return undefined;
  });
}

/** Depth of the deepest type, 1 for one under a root, and the ids of those that are too deep. */
function deepTypes(doc: Y.Doc): { depth: number; ids: { client: number; clock: number }[] } {
  const depths = new Map<Y.Item, number>();
  const ids: { client: number; clock: number }[] = [];
  let deepest = 0;
  for (const structs of doc.store.clients.values()) {
    for (const struct of structs) {
      if (!(struct instanceof Y.Item) || !(struct.content instanceof Y.ContentType)) continue;
      const chain: Y.Item[] = [];
      let item: Y.Item | null = struct;
      while (item && !depths.has(item)) {
        chain.push(item);
        item = item.parent instanceof Y.AbstractType ? item.parent._item : null;
      }
      let depth = item ? (depths.get(item) ?? 0) : 0;
      for (const link of chain.reverse()) depths.set(link, ++depth);
      const own = depths.get(struct) ?? 0;
      deepest = Math.max(deepest, own);
      if (own > MAX_NESTING) ids.push({ client: struct.id.client, clock: struct.id.clock });
    }
  }
  return { depth: deepest, ids };
}

function holdsAny({ bytes }: UpdateRow, ids: readonly { client: number; clock: number }[]): boolean {
  const decoded = decodeUpdate(bytes);
  if (!decoded.ok) return false;
  return decoded.value.blocks.some((block) =>
    ids.some(({ client, clock }) => client === block.client && clock >= block.clock && clock < block.end),
  );
}
