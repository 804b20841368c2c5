import { accept, DepartmentId, DocId, LianbanError, PersonId, refuse } from '@lianban/model';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import * as Y from 'yjs';
import type { DocStore } from '../ports.ts';
import { createFakeRelay, fakeDevice, type FakeRelay } from '../testing/fake-relay.ts';
import { createFakeTime, type FakeTime } from '../testing/fake-time.ts';
import { createMemoryDocStore, type MemoryDocStore } from '../testing/memory-doc-store.ts';
import { seededRandom } from '../testing/seeded-random.ts';
import { turns, until } from '../testing/until.ts';
import { openSharedDoc, type SharedDoc, type SharedDocOptions } from './shared-doc.ts';

const DOC = DocId.parse('case:350481-01k8x0000000000000000000aa/doc/1');
const LIN = {
  person: PersonId.parse('linxy@350481'),
  name: { zh: '林晓燕', en: 'Lin Xiaoyan' },
  department: DepartmentId.parse('350481-market'),
};

let relay: FakeRelay;
let time: FakeTime;
let store: MemoryDocStore;
let seed = 0;
let opened: SharedDoc[] = [];
let dead = new WeakSet<SharedDoc>();

beforeEach(() => {
  relay = createFakeRelay();
  time = createFakeTime();
  store = createMemoryDocStore();
  opened = [];
  dead = new WeakSet();
});
afterEach(async () => {
  await Promise.all(opened.map((doc) => doc.close()));
});

async function open(
  over: Partial<Omit<SharedDocOptions, 'store'>> & { device?: number; store?: MemoryDocStore } = {},
): Promise<SharedDoc> {
  const { device = 1, store: under = store, ...rest } = over;
  const session: { shared?: SharedDoc } = {};
  const shared: SharedDoc = await openSharedDoc({
    docId: DOC,
    store: storeOf(() => session.shared, under),
    door: {
      device: fakeDevice(device),
      serverUrl: 'ws://relay.test/yjs',
      token: async () => accept('open-sesame'),
      WebSocketImpl: relay.WebSocketImpl,
      visible: () => true,
    },
    user: LIN,
    channel: null,
    clock: time.clock,
    timers: time.timers,
    random: seededRandom((seed += 1)),
    ...rest,
  });
  session.shared = shared;
  opened.push(shared);
  return shared;
}

const isSettled = (shared: SharedDoc) => {
  const status = shared.status();
  return status.at === 'open' && status.settled;
};
const type = (shared: SharedDoc, words: string) =>
  shared.doc.getText('t').insert(shared.doc.getText('t').length, words);
const read = (doc: Y.Doc) => doc.getText('t').toJSON();
const flush = async (shared: SharedDoc) => expect(await shared.flush()).toBe(true);

/** As a killed tab: nothing it does reaches the store any more. */
function kill(shared: SharedDoc): void {
  dead.add(shared);
  opened = opened.filter((doc) => doc !== shared);
  void shared.close();
}

/** The store as one session has it: cut off when the session is killed. */
function storeOf(session: () => SharedDoc | undefined, under: MemoryDocStore): DocStore {
  const alive = async () => {
    const shared = session();
    if (shared && dead.has(shared)) throw new LianbanError('store-blocked', 'killed');
  };
  return {
    ...under,
    append: async (...args) => (await alive(), under.append(...args)),
    acknowledged: async (...args) => (await alive(), under.acknowledged(...args)),
    refused: async (...args) => (await alive(), under.refused(...args)),
  };
}

describe('an open document', () => {
  it('stores, sends, and counts a change as waiting until the relay has acknowledged it', async () => {
    const shared = await open();
    await until('settled', () => isSettled(shared));
    relay.holdAcks(true);
    type(shared, '经现场踏勘');
    await until('the relay has it', () => read(relay.doc(DOC)) === '经现场踏勘');
    expect(shared.waiting()).toBe(1);
    await flush(shared);
    expect(await store.outbox()).toHaveLength(1);
    relay.holdAcks(false);
    await until('acknowledged', () => shared.waiting() === 0);
    await flush(shared);
    expect(await store.outbox()).toEqual([]);
  });

  it('writes at once, and gathers what comes during a write into the next one', async () => {
    const shared = await open();
    await until('settled', () => isSettled(shared));
    relay.holdAcks(true);
    const release = store.hold();
    for (const word of ['一', '二']) type(shared, word);
    await turns();
    // no timer had to run for the first write to begin
    for (const word of ['三', '四', '五']) {
      type(shared, word);
      await turns();
    }
    expect(store.appends()).toBe(0);
    release();
    await until('written', () => store.appends() === 2);
    expect(await store.outbox()).toHaveLength(5);
  });

  it('writes what is left when it is closed', async () => {
    relay.reachable(false);
    const shared = await open();
    type(shared, '最后一句');
    await shared.close();
    expect(read(await stored())).toBe('最后一句');
    expect(await store.outbox()).toHaveLength(1);
  });

  it('an acknowledgement that overtakes the write leaves no item behind', async () => {
    const shared = await open();
    await until('settled', () => isSettled(shared));
    // the disk is busy with an earlier change
    relay.holdAcks(true);
    const release = store.hold();
    type(shared, '忙');
    await turns();
    type(shared, '先到');
    relay.holdAcks(false);
    await until('acknowledged', () => shared.waiting() === 0);
    expect(store.appends()).toBe(0);
    release();
    await flush(shared);
    expect(await store.outbox()).toEqual([]);
    expect(read(await stored())).toBe('忙先到');
  });

  it('an acknowledgement during the write takes the item out behind it', async () => {
    const shared = await open();
    await until('settled', () => isSettled(shared));
    const release = store.hold();
    type(shared, '同时');
    const written = shared.flush();
    await until('acknowledged', () => shared.waiting() === 0);
    release();
    await written;
    await flush(shared);
    await turns();
    expect(await store.outbox()).toEqual([]);
  });

  it('what was typed offline goes with the step 2 of the next connection, and every item of it is acknowledged', async () => {
    relay.reachable(false);
    const shared = await open();
    for (let i = 0; i < 30; i++) type(shared, `${i} `);
    shared.doc.getText('t').delete(0, 4);
    await flush(shared);
    expect(shared.waiting()).toBe(31);
    relay.reachable(true);
    shared.tryNow();
    time.advance(10_000);
    await until('acknowledged', () => shared.waiting() === 0);
    expect(read(relay.doc(DOC))).toBe(read(shared.doc));
    expect(relay.committed()).toBe(1);
  });

  it('a change typed between the connection and its step 2 waits for the step 2, behind what was typed offline', async () => {
    relay.reachable(false);
    let onOpen = () => {};
    const shared = await open({ onChange: () => onOpen() });
    type(shared, '断线时');
    await flush(shared);
    await until('waiting', () => shared.status().at === 'waiting');
    onOpen = () => {
      const status = shared.status();
      if (status.at !== 'open' || status.synced) return;
      onOpen = () => {};
      type(shared, '写的');
    };
    relay.reachable(true);
    shared.tryNow();
    await until('typed and acknowledged', () => shared.waiting() === 0 && isSettled(shared));
    expect(read(relay.doc(DOC))).toBe('断线时写的');
    expect(relay.connected()).toBe(1);
  });

  it('a change typed before the first step 2 of an empty document arrives', async () => {
    const shared = await open();
    await until('connected', () => relay.connected() === 1);
    type(shared, 'early');
    await until('acknowledged', () => shared.waiting() === 0);
    expect(read(relay.doc(DOC))).toBe('early');
  });

  it('a deletion alone, which moves no state vector, waits for its own acknowledgement', async () => {
    const shared = await open();
    await until('settled', () => isSettled(shared));
    type(shared, '多余');
    await until('acknowledged', () => shared.waiting() === 0);
    relay.holdAcks(true);
    shared.doc.getText('t').delete(0, 2);
    await turns();
    expect(shared.waiting()).toBe(1);
    relay.holdAcks(false);
    await until('acknowledged', () => shared.waiting() === 0);
  });
});

describe('after a kill', () => {
  it('between the store and the acknowledgement, the change is sent again under the ids of the dead session', async () => {
    relay.reachable(false);
    const first = await open();
    type(first, '断线时写的');
    await flush(first);
    const deadId = first.doc.clientID;
    kill(first);
    relay.reachable(true);
    const second = await open();
    expect(second.doc.clientID).not.toBe(deadId);
    expect(second.waiting()).toBe(1);
    await until('acknowledged', () => second.waiting() === 0);
    expect(relay.announced()).toContain(deadId);
    expect(relay.announced()).toContain(second.doc.clientID);
    expect(read(relay.doc(DOC))).toBe('断线时写的');
    await flush(second);
    await turns();
    expect(await store.outbox()).toEqual([]);
  });

  it('between the commit and its acknowledgement, sending again changes nothing and is acknowledged', async () => {
    const first = await open();
    await until('settled', () => isSettled(first));
    relay.holdAcks(true);
    type(first, '一次');
    await flush(first);
    await until('committed', () => read(relay.doc(DOC)) === '一次');
    kill(first);
    relay.holdAcks(false);
    const second = await open();
    await until('acknowledged', () => second.waiting() === 0);
    expect(read(relay.doc(DOC))).toBe('一次');
  });
});

describe('a refusal', () => {
  it('for good marks the change, keeps it, and says so after a reload', async () => {
    const shared = await open();
    await until('settled', () => isSettled(shared));
    relay.refuseNext('read-only');
    type(shared, '不准');
    await until('refused', () => shared.refused() === 1);
    await flush(shared);
    expect((await store.outbox()).map((item) => item.refusedCode)).toEqual(['read-only']);
    expect(read(shared.doc)).toBe('不准');
    await shared.close();
    opened = [];
    relay.reachable(false);
    const again = await open();
    expect(again.refused()).toBe(1);
    expect(read(again.doc)).toBe('不准');
  });

  it('for the moment leads to a new connection, whose step 2 carries everything', async () => {
    const shared = await open();
    await until('settled', () => isSettled(shared));
    relay.refuseNext('needs-sync');
    type(shared, '再来');
    await until('waiting', () => shared.status().at === 'waiting');
    expect(shared.refused()).toBe(0);
    time.advance(10_000);
    await until('acknowledged', () => shared.waiting() === 0);
    expect(relay.connected()).toBe(2);
    expect(read(relay.doc(DOC))).toBe('再来');
  });

  it('of a frame sends nothing that builds on it before the next connection', async () => {
    const shared = await open();
    await until('settled', () => isSettled(shared));
    relay.refuseNext('read-only');
    type(shared, '一');
    await until('refused', () => shared.refused() === 1);
    const committed = relay.committed();
    type(shared, '二');
    await turns();
    expect(relay.committed()).toBe(committed);
    expect(shared.status().at).toBe('open');
    expect(shared.waiting()).toBe(1);
    relay.closeAll(1012);
    await until('waiting', () => shared.status().at === 'waiting');
    time.advance(10_000);
    await until('all sent', () => read(relay.doc(DOC)) === '一二');
    await until('acknowledged', () => shared.waiting() + shared.refused() === 0);
  });
});

describe('the line', () => {
  it('comes back by itself however long it was gone', async () => {
    relay.reachable(false);
    const shared = await open();
    for (let i = 0; i < 50; i++) {
      time.advance(8_000);
      await turns(4);
    }
    relay.reachable(true);
    time.advance(8_000);
    await until('settled', () => isSettled(shared));
  });

  it('is tried again when this link says so, never by the provider alone', async () => {
    vi.useFakeTimers({ toFake: ['setTimeout'] });
    try {
      const shared = await open();
      await until('settled', () => isSettled(shared));
      relay.closeAll(1012);
      await until('waiting', () => shared.status().at === 'waiting');
      vi.advanceTimersByTime(60_000);
      await turns();
      expect(relay.connected()).toBe(1);
      time.advance(500);
      await until('settled again', () => isSettled(shared));
    } finally {
      vi.useRealTimers();
    }
  });

  it('is not tried again before its time after a clear no, and at once when asked', async () => {
    let asked = 0;
    const shared = await open({
      door: {
        device: fakeDevice(1),
        serverUrl: 'ws://relay.test/yjs',
        token: async () => ((asked += 1), asked < 3 ? refuse('no-such-doc', 'not yet') : accept('open-sesame')),
        WebSocketImpl: relay.WebSocketImpl,
        visible: () => true,
      },
    });
    await until('refused', () => asked === 1 && shared.status().at === 'waiting');
    time.advance(29_000);
    await turns();
    expect(asked).toBe(1);
    time.advance(1_000);
    await until('asked again', () => asked === 2 && shared.status().at === 'waiting');
    shared.tryNow();
    await until('settled', () => isSettled(shared));
  });

  it('asked for while an attempt is under way is tried once more when that attempt fails', async () => {
    let asked = 0;
    let answer = () => {};
    const first = new Promise<void>((resolve) => (answer = resolve));
    const shared = await open({
      door: {
        device: fakeDevice(1),
        serverUrl: 'ws://relay.test/yjs',
        async token() {
          asked += 1;
          if (asked > 1) return accept('open-sesame');
          await first;
          return refuse('no-such-doc', 'the case is on its way');
        },
        WebSocketImpl: relay.WebSocketImpl,
        visible: () => true,
      },
    });
    shared.tryNow();
    answer();
    await until('refused', () => shared.status().at === 'waiting');
    time.advance(0);
    await until('settled', () => isSettled(shared));
  });

  it('gets a new token at once when the old one has run out', async () => {
    let asked = 0;
    const shared = await open({
      door: {
        device: fakeDevice(1),
        serverUrl: 'ws://relay.test/yjs',
        token: async () => ((asked += 1), accept(asked === 1 ? 'stale' : 'open-sesame')),
        WebSocketImpl: relay.WebSocketImpl,
        visible: () => true,
      },
    });
    await until('closed', () => asked === 1 && shared.status().at === 'waiting');
    time.advance(0);
    await until('settled', () => isSettled(shared));
    expect(asked).toBe(2);
  });
});

describe('a store that fails', () => {
  it('loses nothing from memory, goes on sending, and is written to when there is room again', async () => {
    const faults: (string | null)[] = [];
    const shared = await open({ onFault: (code) => faults.push(code) });
    await until('settled', () => isSettled(shared));
    relay.reachable(false);
    store.failAlways('quota');
    type(shared, '没有地方了');
    time.advance(100);
    await until('reported', () => faults.includes('quota'));
    expect(shared.waiting()).toBe(1);
    type(shared, '，还在写');
    time.advance(5_000);
    await turns();
    store.failAlways(null);
    time.advance(30_000);
    await until('written', () => faults.at(-1) === null);
    expect(read(await stored())).toBe('没有地方了，还在写');
    expect(await store.outbox()).toHaveLength(2);
  });
});

describe('two tabs of one account', () => {
  const channel = 'lianban:linxy@350481:doc';

  it('see each other without a line, and each change is sent and acknowledged once the line is back', async () => {
    relay.reachable(false);
    const one = await open({ channel });
    const two = await open({ channel });
    type(one, '甲');
    await until('across', () => read(two.doc) === '甲');
    type(two, '乙');
    await until('back', () => read(one.doc) === '甲乙');
    expect([one.waiting(), two.waiting()]).toEqual([1, 1]);
    await flush(one);
    await flush(two);
    relay.reachable(true);
    time.advance(10_000);
    await until('all sent', () => one.waiting() + two.waiting() === 0);
    expect(read(relay.doc(DOC))).toBe('甲乙');
    await flush(one);
    await flush(two);
    await turns();
    expect(await store.outbox()).toEqual([]);
  });

  it('one that died before it stored its change leaves it to the other, which may send it', async () => {
    relay.reachable(false);
    const one = await open({ channel });
    const two = await open({ channel });
    type(one, '临终');
    await until('across', () => read(two.doc) === '临终');
    const deadId = one.doc.clientID;
    kill(one);
    await flush(two);
    await two.close();
    opened = [];
    expect((await store.load(DOC)).siblings).toContain(deadId);
    relay.reachable(true);
    const three = await open();
    await until('settled', () => isSettled(three));
    expect(relay.announced()).toContain(deadId);
    expect(read(relay.doc(DOC))).toBe('临终');
  });

  it('what another session stored and left is taken up before each connection, stored once and acknowledged', async () => {
    relay.reachable(false);
    const one = await open();
    const two = await open();
    type(two, '没发出去');
    await flush(two);
    kill(two);
    expect(one.waiting()).toBe(0);
    relay.reachable(true);
    time.advance(10_000);
    await until('connected', () => isSettled(one));
    await until('sent', () => read(relay.doc(DOC)) === '没发出去');
    await flush(one);
    await turns();
    expect(await store.outbox()).toEqual([]);
    expect((await store.load(DOC)).updates).toHaveLength(1);
  });

  it('what a background session has sent is no longer counted', async () => {
    relay.reachable(false);
    const one = await open();
    type(one, '一');
    await flush(one);
    const [item] = await store.outbox();
    await store.acknowledged(DOC, [item?.msgId ?? '']);
    expect(one.waiting()).toBe(1);
    await one.recount();
    expect(one.waiting()).toBe(0);
  });

  it('two accounts on one browser exchange nothing', async () => {
    relay.reachable(false);
    const one = await open({ channel: 'lianban:linxy@350481:doc' });
    const two = await open({ channel: 'lianban:wanglei@350481:doc', store: createMemoryDocStore() });
    type(one, '甲');
    await turns();
    expect(read(two.doc)).toBe('');
  });
});

async function stored(): Promise<Y.Doc> {
  const doc = new Y.Doc();
  for (const update of (await store.load(DOC)).updates) Y.applyUpdate(doc, update);
  return doc;
}
