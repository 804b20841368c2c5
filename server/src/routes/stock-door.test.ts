import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DocId } from '@lianban/model';
import { encodeAnnouncement, MESSAGE_ACK, readAck } from '@lianban/sync';
import Fastify from 'fastify';
import * as decoding from 'lib0/decoding';
import { afterEach, describe, expect, it } from 'vitest';
import WebSocket from 'ws';
import { WebsocketProvider } from 'y-websocket';
import * as Y from 'yjs';
import type { App } from '../app.ts';
import { openDatabase } from '../db/open.ts';
import { createCompactor } from '../docs/compactor.ts';
import { changeFrame, createFakeGate, device, FILE, LI, NOTE, WANG, type FakeGate } from '../docs/door-for-tests.ts';
import { createSqliteUpdateLog } from '../docs/sqlite-update-log.ts';
import { createStockDoor, type StockDoor } from '../docs/stock-door.ts';
import { DOC_MIGRATIONS } from '../docs/tables.ts';
import type { UpdateLog } from '../docs/update-log.ts';
import { systemClock, systemTimers } from '../host.ts';
import { addStockDoor } from './stock-door.ts';

const MINUTES = DocId.parse('case:330106-01hzy3v7k9q2m4n6p8r0s2t4v6/doc/1');

interface Relay {
  port: number;
  door: StockDoor;
  log: UpdateLog;
  stop(): Promise<void>;
}

const cleanUps: (() => unknown)[] = [];
afterEach(async () => {
  for (const clean of cleanUps.splice(0).reverse()) await clean();
});

/** A relay with nothing but the door; the folder and the port stay for the next one. */
async function startRelay(folder: string, gate: FakeGate, port = 0): Promise<Relay> {
  const database = openDatabase({ path: join(folder, 'relay.sqlite'), migrations: DOC_MIGRATIONS, clock: systemClock });
  const log = createSqliteUpdateLog(database);
  const compactor = createCompactor();
  const out = { warn: () => undefined, error: () => undefined };
  const door = createStockDoor({ log, compactor, gate: gate.gate, clock: systemClock, timers: systemTimers, out });
  const app = Fastify({ forceCloseConnections: true }) as unknown as App;
  await addStockDoor(app, door);
  await app.listen({ host: '127.0.0.1', port });
  let isStopped = false;
  const stop = async (): Promise<void> => {
    if (isStopped) return;
    isStopped = true;
    await app.close();
    await compactor.close();
    await database.close();
  };
  cleanUps.push(stop);
  const address = app.addresses()[0];
  return { port: typeof address === 'object' ? address.port : 0, door, log, stop };
}

async function makeRelay(): Promise<{ relay: Relay; gate: FakeGate; restart: () => Promise<Relay> }> {
  const folder = mkdtempSync(join(tmpdir(), 'lianban-door-'));
  cleanUps.push(() => rmSync(folder, { recursive: true }));
  const gate = createFakeGate();
  let relay = await startRelay(folder, gate);
  return {
    relay,
    gate,
    restart: async () => {
      await relay.stop();
      relay = await startRelay(folder, gate, relay.port);
      return relay;
    },
  };
}

/** The real thing: y-websocket's own provider. */
function stockClient(
  { port }: Relay,
  token: string,
  docId: string = FILE,
): { doc: Y.Doc; provider: WebsocketProvider } {
  const doc = new Y.Doc();
  const provider = new WebsocketProvider(`ws://127.0.0.1:${port}/yjs`, docId, doc, {
    params: { token },
    WebSocketPolyfill: WebSocket as never,
    disableBc: true,
    maxBackoffTime: 100,
  });
  cleanUps.push(() => {
    provider.destroy();
    doc.destroy();
  });
  return { doc, provider };
}

function synced(provider: WebsocketProvider): Promise<void> {
  return provider.synced ? Promise.resolve() : new Promise((resolve) => provider.once('sync', () => resolve()));
}

/** Resolves when the text of `doc` is `text`, looked at after every change. */
function reads(doc: Y.Doc, text: string): Promise<void> {
  return new Promise((resolve) => {
    const look = (): void => {
      if (doc.getText(NOTE).toJSON() !== text) return;
      doc.off('update', look);
      resolve();
    };
    doc.on('update', look);
    look();
  });
}

describe('the stock door, with the real y-websocket', () => {
  it('lets two clients join a document with slashes in its name, edit it and agree', async () => {
    const { relay, gate } = await makeRelay();
    gate.allow('li');
    gate.allow('wang', { person: WANG });
    const a = stockClient(relay, 'li');
    const b = stockClient(relay, 'wang');
    await Promise.all([synced(a.provider), synced(b.provider)]);
    a.doc.getText(NOTE).insert(0, '联办');
    await reads(b.doc, '联办');
    b.doc.getText(NOTE).insert(2, '一件事');
    await reads(a.doc, '联办一件事');
    b.doc.getText(NOTE).delete(0, 2);
    await reads(a.doc, '一件事');
    const { tail } = await relay.log.load(FILE);
    expect(tail.map(({ person, holder }) => [person, holder])).toEqual([
      [LI, 'session:li'],
      [WANG, 'session:wang'],
      [WANG, 'session:wang'],
    ]);
    // another document of the same case is another document
    const other = stockClient(relay, 'li', MINUTES);
    await synced(other.provider);
    expect(relay.door.rooms).toBe(2);
    expect(other.doc.getText(NOTE).length).toBe(0);
  });

  it('keeps everything over a restart in the middle, and what was typed meanwhile', async () => {
    const { relay, gate, restart } = await makeRelay();
    gate.allow('li');
    gate.allow('wang', { person: WANG });
    const a = stockClient(relay, 'li');
    const b = stockClient(relay, 'wang');
    await Promise.all([synced(a.provider), synced(b.provider)]);
    a.doc.getText(NOTE).insert(0, 'one');
    await reads(b.doc, 'one');
    const lost = new Promise((resolve) => a.provider.once('connection-close', (event) => resolve(event?.code)));
    const restarting = restart();
    expect(await lost).toBe(4503);
    a.doc.getText(NOTE).insert(3, ' two');
    b.doc.getText(NOTE).insert(0, 'zero ');
    await restarting;
    await Promise.all([reads(a.doc, 'zero one two'), reads(b.doc, 'zero one two')]);
    const c = stockClient(relay, 'li');
    await reads(c.doc, 'zero one two');
    await synced(c.provider);
  });

  it('shows presence with the identity of the token', async () => {
    const { relay, gate } = await makeRelay();
    gate.allow('li');
    gate.allow('wang', { person: WANG });
    const a = stockClient(relay, 'li');
    const b = stockClient(relay, 'wang');
    a.provider.awareness.setLocalState({ user: { name: 'The Mayor' }, cursor: 5 });
    await new Promise<void>((resolve) => {
      b.provider.awareness.on('change', () => {
        const state = b.provider.awareness.getStates().get(a.doc.clientID);
        if (state?.['cursor'] === 5) resolve();
      });
    });
    expect(b.provider.awareness.getStates().get(a.doc.clientID)).toMatchObject({ user: { person: LI } });
    const left = new Promise<void>((resolve) => {
      b.provider.awareness.on('change', ({ removed }: { removed: number[] }) => {
        if (removed.includes(a.doc.clientID)) resolve();
      });
    });
    a.provider.disconnect();
    await left;
  });

  it('stops a client whose session has ended, at once and for good', async () => {
    const { relay, gate } = await makeRelay();
    gate.allow('li');
    const a = stockClient(relay, 'li');
    await synced(a.provider);
    const closed = new Promise<{ code: number }>((resolve) => a.provider.once('closed', resolve));
    gate.revoke('li');
    expect((await closed).code).toBe(4401);
    expect(a.provider.shouldConnect).toBe(false);
  });

  it('turns away who has no token, and who asks for what is not there', async () => {
    const { relay, gate } = await makeRelay();
    gate.allow('li');
    for (const [token, docId, code] of [
      ['', FILE, 4401],
      ['li', 'case:nowhere/file', 4404],
    ] as const) {
      const { provider } = stockClient(relay, token, docId);
      const closed = await new Promise<{ code: number }>((resolve) => provider.once('closed', resolve));
      expect(closed.code).toBe(code);
    }
    const answer = await fetch(`http://127.0.0.1:${relay.port}/yjs/${FILE}`);
    expect(answer.status).toBe(404);
  });

  it('acknowledges to a client of the workspace, and closes a line whose frames are too large', async () => {
    const { relay, gate } = await makeRelay();
    gate.allow('li');
    const socket = new WebSocket(`ws://127.0.0.1:${relay.port}/yjs/${encodeURIComponent(FILE)}?token=li`);
    cleanUps.push(() => socket.terminate());
    const acknowledged = new Promise<number[]>((resolve) => {
      socket.on('message', (data: Buffer) => {
        const decoder = decoding.createDecoder(data);
        if (decoding.readVarUint(decoder) === MESSAGE_ACK) resolve(readAck(decoder));
      });
    });
    await new Promise((resolve) => socket.once('open', resolve));
    const doc = new Y.Doc();
    doc.getText(NOTE).insert(0, 'x');
    socket.send(encodeAnnouncement({ device: device(1), clientIds: [doc.clientID] }));
    socket.send(changeFrame(Y.encodeStateAsUpdate(doc)));
    expect(await acknowledged).toEqual([1]);
    expect((await relay.log.load(FILE)).headSeq).toBe(1);
    const large = new WebSocket(`ws://127.0.0.1:${relay.port}/yjs/${FILE}?token=li`);
    const code = new Promise((resolve) => large.once('close', resolve));
    await new Promise((resolve) => large.once('open', resolve));
    large.send(changeFrame(new Uint8Array(4 * 1024 * 1024)));
    expect(await code).toBe(4413);
    const huge = new WebSocket(`ws://127.0.0.1:${relay.port}/yjs/${FILE}?token=li`);
    const hugeCode = new Promise((resolve) => huge.once('close', resolve));
    await new Promise((resolve) => huge.once('open', resolve));
    huge.send(new Uint8Array(9 * 1024 * 1024));
    expect(await hugeCode).toBe(1009);
  });
});
