import { DocId, PersonId } from '@lianban/model';
import * as z from 'zod';

/** A signed-in person in one browser or program. */
export const Session = z.object({
  /** Names the session inside the relay; useless to a caller. */
  id: z.string(),
  person: PersonId,
  startedAtMs: z.int(),
  /** Absolute end; there is no idle end, because an outage is not idleness. */
  expiresAtMs: z.int(),
});
/** See the schema of the same name. */
export type Session = z.infer<typeof Session>;

/** The right to open one document at the stock door, given by a session and gone with it. */
export const DoorToken = z.object({ hash: z.string(), session: z.string(), docId: DocId, expiresAtMs: z.int() });
/** See the schema of the same name. */
export type DoorToken = z.infer<typeof DoorToken>;

/** Where sessions and door tokens are kept: hashes of tokens, never tokens. Contract: `session-store.contract.ts`. */
export interface SessionStore {
  addSession(session: Session & { tokenHash: string }): Promise<void>;
  sessionByTokenHash(tokenHash: string): Promise<Session | undefined>;
  session(id: string): Promise<Session | undefined>;
  /** Removes a session and its door tokens in one commit. False when it was not there. */
  removeSession(id: string): Promise<boolean>;
  /** Throws when the session is gone. */
  addDoorToken(token: DoorToken): Promise<void>;
  doorToken(hash: string): Promise<DoorToken | undefined>;
  /** Removes a door token of this session. False when there was none. */
  removeDoorToken(hash: string, session: string): Promise<boolean>;
  /** Door tokens of a session that have not expired. */
  countDoorTokens(session: string, nowMs: number): Promise<number>;
  /** Removes what ended before `nowMs`. */
  removeExpired(nowMs: number): Promise<void>;
}
