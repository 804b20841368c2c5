import { accept, DepartmentId, DocId, PersonId } from '@lianban/model';
import {
  createFakeRelay,
  createFakeTime,
  createMemoryDocStore,
  fakeDevice,
  seededRandom,
  turns,
  until,
  type FakeRelay,
  type FakeTime,
} from '@lianban/sync/testing';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { createDocShelf, type DocShelf } from './doc-shelf.ts';
import type { OpenDoc } from './workspace.ts';

const DOC = DocId.parse('case:350481-01k8x0000000000000000000aa/doc/1');
const MARKET = DepartmentId.parse('350481-market');

let relay: FakeRelay;
let time: FakeTime;
let shelves: DocShelf[] = [];
let seed = 0;

beforeEach(() => {
  relay = createFakeRelay();
  relay.reachable(false);
  time = createFakeTime();
});
afterEach(async () => {
  await Promise.all(shelves.map((shelf) => shelf.close()));
  shelves = [];
});

function shelfOf(account: string, store = createMemoryDocStore()): DocShelf {
  const person = PersonId.parse(account);
  const shelf = createDocShelf({
    account,
    store,
    carryStore: store,
    subject: { person, posts: [{ department: MARKET, role: 'clerk' }] },
    user: { person, name: { zh: account, en: account }, department: MARKET },
    door: {
      device: fakeDevice(1),
      serverUrl: 'ws://relay.test/yjs',
      token: async () => accept(relay.token),
      WebSocketImpl: relay.WebSocketImpl,
      visible: () => true,
    },
    clock: time.clock,
    timers: time.timers,
    random: seededRandom((seed += 1)),
    stateOf: () => null,
    isBroken: () => false,
    onFault: () => {},
    onSettled: () => {},
    onLost: () => {},
  });
  shelves.push(shelf);
  return shelf;
}

const type = (open: OpenDoc, words: string) => open.doc.getText('t').insert(0, words);
const read = (open: OpenDoc) => open.doc.getText('t').toJSON();

describe('the documents of a tab', () => {
  it('a document opened again while its last writes are under way shows them', async () => {
    const store = createMemoryDocStore();
    const shelf = shelfOf('linxy@350481', store);
    const one = await shelf.open(DOC);
    const release = store.hold();
    type(one, '刚写的');
    one.close();
    await turns();
    const opening = shelf.open(DOC);
    release();
    expect(read(await opening)).toBe('刚写的');
  });

  it('a document that is being closed is read again only when it has been written', async () => {
    const store = createMemoryDocStore();
    const shelf = shelfOf('linxy@350481', store);
    const one = await shelf.open(DOC);
    one.close();
    await turns(1);
    const two = await shelf.open(DOC);
    type(two, '后来的');
    two.close();
    await until('written', () => store.appends() === 1);
    await turns();
    const three = await shelf.open(DOC);
    expect(three.doc).not.toBe(two.doc);
    expect(read(three)).toBe('后来的');
  });

  it('a document that could not be written stays until it has been, whether anybody holds it or not', async () => {
    const store = createMemoryDocStore();
    const shelf = shelfOf('linxy@350481', store);
    const one = await shelf.open(DOC);
    store.failAlways('quota');
    type(one, '没有地方');
    one.close();
    await turns();
    expect(shelf.opened()).toHaveLength(1);
    expect(read(await shelf.open(DOC))).toBe('没有地方');
    const two = await shelf.open(DOC);
    two.close();
    store.failAlways(null);
    time.advance(30_000);
    await until('written', () => store.appends() === 1);
    // the first of the two is still held
    expect(shelf.opened()).toHaveLength(1);
  });

  it('a document that nobody holds is let go once it has been written', async () => {
    const store = createMemoryDocStore();
    const shelf = shelfOf('linxy@350481', store);
    const one = await shelf.open(DOC);
    store.failAlways('quota');
    type(one, '没有地方');
    one.close();
    await turns();
    store.failAlways(null);
    time.advance(30_000);
    await until('let go', () => shelf.opened().length === 0);
    expect(store.appends()).toBe(1);
  });

  it('two tabs of one account see each other without a line, two accounts never', async () => {
    const one = await shelfOf('linxy@350481').open(DOC);
    const two = await shelfOf('linxy@350481').open(DOC);
    const other = await shelfOf('wanglei@350481').open(DOC);
    type(one, '甲');
    await until('across', () => read(two) === '甲');
    await turns();
    expect(read(other)).toBe('');
    expect(other.present.current.map((who) => who.person)).toEqual(['wanglei@350481']);
  });
});
