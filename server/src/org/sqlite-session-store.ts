import * as z from 'zod';
import type { Database } from '../db/open.ts';
import { DoorToken, Session, type SessionStore } from './session-store.ts';

const SESSION = 'SELECT id, person, started_at_ms AS startedAtMs, expires_at_ms AS expiresAtMs FROM session';
const Count = z.object({ count: z.int() });

/** The session store of a relay with one SQLite file; sessions and door tokens survive a restart. */
export function createSqliteSessionStore({ db, writer }: Database): SessionStore {
  const read = {
    byHash: db.prepare(`${SESSION} WHERE token_hash = ?`),
    byId: db.prepare(`${SESSION} WHERE id = ?`),
    token: db.prepare(
      'SELECT hash, session, doc AS docId, expires_at_ms AS expiresAtMs FROM door_token WHERE hash = ?',
    ),
    count: db.prepare('SELECT count(*) AS count FROM door_token WHERE session = ? AND expires_at_ms > ?'),
  };
  const write = {
    session: db.prepare(
      'INSERT INTO session (id, token_hash, person, started_at_ms, expires_at_ms) VALUES (?, ?, ?, ?, ?)',
    ),
    dropSession: db.prepare('DELETE FROM session WHERE id = ?'),
    token: db.prepare('INSERT INTO door_token (hash, session, doc, expires_at_ms) VALUES (?, ?, ?, ?)'),
    dropToken: db.prepare('DELETE FROM door_token WHERE hash = ? AND session = ?'),
    dropOldSessions: db.prepare('DELETE FROM session WHERE expires_at_ms <= ?'),
    dropOldTokens: db.prepare('DELETE FROM door_token WHERE expires_at_ms <= ?'),
  };
  const sessionOf = (row: unknown): Promise<Session | undefined> =>
    Promise.resolve(row === undefined ? undefined : Session.parse(row));
  return {
    addSession: ({ id, tokenHash, person, startedAtMs, expiresAtMs }) =>
      writer.submit(() => void write.session.run(id, tokenHash, person, startedAtMs, expiresAtMs)),
    sessionByTokenHash: (tokenHash) => sessionOf(read.byHash.get(tokenHash)),
    session: (id) => sessionOf(read.byId.get(id)),
    removeSession: (id) => writer.submit(() => write.dropSession.run(id).changes > 0),
    addDoorToken: ({ hash, session, docId, expiresAtMs }) =>
      writer.submit(() => void write.token.run(hash, session, docId, expiresAtMs)),
    doorToken: (hash) => {
      const row = read.token.get(hash);
      return Promise.resolve(row === undefined ? undefined : DoorToken.parse(row));
    },
    removeDoorToken: (hash, session) => writer.submit(() => write.dropToken.run(hash, session).changes > 0),
    countDoorTokens: (session, nowMs) => Promise.resolve(Count.parse(read.count.get(session, nowMs)).count),
    removeExpired: (nowMs) =>
      writer.submit(() => {
        write.dropOldSessions.run(nowMs);
        write.dropOldTokens.run(nowMs);
      }),
  };
}
