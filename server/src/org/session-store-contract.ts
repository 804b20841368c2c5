import { DocId, PersonId } from '@lianban/model';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { SessionStore } from './session-store.ts';

const person = PersonId.parse('li@990121');
const docId = DocId.parse('case:990121-01hzy3v7k9q2m4n6p8r0s2t4v6/file');
const session = (id: string, expiresAtMs = 1000) => ({
  id,
  person,
  startedAtMs: 1,
  expiresAtMs,
  tokenHash: `hash of ${id}`,
});
const token = (hash: string, of: string, expiresAtMs = 1000) => ({ hash, session: of, docId, expiresAtMs });

/** What every session store keeps; `make` gives one in whose directory `li@990121` is. */
export function describeSessionStore(
  name: string,
  make: () => Promise<{ store: SessionStore; reopen?: () => Promise<SessionStore>; close: () => Promise<void> }>,
): void {
  describe(`session store: ${name}`, () => {
    let made: Awaited<ReturnType<typeof make>>;
    let store: SessionStore;
    beforeEach(async () => {
      made = await make();
      store = made.store;
    });
    afterEach(() => made.close());

    it('finds a session by its id and by the hash of its token, and gives the hash to nobody', async () => {
      await store.addSession(session('a'));
      const found = { id: 'a', person, startedAtMs: 1, expiresAtMs: 1000 };
      expect(await store.session('a')).toEqual(found);
      expect(await store.sessionByTokenHash('hash of a')).toEqual(found);
      expect(await store.sessionByTokenHash('a')).toBeUndefined();
      expect(await store.session('b')).toBeUndefined();
    });

    it('removes a session with its door tokens and no others', async () => {
      await store.addSession(session('a'));
      await store.addSession(session('b'));
      await store.addDoorToken(token('t1', 'a'));
      await store.addDoorToken(token('t2', 'b'));
      expect(await store.removeSession('a')).toBe(true);
      expect(await store.removeSession('a')).toBe(false);
      expect(await store.doorToken('t1')).toBeUndefined();
      expect(await store.doorToken('t2')).toEqual(token('t2', 'b'));
      expect(await store.session('b')).toBeDefined();
    });

    it('takes no door token for a session that is gone', async () => {
      await expect(store.addDoorToken(token('t', 'gone'))).rejects.toThrow();
      expect(await store.doorToken('t')).toBeUndefined();
    });

    it('removes a door token for its own session alone', async () => {
      await store.addSession(session('a'));
      await store.addSession(session('b'));
      await store.addDoorToken(token('t', 'a'));
      expect(await store.removeDoorToken('t', 'b')).toBe(false);
      expect(await store.doorToken('t')).toBeDefined();
      expect(await store.removeDoorToken('t', 'a')).toBe(true);
      expect(await store.doorToken('t')).toBeUndefined();
    });

    it('counts the door tokens of a session that last', async () => {
      await store.addSession(session('a'));
      await store.addDoorToken(token('t1', 'a', 10));
      await store.addDoorToken(token('t2', 'a', 20));
      expect(await store.countDoorTokens('a', 10)).toBe(1);
      expect(await store.countDoorTokens('b', 0)).toBe(0);
    });

    it('forgets what has ended', async () => {
      await store.addSession(session('old', 10));
      await store.addSession(session('new', 20));
      await store.addDoorToken(token('t1', 'old', 20));
      await store.addDoorToken(token('t2', 'new', 10));
      await store.removeExpired(10);
      expect(await store.session('old')).toBeUndefined();
      expect(await store.session('new')).toBeDefined();
      expect(await store.doorToken('t1')).toBeUndefined();
      expect(await store.doorToken('t2')).toBeUndefined();
    });

    it('keeps all of it through a restart', async () => {
      await store.addSession(session('a'));
      await store.addDoorToken(token('t', 'a'));
      const again = (await made.reopen?.()) ?? store;
      expect(await again.sessionByTokenHash('hash of a')).toMatchObject({ id: 'a' });
      expect(await again.doorToken('t')).toEqual(token('t', 'a'));
    });
  });
}
