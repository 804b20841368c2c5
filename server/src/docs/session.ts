// A session is one socket in one document.
//
// 1. Frames are handled in the order they came; one that has to wait (an overlap, a join) holds back those behind it,
//    of this session alone.
// 2. Step 2 and update frames are counted from 1, whatever becomes of them; acknowledgements name them by that number.
// 3. Private frames go only to a session that announced itself.
// 4. A stranger's refused change ends the connection with the code's close code, because a stock client can be told in
//    no other way; only `read-only` is a permission message and the connection stays.

import { LianbanError, refuse, type Code, type DeviceId, type Refusal, type Result } from '@lianban/model';
import {
  CODES,
  encodeAck,
  encodeRefused,
  KEEPALIVE_MS,
  MAX_ANNOUNCED_IDS,
  MAX_FRAME_BYTES,
  type Announcement,
  type Clock,
  type Timers,
} from '@lianban/sync';
import {
  permissionDeniedFrame,
  presenceFrame,
  readClientFrame,
  type ClientFrame,
  type PresenceEntry,
} from './door-frames.ts';
import type { DoorPass } from './door-gate.ts';
import type { DoorLog, DoorTally } from './door-tally.ts';
import type { DoorLimits } from './limits.ts';
import { createBucket } from './rate-limit.ts';
import type { ChangeOutcome, Member, Room, Seat } from './room.ts';
import type { Holder } from './update-log.ts';

/** A WebSocket as far as the door needs it. */
export interface DoorSocket {
  /** Bytes that were sent and have not left this process. */
  readonly bufferedAmount: number;
  send(frame: Uint8Array): void;
  close(code: number, reason: string): void;
  terminate(): void;
  /** Asks the other side for a sign of life. */
  ping(): void;
  /** Stops and goes on reading: what is not read waits on the other side. */
  pause(): void;
  resume(): void;
}

/** One socket in one document. */
export interface Session {
  readonly pass: DoorPass;
  /** A message came in. */
  receive(bytes: Uint8Array, isText: boolean): void;
  /** A sign of life came in. */
  heard(): void;
  /** Keeps the line alive, ends a dead or a lagging one. Called every few seconds. */
  sweep(): void;
  /** Takes a pass that was checked again. */
  renew(pass: DoorPass): void;
  /** Ends the session with the code's close code. */
  close(code: Code, reason: string): void;
  /** The socket is gone. */
  closed(): void;
}

/** What sessions are made with. */
export interface SessionHost {
  readonly clock: Clock;
  readonly timers: Timers;
  readonly out: DoorLog;
  readonly tally: DoorTally;
  readonly limits: DoorLimits;
}

/** Above this presence is dropped and the clock of a lagging line runs, bytes. */
export const LAGGING_BYTES = 1024 * 1024;
/** Above this the line is closed: it comes back and is sent what it lacks at once, bytes. */
export const TOO_SLOW_BYTES = 8 * 1024 * 1024;
/** How long a line may lag, ms. */
const MAX_LAGGING_MS = 30_000;
/** A line is sent something when it was silent this long, ms; with the sweep in between never 15 s. */
const SILENT_MS = KEEPALIVE_MS - 5000;
/** A stock client says something every 15 s and answers pings; after this the other side is gone, ms. */
const DEAD_MS = 75_000;
/** Frames that wait, and their bytes, above which reading stops. */
const PAUSE_ABOVE_FRAMES = 64;
const PAUSE_ABOVE_BYTES = 256 * 1024;
/** Frames that wait although reading has stopped: no editor packs so many into one read. */
const MAX_WAITING_FRAMES = 8192;
/** An unanswered step 1 is sent again after this, ms. */
const ASK_AGAIN_MS = 1000;
/** How often a client may answer a step 1 with what still has a gap: it would answer so for ever. */
const MAX_FRUITLESS_SYNCS = 3;

/** Starts a session; the caller has let the room load and goes on reading the socket after this. */
export function createSession(socket: DoorSocket, room: Room, firstPass: DoorPass, host: SessionHost): Session {
  const { clock, timers, out, tally, limits } = host;
  const bornMs = clock.monotonicMs();
  const messages = createBucket(limits.messages, bornMs);
  const bytesIn = createBucket(limits.bytes, bornMs);
  const presenceIn = createBucket(limits.presence, bornMs);
  let pass = firstPass;
  let holder: Holder = `session:${pass.sessionId}`;
  let announced: { device: DeviceId; ids: Set<number> } | undefined;
  let presenceId: number | undefined;
  let latePresence: { entries: PresenceEntry[]; cancel: () => void } | undefined;
  let waiting: Uint8Array[] = [];
  let waitingBytes = 0;
  let isBusy = false;
  let isPaused = false;
  let isClosed = false;
  let cancelPause: (() => void) | undefined;
  let frames = 0;
  let askedAtMs = -Infinity;
  let fruitless = 0;
  let acks: number[] = [];
  let sentAtMs = bornMs;
  let heardAtMs = bornMs;
  let laggingSinceMs: number | undefined;
  /** Bytes of answers to a step 1 that may still be on their way: a large document is no slow reader. */
  let joinBytes = 0;

  const member: Member = {
    get holder() {
      return holder;
    },
    get person() {
      return pass.person;
    },
    get name() {
      return pass.name;
    },
    get department() {
      return pass.department;
    },
    get canWrite() {
      return pass.canWrite;
    },
    mayIntroduce: (clientId) => announced?.ids.has(clientId) ?? true,
    send: (frame, kind) => send(frame, kind),
    acknowledge: (frame) => {
      if (!announced || isClosed) return;
      // all of one turn in one frame
      if (acks.push(frame) === 1) queueMicrotask(sendAcks);
    },
    close: (code, reason) => close(code, reason),
  };
  const seat: Seat = room.enter(member);

  // ------------------------------------------------------------------------------------------------ out

  function send(frame: Uint8Array, kind: 'live' | 'join' | 'presence'): void {
    if (isClosed) return;
    const nowMs = clock.monotonicMs();
    const buffered = socket.bufferedAmount;
    if (buffered <= LAGGING_BYTES) {
      joinBytes = 0;
      laggingSinceMs = undefined;
    } else if (buffered > LAGGING_BYTES + joinBytes) {
      laggingSinceMs ??= nowMs;
      if (kind === 'presence') return;
      if (buffered > TOO_SLOW_BYTES + joinBytes) return close('timeout', 'too slow a reader');
    }
    if (kind === 'join') joinBytes += frame.length;
    sentAtMs = nowMs;
    socket.send(frame);
  }

  function sendAcks(): void {
    const frames = acks;
    acks = [];
    if (frames.length > 0) send(encodeAck(frames), 'live');
  }

  function close(code: Code, reason: string): void {
    if (isClosed) return;
    tally.refused.set(code, (tally.refused.get(code) ?? 0) + 1);
    sendAcks();
    closed();
    // the closing handshake has to be read
    socket.resume();
    socket.close(CODES[code].close, reason);
  }

  function closed(): void {
    if (isClosed) return;
    isClosed = true;
    waiting = [];
    cancelPause?.();
    latePresence?.cancel();
    seat.leave();
  }

  // ------------------------------------------------------------------------------------------------ in

  function receive(bytes: Uint8Array, isText: boolean): void {
    if (isClosed) return;
    heardAtMs = clock.monotonicMs();
    tally.frames++;
    if (isText) return close('malformed-frame', 'text');
    waitingBytes += bytes.length;
    if (waiting.push(bytes) > MAX_WAITING_FRAMES) return close('too-many', 'too many frames');
    pump();
  }

  /** Handles what waits as fast as the rates allow; the one place that pauses and goes on reading. */
  function pump(): void {
    while (!isBusy && !isClosed) {
      const [next] = waiting;
      if (!next) break;
      const nowMs = clock.monotonicMs();
      const waitMs = Math.max(messages.waitMs(nowMs), bytesIn.waitMs(nowMs));
      if (waitMs > 0) {
        pause();
        cancelPause ??= timers.after(waitMs, () => {
          cancelPause = undefined;
          pump();
        });
        return;
      }
      messages.take(1, nowMs);
      bytesIn.take(next.length, nowMs);
      waiting.shift();
      waitingBytes -= next.length;
      const done = handle(next);
      if (!done) continue;
      isBusy = true;
      void done.then(
        () => {
          isBusy = false;
          pump();
        },
        (reason: unknown) => {
          if (isClosed) return;
          out.error({ err: reason, docId: room.docId }, 'a frame could not be handled');
          close(reason instanceof LianbanError ? reason.code : 'unexpected', 'not handled');
        },
      );
    }
    if (isClosed) return;
    if (waiting.length > PAUSE_ABOVE_FRAMES || waitingBytes > PAUSE_ABOVE_BYTES) pause();
    else if (isPaused && !isBusy) {
      isPaused = false;
      socket.resume();
    }
  }

  function pause(): void {
    if (isPaused) return;
    isPaused = true;
    socket.pause();
  }

  function handle(bytes: Uint8Array): Promise<void> | undefined {
    const frame = readClientFrame(bytes);
    if (!frame.ok) return void close(frame.code, frame.detail);
    if (frame.value.kind !== 'change' && bytes.length > MAX_FRAME_BYTES) {
      return void close('frame-too-large', 'a frame of more than 4 MiB');
    }
    switch (frame.value.kind) {
      case 'step-1':
        return seat.answer(frame.value.stateVector);
      case 'change':
        return change(frame.value);
      case 'presence':
        return void present(frame.value.entries.filter(({ clientId }) => isOwnPresence(clientId)));
      case 'query-presence':
        return void seat.showPresence();
      case 'announce':
        return announce(frame.value.announcement);
    }
  }

  function change({ update, isStep2 }: Extract<ClientFrame, { kind: 'change' }>): Promise<void> | undefined {
    const frame = ++frames;
    if (isStep2) askedAtMs = -Infinity;
    const settle = (outcome: ChangeOutcome): void => {
      if (outcome.ok) fruitless = 0;
      else if (outcome.code !== 'needs-sync') refuseChange(frame, outcome);
      else if (isStep2 && ++fruitless > MAX_FRUITLESS_SYNCS) refuseChange(frame, outcome);
      else askForSync();
    };
    const outcome = seat.change(update, frame);
    if (outcome instanceof Promise) return outcome.then(settle);
    settle(outcome);
    return undefined;
  }

  /** Sends a step 1, unless one is on its way: whoever types on behind a gap would be asked for every key. */
  function askForSync(): void {
    const nowMs = clock.monotonicMs();
    if (nowMs - askedAtMs < ASK_AGAIN_MS) return;
    askedAtMs = nowMs;
    send(room.stepOne(), 'live');
  }

  function refuseChange(frame: number, { code, detail }: Refusal): void {
    if (isClosed) return;
    if (announced) {
      tally.refused.set(code, (tally.refused.get(code) ?? 0) + 1);
      send(encodeRefused(frame, code), 'live');
    } else if (code === 'read-only') {
      tally.refused.set(code, (tally.refused.get(code) ?? 0) + 1);
      send(permissionDeniedFrame('read-only'), 'live');
    } else {
      out.warn({ docId: room.docId, person: pass.person, code, detail }, 'a change was refused');
      close(code, code);
    }
  }

  async function announce({ device, clientIds }: Announcement): Promise<void> {
    const allowed = await admitDevice(device);
    if (isClosed) return;
    if (!allowed.ok) return close(allowed.code, allowed.code);
    const ids = announced?.ids ?? new Set();
    for (const id of clientIds) ids.add(id);
    if (ids.size > MAX_ANNOUNCED_IDS) return close('malformed-frame', 'too many client ids');
    announced = { device, ids };
    holder = `device:${device}`;
  }

  function admitDevice(device: DeviceId): Result<true> | Promise<Result<true>> {
    if (announced)
      return announced.device === device ? { ok: true, value: true } : refuse('malformed-frame', 'another device');
    // what was stored until now is bound to the session: it cannot become the device's
    if (frames > 0) return refuse('malformed-frame', 'announced after the first change');
    return pass.bindDevice(device);
  }

  // ------------------------------------------------------------------------------------------------ presence

  /** Stock clients repeat what they hear of others: only a session's own ids are taken. */
  function isOwnPresence(clientId: number): boolean {
    if (announced) return announced.ids.has(clientId) && seat.isFree(clientId);
    if (presenceId === undefined && seat.isFree(clientId)) presenceId = clientId;
    return clientId === presenceId;
  }

  function present(own: PresenceEntry[]): void {
    if (own.length === 0) return;
    const nowMs = clock.monotonicMs();
    const waitMs = latePresence ? 1 : presenceIn.waitMs(nowMs);
    if (waitMs === 0) {
      presenceIn.take(1, nowMs);
      seat.present(own);
    } else if (latePresence) {
      latePresence.entries = own;
    } else {
      const cancel = timers.after(waitMs, () => {
        const { entries } = latePresence as { entries: PresenceEntry[] };
        latePresence = undefined;
        present(entries);
      });
      latePresence = { entries: own, cancel };
    }
  }

  return {
    get pass() {
      return pass;
    },
    receive,
    heard: () => {
      heardAtMs = clock.monotonicMs();
    },
    sweep: () => {
      if (isClosed) return;
      const nowMs = clock.monotonicMs();
      if (socket.bufferedAmount <= LAGGING_BYTES) laggingSinceMs = undefined;
      if (laggingSinceMs !== undefined && nowMs - laggingSinceMs >= MAX_LAGGING_MS) {
        return close('timeout', 'too slow a reader');
      }
      if (nowMs - heardAtMs >= DEAD_MS && !isPaused) {
        closed();
        return socket.terminate();
      }
      if (nowMs - sentAtMs >= SILENT_MS) {
        send(presenceFrame([]), 'live');
        socket.ping();
      }
    },
    renew: (renewed) => {
      pass = renewed;
    },
    close,
    closed,
  };
}
