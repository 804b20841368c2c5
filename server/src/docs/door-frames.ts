import { accept, refuse, type Result } from '@lianban/model';
import {
  MESSAGE_ANNOUNCE,
  MESSAGE_AUTH,
  MESSAGE_AWARENESS,
  MESSAGE_QUERY_AWARENESS,
  MESSAGE_SYNC,
  readAnnouncement,
  SYNC_STEP_1,
  SYNC_STEP_2,
  SYNC_UPDATE,
  type Announcement,
} from '@lianban/sync';
import * as decoding from 'lib0/decoding';
import * as encoding from 'lib0/encoding';

/** Clocks by client id: the first one that is not known. */
export type StateVector = ReadonlyMap<number, number>;

/** One state of a presence update, as it was sent. `json` is unparsed: most of them are other people's. */
export interface PresenceEntry {
  readonly clientId: number;
  readonly clock: number;
  readonly json: string;
}

/** What a client may say at the stock door. */
export type ClientFrame =
  | { kind: 'step-1'; stateVector: StateVector }
  | { kind: 'change'; isStep2: boolean; update: Uint8Array }
  | { kind: 'presence'; entries: PresenceEntry[] }
  | { kind: 'query-presence' }
  | { kind: 'announce'; announcement: Announcement };

/**
 * Reads one frame of a client. The bytes of an update are not looked into, nor copied. Refuses with `malformed-frame`:
 * an unknown type, a broken number, an end too early or too late.
 */
export function readClientFrame(bytes: Uint8Array): Result<ClientFrame> {
  try {
    const decoder = decoding.createDecoder(bytes);
    const frame = readFrame(decoder, decoding.readVarUint(decoder));
    if (!frame.ok) return frame;
    // lib0 reads on into the memory behind a frame when a length says so: then the place is not the end
    return decoder.pos === bytes.length ? frame : refuse('malformed-frame', 'does not end where it should');
  } catch {
    return refuse('malformed-frame', 'ends early or holds a broken number');
  }
}

function readFrame(decoder: decoding.Decoder, type: number): Result<ClientFrame> {
  switch (type) {
    case MESSAGE_SYNC: {
      const step = decoding.readVarUint(decoder);
      const bytes = decoding.readVarUint8Array(decoder);
      if (step === SYNC_STEP_1) return accept({ kind: 'step-1', stateVector: readStateVector(bytes) });
      if (step === SYNC_STEP_2 || step === SYNC_UPDATE) {
        return accept({ kind: 'change', isStep2: step === SYNC_STEP_2, update: bytes });
      }
      break;
    }
    case MESSAGE_AWARENESS: {
      const bytes = decoding.readVarUint8Array(decoder);
      return accept({ kind: 'presence', entries: readPresence(bytes) });
    }
    case MESSAGE_QUERY_AWARENESS:
      return accept({ kind: 'query-presence' });
    case MESSAGE_ANNOUNCE: {
      const announcement = readAnnouncement(decoder);
      return announcement.ok ? accept({ kind: 'announce', announcement: announcement.value }) : announcement;
    }
  }
  return refuse('malformed-frame', `no message of type ${type}`);
}

/** Reads a state vector as y-protocols writes it. Throws where it is broken. */
export function readStateVector(bytes: Uint8Array): StateVector {
  const decoder = decoding.createDecoder(bytes);
  const vector = new Map<number, number>();
  for (let left = decoding.readVarUint(decoder); left > 0; left--) {
    const client = decoding.readVarUint(decoder);
    const clock = decoding.readVarUint(decoder);
    if (clock > 0) vector.set(client, clock);
  }
  if (decoder.pos !== bytes.length) throw new Error('not a state vector');
  return vector;
}

function readPresence(bytes: Uint8Array): PresenceEntry[] {
  const decoder = decoding.createDecoder(bytes);
  const entries: PresenceEntry[] = [];
  for (let left = decoding.readVarUint(decoder); left > 0; left--) {
    const clientId = decoding.readVarUint(decoder);
    const clock = decoding.readVarUint(decoder);
    entries.push({ clientId, clock, json: decoding.readVarString(decoder) });
  }
  if (decoder.pos !== bytes.length) throw new Error('not a presence update');
  return entries;
}

/** True when a client with `theirs` has every struct of `ours`. */
export function covers(theirs: StateVector, ours: Iterable<readonly [client: number, clock: number]>): boolean {
  for (const [client, clock] of ours) if ((theirs.get(client) ?? 0) < clock) return false;
  return true;
}

/** Writes a state vector as y-protocols does. */
export function writeStateVector(vector: StateVector): Uint8Array {
  return encoding.encode((encoder) => {
    encoding.writeVarUint(encoder, vector.size);
    for (const [client, clock] of vector) {
      encoding.writeVarUint(encoder, client);
      encoding.writeVarUint(encoder, clock);
    }
  });
}

/** A sync frame around a state vector (step 1) or an update (step 2, update). */
export function syncFrame(
  step: typeof SYNC_STEP_1 | typeof SYNC_STEP_2 | typeof SYNC_UPDATE,
  bytes: Uint8Array,
): Uint8Array {
  return encoding.encode((encoder) => {
    encoding.writeVarUint(encoder, MESSAGE_SYNC);
    encoding.writeVarUint(encoder, step);
    encoding.writeVarUint8Array(encoder, bytes);
  });
}

/** One state of a presence update; several make a `presenceFrame`. `json` is `null` for somebody who left. */
export function presenceEntry({ clientId, clock, json }: PresenceEntry): Uint8Array {
  return encoding.encode((encoder) => {
    encoding.writeVarUint(encoder, clientId);
    encoding.writeVarUint(encoder, clock);
    encoding.writeVarString(encoder, json);
  });
}

/** A presence frame out of written entries. Without any it says nothing, and keeps a stock client from hanging up. */
export function presenceFrame(entries: readonly Uint8Array[]): Uint8Array {
  const update = encoding.encode((encoder) => {
    encoding.writeVarUint(encoder, entries.length);
    for (const entry of entries) encoding.writeUint8Array(encoder, entry);
  });
  return encoding.encode((encoder) => {
    encoding.writeVarUint(encoder, MESSAGE_AWARENESS);
    encoding.writeVarUint8Array(encoder, update);
  });
}

/** The permission message of y-protocols: what was sent is refused, the connection stays. */
export function permissionDeniedFrame(reason: string): Uint8Array {
  return encoding.encode((encoder) => {
    encoding.writeVarUint(encoder, MESSAGE_AUTH);
    encoding.writeVarUint(encoder, 0);
    encoding.writeVarString(encoder, reason);
  });
}
