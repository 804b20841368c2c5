import 'fake-indexeddb/auto';
import { DocId, PersonId } from '@lianban/model';
import { docStoreContract, ledgerStoreContract, seededRandom } from '@lianban/sync/testing';
import { afterEach, describe, expect, it } from 'vitest';
import * as Y from 'yjs';
import { openAccountStore } from './account-store.ts';
import { faultOf, openDatabase, type Database } from './database.ts';
import { compact, COMPACT_AFTER_ROWS, createDocStore } from './doc-store.ts';
import { createLedgerStore } from './ledger-store.ts';

const ME = PersonId.parse('linxy@350481');
const OTHER = PersonId.parse('wanglei@350481');
const DOC = DocId.parse('case:350481-01k8x0000000000000000000aa/doc/1');

let number = 0;
let open: Database[] = [];

async function fresh(name = `test-${(number += 1)}`): Promise<{ name: string; db: Database }> {
  const db = await openDatabase(name);
  open.push(db);
  return { name, db };
}
afterEach(() => {
  for (const db of open) db.close();
  open = [];
});

docStoreContract('the browser', async () => {
  const { name, db } = await fresh();
  return {
    store: createDocStore(db, ME),
    reopen: async () => createDocStore((await fresh(name)).db, ME),
    other: async () => createDocStore(db, OTHER),
    close: async () => {},
  };
});

ledgerStoreContract('the browser', async () => {
  const { name, db } = await fresh();
  return {
    store: createLedgerStore(db, ME),
    reopen: async () => createLedgerStore((await fresh(name)).db, ME),
    other: async () => createLedgerStore(db, OTHER),
    close: async () => {},
  };
});

describe('compaction', () => {
  async function filled(rows: number) {
    const { db } = await fresh();
    const store = createDocStore(db, ME);
    const doc = new Y.Doc();
    const updates: Uint8Array[] = [];
    doc.on('update', (update: Uint8Array) => updates.push(update));
    for (let i = 0; i < rows; i++) doc.getText('t').insert(0, `${i} `);
    for (const [i, update] of updates.entries()) {
      await store.append(DOC, [{ update, outbox: { msgId: `m${i}`, clientId: doc.clientID, atMs: i } }]);
    }
    await store.idle();
    return { db, store, text: doc.getText('t').toJSON() };
  }

  it('happens by itself, keeps the text and leaves the whole outbox alone', async () => {
    const { db, store, text } = await filled(COMPACT_AFTER_ROWS + 20);
    expect(await db.docRows.count()).toBeLessThan(30);
    const found = await store.load(DOC);
    const doc = new Y.Doc();
    for (const update of found.updates) Y.applyUpdate(doc, update);
    expect(doc.getText('t').toJSON()).toBe(text);
    expect(found.outbox).toHaveLength(COMPACT_AFTER_ROWS + 20);
  });

  it('changes nothing when one row cannot be read', async () => {
    const { db } = await filled(5);
    await db.docRows.add({
      account: ME,
      docId: DOC,
      updates: [new Uint8Array([1, 2, 250, 3])],
      bytes: 4,
      siblings: [],
    });
    await expect(compact(db, ME, DOC)).rejects.toThrow();
    expect(await db.docRows.count()).toBe(6);
  });

  it('keeps what waits for an update that is not there yet', async () => {
    const { db } = await fresh();
    const store = createDocStore(db, ME);
    const doc = new Y.Doc();
    const updates: Uint8Array[] = [];
    doc.on('update', (update: Uint8Array) => updates.push(update));
    doc.getText('t').insert(0, 'a');
    doc.getText('t').insert(1, 'b');
    await store.append(DOC, [{ update: updates[1] as Uint8Array }]);
    await compact(db, ME, DOC);
    await store.append(DOC, [{ update: updates[0] as Uint8Array }]);
    const again = new Y.Doc();
    for (const update of (await store.load(DOC)).updates) Y.applyUpdate(again, update);
    expect(again.getText('t').toJSON()).toBe('ab');
  });
});

describe('a write', () => {
  it('is handed over in the turn it is asked for: a page that goes right after it loses nothing', async () => {
    const { name, db } = await fresh();
    const store = createDocStore(db, ME);
    const update = Y.encodeStateAsUpdate(new Y.Doc());
    const writing = store.append(DOC, [{ update, outbox: { msgId: 'm1', clientId: 1, atMs: 0 } }]);
    db.close();
    await writing;
    const again = createDocStore((await fresh(name)).db, ME);
    expect((await again.load(DOC)).outbox.map((item) => item.msgId)).toEqual(['m1']);
  });
});

describe('a fault of the disk', () => {
  it('is named by its code', () => {
    const quota = Object.assign(new Error('full'), { name: 'QuotaExceededError' });
    expect(faultOf(quota).code).toBe('quota');
    expect(faultOf(Object.assign(new Error('aborted'), { name: 'AbortError', inner: quota })).code).toBe('quota');
    expect(faultOf(new Error('whatever')).code).toBe('store-blocked');
  });

  it('of a write leaves all of it or nothing', async () => {
    const { db } = await fresh();
    const store = createDocStore(db, ME);
    const bad = { msgId: 'm2', clientId: 1, atMs: 0, broken: () => {} };
    const update = Y.encodeStateAsUpdate(new Y.Doc());
    await expect(
      store.append(DOC, [
        { update, outbox: { msgId: 'm1', clientId: 1, atMs: 0 } },
        { update, outbox: bad },
      ]),
    ).rejects.toThrow();
    expect(await store.load(DOC)).toEqual({ updates: [], outbox: [], siblings: [] });
  });
});

describe('accounts', () => {
  const row = (person: PersonId) => ({
    person,
    account: person.split('@')[0] as string,
    name: { zh: '林晓燕', en: 'Lin Xiaoyan' },
    posts: [],
    relay: '350481',
    lastUsedMs: 1,
  });

  it('keep one device id each, for good', async () => {
    const { name, db } = await fresh();
    const accounts = await openAccountStore(db, seededRandom(1));
    const mine = await accounts.remember(row(ME));
    const other = await accounts.remember(row(OTHER));
    expect(other.device).not.toBe(mine.device);
    const again = await openAccountStore((await fresh(name)).db, seededRandom(2));
    expect((await again.remember(row(ME))).device).toBe(mine.device);
    await again.setCurrent(ME);
    expect((await again.current())?.person).toBe(ME);
    await again.setCurrent(null);
    expect(await again.current()).toBeNull();
    expect(await again.intact()).toBe(true);
  });

  it('say how much of each waits', async () => {
    const { db } = await fresh();
    const accounts = await openAccountStore(db, seededRandom(1));
    const update = Y.encodeStateAsUpdate(new Y.Doc());
    await createDocStore(db, ME).append(DOC, [{ update, outbox: { msgId: 'm1', clientId: 1, atMs: 0 } }]);
    await createDocStore(db, OTHER).append(DOC, [
      { update, outbox: { msgId: 'm1', clientId: 1, atMs: 0 } },
      { update, outbox: { msgId: 'm2', clientId: 1, atMs: 0 } },
    ]);
    expect(await accounts.waiting()).toEqual(
      new Map([
        [ME, 1],
        [OTHER, 2],
      ]),
    );
  });
});
