import type { DepartmentId, PersonId, Wording } from '@lianban/model';
import { MAX_PRESENCE_BYTES } from '@lianban/sync';
import { presenceEntry, presenceFrame, type PresenceEntry } from './door-frames.ts';

/** Somebody whose presence the board shows; compared by identity. */
export interface Present {
  readonly person: PersonId;
  readonly name: Wording;
  readonly department: DepartmentId;
}

/** A state that is not renewed is taken down after this, ms: what stock clients do on their side. */
const PRESENCE_TTL_MS = 30_000;
/** Most states of one document: beyond it nobody looks at carets. */
const MAX_PRESENT = 200;

/**
 * Who is in one document now: carets and names, never stored. Identity is the relay's word: the `user` member of each
 * state is overwritten.
 */
export interface PresenceBoard<Owner extends Present> {
  /** True when this id is free for `owner`: nobody else's of another person. */
  isFree(clientId: number, owner: Owner): boolean;
  /** Takes the newest states of the owner's own ids; others must have been left out. True when something changed. */
  take(owner: Owner, entries: readonly PresenceEntry[], nowMs: number): boolean;
  /** Takes the states of somebody who left down. True when there were any. */
  leave(owner: Owner): boolean;
  /** Takes down what was not renewed. True when there was anything. */
  expire(nowMs: number): boolean;
  /** A frame with every state, or undefined when nobody is there. */
  everybody(): Uint8Array | undefined;
  /** What changed since the last call: a frame for each reader without their own states, or undefined for none. */
  changes(): (reader: Owner) => Uint8Array | undefined;
}

interface Shown<Owner> {
  owner: Owner;
  clock: number;
  entry: Uint8Array;
  atMs: number;
}

/** An empty board. */
export function createPresenceBoard<Owner extends Present>(): PresenceBoard<Owner> {
  const shown = new Map<number, Shown<Owner>>();
  /** Written entries that were not told yet, by client id; somebody who left is only here. */
  let changed = new Map<number, { owner: Owner; entry: Uint8Array }>();

  const takeDown = (clientId: number, { owner, clock }: Shown<Owner>): void => {
    shown.delete(clientId);
    changed.set(clientId, { owner, entry: presenceEntry({ clientId, clock, json: 'null' }) });
  };
  const takeDownAll = (isGone: (state: Shown<Owner>) => boolean): boolean => {
    const gone = [...shown].filter(([, state]) => isGone(state));
    for (const [clientId, state] of gone) takeDown(clientId, state);
    return gone.length > 0;
  };
  return {
    isFree: (clientId, owner) => {
      const there = shown.get(clientId)?.owner;
      return there === undefined || there === owner || there.person === owner.person;
    },
    take: (owner, entries, nowMs) => {
      let any = false;
      for (const { clientId, clock, json } of entries) {
        const before = shown.get(clientId);
        const state = stampPresence(json, owner);
        if (state === undefined) continue;
        if (state === 'null') {
          if (!before || clock < before.clock) continue;
          takeDown(clientId, { ...before, clock });
        } else {
          if (before ? clock <= before.clock && before.owner === owner : shown.size >= MAX_PRESENT) continue;
          const entry = presenceEntry({ clientId, clock, json: state });
          shown.set(clientId, { owner, clock, entry, atMs: nowMs });
          changed.set(clientId, { owner, entry });
        }
        any = true;
      }
      return any;
    },
    leave: (owner) => takeDownAll((state) => state.owner === owner),
    expire: (nowMs) => takeDownAll(({ atMs }) => nowMs - atMs >= PRESENCE_TTL_MS),
    everybody: () => (shown.size === 0 ? undefined : presenceFrame([...shown.values()].map(({ entry }) => entry))),
    changes: () => {
      const news = [...changed.values()];
      changed = new Map();
      const authors = new Set(news.map(({ owner }) => owner));
      const all = news.length === 0 ? undefined : presenceFrame(news.map(({ entry }) => entry));
      return (reader) => {
        if (!authors.has(reader)) return all;
        const others = news.filter(({ owner }) => owner !== reader).map(({ entry }) => entry);
        return others.length === 0 ? undefined : presenceFrame(others);
      };
    },
  };
}

/** A state with the relay's word on who it is; undefined when it is too large or no state at all. */
export function stampPresence(json: string, { person, name, department }: Present): string | undefined {
  if (json === 'null') return json;
  if (json.length > MAX_PRESENCE_BYTES || Buffer.byteLength(json) > MAX_PRESENCE_BYTES) return undefined;
  let state: unknown;
  try {
    state = JSON.parse(json);
  } catch {
    return undefined;
  }
  if (typeof state !== 'object' || state === null || Array.isArray(state)) return undefined;
  return JSON.stringify({ ...state, user: { person, name, department } });
}
