import { LianbanError } from '@lianban/model';
import type { DoorToken, Session, SessionStore } from './session-store.ts';

/** A session store that forgets: for tests. */
export function createMemorySessionStore(): SessionStore {
  const sessions = new Map<string, Session & { tokenHash: string }>();
  const tokens = new Map<string, DoorToken>();
  const remove = (id: string): boolean => {
    for (const [hash, token] of tokens) if (token.session === id) tokens.delete(hash);
    return sessions.delete(id);
  };
  return {
    addSession: async (session) => void sessions.set(session.id, session),
    sessionByTokenHash: async (tokenHash) => bare([...sessions.values()].find((row) => row.tokenHash === tokenHash)),
    session: async (id) => bare(sessions.get(id)),
    removeSession: async (id) => remove(id),
    addDoorToken: async (token) => {
      if (!sessions.has(token.session)) throw new LianbanError('unexpected', 'a door token without its session');
      tokens.set(token.hash, token);
    },
    doorToken: async (hash) => tokens.get(hash),
    removeDoorToken: async (hash, session) => tokens.get(hash)?.session === session && tokens.delete(hash),
    countDoorTokens: async (session, nowMs) =>
      [...tokens.values()].filter((token) => token.session === session && token.expiresAtMs > nowMs).length,
    removeExpired: async (nowMs) => {
      for (const session of sessions.values()) if (session.expiresAtMs <= nowMs) remove(session.id);
      for (const token of tokens.values()) if (token.expiresAtMs <= nowMs) tokens.delete(token.hash);
    },
  };
}

function bare(row: (Session & { tokenHash: string }) | undefined): Session | undefined {
  if (row === undefined) return undefined;
  const { tokenHash: _, ...session } = row;
  return session;
}
