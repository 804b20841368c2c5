import { DeviceId, type Code } from '@lianban/model';
import * as decoding from 'lib0/decoding';
import * as encoding from 'lib0/encoding';
import * as Y from 'yjs';
import {
  encodeAck,
  encodeRefused,
  MESSAGE_ANNOUNCE,
  MESSAGE_AWARENESS,
  MESSAGE_QUERY_AWARENESS,
  MESSAGE_SYNC,
  readAnnouncement,
  SYNC_STEP_1,
  SYNC_STEP_2,
  SYNC_UPDATE,
} from '../wire/door.ts';

/** A stock door in memory: one Y.Doc per document, no network, switches for what goes wrong. */
export interface FakeRelay {
  /** Stands where the host's WebSocket stands. */
  WebSocketImpl: typeof WebSocket;
  doc(name: string): Y.Doc;
  /** Open connections. */
  connections(): number;
  /** Connections ever made. */
  connected(): number;
  /** Client ids of the last announcement. */
  announced(): readonly number[];
  /** Change frames that were committed, all connections together. */
  committed(): number;
  /** False: nobody answers, open connections are lost. */
  reachable(reachable: boolean): void;
  /** Commits but keeps its acknowledgements back until false. */
  holdAcks(hold: boolean): void;
  /** Refuses the next change frame with content. */
  refuseNext(code: Code): void;
  /** The token that opens the door; everything else is closed with 4401. */
  token: string;
  /** Closes every connection with this code. */
  closeAll(code: number): void;
}

interface Session {
  name: string;
  device: string | null;
  own: Set<number>;
  frames: number;
  send(data: Uint8Array): void;
  lose(code: number): void;
}

/** Makes a relay without documents. */
export function createFakeRelay(): FakeRelay {
  const docs = new Map<string, Y.Doc>();
  /** document + client id -> device */
  const bound = new Map<string, string>();
  const sessions = new Set<Session>();
  let held: (() => void)[] | null = null;
  let refuse: Code | null = null;
  let up = true;
  let connected = 0;
  let committed = 0;
  let announced: readonly number[] = [];

  const docOf = (name: string) => {
    const doc = docs.get(name) ?? new Y.Doc();
    docs.set(name, doc);
    return doc;
  };

  function receive(session: Session, data: Uint8Array): void {
    const decoder = decoding.createDecoder(data);
    const doc = docOf(session.name);
    switch (decoding.readVarUint(decoder)) {
      case MESSAGE_ANNOUNCE: {
        const read = readAnnouncement(decoder);
        if (!read.ok) throw new Error(read.detail);
        session.device = read.value.device;
        session.own = new Set(read.value.clientIds);
        announced = read.value.clientIds;
        return;
      }
      case MESSAGE_AWARENESS:
        for (const other of sessions) if (other !== session && other.name === session.name) other.send(data);
        return;
      case MESSAGE_SYNC: {
        const kind = decoding.readVarUint(decoder);
        const bytes = decoding.readVarUint8Array(decoder);
        if (kind === SYNC_STEP_1) session.send(syncFrame(SYNC_STEP_2, Y.encodeStateAsUpdate(doc, bytes)));
        else change(session, doc, bytes);
        return;
      }
    }
  }

  function change(session: Session, doc: Y.Doc, update: Uint8Array): void {
    session.frames += 1;
    const frame = session.frames;
    const code = verdict(session, doc, update);
    if (code !== null) {
      session.send(encodeRefused(frame, code));
      return;
    }
    Y.applyUpdate(doc, update);
    committed += 1;
    for (const other of sessions) {
      if (other !== session && other.name === session.name) other.send(syncFrame(SYNC_UPDATE, update));
    }
    const ack = () => session.send(encodeAck([frame]));
    if (session.device === null) return;
    if (held) held.push(ack);
    else ack();
  }

  function verdict(session: Session, doc: Y.Doc, update: Uint8Array): Code | null {
    const { structs, ds } = Y.decodeUpdate(update);
    if (structs.length === 0 && ds.clients.size === 0) return null;
    if (refuse !== null) {
      const code = refuse;
      refuse = null;
      return code;
    }
    const state = Y.decodeStateVector(Y.encodeStateVector(doc));
    for (const struct of structs) {
      const { client, clock } = struct.id;
      const known = state.get(client) ?? 0;
      if (clock + struct.length <= known) continue;
      if (clock > known) return 'needs-sync';
      const key = `${session.name} ${client}`;
      const owner = bound.get(key);
      if (session.device !== null && (owner ?? session.device) !== session.device) return 'foreign-client-id';
      if (session.device !== null && owner === undefined && !session.own.has(client)) return 'foreign-client-id';
      if (session.device !== null) bound.set(key, session.device);
      state.set(client, clock + struct.length);
    }
    return null;
  }

  class FakeSocket {
    readonly OPEN = 1;
    readyState = 0;
    binaryType = 'arraybuffer';
    onopen: (() => void) | null = null;
    onmessage: ((event: { data: Uint8Array }) => void) | null = null;
    onclose: ((event: { code: number }) => void) | null = null;
    onerror: ((event: unknown) => void) | null = null;
    #session: Session | null = null;

    constructor(url: string) {
      const { pathname, searchParams } = new URL(url);
      queueMicrotask(() => {
        if (this.readyState !== 0) return;
        if (!up) return this.#end(1006);
        this.readyState = 1;
        connected += 1;
        const session: Session = {
          name: pathname.slice('/yjs/'.length),
          device: null,
          own: new Set(),
          frames: 0,
          send: (data) => queueMicrotask(() => this.readyState === 1 && this.onmessage?.({ data })),
          lose: (code) => this.#end(code),
        };
        this.#session = session;
        this.onopen?.();
        if (searchParams.get('token') !== relay.token) return this.#end(4401);
        // whoever is there tells the newcomer
        for (const other of sessions)
          if (other.name === session.name) other.send(new Uint8Array([MESSAGE_QUERY_AWARENESS]));
        sessions.add(session);
        session.send(syncFrame(SYNC_STEP_1, Y.encodeStateVector(docOf(session.name))));
      });
    }

    send(data: Uint8Array): void {
      const copy = data.slice();
      queueMicrotask(() => {
        if (this.#session && sessions.has(this.#session)) receive(this.#session, copy);
      });
    }

    close(): void {
      this.#end(1000);
    }

    #end(code: number): void {
      if (this.readyState === 3) return;
      this.readyState = 3;
      if (this.#session) sessions.delete(this.#session);
      queueMicrotask(() => this.onclose?.({ code }));
    }
  }

  const relay: FakeRelay = {
    WebSocketImpl: FakeSocket as unknown as typeof WebSocket,
    doc: docOf,
    connections: () => sessions.size,
    connected: () => connected,
    announced: () => announced,
    committed: () => committed,
    reachable(reachable) {
      up = reachable;
      if (!up) for (const session of [...sessions]) session.lose(1006);
    },
    holdAcks(hold) {
      const waiting = held;
      held = hold ? [] : null;
      if (!hold) for (const ack of waiting ?? []) ack();
    },
    refuseNext(code) {
      refuse = code;
    },
    token: 'open-sesame',
    closeAll(code) {
      for (const session of [...sessions]) session.lose(code);
    },
  };
  return relay;
}

/** A device id that says which it is. */
export function fakeDevice(number: number): DeviceId {
  return DeviceId.parse(number.toString(16).padStart(32, '0'));
}

function syncFrame(kind: number, bytes: Uint8Array): Uint8Array {
  return encoding.encode((encoder) => {
    encoding.writeVarUint(encoder, MESSAGE_SYNC);
    encoding.writeVarUint(encoder, kind);
    encoding.writeVarUint8Array(encoder, bytes);
  });
}
