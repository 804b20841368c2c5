import type { Result } from '@lianban/model';
import { concatUpdates, decodeUpdate, SYNC_STEP_2, SYNC_UPDATE, type DecodedUpdate } from '@lianban/sync';
import { covers, readStateVector, syncFrame, type StateVector } from './door-frames.ts';
import type { LoadedDoc, Snapshot } from './update-log.ts';

/** A document as it lies in the log up to one seq, for everybody who joins at that moment. */
export interface JoinMaterial {
  readonly snapshot?: Snapshot;
  /** Rows above the snapshot, taken apart, ascending. */
  readonly tail: readonly DecodedUpdate[];
}

/** Rows up to `throughSeq`, taken apart. Stored rows were checked, so one that cannot be read is a fault: throws. */
export function joinMaterial({ snapshot, tail }: LoadedDoc, throughSeq: number): JoinMaterial {
  const rows = tail.filter(({ seq }) => seq <= throughSeq).map(({ bytes }) => unwrap(decodeUpdate(bytes)));
  return { ...(snapshot && { snapshot }), tail: rows };
}

/** What a snapshot still needs before a client with `theirs` can be answered: nothing, all of it, or a difference. */
export function snapshotNeed({ snapshot }: JoinMaterial, theirs: StateVector): 'none' | 'all' | 'difference' {
  if (!snapshot) return 'none';
  if (theirs.size === 0) return 'all';
  return covers(theirs, readStateVector(snapshot.stateVector)) ? 'none' : 'difference';
}

/** Everything, for an empty state vector: snapshot and tail as they lie on disk. The step 2 comes last. */
export function framesOfAll({ snapshot, tail }: JoinMaterial): Uint8Array[] {
  if (!snapshot) return [syncFrame(SYNC_STEP_2, concatUpdates(tail))];
  if (tail.length === 0) return [syncFrame(SYNC_STEP_2, snapshot.bytes)];
  return [syncFrame(SYNC_UPDATE, snapshot.bytes), syncFrame(SYNC_STEP_2, concatUpdates(tail))];
}

/**
 * What a client with `theirs` lacks: the difference to the snapshot, the tail's structs beyond the vector, and every
 * deletion (`deletes`, an update without structs), because a state vector says nothing about those. The step 2, on
 * which stock clients say that they are in sync, comes last.
 */
export function framesOfDifference(
  { tail }: JoinMaterial,
  theirs: StateVector,
  deletes: Uint8Array,
  difference?: Uint8Array,
): Uint8Array[] {
  const parts = tail.map((update) => beyond(update, theirs)).filter(({ blocks }) => blocks.length > 0);
  const frames: Uint8Array[] = [];
  if (difference) {
    const decoded = decodeUpdate(difference);
    // a difference of more structs than one frame of a client may carry goes as it is
    if (decoded.ok) parts.unshift({ ...decoded.value, deletes: [] });
    else frames.push(syncFrame(SYNC_UPDATE, difference));
  }
  // never alone: a single part would be sent as it came, deletions and known structs included
  frames.push(syncFrame(SYNC_STEP_2, concatUpdates([...parts, unwrap(decodeUpdate(deletes))])));
  return frames;
}

/** The blocks of an update that `theirs` does not cover; deletions are left out. */
function beyond(update: DecodedUpdate, theirs: StateVector): DecodedUpdate {
  const blocks = update.blocks.filter(({ client, end }) => end > (theirs.get(client) ?? 0));
  return { ...update, blocks, deletes: [] };
}

function unwrap<T>(result: Result<T>): T {
  if (!result.ok) throw new Error(`a stored update cannot be read: ${result.detail}`);
  return result.value;
}
