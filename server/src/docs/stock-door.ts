// The stock door: the ordinary y-websocket protocol for any Yjs program, with the relay's checks behind it.
//
//    connect -> gate (5 s; nothing is read before) -> room -> session --close--> gone
//
// The socket is an interface and the route is elsewhere: nothing here knows HTTP.

import { DocId, LianbanError, type Code, type Result } from '@lianban/model';
import { CODES, type Clock, type Timers } from '@lianban/sync';
import { activate } from './active-doc.ts';
import type { Compactor } from './compactor.ts';
import type { DoorGate, DoorPass } from './door-gate.ts';
import { createDoorTally, type DoorLog, type DoorTally } from './door-tally.ts';
import { DOOR_LIMITS, type DoorLimits } from './limits.ts';
import { createRoom, type Room } from './room.ts';
import { createSession, type DoorSocket, type Session } from './session.ts';
import type { UpdateLog } from './update-log.ts';

/** What the route tells the door of one socket. */
export interface DoorConnection {
  /** A message came in. */
  receive(bytes: Uint8Array, isText: boolean): void;
  /** A pong came in. */
  heard(): void;
  /** The socket is gone, whoever closed it. */
  closed(): void;
}

/** See the head of the file. */
export interface StockDoor {
  /**
   * Takes a socket that was just opened, at the document that its path names (not checked yet) and with the token it
   * brought (empty for none). Closes it with 4404, 4401, 4503, 4508 or 4529 when it may not or cannot come in.
   */
  connect(socket: DoorSocket, asked: { docId: string; token: string }): DoorConnection;
  /** Documents that somebody has open, and sockets. */
  readonly rooms: number;
  readonly sockets: number;
  readonly tally: DoorTally;
  /** Takes nobody and nothing more, waits until what was taken is committed and told, and closes every socket 4503. */
  drain(): Promise<void>;
}

/** How long the gate may take, ms; no traffic can extend it, because nothing is read before. */
const ENTER_MS = 5000;
/** How often sessions are looked after, ms: keepalive, lagging lines, presence that was not renewed. */
const SWEEP_MS = 5000;
/** How long a client has to answer the closing frame when the relay stops, ms. */
const CLOSING_MS = 1000;
/** How often a pass is checked again, ms; with the sweep in between never more than 60 s. */
const RECHECK_MS = 50_000;

interface Line {
  readonly socket: DoorSocket;
  session?: Session;
  sessionId?: string;
  checkedAtMs: number;
  isRechecking: boolean;
  isGone: boolean;
}

/** Makes the door. `log` writes what operators should see. */
export function createStockDoor(options: {
  log: UpdateLog;
  compactor: Compactor;
  gate: DoorGate;
  clock: Clock;
  timers: Timers;
  out: DoorLog;
  limits?: Partial<DoorLimits>;
  /** False while the store takes no writes; without it, it always does. */
  canStore?: () => boolean;
}): StockDoor {
  const { log, compactor, gate, clock, timers, out } = options;
  const limits: DoorLimits = { ...DOOR_LIMITS, ...options.limits };
  const tally = createDoorTally();
  const lines = new Set<Line>();
  /** Sockets until they are gone, also those that are closing. */
  const alive = new Set<DoorSocket>();
  let allGone: (() => void) | undefined;
  const rooms = new Map<DocId, Promise<Room>>();
  const opened = new Set<Room>();
  let isDraining = false;
  let cancelSweep: (() => void) | undefined;

  // ------------------------------------------------------------------------------------------------ rooms

  const openRoom = (docId: DocId): Promise<Room> => {
    const there = rooms.get(docId);
    if (there) return there;
    const opening = loadRoom(docId, () => {
      if (rooms.get(docId) === opening) rooms.delete(docId);
    });
    rooms.set(docId, opening);
    opening.catch(() => {
      if (rooms.get(docId) === opening) rooms.delete(docId);
    });
    return opening;
  };

  const loadRoom = async (docId: DocId, onEnd: () => void): Promise<Room> => {
    const { doc, unreadable } = activate(docId, await log.load(docId));
    for (const { row, detail } of unreadable) {
      tally.quarantined++;
      out.error({ docId, seq: row.seq, detail }, 'a stored update cannot be read and is set aside');
      await log.quarantine({ ...row, docId, reason: 'unreadable', detail });
    }
    const room = createRoom(
      doc,
      { log, compactor, clock, timers, out, tally, canStore: options.canStore ?? (() => true) },
      () => {
        opened.delete(room);
        onEnd();
      },
    );
    opened.add(room);
    return room;
  };

  // ------------------------------------------------------------------------------------------------ lines

  const turnAway = (line: Line, code: Code, reason: string): void => {
    if (line.isGone) return;
    line.isGone = true;
    lines.delete(line);
    tally.refused.set(code, (tally.refused.get(code) ?? 0) + 1);
    line.socket.resume();
    line.socket.close(CODES[code].close, reason);
  };

  const close = (line: Line, code: Code, reason: string): void => {
    if (!line.session) return turnAway(line, code, reason);
    line.session.close(code, reason);
    line.isGone = true;
    lines.delete(line);
  };

  const enter = async (line: Line, asked: { docId: string; token: string }): Promise<void> => {
    const docId = DocId.safeParse(asked.docId);
    if (!docId.success) return turnAway(line, 'no-such-doc', 'no such document');
    const cancel = timers.after(ENTER_MS, () => turnAway(line, 'timeout', 'not let in in time'));
    let pass: Result<DoorPass>;
    try {
      pass = await gate.enter(asked.token, docId.data);
    } finally {
      cancel();
    }
    if (line.isGone) return;
    if (!pass.ok) return turnAway(line, told(pass.code), told(pass.code));
    line.sessionId = pass.value.sessionId;
    line.checkedAtMs = clock.monotonicMs();
    let room = await openRoom(docId.data);
    // it may have ended between the moment it was found and this one
    while (room.isEnded) room = await openRoom(docId.data);
    if (line.isGone) return room.endIfEmpty();
    line.session = createSession(line.socket, room, pass.value, { clock, timers, out, tally, limits });
    line.socket.resume();
  };

  const recheck = async (line: Line, session: Session): Promise<void> => {
    line.isRechecking = true;
    try {
      const pass = await gate.recheck(session.pass);
      if (line.isGone) return;
      if (pass.ok) session.renew(pass.value);
      else close(line, told(pass.code), told(pass.code));
      line.checkedAtMs = clock.monotonicMs();
    } catch (reason) {
      out.error({ err: reason }, 'a pass could not be checked again');
      close(line, 'unexpected', 'not checked');
    } finally {
      line.isRechecking = false;
    }
  };

  const sweep = (): void => {
    cancelSweep = undefined;
    const nowMs = clock.monotonicMs();
    for (const line of lines) {
      const { session } = line;
      if (!session) continue;
      session.sweep();
      if (!line.isRechecking && nowMs - line.checkedAtMs >= RECHECK_MS) void recheck(line, session);
    }
    for (const room of opened) room.expirePresence();
    sweepLater();
  };
  const sweepLater = (): void => {
    if (!cancelSweep && lines.size > 0) cancelSweep = timers.after(SWEEP_MS, sweep);
  };

  const stopListening = gate.onRevoked((sessionId) => {
    for (const line of lines) if (line.sessionId === sessionId) close(line, 'login-needed', 'signed out');
  });
  const stopWatching = gate.onChanged?.((sessionId) => {
    for (const line of lines) if (line.sessionId === sessionId && line.session) void recheck(line, line.session);
  });

  return {
    tally,
    get rooms() {
      return rooms.size;
    },
    get sockets() {
      return lines.size;
    },
    connect: (socket, asked) => {
      const line: Line = { socket, checkedAtMs: 0, isRechecking: false, isGone: false };
      // until the pass is known nothing is read, so there is nothing to bound
      socket.pause();
      alive.add(socket);
      tally.opened++;
      if (isDraining) turnAway(line, 'draining', 'stopping');
      else if (lines.size >= limits.maxSockets) turnAway(line, 'too-many', 'too many connections');
      else {
        lines.add(line);
        sweepLater();
        enter(line, asked).catch((reason: unknown) => {
          out.error({ err: reason }, 'a socket could not be let in');
          close(line, reason instanceof LianbanError ? reason.code : 'unexpected', 'not let in');
        });
      }
      return {
        receive: (bytes, isText) => line.session?.receive(bytes, isText),
        heard: () => line.session?.heard(),
        closed: () => {
          line.isGone = true;
          lines.delete(line);
          line.session?.closed();
          alive.delete(socket);
          if (alive.size === 0) allGone?.();
        },
      };
    },
    drain: async () => {
      isDraining = true;
      cancelSweep?.();
      for (const { socket } of lines) socket.pause();
      try {
        // what was read in this turn reaches the log at its end
        await Promise.resolve();
        await log.flushed();
      } catch (reason) {
        // its rooms have ended already and their sockets are closed
        out.error({ err: reason }, 'not everything could be stored before the stop');
      }
      stopListening();
      stopWatching?.();
      for (const line of [...lines]) close(line, 'draining', 'stopping');
      if (alive.size === 0) return;
      await new Promise<void>((resolve) => {
        allGone = resolve;
        timers.after(CLOSING_MS, () => {
          for (const socket of alive) socket.terminate();
          resolve();
        });
      });
    },
  };
}

/** What a client is told: forbidden and absent look the same. */
function told(code: Code): Code {
  return code === 'forbidden' || code === 'no-such-case' || code === 'not-found' ? 'no-such-doc' : code;
}
