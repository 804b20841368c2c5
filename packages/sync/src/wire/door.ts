import { DeviceId, refuse, accept, type Code, type Result } from '@lianban/model';
import * as decoding from 'lib0/decoding';
import * as encoding from 'lib0/encoding';
import { MAX_ANNOUNCED_IDS, MAX_CLIENT_ID } from './limits.ts';

/** y-protocols: a sync message follows (step 1, step 2 or update). */
export const MESSAGE_SYNC = 0;
/** y-protocols: a presence update follows. */
export const MESSAGE_AWARENESS = 1;
/** y-protocols: a permission message follows. */
export const MESSAGE_AUTH = 2;
/** y-protocols: asks for everybody's presence. */
export const MESSAGE_QUERY_AWARENESS = 3;
/** Private, workspace to relay: who this device is and the client ids it will send. */
export const MESSAGE_ANNOUNCE = 100;
/** Private, relay to workspace, only after an announcement: these change frames are committed. */
export const MESSAGE_ACK = 101;
/** Private, relay to workspace, only after an announcement: this change frame was refused and nothing changed. */
export const MESSAGE_REFUSED = 102;

/** Sync step 1: the sender's state vector. */
export const SYNC_STEP_1 = 0;
/** Sync step 2: what the receiver of a step 1 lacked. */
export const SYNC_STEP_2 = 1;
/** An update as it happened. */
export const SYNC_UPDATE = 2;

/** What a workspace says of itself on the stock door: its device and every client id it may send structs of. */
export interface Announcement {
  device: DeviceId;
  clientIds: number[];
}

/** Writes an announcement frame. */
export function encodeAnnouncement({ device, clientIds }: Announcement): Uint8Array {
  return encoding.encode((encoder) => {
    encoding.writeVarUint(encoder, MESSAGE_ANNOUNCE);
    encoding.writeVarString(encoder, device);
    encoding.writeVarUint(encoder, clientIds.length);
    for (const id of clientIds) encoding.writeVarUint(encoder, id);
  });
}

/** Reads an announcement behind its message type. Refuses with `malformed-frame`. */
export function readAnnouncement(decoder: decoding.Decoder): Result<Announcement> {
  try {
    const device = DeviceId.safeParse(decoding.readVarString(decoder));
    const count = decoding.readVarUint(decoder);
    if (!device.success || count > MAX_ANNOUNCED_IDS) return refuse('malformed-frame', 'not an announcement');
    const clientIds: number[] = [];
    for (let i = 0; i < count; i++) {
      const id = decoding.readVarUint(decoder);
      if (id > MAX_CLIENT_ID) return refuse('malformed-frame', 'a client id of more than 53 bits');
      clientIds.push(id);
    }
    if (decoding.hasContent(decoder)) return refuse('malformed-frame', 'bytes behind an announcement');
    return accept({ device: device.data, clientIds });
  } catch {
    return refuse('malformed-frame', 'an announcement that ends early');
  }
}

/**
 * Writes an acknowledgement. A change frame is a step 2 or an update; frames are counted from 1 on each connection, in
 * the order they were sent, and `frames` names those that are committed.
 */
export function encodeAck(frames: readonly number[]): Uint8Array {
  return encoding.encode((encoder) => {
    encoding.writeVarUint(encoder, MESSAGE_ACK);
    encoding.writeVarUint(encoder, frames.length);
    for (const frame of frames) encoding.writeVarUint(encoder, frame);
  });
}

/** Reads an acknowledgement behind its message type: the numbers of the frames. Throws on a broken frame. */
export function readAck(decoder: decoding.Decoder): number[] {
  const frames: number[] = [];
  const count = decoding.readVarUint(decoder);
  for (let i = 0; i < count; i++) frames.push(decoding.readVarUint(decoder));
  return frames;
}

/** Writes the refusal of one change frame; the connection stays open. */
export function encodeRefused(frame: number, code: Code): Uint8Array {
  return encoding.encode((encoder) => {
    encoding.writeVarUint(encoder, MESSAGE_REFUSED);
    encoding.writeVarUint(encoder, frame);
    encoding.writeVarString(encoder, code);
  });
}

/** Reads a refusal behind its message type. Throws on a broken frame. */
export function readRefused(decoder: decoding.Decoder): { frame: number; code: string } {
  return { frame: decoding.readVarUint(decoder), code: decoding.readVarString(decoder) };
}
