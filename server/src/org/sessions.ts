import { accept, refuse, type Clock, type DocId, type PersonId, type Random, type Result } from '@lianban/model';
import { sha256Hex } from '../host.ts';
import type { DoorToken, Session, SessionStore } from './session-store.ts';

/** How long a session lasts, ms, whatever happens: twelve hours (reliability B8). */
export const SESSION_MS = 12 * 3_600_000;
/** Door tokens one session may hold: more documents than anybody has open. */
const MAX_DOOR_TOKENS = 5_000;

/** What ended: a session with everything under it or, where `doorToken` is its hash, that door token alone. */
export interface Revoked {
  session: string;
  doorToken?: string;
}

/** Sessions and the door tokens under them. Tokens are 256 random bits; the relay keeps their SHA-256 alone. */
export interface Sessions {
  open(person: PersonId): Promise<{ token: string; session: Session }>;
  /** The session of a token, or undefined when there is none or it has ended. */
  find(token: string): Promise<Session | undefined>;
  /** Ends a session, its door tokens and, through the listeners, its sockets. */
  end(id: string): Promise<void>;
  /** A token for one document that lasts as long as the session. Refuses with `too-many` above 5,000 tokens. */
  grantDoor(session: Session, docId: DocId): Promise<Result<{ token: string; expiresAtMs: number }>>;
  /** The door token of this hash and its session, or undefined when either has ended. */
  doorByHash(hash: string): Promise<{ doorToken: DoorToken; session: Session } | undefined>;
  /** Takes a door token of this session back; a token that is not there is no error. */
  revokeDoor(session: Session, token: string): Promise<void>;
  /** Runs after something was revoked. Returns what takes the listener away. */
  onRevoked(listener: (revoked: Revoked) => void): () => void;
  /** Forgets what has ended; called now and then. */
  sweep(): Promise<void>;
}

/** Sessions over a store. */
export function createSessions(store: SessionStore, clock: Clock, random: Random): Sessions {
  const listeners = new Set<(revoked: Revoked) => void>();
  const tell = (revoked: Revoked): void => listeners.forEach((listener) => listener(revoked));
  const newToken = (): string => Buffer.from(random.bytes(32)).toString('base64url');
  const standing = <Row extends { expiresAtMs: number }>(row: Row | undefined): Row | undefined =>
    row !== undefined && row.expiresAtMs > clock.nowMs() ? row : undefined;

  return {
    open: async (person) => {
      const token = newToken();
      const startedAtMs = clock.nowMs();
      const id = Buffer.from(random.bytes(12)).toString('hex');
      const session = { id, person, startedAtMs, expiresAtMs: startedAtMs + SESSION_MS };
      await store.addSession({ ...session, tokenHash: sha256Hex(token) });
      return { token, session };
    },
    find: async (token) => standing(await store.sessionByTokenHash(sha256Hex(token))),
    end: async (id) => {
      await store.removeSession(id);
      tell({ session: id });
    },
    grantDoor: async (session, docId) => {
      if ((await store.countDoorTokens(session.id, clock.nowMs())) >= MAX_DOOR_TOKENS) {
        return refuse('too-many', 'too many door tokens in one session');
      }
      const token = newToken();
      const { expiresAtMs } = session;
      await store.addDoorToken({ hash: sha256Hex(token), session: session.id, docId, expiresAtMs });
      return accept({ token, expiresAtMs });
    },
    doorByHash: async (hash) => {
      const doorToken = standing(await store.doorToken(hash));
      const session = doorToken && standing(await store.session(doorToken.session));
      return doorToken && session && { doorToken, session };
    },
    revokeDoor: async (session, token) => {
      const hash = sha256Hex(token);
      if (await store.removeDoorToken(hash, session.id)) tell({ session: session.id, doorToken: hash });
    },
    onRevoked: (listener) => {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
    sweep: () => store.removeExpired(clock.nowMs()),
  };
}
