import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Writable } from 'node:stream';
import { docIdOf, DocumentNumber, TEMPLATES, verify, type DocId, type LedgerItem } from '@lianban/model';
import { readField, readThreads, readTick, longText } from '@lianban/sync';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { WebSocket } from 'ws';
import { WebsocketProvider } from 'y-websocket';
import * as Y from 'yjs';
import { readConfig, type Config } from './config.ts';
import { CASES } from './demo/cases.ts';
import { DEMO_PASSWORD } from './demo/load.ts';
import { PEOPLE } from './demo/people.ts';
import { systemDigest } from './host.ts';
import { createLog } from './log.ts';
import { boundPort } from './plugins/origin.ts';
import { openRelay, type Relay } from './relay.ts';

interface Case {
  id: never;
  template: string;
  docs: { id: DocId; kind: string }[];
}

describe('a demo relay', () => {
  const folder = mkdtempSync(join(tmpdir(), 'lianban-relay-'));
  const sink = new Writable({ write: (_chunk, _encoding, done) => done() });
  let config: Config;
  let relay: Relay;
  const tokens: Record<string, string> = {};

  const open = async (): Promise<Relay> => {
    const opened = await openRelay({ config, log: createLog('silent', sink), version: 'test' });
    if (!opened.ok) throw new Error(opened.detail);
    await opened.value.app.listen({ host: '127.0.0.1', port: 0 });
    return opened.value;
  };
  const signIn = async (account: string): Promise<string> => {
    const payload = { account, password: DEMO_PASSWORD };
    const response = await relay.app.inject({ method: 'POST', url: '/api/session', payload });
    return (tokens[account] = response.json<{ token: string }>().token);
  };
  const get = async <T>(url: string, token: string): Promise<T> =>
    (await relay.app.inject({ url, headers: { authorization: `Bearer ${token}` } })).json();
  const doorToken = async (docId: string, token: string): Promise<string> => {
    const headers = { authorization: `Bearer ${token}` };
    const response = await relay.app.inject({ method: 'POST', url: '/api/door-tokens', payload: { docId }, headers });
    return response.json<{ token: string }>().token;
  };
  /** Joins a document with the stock client; resolves when it is in step. */
  const join_ = async (docId: string, token: string) => {
    const doc = new Y.Doc();
    const url = `ws://127.0.0.1:${boundPort(relay.app)}/yjs`;
    const provider = new WebsocketProvider(url, docId, doc, {
      params: { token },
      WebSocketPolyfill: WebSocket as never,
      disableBc: true,
    });
    const closed = new Promise<number>((resolve) =>
      provider.on('connection-close', (event) => resolve(event?.code ?? 0)),
    );
    await new Promise<void>((resolve) => provider.once('sync', () => resolve()));
    return { doc, provider, closed };
  };
  const read = async (docId: string, token: string): Promise<Y.Doc> => {
    const { doc, provider } = await join_(docId, await doorToken(docId, token));
    provider.destroy();
    return doc;
  };

  beforeAll(async () => {
    const read = readConfig({ LIANBAN_DATA: folder, PORT: '0' });
    if (!read.ok) throw new Error(read.detail);
    config = read.value;
    relay = await open();
  });
  afterAll(async () => {
    await relay.close();
    rmSync(folder, { recursive: true });
  });

  it('is one because it listens on loopback and its folder was empty', () => {
    expect(config.demo).toBe(true);
    expect(readConfig({ LIANBAN_DATA: folder })).toMatchObject({ ok: true, value: { demo: true } });
    expect(readConfig({ LIANBAN_DATA: folder, LIANBAN_DEMO: '0' })).toMatchObject({ ok: false });
  });

  it('keeps a second relay out of its folder', async () => {
    const second = await openRelay({ config, log: createLog('silent', sink), version: 'test' });
    expect(second).toMatchObject({ ok: false, code: 'store-blocked' });
  });

  it('opens a session for every account', async () => {
    for (const { account } of PEOPLE) expect(await signIn(account)).toMatch(/^.{43}$/);
  });

  it('has open cases of every template, with entries that verify', async () => {
    let seen = 0;
    const templates = new Set<string>();
    const ids = new Set<string>();
    for (const { account } of PEOPLE) {
      const { cases } = await get<{ cases: Case[] }>('/api/cases', tokens[account] ?? '');
      for (const { id, template } of cases) {
        templates.add(template);
        ids.add(id);
      }
    }
    expect(ids.size).toBe(CASES.length);
    expect([...templates].sort()).toEqual(TEMPLATES.map(({ id }) => id).sort());
    for (const account of ['limin', 'yuhang', 'dingning']) {
      const { items } = await get<{ items: { item: LedgerItem }[] }>('/api/feed?limit=1000', tokens[account] ?? '');
      for (const { item } of items) {
        expect((await verify(item.entry, systemDigest)).ok).toBe(true);
        expect(item.receipt?.time).toBeLessThan(Date.now());
        seen++;
      }
    }
    expect(seen).toBeGreaterThan(20);
  });

  it('has papers that the stock client reads: form, two values, ticks, opinion, comments', async () => {
    const limin = tokens['limin'] ?? '';
    const { cases } = await get<{ cases: Case[] }>('/api/cases', limin);
    const latest = cases[0] as Case;
    const file = await read(docIdOf({ caseId: latest.id, part: 'file' }), limin);
    expect(readField(file, 'applicant')).toMatchObject([{ value: '何婷', person: 'limin@990121' }]);
    expect(readField(file, 'area').map(({ value }) => value)).toEqual(expect.arrayContaining([120, 126]));
    expect(readTick(file, 'lease')).toMatchObject({ person: 'limin@990121' });
    expect(readTick(file, 'visit')).toBeNull();
    expect(longText(file, 'remarks').length).toBeGreaterThan(20);

    const number = DocumentNumber.parse('1');
    const opinion = await read(docIdOf({ caseId: latest.id, part: 'doc', number }), limin);
    const text = opinion.getXmlFragment('default').toJSON();
    expect(text).toMatch(/<heading level="1">一、踏勘情况<\/heading><paragraph>.+<heading level="2">（一）疏散通道/);
    expect(opinion.getMap('meta').get('schema')).toBe(1);

    const talk = await read(docIdOf({ caseId: latest.id, part: 'talk' }), limin);
    const threads = readThreads(talk);
    expect(threads).toHaveLength(3);
    const { anchor, quote, comments } = threads[0] as (typeof threads)[0];
    expect(comments[0]?.mentions).toEqual(['limin@990121']);
    const start = Y.createAbsolutePositionFromRelativePosition(
      Y.decodeRelativePosition(anchor?.start as Uint8Array),
      opinion,
    );
    const end = Y.createAbsolutePositionFromRelativePosition(
      Y.decodeRelativePosition(anchor?.end as Uint8Array),
      opinion,
    );
    expect(String(start?.type.toJSON()).slice(start?.index, end?.index)).toBe(quote);
  });

  it('closes what a door token opened when it is taken back, and nothing else', async () => {
    const wanglei = tokens['wanglei'] ?? '';
    const { cases } = await get<{ cases: Case[] }>('/api/cases', wanglei);
    const docId = cases[0]?.docs[0]?.id ?? '';
    const [token, kept] = [await doorToken(docId, wanglei), await doorToken(docId, wanglei)];
    const first = await join_(docId, token);
    const second = await join_(docId, kept);
    const headers = { authorization: `Bearer ${wanglei}` };
    await relay.app.inject({ method: 'DELETE', url: '/api/door-tokens', payload: { token }, headers });
    expect(await first.closed).toBe(4401);
    expect(second.provider.wsconnected).toBe(true);
    await relay.app.inject({ method: 'DELETE', url: '/api/session', headers });
    expect(await second.closed).toBe(4401);
    for (const { provider } of [first, second]) provider.destroy();
  });

  it('keeps sessions, door tokens, identity, receipts and papers through a restart, and adds nothing', async () => {
    const limin = tokens['limin'] ?? '';
    const { cases } = await get<{ cases: Case[] }>('/api/cases', limin);
    const docId = cases[0]?.docs[0]?.id ?? '';
    const token = await doorToken(docId, limin);
    const before = [await get('/api/session', limin), cases, await get('/api/directory', limin)];
    const feed = await get<{ cursor: string; items: unknown[] }>('/api/feed', limin);
    await relay.close();
    relay = await open();
    const after = [
      await get('/api/session', limin),
      (await get<{ cases: Case[] }>('/api/cases', limin)).cases,
      await get('/api/directory', limin),
    ];
    expect(after).toEqual(before);
    expect(await get(`/api/feed?after=${feed.cursor}`, limin)).toMatchObject({ items: [], cursor: feed.cursor });
    const { doc, provider } = await join_(docId, token);
    provider.destroy();
    expect(readField(doc, 'applicant')).toHaveLength(1);
  });
});
