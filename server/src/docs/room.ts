// A room is one document while somebody is in it: what is needed to check an update, and the seats of its sessions.
//
// 1. Stored before told: acknowledgement and fan-out follow the commit of the row, never go before it.
// 2. An update goes to every live seat but the one it came from, in seq order, once.
// 3. A seat is live from the moment of its first step 1: it is answered with what was stored then (`throughSeq`), and
//    what is stored later waits behind that answer.
// 4. `state` is what was admitted; what was committed lags behind it by the writer's window. When a commit fails the
//    room ends: its sessions come back and start from what is stored.
//
//    update -> check -> admission -> admit -> append ~~commit~~> acknowledge -> fan out
//                 '-> overlap -> compare in the worker -> check the remainder again

import { docParts, LianbanError, refuse, type Code, type DocId, type Refusal } from '@lianban/model';
import {
  checkUpdate,
  concatUpdates,
  SYNC_STEP_1,
  SYNC_UPDATE,
  type Clock,
  type DecodedUpdate,
  type Timers,
} from '@lianban/sync';
import { diffUpdate } from 'yjs';
import { admission, holds, type Sender } from './admission.ts';
import type { Compactor } from './compactor.ts';
import { shouldCompact } from './compaction.ts';
import {
  covers,
  presenceFrame,
  syncFrame,
  writeStateVector,
  type PresenceEntry,
  type StateVector,
} from './door-frames.ts';
import type { DoorLog, DoorTally } from './door-tally.ts';
import { framesOfAll, framesOfDifference, joinMaterial, snapshotNeed, type JoinMaterial } from './join.ts';
import { createPresenceBoard, type Present } from './presence.ts';
import type { ActiveDoc } from './active-doc.ts';
import type { Binding, NewUpdate, UpdateLog } from './update-log.ts';

/** What a room needs of a session. */
export interface Member extends Sender, Present {
  /** `presence` may be dropped on a slow line, `join` may be large, `live` must arrive or the line is closed. */
  send(frame: Uint8Array, kind: 'live' | 'join' | 'presence'): void;
  /** Told when the change frame of this number is committed. */
  acknowledge(frame: number): void;
  /** Ends the session; the room has let go of it already. */
  close(code: Code, reason: string): void;
}

/** What became of a change: taken (an acknowledgement follows the commit), refused, or to be synced first. */
export type ChangeOutcome = { ok: true } | Refusal;

/** What rooms are made with. */
export interface RoomHost {
  readonly log: UpdateLog;
  readonly compactor: Compactor;
  readonly clock: Clock;
  readonly timers: Timers;
  readonly out: DoorLog;
  readonly tally: DoorTally;
  /** False while the store takes no writes. */
  canStore(): boolean;
}

/** One member's place in a room. */
export interface Seat {
  /** Takes change frame number `frame`. Only an overlap makes the caller wait. */
  change(bytes: Uint8Array, frame: number): ChangeOutcome | Promise<ChangeOutcome>;
  /** Answers a step 1; the seat is live from here on. Resolves when the answer has been sent. */
  answer(theirs: StateVector): Promise<void>;
  /** Takes presence states; those of ids that are not the member's are left out by `isOwn`. */
  present(entries: readonly PresenceEntry[]): void;
  /** True when nobody else uses this client id: a stranger may show presence under it. */
  isFree(clientId: number): boolean;
  /** Sends everybody's presence. */
  showPresence(): void;
  leave(): void;
}

/** See the head of the file. */
export interface Room {
  readonly docId: DocId;
  readonly seats: number;
  enter(member: Member): Seat;
  /** The relay's own step 1: what it has. */
  stepOne(): Uint8Array;
  /** Takes down presence that was not renewed. */
  expirePresence(): void;
  /** Ends a room that was opened for somebody who did not come in. */
  endIfEmpty(): void;
  /** True when the room has let go of its document: open it again. */
  readonly isEnded: boolean;
}

/** Presence goes out on a tick of this, ms: a storm of carets costs one frame to each reader. */
const PRESENCE_TICK_MS = 50;
/** A snapshot up to this size is compared with a state vector on the main thread, bytes: under a millisecond. */
const INLINE_DIFFERENCE_BYTES = 64 * 1024;
/** How long what was read for one joiner is kept for the next, ms: a crowd comes back within a second or two. */
const MATERIAL_KEPT_MS = 2000;
/** How often an overlap is compared again because the document went on meanwhile. */
const OVERLAP_TRIES = 3;

interface Stored {
  readonly seq: number;
  readonly member: Member;
  readonly frame: number;
  readonly update: DecodedUpdate;
}

interface Place {
  readonly member: Member;
  /** `silent` until the first step 1, `joining` until it is answered. */
  mode: 'silent' | 'joining' | 'live';
  fromSeq: number;
  readonly queue: Uint8Array[];
}

/** Makes the room of a document that was just read. `onEnd` is called once, when nobody is in it and nothing waits. */
export function createRoom(doc: ActiveDoc, host: RoomHost, onEnd: () => void): Room {
  const { log, compactor, clock, timers, out, tally } = host;
  const { docId, state, bindings } = doc;
  const { part } = docParts(docId);
  const places = new Map<Member, Place>();
  const board = createPresenceBoard<Member>();
  let headSeq = doc.headSeq;
  let committedSeq = doc.headSeq;
  let tail = { rows: doc.tailRows, bytes: doc.tailBytes, snapshotBytes: doc.snapshotBytes };
  /** Admitted and not committed, oldest first. */
  let pending: Stored[] = [];
  /** The part of them that is not handed to the log yet. */
  let unsent: { rows: NewUpdate[]; bindings: Binding[] } = { rows: [], bindings: [] };
  let untold: Stored[] = [];
  let willTell = false;
  let waiters: { seq: number; run: () => void }[] = [];
  let cancelTick: (() => void) | undefined;
  let material: { throughSeq: number; read: Promise<JoinMaterial>; everything?: Uint8Array[] } | undefined;
  let compacting = false;
  let compactAboveRows = 0;
  let ended = false;

  const endIfEmpty = (): void => {
    if (ended || places.size > 0 || pending.length > 0) return;
    ended = true;
    cancelTick?.();
    onEnd();
  };

  const fail = (code: Code, reason: unknown): void => {
    if (ended) return;
    ended = true;
    out.error({ err: reason, docId }, 'a document could not be stored; its sessions start again from what is');
    cancelTick?.();
    pending = [];
    untold = [];
    waiters = [];
    const members = [...places.keys()];
    places.clear();
    onEnd();
    for (const member of members) member.close(code, 'not stored');
  };

  // ------------------------------------------------------------------------------------------------ storing

  const admit = (member: Member, frame: number, update: DecodedUpdate): ChangeOutcome => {
    // a full disk stops writing, not reading: nothing is admitted that could not be stored
    if (!host.canStore()) return refuse('store-failed', 'the relay cannot write at present');
    const allowed = admission(update, member, state, bindings);
    if (!allowed.ok) return allowed;
    for (const binding of allowed.value) bindings.set(binding.clientId, binding);
    state.admit(update);
    const { bytes } = update;
    pending.push({ seq: ++headSeq, member, frame, update });
    tail.rows++;
    tail.bytes += bytes.length;
    unsent.rows.push({ bytes, holder: member.holder, person: member.person, atMs: clock.nowMs() });
    unsent.bindings.push(...allowed.value);
    // the frames of one read are one append
    if (unsent.rows.length === 1) queueMicrotask(store);
    return { ok: true };
  };

  const store = (): void => {
    const { rows, bindings: introduced } = unsent;
    unsent = { rows: [], bindings: [] };
    if (ended) return;
    log.append({ docId, afterSeq: headSeq - rows.length, rows, bindings: introduced }).then(
      () => committed(rows.length),
      (reason: unknown) => fail(reason instanceof LianbanError ? reason.code : 'unexpected', reason),
    );
  };

  /** Appends commit in the order in which they were made, so these are always the oldest. */
  const committed = (count: number): void => {
    if (ended) return;
    const stored = pending.splice(0, count);
    committedSeq += stored.length;
    tally.stored += stored.length;
    untold.push(...stored);
    if (pending.length === 0) tell();
    else if (!willTell) {
      willTell = true;
      // a store that commits without pause must not keep readers waiting for its last row
      timers.after(0, tell);
    }
    const ready = waiters.filter(({ seq }) => seq <= committedSeq);
    if (ready.length > 0) {
      waiters = waiters.filter(({ seq }) => seq > committedSeq);
      for (const { run } of ready) run();
    }
  };

  const whenCommitted = (seq: number, run: () => void): void => {
    if (committedSeq >= seq) run();
    else waiters.push({ seq, run });
  };

  // ------------------------------------------------------------------------------------------------ telling

  const tell = (): void => {
    willTell = false;
    if (ended || untold.length === 0) return;
    const news = untold;
    untold = [];
    const authors = new Set<Member>();
    for (const { member, frame } of news) {
      authors.add(member);
      member.acknowledge(frame);
    }
    let everything: Uint8Array | undefined;
    for (const place of places.values()) {
      const { member, mode, fromSeq, queue } = place;
      if (mode === 'silent') continue;
      // what its answer holds already is not told again
      const theirs = (news[0]?.seq ?? 0) > fromSeq ? news : news.filter(({ seq }) => seq > fromSeq);
      const frame =
        theirs === news && !authors.has(member) ? (everything ??= frameOf(news)) : frameOf(notFrom(member, theirs));
      if (!frame) continue;
      tally.told++;
      if (mode === 'joining') queue.push(frame);
      else member.send(frame, 'live');
    }
    if (shouldCompact(tail) && tail.rows > compactAboveRows) void compactNow();
    endIfEmpty();
  };

  // ------------------------------------------------------------------------------------------------ overlap

  const overlap = async (member: Member, frame: number, bytes: Uint8Array): Promise<ChangeOutcome> => {
    let left = bytes;
    for (let tries = 0; tries < OVERLAP_TRIES; tries++) {
      const vector = state.encodeStateVector();
      await committedUpTo(headSeq);
      if (ended) return { ok: true };
      const compared = await compactor.compare(await log.source(docId), left, vector);
      if (compared.kind === 'different') {
        out.warn({ docId, person: member.person, holder: member.holder, detail: compared.detail }, 'equivocation');
        const sent = { bytes, holder: member.holder, person: member.person, atMs: clock.nowMs() };
        tally.quarantined++;
        await log.quarantine({ ...sent, docId, reason: 'equivocation', detail: compared.detail });
        return refuse('equivocation', compared.detail);
      }
      if (ended) return { ok: true };
      const verdict = checkUpdate(compared.remainder, state, part);
      if (!verdict.ok) return verdict;
      if (verdict.value.kind === 'new') return admit(member, frame, verdict.value.update);
      if (verdict.value.kind === 'known') return known(member, frame);
      left = compared.remainder;
    }
    return refuse('needs-sync', 'the document went on while it was compared');
  };

  const known = (member: Member, frame: number): ChangeOutcome => {
    whenCommitted(headSeq, () => member.acknowledge(frame));
    return { ok: true };
  };

  const committedUpTo = (seq: number): Promise<void> =>
    new Promise((resolve) => {
      whenCommitted(seq, resolve);
    });

  const change = (member: Member, bytes: Uint8Array, frame: number): ChangeOutcome | Promise<ChangeOutcome> => {
    if (ended) return { ok: true };
    const verdict = checkUpdate(bytes, state, part);
    if (!verdict.ok) {
      // whoever only reads is told so at once: syncing first would not make it writable
      return verdict.code === 'needs-sync' && !member.canWrite ? refuse('read-only', verdict.detail) : verdict;
    }
    switch (verdict.value.kind) {
      case 'known':
        return known(member, frame);
      case 'new':
        return admit(member, frame, verdict.value.update);
      case 'overlap': {
        const { update } = verdict.value;
        const isNew = update.blocks.some(({ client, end }) => end > state.clockOf(client));
        const allowed = isNew ? admission(update, member, state, bindings) : undefined;
        if (allowed && !allowed.ok) return allowed;
        return overlap(member, frame, bytes);
      }
    }
  };

  // ------------------------------------------------------------------------------------------------ joining

  const answer = async (place: Place, theirs: StateVector): Promise<void> => {
    const throughSeq = headSeq;
    if (place.mode === 'silent') {
      place.mode = 'joining';
      place.fromSeq = throughSeq;
    }
    // both at this moment: a deletion that is admitted later belongs to a later row
    const deletes = theirs.size === 0 ? undefined : state.encodeDeletes();
    const isCurrent = deletes !== undefined && covers(theirs, state.entries());
    await committedUpTo(throughSeq);
    const frames = isCurrent
      ? framesOfDifference({ tail: [] }, theirs, deletes)
      : await framesFor(throughSeq, theirs, deletes);
    if (ended || !places.has(place.member)) return;
    for (const frame of frames) place.member.send(frame, 'join');
    tally.joined++;
    place.mode = 'live';
    for (const frame of place.queue.splice(0)) place.member.send(frame, 'live');
  };

  const framesFor = async (throughSeq: number, theirs: StateVector, deletes?: Uint8Array): Promise<Uint8Array[]> => {
    const kept = readMaterial(throughSeq);
    const read = await kept.read;
    if (!deletes) return (kept.everything ??= framesOfAll(read));
    const { snapshot } = read;
    if (!snapshot || snapshotNeed(read, theirs) === 'none') return framesOfDifference(read, theirs, deletes);
    const vector = writeStateVector(theirs);
    const difference =
      snapshot.bytes.length <= INLINE_DIFFERENCE_BYTES
        ? diffUpdate(snapshot.bytes, vector)
        : await compactor.difference(snapshot.bytes, vector);
    return framesOfDifference(read, theirs, deletes, difference);
  };

  const readMaterial = (throughSeq: number): NonNullable<typeof material> => {
    if (material?.throughSeq === throughSeq) return material;
    const read = log.load(docId).then((loaded) => joinMaterial(loaded, throughSeq));
    const kept: NonNullable<typeof material> = { throughSeq, read };
    material = kept;
    timers.after(MATERIAL_KEPT_MS, () => {
      if (material === kept) material = undefined;
    });
    return kept;
  };

  // ------------------------------------------------------------------------------------------------ compaction

  const compactNow = async (): Promise<void> => {
    if (compacting) return;
    compacting = true;
    const before = tail;
    tail = { ...before };
    try {
      const { snapshot, flagged, depth } = await compactor.compact(await log.source(docId));
      const aside = flagged.map(({ row, reason, detail }) => ({ ...row, docId, reason, detail }));
      await log.writeSnapshot(docId, snapshot, aside);
      tally.compactions++;
      tally.quarantined += aside.length;
      for (const { seq, reason, detail } of aside)
        out.error({ docId, seq, reason, detail, depth }, 'a row was set aside');
      tail = {
        rows: Math.max(0, headSeq - snapshot.seq),
        bytes: Math.max(0, tail.bytes - before.bytes),
        snapshotBytes: snapshot.bytes.length,
      };
      compactAboveRows = 0;
      material = undefined;
    } catch (reason) {
      tally.failedCompactions++;
      out.error({ err: reason, docId }, 'a document could not be compacted; it is tried again when it has grown');
      compactAboveRows = 2 * tail.rows;
    } finally {
      compacting = false;
    }
  };

  // ------------------------------------------------------------------------------------------------ presence

  const tick = (): void => {
    cancelTick = undefined;
    if (ended) return;
    const frameFor = board.changes();
    for (const { member } of places.values()) {
      const frame = frameFor(member);
      if (frame) member.send(frame, 'presence');
    }
  };
  const tickIf = (changed: boolean): void => {
    if (changed && !cancelTick && !ended) cancelTick = timers.after(PRESENCE_TICK_MS, tick);
  };
  const showPresence = (member: Member): void => {
    member.send(board.everybody() ?? presenceFrame([]), 'presence');
  };

  const room: Room = {
    docId,
    get seats() {
      return places.size;
    },
    enter: (member) => {
      const place: Place = { member, mode: 'silent', fromSeq: 0, queue: [] };
      places.set(member, place);
      member.send(room.stepOne(), 'live');
      if (board.everybody()) showPresence(member);
      return {
        change: (bytes, frame) => change(member, bytes, frame),
        answer: (theirs) => answer(place, theirs),
        present: (entries) => tickIf(board.take(member, entries, clock.monotonicMs())),
        isFree: (clientId) => {
          const binding = bindings.get(clientId);
          return board.isFree(clientId, member) && (!binding || holds(member, binding));
        },
        showPresence: () => showPresence(member),
        leave: () => {
          if (!places.delete(member)) return;
          tickIf(board.leave(member));
          endIfEmpty();
        },
      };
    },
    stepOne: () => syncFrame(SYNC_STEP_1, state.encodeStateVector()),
    expirePresence: () => tickIf(board.expire(clock.monotonicMs())),
    endIfEmpty,
    get isEnded() {
      return ended;
    },
  };
  return room;
}

/** One frame of what was stored in one turn; undefined for nothing. */
function frameOf(stored: readonly Stored[]): Uint8Array | undefined {
  if (stored.length === 0) return undefined;
  return syncFrame(SYNC_UPDATE, concatUpdates(stored.map(({ update }) => update)));
}

/**
 * What a member has not sent itself. Where somebody else went on under one of its client ids (two tabs of one device),
 * everything: the clocks of a client follow on each other only together.
 */
function notFrom(member: Member, stored: readonly Stored[]): readonly Stored[] {
  const others = stored.filter((item) => item.member !== member);
  if (others.length === 0 || others.length === stored.length) return others;
  const own = new Set(stored.filter((item) => item.member === member).flatMap(clientsOf));
  return others.some((item) => clientsOf(item).some((client) => own.has(client))) ? stored : others;
}

function clientsOf({ update }: Stored): number[] {
  return update.blocks.map(({ client }) => client);
}
