import { accept, refuse, type Code, type DeviceId, type DocId, type Result } from '@lianban/model';
import * as bc from 'lib0/broadcastchannel';
import * as decoding from 'lib0/decoding';
import type { Awareness } from 'y-protocols/awareness';
import { WebsocketProvider } from 'y-websocket';
import type * as Y from 'yjs';
import { backoffMs } from '../link/backoff.ts';
import type { Clock, Random, Timers } from '../ports.ts';
import { CODES } from '../wire/codes.ts';
import {
  encodeAnnouncement,
  MESSAGE_ACK,
  MESSAGE_ANNOUNCE,
  MESSAGE_REFUSED,
  MESSAGE_SYNC,
  readAck,
  readAnnouncement,
  readRefused,
  SYNC_STEP_1,
  SYNC_STEP_2,
  SYNC_UPDATE,
} from '../wire/door.ts';
import { MAX_ANNOUNCED_IDS } from '../wire/limits.ts';
import { createAckLedger } from './ack-ledger.ts';

/** A connection that has not opened after this long is given up, ms. */
const OPEN_TIMEOUT_MS = 10_000;
/** Wait after a clear no (not allowed, not there, too old), ms; `tryNow` ends it early. */
const REFUSED_WAIT_MS = 30_000;
/** When a person asks to try the line, an open connection with a frame unanswered for this long is dropped, ms. */
const SUSPECT_AFTER_MS = 5_000;

/**
 * Where a link stands. `waiting` has no connection: `code` says why, and `nextTryAtMs` (wall clock) when it tries again,
 * null while only `tryNow` helps. `open` is `synced` once the relay has sent what this device lacked, and `settled` once
 * every change frame has been answered too.
 */
export type LinkStatus =
  | { at: 'waiting'; code: Code | null; nextTryAtMs: number | null }
  | { at: 'connecting' }
  | { at: 'open'; synced: boolean; settled: boolean };

/** What a link knows of the changes that wait; the store's binding answers. */
export interface Unsent {
  /** Called before each connection: takes up what other tabs left. */
  refresh(): Promise<void>;
  unsent(): readonly { msgId: string; clientId: number }[];
  /** Further client ids of this device in this document. */
  siblings(): readonly number[];
  idOf(update: Uint8Array): string | undefined;
  acked(msgIds: readonly string[]): void;
  refused(msgIds: readonly string[], code: string): void;
}

/** What a link is made of. */
export interface DoorLinkOptions {
  docId: DocId;
  doc: Y.Doc;
  awareness: Awareness;
  device: DeviceId;
  /** `ws(s)://<relay>/yjs`. */
  serverUrl: string;
  /** Name of the channel to the other tabs of this account; null for none. */
  channel: string | null;
  /** A token for this document, asked for before each connection. */
  token: () => Promise<Result<string>>;
  WebSocketImpl: typeof WebSocket;
  unsent: Unsent;
  onStatus: (status: LinkStatus) => void;
  /** False while nobody looks: the waits grow longer. */
  visible: () => boolean;
  clock: Clock;
  timers: Timers;
  random: Random;
}

/** The client side of one connection to the stock door, which never gives up. */
export interface DoorLink {
  /** Joins the other tabs and goes for the relay; called once, when the caller is ready to be called back. */
  start(): void;
  status(): LinkStatus;
  /** True for the origin of what came in here. */
  isOrigin(origin: unknown): boolean;
  /** Client ids of the other tab whose message is being applied right now; empty for the relay's. */
  nearby(): readonly number[];
  /** Tries at once: after `online`, on focus, when the person asks, when a case has been confirmed. */
  tryNow(): void;
  close(): void;
}

/**
 * Opens a document at the relay's stock door with the stock Yjs provider, and adds what makes it safe: the announcement
 * of this device's client ids, the count of change frames and what each covers, and retries that never end.
 *
 *   wait -> token -> take up what other tabs left -> connect -> announce, step 1 -> step 2 (covers all) -> updates
 *    ^                                                                 | ack: out of the outbox
 *    '------------- any close, by its code and the back-off -----------'  refused: marked, or synced anew
 *
 * 1. An update is sent only after this connection's step 2; what was typed before is covered by that step 2.
 * 2. A step 2 covers every change that waits; an update frame covers exactly its own.
 * 3. After a refusal nothing more is sent as an update on this connection, for it would build on what is missing.
 * 4. Nothing leaves the outbox but by an acknowledgement on the connection that carried it.
 */
export function openDoorLink(options: DoorLinkOptions): DoorLink {
  const { doc, awareness, device, unsent, clock, timers, random } = options;
  let sending: Uint8Array | null = null;
  const noteUpdate = (update: Uint8Array) => {
    sending = update;
  };
  // before the provider's own listener, so that a frame is known by the update it was made from
  doc.on('update', noteUpdate);
  const provider = new WebsocketProvider(options.serverUrl, options.docId, doc, {
    awareness,
    connect: false,
    WebSocketPolyfill: options.WebSocketImpl,
  });
  const siblings = new Set<number>();
  let nearby: readonly number[] = [];
  let status: LinkStatus = { at: 'waiting', code: null, nextTryAtMs: null };
  let ledger = createAckLedger();
  let oldestOpenAtMs = 0;
  let asked = false;
  let attempts = 0;
  let again = false;
  let cancelWait: (() => void) | null = null;
  let cancelOpenTimeout: (() => void) | null = null;
  let closed = false;

  listen();

  return {
    start() {
      if (options.channel !== null) {
        provider.bcChannel = options.channel;
        // first, so that a change which follows is known to be this device's
        bc.publish(provider.bcChannel, announcement(), provider);
        provider.connectBc();
      }
      // each connect() would otherwise send the whole document to the other tabs again
      provider.disableBc = true;
      void attempt();
    },
    status: () => status,
    isOrigin: (origin) => origin === provider,
    nearby: () => nearby,
    tryNow() {
      if (closed) return;
      if (status.at === 'waiting') {
        attempts = 0;
        void attempt();
      } else if (status.at === 'connecting') {
        // what made it worth trying may have come too late for the attempt under way
        again = true;
      } else if (status.at === 'open' && ledger.open() > 0 && clock.monotonicMs() - oldestOpenAtMs > SUSPECT_AFTER_MS) {
        attempts = 0;
        drop('timeout');
      }
    },
    close() {
      closed = true;
      cancelWait?.();
      cancelOpenTimeout?.();
      doc.off('update', noteUpdate);
      provider.destroy();
    },
  };

  async function attempt(): Promise<void> {
    cancelWait?.();
    cancelWait = null;
    set({ at: 'connecting' });
    attempts += 1;
    const token = await askToken();
    if (closed) return;
    if (!token.ok) return wait(token.code);
    try {
      await unsent.refresh();
    } catch {
      // the store reports its own faults; what is in memory can be sent all the same
    }
    if (closed) return;
    provider.params = { token: token.value };
    cancelOpenTimeout = timers.after(OPEN_TIMEOUT_MS, () => drop('timeout'));
    provider.connect();
  }

  async function askToken(): Promise<Result<string>> {
    try {
      const token = await options.token();
      return token.ok ? accept(token.value) : token;
    } catch {
      return refuse('timeout', 'no token');
    }
  }

  function wait(code: Code | null, closedBy?: 'relay'): void {
    const retry = code === null ? 'later' : CODES[code].retry;
    let delayMs: number;
    // a token that has run out is replaced at once, the first time
    if (again) delayMs = 0;
    else if (retry === 'after-login') delayMs = closedBy === 'relay' && attempts <= 1 ? 0 : REFUSED_WAIT_MS;
    else if (retry === 'never' || retry === 'after-update') delayMs = REFUSED_WAIT_MS;
    else delayMs = backoffMs(attempts, options.visible(), draw());
    again = false;
    cancelWait?.();
    cancelWait = timers.after(delayMs, () => void attempt());
    set({ at: 'waiting', code, nextTryAtMs: clock.nowMs() + delayMs });
  }

  function listen(): void {
    const handlers = provider.messageHandlers;
    const sync = handlers[MESSAGE_SYNC];
    if (!sync) throw new Error('the provider has no handler for sync messages');
    handlers[MESSAGE_SYNC] = (encoder, decoder, from, fromRelay, type) => {
      nearby = fromRelay ? [] : [...siblings];
      // a tab that has just come asks for everything: it hears first whose structs it will get
      if (!fromRelay && peek(decoder) === SYNC_STEP_1) bc.publish(provider.bcChannel, announcement(), provider);
      sync(encoder, decoder, from, fromRelay, type);
      nearby = [];
    };
    handlers[MESSAGE_ANNOUNCE] = (_encoder, decoder, _from, fromRelay) => {
      const read = readAnnouncement(decoder);
      if (fromRelay || !read.ok || read.value.device !== device) return;
      for (const id of read.value.clientIds) if (id !== doc.clientID) siblings.add(id);
    };
    handlers[MESSAGE_ACK] = (_encoder, decoder, _from, fromRelay) => {
      if (!fromRelay) return;
      const done = ledger.acked(readAck(decoder));
      oldestOpenAtMs = clock.monotonicMs();
      if (done.length > 0) unsent.acked(done);
      report();
    };
    handlers[MESSAGE_REFUSED] = (_encoder, decoder, _from, fromRelay) => {
      if (!fromRelay) return;
      const { frame, code } = readRefused(decoder);
      const ids = ledger.refused(frame);
      const again = isCode(code) && !['never', 'after-update', 'ask'].includes(CODES[code].retry);
      if (!again) {
        // whatever follows builds on what was refused: it waits for the next connection's step 2
        asked = false;
        if (ids.length > 0) unsent.refused(ids, code);
        report();
      } else if (ids.length > 0) {
        // a new connection starts with a step 2, which covers all that waits
        drop(code);
      }
    };

    provider.on('status', (event: { status: string }) => {
      if (event.status === 'connecting' && provider.ws) watch(provider.ws);
      if (event.status === 'connected') {
        cancelOpenTimeout?.();
        provider.ws?.send(announcement());
        // a presence whose clock has not moved since the last connection would be taken for old news
        const here = awareness.getLocalState();
        if (here !== null) awareness.setLocalState(here);
        report();
      }
    });
    provider.on('sync', () => {
      if (provider.synced) {
        attempts = 0;
        again = false;
      }
      report();
    });
    provider.on('connection-close', (event: { code?: number } | null) => {
      // this link alone decides when to connect again
      provider.shouldConnect = false;
      cancelOpenTimeout?.();
      if (closed) return;
      wait(codeOfClose(event?.code), 'relay');
    });
    // the socket's error event says nothing; its close event follows
    provider.on('connection-error', () => {});
  }

  /** Counts the change frames of one socket, and holds updates back until its step 2. */
  function watch(socket: WebSocket): void {
    ledger = createAckLedger();
    asked = false;
    const send = socket.send.bind(socket);
    socket.send = (data: Parameters<WebSocket['send']>[0]) => {
      const kind = data instanceof Uint8Array ? changeKind(data) : null;
      if (kind === SYNC_UPDATE && !asked) return;
      if (kind !== null) {
        if (ledger.open() === 0) oldestOpenAtMs = clock.monotonicMs();
        if (kind === SYNC_STEP_2) asked = true;
        const isStep2 = kind === SYNC_STEP_2;
        ledger.sent(isStep2 ? unsent.unsent().map((item) => item.msgId) : coveredBySending(), isStep2);
      }
      send(data);
    };
  }

  function coveredBySending(): string[] {
    const id = sending === null ? undefined : unsent.idOf(sending);
    return id === undefined ? [] : [id];
  }

  function announcement(): Uint8Array<ArrayBuffer> {
    const ids = new Set([doc.clientID, ...unsent.unsent().map((item) => item.clientId), ...unsent.siblings()]);
    // a socket does not take a view of shared memory, so the type has to say that this is none
    return new Uint8Array(encodeAnnouncement({ device, clientIds: [...ids].slice(0, MAX_ANNOUNCED_IDS) }));
  }

  /** Ends the connection at once, without waiting for a peer that may be gone. */
  function drop(code: Code): void {
    const socket = provider.ws;
    socket?.onclose?.call(socket, { code: CODES[code].close } as CloseEvent);
  }

  function report(): void {
    if (closed || !provider.wsconnected) return;
    const { synced } = provider;
    set({ at: 'open', synced, settled: synced && asked && ledger.open() === 0 });
  }

  function set(next: LinkStatus): void {
    status = next;
    options.onStatus(next);
  }

  function draw(): number {
    let value = 0;
    for (const byte of random.bytes(4)) value = value * 256 + byte;
    return value / 2 ** 32;
  }
}

/** Step 2 or update when this is a change frame, else null. */
function changeKind(data: Uint8Array): number | null {
  const decoder = decoding.createDecoder(data);
  if (decoding.readVarUint(decoder) !== MESSAGE_SYNC) return null;
  const kind = decoding.readVarUint(decoder);
  return kind === SYNC_STEP_2 || kind === SYNC_UPDATE ? kind : null;
}

function peek(decoder: decoding.Decoder): number {
  const { pos } = decoder;
  const value = decoding.readVarUint(decoder);
  decoder.pos = pos;
  return value;
}

function isCode(code: string): code is Code {
  return Object.hasOwn(CODES, code);
}

function codeOfClose(close: number | undefined): Code | null {
  for (const [code, row] of Object.entries(CODES)) if (isCode(code) && row.close === close) return code;
  return null;
}
