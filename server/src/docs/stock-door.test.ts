import { MAX_CLIENT_ID, SYNC_STEP_1, SYNC_STEP_2 } from '@lianban/sync';
import { afterAll, describe, expect, it } from 'vitest';
import * as Y from 'yjs';
import { createCompactor } from './compactor.ts';
import { syncFrame } from './door-frames.ts';
import {
  announcement,
  changeFrame,
  createTestDoor,
  device,
  Editor,
  FILE,
  NOTE,
  LI,
  MARKET,
  presence,
  turn,
  WANG,
  type FakeSocket,
} from './door-for-tests.ts';
import type { DoorLimits } from './limits.ts';
import { LAGGING_BYTES, TOO_SLOW_BYTES } from './session.ts';

// one thread for all of them: it takes longer to start than any of them to run
const compactor = createCompactor();
afterAll(() => compactor.close());

let test = createTestDoor(compactor);
const fresh = (limits?: Partial<DoorLimits>): void => {
  test = createTestDoor(compactor, limits);
};

/** Comes in and is let in. */
async function enter(token: string, pass?: Parameters<typeof test.gate.allow>[1]): Promise<FakeSocket> {
  test.gate.allow(token, pass);
  const socket = test.open(token);
  await socket.until(({ heard }) => heard.length > 0);
  return socket;
}

/** Comes in and has been answered its step 1. */
async function join(token: string, editor: Editor, pass?: Parameters<typeof test.gate.allow>[1]): Promise<FakeSocket> {
  const socket = await enter(token, pass);
  await sync(socket, editor);
  return socket;
}

async function sync(socket: FakeSocket, editor: Editor): Promise<void> {
  const from = socket.heard.length;
  const before = socket.of('step-2').length;
  socket.say(editor.stepOne());
  await socket.until(() => socket.of('step-2').length > before);
  editor.hear(socket, from);
}

/** What is stored, as a text. */
async function storedText(): Promise<string> {
  const { snapshot, tail } = await test.log.load(FILE);
  const doc = new Y.Doc();
  for (const bytes of [...(snapshot ? [snapshot.bytes] : []), ...tail.map((row) => row.bytes)])
    Y.applyUpdate(doc, bytes);
  return doc.getText('t/note').toJSON();
}

describe('storing and telling', () => {
  it('acknowledges an announced client after the commit, never before', async () => {
    fresh();
    const socket = await enter('t');
    const editor = new Editor(7);
    socket.say(announcement(1, 7));
    await turn();
    test.log.hold();
    socket.say(changeFrame(editor.type('a')));
    socket.say(changeFrame(editor.type('b')));
    await turn();
    expect(test.log.waiting).toBe(1);
    expect(socket.of('ack')).toEqual([]);
    test.log.release();
    await socket.until(() => socket.of('ack').length > 0);
    expect(socket.of('ack')).toEqual([{ kind: 'ack', frames: [1, 2] }]);
    expect(await storedText()).toBe('ab');
  });

  it('tells the others after the commit, in one frame a turn, and never the author', async () => {
    fresh();
    const [author, reader] = [new Editor(7), new Editor(8)];
    const a = await join('a', author);
    const b = await join('b', reader, { person: WANG });
    test.log.hold();
    const heardBefore = a.heard.length;
    for (const letter of '办件') a.say(changeFrame(author.type(letter)));
    await turn();
    expect(b.of('update')).toEqual([]);
    test.log.release();
    await b.until(() => b.of('update').length > 0);
    reader.hear(b);
    expect(reader.text).toBe('办件');
    expect(b.of('update')).toHaveLength(1);
    expect(a.heard.length).toBe(heardBefore);
  });

  it('gives several authors of one turn what they lack, and nothing of their own', async () => {
    fresh();
    const editors = [7, 8, 9].map((id) => new Editor(id));
    const sockets = [];
    for (const [index, editor] of editors.entries()) sockets.push(await join(`t${index}`, editor));
    test.log.hold();
    for (const [index, editor] of editors.entries()) sockets[index]?.say(changeFrame(editor.type(String(index))));
    test.log.release();
    for (const [index, socket] of sockets.entries()) {
      await socket.until(() => socket.of('update').length > 0);
      editors[index]?.hear(socket);
      for (const { bytes } of socket.of('update')) {
        expect(Y.decodeUpdate(bytes).structs.map(({ id }) => id.client)).not.toContain(7 + index);
      }
    }
    expect(new Set(editors.map(({ text }) => text)).size).toBe(1);
    expect(editors[0]?.text).toHaveLength(3);
  });

  it('gives a stranger neither private frame', async () => {
    fresh();
    const editor = new Editor(7);
    const socket = await join('t', editor);
    const reader = await join('r', new Editor(8));
    socket.say(changeFrame(editor.type('a')));
    await reader.until(() => reader.of('update').length > 0);
    socket.say(syncFrame(SYNC_STEP_2, Y.encodeStateAsUpdate(editor.doc, Y.encodeStateVector(editor.doc))));
    await turn();
    expect([...socket.of('ack'), ...socket.of('refused')]).toEqual([]);
    socket.say(changeFrame(Uint8Array.of(255)));
    expect([...socket.of('ack'), ...socket.of('refused')]).toEqual([]);
    expect(socket.closeCode).toBe(4422);
  });

  it('acknowledges an update that brings nothing new, without storing it', async () => {
    fresh();
    const editor = new Editor(7);
    const socket = await enter('t');
    socket.say(announcement(1, 7));
    socket.say(changeFrame(editor.type('abc')));
    socket.say(changeFrame(editor.erase(1, 1)));
    await socket.until(() => socket.of('ack').flatMap(({ frames }) => frames).length === 2);
    test.log.hold();
    // deletions alone, all of them known
    socket.say(syncFrame(SYNC_STEP_2, Y.encodeStateAsUpdate(editor.doc, Y.encodeStateVector(editor.doc))));
    await turn();
    expect(test.log.waiting).toBe(0);
    expect(socket.of('ack').at(-1)).toEqual({ kind: 'ack', frames: [3] });
    // one that is known but not committed yet waits for the commit
    const erasure = editor.erase(0, 1);
    socket.say(changeFrame(erasure));
    socket.say(changeFrame(erasure));
    await turn();
    expect(test.log.waiting).toBe(1);
    expect(socket.of('ack').flatMap(({ frames }) => frames)).toEqual([1, 2, 3]);
    test.log.release();
    await socket.until(() => socket.of('ack').flatMap(({ frames }) => frames).length === 5);
    expect((await test.log.load(FILE)).headSeq).toBe(3);
  });

  it('ends the document when a commit fails, and starts again from what is stored', async () => {
    fresh();
    const [author, reader] = [new Editor(7), new Editor(8)];
    const a = await join('a', author);
    const b = await join('b', reader);
    a.say(changeFrame(author.type('kept')));
    await b.until(() => b.of('update').length > 0);
    test.log.fail();
    a.say(changeFrame(author.type(' lost')));
    await a.until(() => a.closeCode !== undefined);
    await b.until(() => b.closeCode !== undefined);
    expect([a.closeCode, b.closeCode]).toEqual([4503, 4503]);
    expect(b.of('update')).toHaveLength(1);
    expect(test.door.rooms).toBe(0);
    test.log.heal();
    // the author comes back with everything and is asked for what is missing
    const again = await join('a', author);
    again.say(syncFrame(SYNC_STEP_2, Y.encodeStateAsUpdate(author.doc, again.of('step-1')[0]?.bytes)));
    await turn();
    expect(await storedText()).toBe('kept lost');
  });

  it('costs nothing for a document that nobody has open', async () => {
    fresh();
    const editor = new Editor(7);
    const sockets = await Promise.all([enter('a'), enter('b')]);
    expect(test.door.rooms).toBe(1);
    sockets[0].say(changeFrame(editor.type('a')));
    for (const socket of sockets) socket.hangUp();
    await turn();
    expect(test.door.rooms).toBe(0);
    expect(test.door.sockets).toBe(0);
    expect(await storedText()).toBe('a');
  });
});

describe('joining', () => {
  it('sends a newcomer everything, the step 2 last', async () => {
    fresh();
    const author = new Editor(7);
    const a = await join('a', author);
    a.say(changeFrame(author.type('hello')));
    await turn();
    const { snapshot } = await compactor.compact(await test.log.source(FILE));
    await test.log.writeSnapshot(FILE, snapshot, []);
    a.say(changeFrame(author.type(' world')));
    a.say(changeFrame(author.erase(0, 1)));
    await turn();
    const newcomer = new Editor(8);
    const b = await join('b', newcomer);
    expect(b.heard.map(({ kind }) => kind)).toEqual(['step-1', 'update', 'step-2']);
    expect(newcomer.text).toBe('ello world');
  });

  it('answers an empty document, and a client that has everything, without structs', async () => {
    fresh();
    const author = new Editor(7);
    const a = await join('a', author);
    expect(a.heard.map(({ kind }) => kind)).toEqual(['step-1', 'step-2']);
    a.say(changeFrame(author.type('abc')));
    a.say(changeFrame(author.erase(1, 1)));
    await turn();
    // the deletions come even so: this one has every struct and missed the deletion
    const behind = new Editor(8);
    Y.applyUpdate(behind.doc, author.updates[0] as Uint8Array, 'relay');
    const b = await join('b', behind);
    expect(Y.decodeUpdate(b.of('step-2')[0]?.bytes as Uint8Array).structs).toEqual([]);
    expect(behind.text).toBe('ac');
  });

  it('sends a client that was away what it lacks, across snapshot and tail, and no more', async () => {
    fresh();
    const author = new Editor(7);
    const other = new Editor(9);
    const a = await join('a', author);
    const o = await join('o', other, { person: WANG });
    a.say(changeFrame(author.type('one ')));
    await o.until(() => o.of('update').length === 1);
    other.hear(o);
    const away = new Editor(8);
    Y.applyUpdate(away.doc, author.updates[0] as Uint8Array, 'relay');
    o.say(changeFrame(other.type('two ')));
    await a.until(() => a.of('update').length === 1);
    author.hear(a);
    const { snapshot } = await compactor.compact(await test.log.source(FILE));
    await test.log.writeSnapshot(FILE, snapshot, []);
    a.say(changeFrame(author.type('three')));
    a.say(changeFrame(author.erase(0, 2)));
    await turn();
    const b = await join('b', away);
    expect(away.text).toBe(author.text);
    const sent = Y.decodeUpdate(b.of('step-2')[0]?.bytes as Uint8Array);
    expect(sent.structs.some(({ id }) => id.client === 7 && id.clock < 4)).toBe(false);
    // a large snapshot goes by the worker and comes to the same
    const big = new Editor(10);
    const c = await join('c', big);
    for (let i = 0; i < 20; i++) c.say(changeFrame(big.type('x'.repeat(20_000))));
    await turn();
    const compacted = await compactor.compact(await test.log.source(FILE));
    await test.log.writeSnapshot(FILE, compacted.snapshot, []);
    expect(compacted.snapshot.bytes.length).toBeGreaterThan(64 * 1024);
    test.time.advance(10_000);
    const late = new Editor(11);
    Y.applyUpdate(late.doc, author.updates[0] as Uint8Array, 'relay');
    await join('d', late);
    expect(late.text).toBe(big.text);
  });

  it('tells a newcomer committed rows only, and what is stored while it joins neither twice nor never', async () => {
    fresh();
    const author = new Editor(7);
    const a = await join('a', author);
    a.say(changeFrame(author.type('1')));
    await turn();
    test.log.hold();
    a.say(changeFrame(author.type('2')));
    const newcomer = new Editor(8);
    const b = await enter('b');
    b.say(newcomer.stepOne());
    await turn();
    expect(b.of('step-2')).toEqual([]);
    a.say(changeFrame(author.type('3')));
    test.log.release();
    await b.until(() => b.of('update').length > 0);
    a.say(changeFrame(author.type('4')));
    await b.until(() => b.of('update').length > 1);
    newcomer.hear(b);
    expect(newcomer.text).toBe('1234');
    const clocks = b.heard.flatMap((frame) =>
      frame.kind === 'step-2' || frame.kind === 'update'
        ? Y.decodeUpdate(frame.bytes).structs.flatMap(({ id, length }) =>
            Array.from({ length }, (_, i) => id.clock + i),
          )
        : [],
    );
    expect(clocks).toEqual([0, 1, 2, 3]);
  });

  it('tells a newcomer what is stored while its answer is read', async () => {
    fresh();
    const author = new Editor(7);
    const a = await join('a', author);
    a.say(changeFrame(author.type('1')));
    await turn();
    const { load } = test.log;
    let read = (): void => {};
    test.log.load = async (docId) => {
      const loaded = await load(docId);
      await new Promise<void>((resolve) => (read = resolve));
      return loaded;
    };
    const newcomer = new Editor(8);
    const b = await enter('b');
    b.say(newcomer.stepOne());
    await turn();
    a.say(changeFrame(author.type('2')));
    await turn();
    expect(b.of('step-2')).toEqual([]);
    read();
    await b.until(() => b.of('update').length > 0);
    newcomer.hear(b);
    expect(newcomer.text).toBe('12');
  });

  it('sets a stored row aside that cannot be read, and serves the rest', async () => {
    fresh();
    const author = new Editor(7);
    const sender = { holder: `device:${device(1)}`, person: LI, atMs: 0 } as const;
    const rows = [author.type('kept'), Uint8Array.of(1, 2, 3), new Editor(9).type('later')];
    await test.log.append({
      docId: FILE,
      afterSeq: 0,
      rows: rows.map((bytes) => ({ bytes, ...sender })),
      bindings: [],
    });
    const reader = new Editor(8);
    const socket = await join('b', reader);
    expect(reader.text).toHaveLength('keptlater'.length);
    expect(await test.log.quarantined(FILE)).toMatchObject([{ seq: 2, reason: 'unreadable', person: LI }]);
    expect(test.door.tally.quarantined).toBe(1);
    socket.say(changeFrame(reader.type('!')));
    await turn();
    expect((await test.log.load(FILE)).headSeq).toBe(4);
  });

  it('puts a long tail into a snapshot while the document is open', async () => {
    fresh({ messages: { perSecond: 1e6, burst: 1e6 } });
    const author = new Editor(7);
    const a = await join('a', author);
    for (let i = 0; i < 600; i++) {
      a.say(changeFrame(author.type('x')));
      if (i % 100 === 0) await turn();
    }
    const deadline = Date.now() + 15_000;
    while (test.door.tally.compactions === 0 && Date.now() < deadline) await turn();
    expect(test.door.tally.compactions).toBe(1);
    const loaded = await test.log.load(FILE);
    expect(loaded.headSeq).toBe(600);
    expect(loaded.snapshot?.seq).toBeGreaterThan(500);
    expect(loaded.tail.length).toBe(600 - (loaded.snapshot?.seq ?? 0));
    a.say(changeFrame(author.type('y')));
    const reader = new Editor(8);
    await join('b', reader);
    expect(reader.text).toBe(author.text);
  });
});

describe('what is refused', () => {
  const codes = (socket: FakeSocket): [number, string][] =>
    socket.of('refused').map(({ frame, code }) => [frame, code]);

  it('a client id that another device holds, and one that was not announced; the connection stays', async () => {
    fresh();
    const li = new Editor(7);
    const a = await enter('a');
    a.say(announcement(1, 7));
    a.say(changeFrame(li.type('mine')));
    await a.until(() => a.of('ack').length > 0);
    const b = await enter('b', { person: WANG });
    const wang = new Editor(8);
    b.say(announcement(2, 8));
    await sync(b, wang);
    wang.doc.clientID = 7;
    b.say(changeFrame(wang.type('!')));
    wang.doc.clientID = 9;
    const other = new Editor(9);
    b.say(changeFrame(other.type('?')));
    const own = new Editor(8);
    b.say(changeFrame(own.type('ok')));
    await b.until(() => b.of('ack').length > 0);
    expect(codes(b)).toEqual([
      [1, 'foreign-client-id'],
      [2, 'foreign-client-id'],
    ]);
    expect(b.of('ack')).toEqual([{ kind: 'ack', frames: [3] }]);
    expect(b.closeCode).toBeUndefined();
    // the same at a stranger's, who can be told in no other way
    const c = await join('c', new Editor(10), { person: WANG });
    const thief = new Editor(10);
    Y.applyUpdate(thief.doc, li.updates[0] as Uint8Array, 'relay');
    thief.doc.clientID = 7;
    c.say(changeFrame(thief.type('!')));
    expect(c.closeCode).toBe(4403);
    expect(await storedText()).not.toContain('!');
  });

  it('a stock client keeps its id over a new sign-in of the same person, and nobody else gets it', async () => {
    fresh();
    const editor = new Editor(7);
    const first = await join('morning', editor);
    first.say(changeFrame(editor.type('a')));
    await turn();
    first.hangUp();
    const second = await join('evening', editor);
    second.say(changeFrame(editor.type('b')));
    await turn();
    expect(second.closeCode).toBeUndefined();
    expect(await storedText()).toBe('ab');
    const other = await join('other', new Editor(8), { person: WANG });
    other.say(changeFrame(editor.type('c')));
    expect(other.closeCode).toBe(4403);
    expect((await test.log.load(FILE)).bindings).toEqual([{ clientId: 7, holder: 'session:morning', person: LI }]);
  });

  it('keeps bindings over a restart, and client ids of 53 bits', async () => {
    fresh();
    const editor = new Editor(MAX_CLIENT_ID);
    const a = await enter('a');
    a.say(announcement(1, MAX_CLIENT_ID));
    a.say(changeFrame(editor.type('a')));
    await a.until(() => a.of('ack').length > 0);
    a.hangUp();
    expect(test.door.rooms).toBe(0);
    const b = await enter('b', { person: WANG });
    b.say(announcement(2, MAX_CLIENT_ID));
    b.say(changeFrame(editor.type('b')));
    await b.until(() => b.of('refused').length > 0);
    expect(codes(b)).toEqual([[1, 'foreign-client-id']]);
  });

  it('a device of somebody else, another device, and an announcement after the first change', async () => {
    fresh();
    const a = await enter('a');
    a.say(announcement(1, 7));
    const b = await enter('b', { person: WANG });
    b.say(announcement(1, 8));
    await b.until(() => b.closeCode !== undefined);
    expect(b.closeCode).toBe(4403);
    a.say(announcement(2, 8));
    await a.until(() => a.closeCode !== undefined);
    expect(a.closeCode).toBe(4400);
    const c = await enter('c');
    c.say(changeFrame(new Editor(9).type('x')));
    c.say(announcement(3, 10));
    await c.until(() => c.closeCode !== undefined);
    expect(c.closeCode).toBe(4400);
  });

  it('a gap: nothing is stored, the relay says what it has, and no acknowledgement comes', async () => {
    fresh();
    const editor = new Editor(7);
    const socket = await enter('t');
    socket.say(announcement(1, 7));
    editor.type('a');
    socket.say(changeFrame(editor.type('b')));
    await socket.until(() => socket.of('step-1').length === 2);
    await turn();
    expect((await test.log.load(FILE)).headSeq).toBe(0);
    expect([...socket.of('ack'), ...socket.of('refused')]).toEqual([]);
    socket.say(syncFrame(SYNC_STEP_2, Y.encodeStateAsUpdate(editor.doc, socket.of('step-1')[1]?.bytes)));
    await socket.until(() => socket.of('ack').length > 0);
    expect(socket.of('ack')).toEqual([{ kind: 'ack', frames: [2] }]);
    expect(await storedText()).toBe('ab');
  });

  it('does not ask for ever: a client whose answers keep their gap is refused', async () => {
    fresh();
    const editor = new Editor(7);
    const [a, b] = [await enter('a'), await enter('b')];
    a.say(announcement(1, 7));
    await turn();
    editor.type('a');
    const gap = syncFrame(SYNC_STEP_2, editor.type('b'));
    for (let i = 0; i < 5; i++) {
      a.say(gap);
      b.say(gap);
    }
    expect(codes(a)).toEqual([
      [4, 'needs-sync'],
      [5, 'needs-sync'],
    ]);
    expect(b.closeCode).toBe(4509);
  });

  it('an update that is sent again is acknowledged; of one that overlaps the rest is stored', async () => {
    fresh();
    const editor = new Editor(7);
    const socket = await enter('t');
    socket.say(announcement(1, 7));
    const first = editor.type('abc');
    socket.say(changeFrame(first));
    await socket.until(() => socket.of('ack').length === 1);
    socket.say(changeFrame(first));
    await socket.until(() => socket.of('ack').length === 2);
    expect((await test.log.load(FILE)).headSeq).toBe(1);
    editor.type('def');
    editor.erase(0, 1);
    socket.say(changeFrame(Y.encodeStateAsUpdate(editor.doc)));
    await socket.until(() => socket.of('ack').length === 3);
    expect(await storedText()).toBe('bcdef');
    const stored = (await test.log.load(FILE)).tail[1];
    expect(Y.decodeUpdate(stored?.bytes as Uint8Array).structs.map(({ id }) => id.clock)).toEqual([3]);
  });

  it('equivocation: other content under stored clocks is kept aside, and the document stays as it is', async () => {
    fresh();
    const honest = new Editor(7);
    const a = await enter('a');
    a.say(announcement(1, 7));
    a.say(changeFrame(honest.type('approve')));
    await a.until(() => a.of('ack').length === 1);
    const forged = new Editor(7);
    forged.type('REJECT!');
    const lie = forged.type(' and more');
    a.say(changeFrame(Y.encodeStateAsUpdate(forged.doc)));
    await a.until(() => a.of('refused').length === 1);
    expect(codes(a)).toEqual([[2, 'equivocation']]);
    expect(a.closeCode).toBeUndefined();
    expect(await test.log.quarantined(FILE)).toMatchObject([
      { reason: 'equivocation', person: LI, holder: `device:${device(1)}` },
    ]);
    expect(await storedText()).toBe('approve');
    expect(lie.length).toBeGreaterThan(0);
    const b = await join('b', new Editor(8), { person: WANG });
    b.say(changeFrame(forged.updates[0] as Uint8Array));
    await b.until(() => b.closeCode !== undefined);
    expect(b.closeCode).toBe(4409);
    expect(await storedText()).toBe('approve');
  });

  it('keeps the order of a session while an overlap is compared, and lets the others go on', async () => {
    let finish = (): void => undefined;
    const isAllowed = new Promise<void>((resolve) => (finish = resolve));
    test = createTestDoor({
      ...compactor,
      compare: (...overlap) => isAllowed.then(() => compactor.compare(...overlap)),
    });
    const [one, two] = [new Editor(7), new Editor(8)];
    const a = await enter('a');
    a.say(announcement(1, 7));
    await sync(a, one);
    const first = one.type('a');
    a.say(changeFrame(first));
    await a.until(() => a.of('ack').length === 1);
    const b = await join('b', two, { person: WANG });
    a.say(changeFrame(first));
    a.say(changeFrame(one.type('b')));
    a.say(changeFrame(one.type('c')));
    b.say(changeFrame(two.type('!')));
    await a.until(() => a.of('update').length > 0);
    expect(a.of('ack').flatMap(({ frames }) => frames)).toEqual([1]);
    finish();
    await a.until(() => a.of('ack').flatMap(({ frames }) => frames).length === 4);
    expect(a.of('ack').flatMap(({ frames }) => frames)).toEqual([1, 2, 3, 4]);
    expect(await storedText()).toHaveLength(4);
  });

  it('content from somebody who only reads; what brings nothing new is fine', async () => {
    fresh();
    const author = new Editor(7);
    const a = await join('a', author);
    a.say(changeFrame(author.type('abc')));
    a.say(changeFrame(author.erase(0, 1)));
    await turn();
    const reader = new Editor(8);
    const stranger = await join('r', reader, { canWrite: false });
    stranger.say(syncFrame(SYNC_STEP_2, Y.encodeStateAsUpdate(reader.doc, stranger.of('step-1')[0]?.bytes)));
    expect(stranger.of('denied')).toEqual([]);
    stranger.say(changeFrame(reader.type('!')));
    expect(stranger.of('denied')).toHaveLength(1);
    expect(stranger.closeCode).toBeUndefined();
    const announced = await enter('s', { canWrite: false });
    announced.say(announcement(1, 8));
    await sync(announced, new Editor(9));
    announced.say(changeFrame(Y.encodeStateAsUpdate(reader.doc, Y.encodeStateVector(reader.doc))));
    announced.say(changeFrame(reader.updates.at(-1) as Uint8Array));
    await announced.until(() => announced.of('refused').length > 0);
    expect(codes(announced)).toEqual([[2, 'read-only']]);
    expect(announced.of('ack')).toEqual([{ kind: 'ack', frames: [1] }]);
    expect(await storedText()).toBe('bc');
  });

  it('content while the disk is full: its author is told, readers keep reading', async () => {
    fresh();
    const author = new Editor(7);
    const a = await enter('a');
    a.say(announcement(1, 7));
    await sync(a, author);
    a.say(changeFrame(author.type('abc')));
    await turn();
    const reader = await join('r', new Editor(8));
    test.setStorage(false);
    a.say(changeFrame(author.type('d')));
    await a.until(() => a.of('refused').length > 0);
    expect(codes(a).map(([, code]) => code)).toEqual(['store-failed']);
    expect(reader.closeCode).toBeUndefined();
    expect(a.closeCode).toBeUndefined();
    const late = await join('l', new Editor(9));
    expect(late.of('step-2')).not.toEqual([]);
    expect(await storedText()).toBe('abc');
  });

  it('more client ids than one device may hold: nobody else pays for them', async () => {
    fresh();
    const a = await enter('a');
    const ids = Array.from({ length: 4096 }, (_, i) => i + 1);
    const own = (clientId: number): Uint8Array => {
      const doc = new Y.Doc();
      doc.clientID = clientId;
      doc.getText(NOTE).insert(0, 'x');
      return Y.encodeStateAsUpdate(doc);
    };
    a.say(announcement(1, ...ids));
    a.say(changeFrame(Y.mergeUpdates(ids.map(own))));
    await turn();
    expect(codes(a)).toEqual([]);
    const again = await enter('again');
    again.say(announcement(1, 9000));
    again.say(changeFrame(own(9000)));
    await again.until(() => again.of('refused').length > 0);
    expect(codes(again).map(([, code]) => code)).toEqual(['too-many']);
  });

  it('roots that the document does not have', async () => {
    fresh();
    const a = await enter('a');
    a.say(announcement(1, 7));
    const doc = new Y.Doc();
    doc.clientID = 7;
    doc.getText('hidden').insert(0, 'x');
    a.say(changeFrame(Y.encodeStateAsUpdate(doc)));
    await a.until(() => a.of('refused').length > 0);
    expect(codes(a)).toEqual([[1, 'bad-update']]);
  });

  it('malformed frames: the line is closed with 4400 and nothing has changed', async () => {
    fresh();
    const good = changeFrame(new Editor(7).type('x'));
    const broken: [string, Uint8Array, boolean?][] = [
      ['nothing', Uint8Array.of()],
      ['an unknown type', Uint8Array.of(77)],
      ['a private frame of the relay', Uint8Array.of(101, 0)],
      ['an unknown sync message', Uint8Array.of(0, 9, 1, 0)],
      ['an end too early', good.subarray(0, -1)],
      ['bytes behind the end', Uint8Array.of(...good, 0)],
      ['a length beyond the frame', Uint8Array.of(0, 2, 255, 255, 3, 0)],
      ['a varint without end', Uint8Array.of(0, 2, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255)],
      ['a broken state vector', syncFrame(SYNC_STEP_1, Uint8Array.of(3, 1))],
      ['a broken presence', Uint8Array.of(1, 2, 9, 9)],
      ['a broken announcement', Uint8Array.of(100, 1, 65, 0)],
      ['text', good, true],
    ];
    for (const [what, frame, isText] of broken) {
      const socket = await enter('t');
      // inside a larger memory, as a socket's frames are: a length must not reach what lies behind
      const memory = new Uint8Array(frame.length + 300_000);
      memory.set(frame, 8);
      socket.say(memory.subarray(8, 8 + frame.length), isText);
      expect([what, socket.closeCode]).toEqual([what, 4400]);
    }
    await turn();
    expect(await test.log.docs()).toEqual([]);
    expect(test.door.sockets).toBe(0);
  });
});

describe('presence', () => {
  const user = { person: LI, name: { zh: '李娜', en: 'Li Na' }, department: MARKET };

  it("stamps the relay's word on who it is, at once and in one frame a tick; nothing is stored", async () => {
    fresh();
    const [a, b] = [await enter('a'), await enter('b')];
    a.say(presence(7, 1, { user: { name: 'The Mayor', person: WANG }, cursor: 3 }));
    a.say(presence(7, 2, { user: 'nobody', cursor: 4 }));
    test.time.advance(50);
    expect(b.of('presence')).toEqual([
      { kind: 'presence', states: [{ clientId: 7, clock: 2, state: { cursor: 4, user } }] },
    ]);
    expect(a.of('presence')).toEqual([]);
    const late = await enter('c');
    expect(late.of('presence')[0]?.states).toEqual([{ clientId: 7, clock: 2, state: { cursor: 4, user } }]);
    late.say(Uint8Array.of(3));
    expect(late.of('presence')).toHaveLength(2);
    a.hangUp();
    test.time.advance(50);
    expect(b.of('presence').at(-1)?.states).toEqual([{ clientId: 7, clock: 2, state: null }]);
    expect(await test.log.docs()).toEqual([]);
  });

  it("takes only a sender's own ids and sensible states", async () => {
    fresh();
    const [a, b] = [await enter('a'), await enter('b', { person: WANG })];
    const c = await enter('c', { person: WANG });
    c.say(announcement(3, 30, 31));
    await turn();
    a.say(presence(7, 1, { at: 1 }));
    test.time.advance(50);
    // a stock client repeats what it hears before it says anything of its own
    b.say(presence(7, 9, { at: 'forged' }));
    b.say(presence(8, 1, { at: 2 }));
    b.say(presence(9, 1, { at: 'a second id' }));
    c.say(presence(31, 1, { at: 3 }));
    c.say(presence(40, 1, { at: 'not announced' }));
    c.say(presence(30, 1, { at: 'x'.repeat(3000) }));
    c.say(presence(30, 2, ['no state']));
    test.time.advance(50);
    const seen = a.of('presence').flatMap(({ states }) => states);
    expect(seen.map(({ clientId, state }) => [clientId, (state as { at: unknown }).at])).toEqual([
      [8, 2],
      [31, 3],
    ]);
  });

  it('slows a storm down to its newest state', async () => {
    fresh();
    const [a, b] = [await enter('a'), await enter('b')];
    for (let clock = 1; clock <= 40; clock++) a.say(presence(7, clock, { clock }));
    test.time.advance(50);
    expect(b.of('presence').at(-1)?.states[0]?.clock).toBe(10);
    test.time.advance(200);
    expect(b.of('presence').at(-1)?.states[0]?.clock).toBe(40);
    expect(b.of('presence')).toHaveLength(2);
  });

  it('takes down what is not renewed for 30 s', async () => {
    fresh();
    const [a, b] = [await enter('a'), await enter('b')];
    a.say(presence(7, 1, { at: 1 }));
    test.time.advance(40_000);
    const states = b.of('presence').flatMap((frame) => frame.states);
    expect(states.map(({ state }) => state !== null)).toEqual([true, false]);
  });
});

describe('the line', () => {
  it('is read only after the pass is known, and closed when that takes 5 s', async () => {
    fresh();
    test.gate.allow('t');
    test.gate.stall(true);
    const socket = test.open('t');
    await turn();
    expect(socket.isPaused).toBe(true);
    test.time.advance(5000);
    expect(socket.closeCode).toBe(4508);
    test.gate.stall(false);
    await turn();
    expect(test.door.sockets).toBe(0);
    expect(test.door.rooms).toBe(0);
    const other = test.open('t');
    await other.until(() => other.heard.length > 0 && !other.isPaused);
  });

  it('is closed with 4401 without a good token, and 4404 for what is missing or forbidden', async () => {
    fresh();
    const nobody = test.open('');
    await nobody.until(() => nobody.closeCode !== undefined);
    test.gate.allow('t');
    const nowhere = test.open('t', 'case:1/../file');
    await nowhere.until(() => nowhere.closeCode !== undefined);
    expect([nobody.closeCode, nowhere.closeCode]).toEqual([4401, 4404]);
  });

  it('never lets a client wait 15 s for a word', async () => {
    fresh();
    const socket = await enter('t');
    const heardAt = [0];
    let count = socket.heard.length;
    for (let second = 1; second <= 60; second++) {
      test.time.advance(1000);
      if (socket.heard.length > count) heardAt.push(second);
      count = socket.heard.length;
    }
    const gaps = heardAt.slice(1).map((at, index) => at - (heardAt[index] ?? 0));
    expect(Math.max(...gaps)).toBeLessThanOrEqual(15);
    expect(heardAt.length).toBeGreaterThan(3);
    expect(socket.of('presence').every(({ states }) => states.length === 0)).toBe(true);
    expect(socket.pings).toBeGreaterThan(0);
    test.time.advance(30_000);
    expect(socket.isTerminated).toBe(true);
  });

  it('drops presence to a slow reader, and ends one that is far behind or behind for 30 s', async () => {
    fresh();
    const author = new Editor(7);
    const a = await join('a', author);
    const slow = await join('b', new Editor(8));
    const slower = await join('c', new Editor(9));
    slow.bufferedAmount = 2 * LAGGING_BYTES;
    slower.bufferedAmount = 2 * TOO_SLOW_BYTES;
    a.say(presence(7, 1, { at: 1 }));
    test.time.advance(50);
    expect(slow.of('presence')).toEqual([]);
    a.say(changeFrame(author.type('x')));
    await slow.until(() => slow.of('update').length > 0);
    expect(slower.closeCode).toBe(4508);
    expect(slow.closeCode).toBeUndefined();
    test.time.advance(20_000);
    expect(slow.closeCode).toBeUndefined();
    test.time.advance(15_000);
    expect(slow.closeCode).toBe(4508);
    expect(a.closeCode).toBeUndefined();
  });

  it('reads a busy client more slowly, loses nothing of it, and ends one that floods', async () => {
    fresh({ messages: { perSecond: 10, burst: 5 } });
    const author = new Editor(7);
    const a = await join('a', author);
    for (let i = 0; i < 24; i++) a.say(changeFrame(author.type(String(i % 10))));
    await turn();
    expect(a.isPaused).toBe(true);
    expect((await test.log.load(FILE)).headSeq).toBe(4);
    test.time.advance(1000);
    await turn();
    expect((await test.log.load(FILE)).headSeq).toBe(14);
    test.time.advance(1000);
    await turn();
    expect(await storedText()).toBe('012345678901234567890123');
    expect(a.isPaused).toBe(false);
    const flood = await join('b', new Editor(8));
    for (let i = 0; i < 9000; i++) flood.say(Uint8Array.of(3));
    expect(flood.closeCode).toBe(4529);
  });

  it('is closed at once when its session ends, whatever it was doing', async () => {
    fresh();
    const author = new Editor(7);
    const a = await join('a', author);
    const b = await join('b', new Editor(8));
    test.gate.revoke('a');
    expect([a.closeCode, b.closeCode]).toEqual([4401, undefined]);
    a.say(changeFrame(author.type('late')));
    await turn();
    expect(await test.log.docs()).toEqual([]);
    expect(test.door.sockets).toBe(1);
  });

  it('has its pass checked again within 60 s, and takes what changed', async () => {
    fresh();
    const author = new Editor(7);
    const a = await join('a', author);
    const b = await join('b', new Editor(8));
    test.gate.allow('a', { canWrite: false });
    for (let second = 0; second < 60; second += 5) {
      test.time.advance(5000);
      for (const socket of [a, b]) socket.say(Uint8Array.of(3));
      await turn();
    }
    expect(test.gate.rechecks).toBeGreaterThanOrEqual(2);
    a.say(changeFrame(author.type('x')));
    expect(a.of('denied')).toHaveLength(1);
    expect(b.closeCode).toBeUndefined();
  });

  it('is drained: what was taken is committed and acknowledged, then every socket is closed 4503', async () => {
    fresh();
    const editor = new Editor(7);
    const socket = await enter('t');
    socket.say(announcement(1, 7));
    await turn();
    socket.say(changeFrame(editor.type('last words')));
    await test.door.drain();
    expect(socket.closeCode).toBe(4503);
    expect(socket.of('ack')).toEqual([{ kind: 'ack', frames: [1] }]);
    expect(await storedText()).toBe('last words');
    const late = test.open('t');
    expect(late.closeCode).toBe(4503);
  });
});
