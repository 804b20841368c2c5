// What the door's tests are made of: a gate that knows tokens by heart, time that stands still, sockets without a line.

import { accept, DepartmentId, DeviceId, DocId, PersonId, refuse, type Result } from '@lianban/model';
import {
  encodeAnnouncement,
  MESSAGE_ACK,
  MESSAGE_AUTH,
  MESSAGE_AWARENESS,
  MESSAGE_REFUSED,
  MESSAGE_SYNC,
  readAck,
  readRefused,
  SYNC_STEP_1,
  SYNC_STEP_2,
  SYNC_UPDATE,
  type Clock,
  type Timers,
} from '@lianban/sync';
import * as decoding from 'lib0/decoding';
import * as Y from 'yjs';
import type { Compactor } from './compactor.ts';
import { presenceEntry, presenceFrame, syncFrame } from './door-frames.ts';
import type { DoorGate, DoorPass } from './door-gate.ts';
import type { DoorLimits } from './limits.ts';
import { createMemoryUpdateLog, type MemoryUpdateLog } from './memory-update-log.ts';
import type { DoorSocket } from './session.ts';
import { createStockDoor, type DoorConnection, type StockDoor } from './stock-door.ts';

/** The document most tests are about: a form, where `t/note` is a text. */
export const FILE = DocId.parse('case:330106-01hzy3v7k9q2m4n6p8r0s2t4v6/file');
/** The root that tests write to. */
export const NOTE = 't/note';
export const LI = PersonId.parse('li.na@330106');
export const WANG = PersonId.parse('wang.wei@330100');
export const MARKET = DepartmentId.parse('330106-market');

/** The device of this number. */
export function device(n: number): DeviceId {
  return DeviceId.parse(n.toString(16).padStart(32, '0'));
}

export interface FakeGate {
  readonly gate: DoorGate;
  /** Lets this token in; the token is the session's id too. */
  allow(token: string, pass?: Partial<DoorPass>): void;
  revoke(sessionId: string): void;
  /** Rechecks so far. */
  readonly rechecks: number;
  /** Holds `enter` back until it is called again with false. */
  stall(isStalled: boolean): void;
}

/** A gate that lets nobody in who was not allowed. A device belongs to whoever binds it first. */
export function createFakeGate(): FakeGate {
  const passes = new Map<string, DoorPass>();
  const owners = new Map<DeviceId, PersonId>();
  const listeners = new Set<(sessionId: string) => void>();
  let rechecks = 0;
  let stalled: (() => void)[] | undefined;
  const look = (token: string): Result<DoorPass> => {
    const pass = passes.get(token);
    return pass ? accept(pass) : refuse('login-needed', 'no such token');
  };
  return {
    gate: {
      enter: async (token) => {
        if (stalled) await new Promise<void>((resolve) => stalled?.push(resolve));
        return look(token);
      },
      recheck: async ({ sessionId }) => {
        rechecks++;
        return look(sessionId);
      },
      onRevoked: (listener) => {
        listeners.add(listener);
        return () => void listeners.delete(listener);
      },
    },
    allow: (token, pass = {}) => {
      const person = pass.person ?? LI;
      passes.set(token, {
        sessionId: token,
        person,
        name: { zh: '李娜', en: 'Li Na' },
        department: MARKET,
        canWrite: true,
        bindDevice: async (id) => {
          const owner = owners.get(id) ?? person;
          owners.set(id, owner);
          return owner === person ? accept(true) : refuse('forbidden', 'a device of somebody else');
        },
        ...pass,
      });
    },
    revoke: (sessionId) => {
      passes.delete(sessionId);
      for (const listener of listeners) listener(sessionId);
    },
    get rechecks() {
      return rechecks;
    },
    stall: (isStalled) => {
      const waiting = stalled ?? [];
      stalled = isStalled ? [] : undefined;
      for (const go of waiting) go();
    },
  };
}

/** Time that a test moves by hand. */
export function createManualTime(): { clock: Clock; timers: Timers; advance(ms: number): void } {
  let nowMs = 0;
  let due: { atMs: number; run: () => void }[] = [];
  return {
    clock: { nowMs: () => 1_700_000_000_000 + nowMs, monotonicMs: () => nowMs },
    timers: {
      after: (delayMs, run) => {
        const timer = { atMs: nowMs + delayMs, run };
        due.push(timer);
        return () => {
          due = due.filter((other) => other !== timer);
        };
      },
    },
    advance: (ms) => {
      const untilMs = nowMs + ms;
      for (;;) {
        const next = due.filter(({ atMs }) => atMs <= untilMs).sort((a, b) => a.atMs - b.atMs)[0];
        if (!next) break;
        due = due.filter((timer) => timer !== next);
        nowMs = Math.max(nowMs, next.atMs);
        next.run();
      }
      nowMs = untilMs;
    },
  };
}

/** What the relay said, read. */
export type Heard =
  | { kind: 'step-1'; bytes: Uint8Array }
  | { kind: 'step-2'; bytes: Uint8Array }
  | { kind: 'update'; bytes: Uint8Array }
  | { kind: 'presence'; states: { clientId: number; clock: number; state: unknown }[] }
  | { kind: 'denied' }
  | { kind: 'ack'; frames: number[] }
  | { kind: 'refused'; frame: number; code: string };

/** Reads a frame of the relay. */
export function readRelayFrame(bytes: Uint8Array): Heard {
  const decoder = decoding.createDecoder(bytes);
  switch (decoding.readVarUint(decoder)) {
    case MESSAGE_SYNC: {
      const kind = ({ [SYNC_STEP_1]: 'step-1', [SYNC_STEP_2]: 'step-2', [SYNC_UPDATE]: 'update' } as const)[
        decoding.readVarUint(decoder)
      ];
      if (kind) return { kind, bytes: decoding.readVarUint8Array(decoder) };
      break;
    }
    case MESSAGE_AWARENESS: {
      const inner = decoding.createDecoder(decoding.readVarUint8Array(decoder));
      const states = [];
      for (let left = decoding.readVarUint(inner); left > 0; left--) {
        const clientId = decoding.readVarUint(inner);
        const clock = decoding.readVarUint(inner);
        states.push({ clientId, clock, state: JSON.parse(decoding.readVarString(inner)) as unknown });
      }
      return { kind: 'presence', states };
    }
    case MESSAGE_AUTH:
      return { kind: 'denied' };
    case MESSAGE_ACK:
      return { kind: 'ack', frames: readAck(decoder) };
    case MESSAGE_REFUSED:
      return { kind: 'refused', ...readRefused(decoder) };
  }
  throw new Error('not a frame of a relay');
}

/** A socket whose other side is the test. */
export class FakeSocket implements DoorSocket {
  readonly heard: Heard[] = [];
  bufferedAmount = 0;
  closeCode: number | undefined;
  isTerminated = false;
  isPaused = false;
  pings = 0;
  private connection: DoorConnection | undefined;
  private watchers: (() => void)[] = [];

  attach(connection: DoorConnection): void {
    this.connection = connection;
  }
  send(frame: Uint8Array): void {
    this.heard.push(readRelayFrame(frame));
    this.notify();
  }
  close(code: number): void {
    this.closeCode ??= code;
    this.connection?.closed();
    this.notify();
  }
  terminate(): void {
    this.isTerminated = true;
    this.connection?.closed();
    this.notify();
  }
  ping(): void {
    this.pings++;
  }
  pause(): void {
    this.isPaused = true;
  }
  resume(): void {
    this.isPaused = false;
    this.notify();
  }
  /** The other side says something. */
  say(frame: Uint8Array, isText = false): void {
    this.connection?.receive(frame, isText);
  }
  /** The other side hangs up. */
  hangUp(): void {
    this.connection?.closed();
  }
  /** Frames of one kind so far. */
  of<K extends Heard['kind']>(kind: K): Extract<Heard, { kind: K }>[] {
    return this.heard.filter((frame): frame is Extract<Heard, { kind: K }> => frame.kind === kind);
  }
  /** Resolves when `isTrue` is; looked at after everything the relay does to this socket. */
  async until(isTrue: (socket: this) => boolean): Promise<void> {
    while (!isTrue(this)) await new Promise<void>((resolve) => this.watchers.push(resolve));
  }
  private notify(): void {
    const watchers = this.watchers;
    this.watchers = [];
    for (const watcher of watchers) watcher();
  }
}

/** A door over a memory log, with everything in the test's hands. */
export function createTestDoor(
  compactor: Compactor,
  limits?: Partial<DoorLimits>,
): {
  door: StockDoor;
  log: MemoryUpdateLog;
  gate: FakeGate;
  time: ReturnType<typeof createManualTime>;
  notes: string[];
  /** Whether the store takes writes; true until a test says otherwise. */
  setStorage(takesWrites: boolean): void;
  /** Comes in with a token, which the gate must know unless it is to be turned away. */
  open(token: string, docId?: string): FakeSocket;
} {
  const log = createMemoryUpdateLog();
  const gate = createFakeGate();
  const time = createManualTime();
  const notes: string[] = [];
  let takesWrites = true;
  const note = (_detail: object, message: string): void => void notes.push(message);
  const door = createStockDoor({
    log,
    compactor,
    gate: gate.gate,
    ...time,
    out: { warn: note, error: note },
    canStore: () => takesWrites,
    ...(limits && { limits }),
  });
  return {
    setStorage: (value) => void (takesWrites = value),
    door,
    log,
    gate,
    time,
    notes,
    open: (token, docId = FILE) => {
      const socket = new FakeSocket();
      socket.attach(door.connect(socket, { docId, token }));
      return socket;
    },
  };
}

/** A Y.Doc that says what a Yjs program would say at the door, when the test wants it said. */
export class Editor {
  readonly doc = new Y.Doc();
  readonly updates: Uint8Array[] = [];

  constructor(clientId: number) {
    this.doc.clientID = clientId;
    this.doc.on('update', (update: Uint8Array, origin: unknown) => {
      if (origin !== 'relay') this.updates.push(update);
    });
  }
  get note(): Y.Text {
    return this.doc.getText(NOTE);
  }
  get text(): string {
    // a text of nothing is the same as no text
    return this.note.toJSON();
  }
  /** Types at a place and returns the update. */
  type(text: string, at = this.note.length): Uint8Array {
    this.note.insert(at, text);
    return this.updates.at(-1) as Uint8Array;
  }
  /** Deletes and returns the update. */
  erase(at: number, length: number): Uint8Array {
    this.note.delete(at, length);
    return this.updates.at(-1) as Uint8Array;
  }
  /** Applies every document frame that was heard from `from` on. */
  hear(socket: FakeSocket, from = 0): void {
    for (const frame of socket.heard.slice(from)) {
      if (frame.kind === 'step-2' || frame.kind === 'update') Y.applyUpdate(this.doc, frame.bytes, 'relay');
    }
  }
  stepOne(): Uint8Array {
    return syncFrame(SYNC_STEP_1, Y.encodeStateVector(this.doc));
  }
}

/** An update as it happened, framed. */
export function changeFrame(update: Uint8Array): Uint8Array {
  return syncFrame(SYNC_UPDATE, update);
}

/** The announcement of a device of the workspace. */
export function announcement(n: number, ...clientIds: number[]): Uint8Array {
  return encodeAnnouncement({ device: device(n), clientIds });
}

/** A presence frame of one state. */
export function presence(clientId: number, clock: number, state: unknown): Uint8Array {
  return presenceFrame([presenceEntry({ clientId, clock, json: JSON.stringify(state) })]);
}

/** Everything that was set in motion and needs nothing from outside has happened. */
export function turn(): Promise<void> {
  return new Promise((resolve) => {
    setImmediate(() => setImmediate(resolve));
  });
}
