import type { Socket } from 'node:net';
import {
  decodeUpdate,
  encodeAnnouncement,
  MESSAGE_ACK,
  MESSAGE_AUTH,
  MESSAGE_AWARENESS,
  MESSAGE_REFUSED,
  MESSAGE_SYNC,
  readAck,
  SYNC_STEP_1,
  SYNC_STEP_2,
  SYNC_UPDATE,
} from '@lianban/sync';
import * as decoding from 'lib0/decoding';
import * as encoding from 'lib0/encoding';
import WebSocket from 'ws';
import type { Seat } from './peers.ts';

/** Hocuspocus: a sync message that answers one and asks for nothing back. */
const HOCUSPOCUS_SYNC_REPLY = 4;
/** Hocuspocus: a change was applied; the nearest thing to an acknowledgement. */
const HOCUSPOCUS_SYNC_STATUS = 8;

const EMPTY_UPDATE = Uint8Array.of(0, 0);
const EMPTY_VECTOR = Uint8Array.of(0);

/** What a line is opened with. */
export interface LineOptions {
  /** What the person already has; nothing when absent. */
  vector?: Uint8Array;
  /** What the server is sent when it asks what it lacks; nothing when absent. */
  unsent?: Uint8Array;
  /** Client ids that will be written under; the line then announces itself and gets acknowledgements, where there are any. */
  clientIds?: number[];
  /** Connect here instead of to the seat's own port. */
  port?: number;
  onUpdate?: (update: Uint8Array) => void;
  onPresence?: (update: Uint8Array) => void;
}

/**
 * One connection as a stock client makes it, without a document behind it: what a client does with what it gets costs
 * the same with every server, and is left out.
 */
export interface Line {
  /** Resolves once the server has sent what the person lacked; rejects when the connection ends before. */
  readonly synced: Promise<void>;
  /** Changes acknowledged: stored by Lianban, applied by Hocuspocus, nothing by the others. The first step 2 not counted. */
  acknowledged(): number;
  /** Bytes read and written by the socket so far, the handshake included. */
  bytesIn(): number;
  bytesOut(): number;
  /** Bytes that wait to be sent. */
  waiting(): number;
  sendUpdate(update: Uint8Array): void;
  sendPresence(update: Uint8Array): void;
  /** Why the connection ended, when it has. */
  ended(): string | undefined;
  /** Ends it; resolves once it is gone. */
  close(): Promise<void>;
}

/** Connects and syncs. */
export function openLine({ url, room, device }: Seat, options: LineOptions = {}): Line {
  const { dialect } = room;
  const address = new URL(url);
  if (options.port !== undefined) address.port = String(options.port);
  const socket = new WebSocket(address, { perMessageDeflate: false, skipUTF8Validation: true });
  socket.binaryType = 'nodebuffer';
  const prefix =
    dialect === 'hocuspocus' ? encoding.encode((to) => encoding.writeVarString(to, room.name)) : new Uint8Array();
  const skip = prefix.length;
  const announces = dialect === 'lianban' && options.clientIds !== undefined;
  const synced = Promise.withResolvers<void>();
  synced.promise.catch(() => {});
  let acknowledged = 0;
  let why: string | undefined;

  const send = (write: (to: encoding.Encoder) => void): void => {
    const to = encoding.createEncoder();
    encoding.writeUint8Array(to, prefix);
    write(to);
    socket.send(encoding.toUint8Array(to));
  };
  const sendSync = (step: number, bytes: Uint8Array): void =>
    send((to) => {
      encoding.writeVarUint(to, MESSAGE_SYNC);
      encoding.writeVarUint(to, step);
      encoding.writeVarUint8Array(to, bytes);
    });

  socket.on('open', () => {
    switch (dialect) {
      case 'hocuspocus':
        // its provider asks for nothing before it is let in
        return send((to) => {
          encoding.writeVarUint(to, MESSAGE_AUTH);
          encoding.writeVarUint(to, 0);
          encoding.writeVarString(to, '');
        });
      case 'broadcast':
        return synced.resolve();
      case 'lianban':
        if (announces && device) socket.send(encodeAnnouncement({ device, clientIds: options.clientIds ?? [] }));
        return sendSync(SYNC_STEP_1, options.vector ?? EMPTY_VECTOR);
      case 'y-websocket':
        return sendSync(SYNC_STEP_1, options.vector ?? EMPTY_VECTOR);
    }
  });
  socket.on('message', (data: Buffer) => {
    switch (data.readUInt8(skip)) {
      case MESSAGE_SYNC:
      case HOCUSPOCUS_SYNC_REPLY: {
        const step = data[skip + 1];
        if (step === SYNC_STEP_1) return sendSync(SYNC_STEP_2, options.unsent ?? EMPTY_UPDATE);
        if (options.onUpdate) options.onUpdate(payload(data, skip + 2));
        if (step === SYNC_STEP_2) synced.resolve();
        return;
      }
      case MESSAGE_AWARENESS:
        return options.onPresence?.(payload(data, skip + 1));
      case MESSAGE_AUTH:
        if (data[skip + 1] === 2) return sendSync(SYNC_STEP_1, options.vector ?? EMPTY_VECTOR);
        why = 'permission denied';
        return socket.terminate();
      case HOCUSPOCUS_SYNC_STATUS:
        acknowledged += data[skip + 1] ?? 0;
        return;
      case MESSAGE_ACK: {
        const decoder = decoding.createDecoder(data);
        decoding.readVarUint(decoder);
        acknowledged += readAck(decoder).length;
        return;
      }
      case MESSAGE_REFUSED:
        why = 'a change was refused';
        return socket.terminate();
    }
  });
  socket.on('close', (code: number, reason: Buffer) => {
    why ??= `closed ${code} ${reason.toString()}`;
    synced.reject(new Error(`${dialect}: ${why}`));
  });
  socket.on('error', (error: Error) => {
    why ??= error.message;
  });

  return {
    synced: synced.promise,
    acknowledged: () => Math.max(0, acknowledged - 1),
    bytesIn: () => under(socket)?.bytesRead ?? 0,
    bytesOut: () => under(socket)?.bytesWritten ?? 0,
    waiting: () => socket.bufferedAmount,
    sendUpdate: (update) => sendSync(SYNC_UPDATE, update),
    sendPresence: (update) =>
      send((to) => {
        encoding.writeVarUint(to, MESSAGE_AWARENESS);
        encoding.writeVarUint8Array(to, update);
      }),
    ended: () => why,
    close: () =>
      new Promise((resolve) => {
        if (socket.readyState === WebSocket.CLOSED) return resolve();
        socket.once('close', () => resolve());
        socket.terminate();
      }),
  };
}

/** What a crowd of receivers has got, counted in edits. Most frames are the same for all, so each is read once. */
export interface Receivers {
  /** The `onUpdate` of one more receiver. Its edits are those of `clientId`. */
  receiver(): { onUpdate: (update: Uint8Array) => void; clock: () => number };
  /** Different frames so far, in the order in which they came. */
  readonly frames: readonly Uint8Array[];
}

/** Counts the edits of one client id, of which each moves its clock by one. */
export function createReceivers(clientId: number): Receivers {
  const frames: Uint8Array[] = [];
  const ends: number[] = [];
  return {
    frames,
    receiver() {
      let at = 0;
      let clock = 0;
      return {
        clock: () => clock,
        onUpdate(update) {
          const known = frames[at];
          if (known === undefined) {
            frames.push(update.slice());
            ends.push(endOf(update, clientId));
          }
          const end = known === undefined || Buffer.compare(known, update) === 0 ? ends[at] : endOf(update, clientId);
          at++;
          if (end !== undefined && end > clock) clock = end;
        },
      };
    },
  };
}

/** The clock that an update reaches for a client; 0 when it says nothing of it. */
export function endOf(update: Uint8Array, clientId: number): number {
  const decoded = decodeUpdate(update);
  if (!decoded.ok) throw new Error(`a server sent what cannot be read: ${decoded.detail}`);
  let end = 0;
  for (const block of decoded.value.blocks) if (block.client === clientId) end = Math.max(end, block.end);
  return end;
}

/** The length-prefixed bytes at `at`, as a view. */
function payload(data: Buffer, at: number): Uint8Array {
  let length = 0;
  let factor = 1;
  for (;;) {
    const byte = data[at++] as number;
    length += (byte & 0x7f) * factor;
    if (byte < 0x80) break;
    factor *= 128;
  }
  return data.subarray(at, at + length);
}

function under(socket: WebSocket): Socket | undefined {
  // ws keeps the socket to itself, and only it knows the bytes on the line
  return (socket as unknown as { _socket?: Socket })._socket;
}
