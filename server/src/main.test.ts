import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import type { IncomingMessage } from 'node:http';
import { request } from 'node:https';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { fileURLToPath } from 'node:url';
import { afterAll, afterEach, describe, expect, it } from 'vitest';
import { WebSocket } from 'ws';
import { TEST_CERT, TEST_KEY } from './tls-for-tests.ts';

const main = fileURLToPath(new URL('main.ts', import.meta.url));

describe('the process of the relay', () => {
  const root = mkdtempSync(join(tmpdir(), 'lianban-main-'));
  const children = new Set<ChildProcess>();
  let count = 0;
  const folder = (): string => join(root, `data-${count++}`);
  afterEach(() => {
    for (const child of children) child.kill('SIGKILL');
    children.clear();
  });
  afterAll(() => rmSync(root, { recursive: true, force: true }));

  function start(env: Record<string, string>, stdio: 'pipe' | 'ipc' = 'pipe') {
    const child = spawn(process.execPath, [main], {
      env: { PATH: process.env['PATH'] ?? '', LOG_LEVEL: 'warn', PORT: '0', ...env },
      stdio: ['ignore', 'pipe', 'pipe', ...(stdio === 'ipc' ? (['ipc'] as const) : [])],
    });
    children.add(child);
    let out = '';
    let err = '';
    child.stdout?.on('data', (chunk: Buffer) => (out += chunk.toString()));
    child.stderr?.on('data', (chunk: Buffer) => (err += chunk.toString()));
    const ended = once(child, 'close').then(([code]) => ({ code: code as number | null, out, err }));
    const said = async (what: RegExp): Promise<RegExpExecArray> => {
      for (;;) {
        const match = what.exec(out);
        if (match) return match;
        const [chunk] = (await Promise.race([
          once(child.stdout as NonNullable<typeof child.stdout>, 'data'),
          ended.then(() => [null]),
        ])) as [unknown];
        if (chunk === null) throw new Error(`the relay ended before it said ${what.source}: ${out}${err}`);
      }
    };
    return { child, ended, said, output: () => out };
  }
  const ready = /Lianban is ready at (http:\/\/127\.0\.0\.1:\d+)\n/;

  it('says where it is once it answers, lists the demo, and ends with 0 within 5 s when asked', async () => {
    const relay = start({ LIANBAN_DATA: folder() });
    const [, url = ''] = await relay.said(ready);
    expect((await fetch(`${url}/healthz`)).status).toBe(200);
    await relay.said(/jiangtao .*\n/);
    expect(relay.output()).toContain('lianban-demo');
    expect(relay.output()).toMatch(/limin +officer +李敏 Li Min, 永安县市场监督管理局/);
    // a browser that keeps its line open does not hold up the stop
    const line = await fetch(`${url}/healthz`, { headers: { connection: 'keep-alive' } });
    await line.text();
    const askedAt = performance.now();
    relay.child.kill('SIGTERM');
    const { code, err } = await relay.ended;
    expect(code).toBe(0);
    expect(err).toBe('');
    expect(performance.now() - askedAt).toBeLessThan(5000);
  });

  it('prints the one-time set-up link without demo, and not again once it was used', async () => {
    const env = { LIANBAN_DATA: folder(), LIANBAN_DEMO: '0' };
    const relay = start(env);
    const [, url = ''] = await relay.said(ready);
    const [, code = ''] = await relay.said(/http:\/\/127\.0\.0\.1:\d+\/setup\?code=(\S{20,})\n/);
    expect(relay.output()).not.toContain('lianban-demo');
    const name = { zh: '甲', en: 'A' };
    const body = JSON.stringify({
      code,
      jurisdiction: { code: '110105', level: 'county', name },
      department: { id: 'office', kind: 'service', name, short: name },
      person: { account: 'first', name },
      password: 'a long password of the test',
    });
    const headers = { 'content-type': 'application/json' };
    expect((await fetch(`${url}/api/setup`, { method: 'POST', body, headers })).status).toBe(204);
    relay.child.kill('SIGINT');
    expect((await relay.ended).code).toBe(0);
    const again = start(env);
    await again.said(ready);
    again.child.kill('SIGTERM');
    expect((await again.ended).out).not.toContain('/setup');
  });

  it('speaks TLS, over which the cookie is secure and sockets come in', async () => {
    const [cert, key] = [join(root, 'cert.pem'), join(root, 'key.pem')];
    writeFileSync(cert, TEST_CERT);
    writeFileSync(key, TEST_KEY);
    const relay = start({ LIANBAN_DATA: folder(), LIANBAN_TLS_CERT: cert, LIANBAN_TLS_KEY: key });
    const [, port = ''] = await relay.said(/ready at https:\/\/127\.0\.0\.1:(\d+)\n/);
    const at = { host: '127.0.0.1', port, ca: TEST_CERT };
    const headers = { 'content-type': 'application/json', origin: `https://localhost:${port}` };
    const asking = request({ ...at, method: 'POST', path: '/api/session', headers });
    asking.end(JSON.stringify({ account: 'limin', password: 'lianban-demo' }));
    const [response] = (await once(asking, 'response')) as [IncomingMessage];
    response.resume();
    expect(response.statusCode).toBe(200);
    expect(response.headers['set-cookie']?.[0]).toMatch(/; Secure/);
    expect(response.headers['strict-transport-security']).toContain('max-age');
    const socket = new WebSocket(`wss://127.0.0.1:${port}/yjs/none?token=x`, { ca: TEST_CERT });
    const [code] = (await once(socket, 'close')) as [number];
    expect(code).toBe(4404);
    relay.child.kill('SIGTERM');
    expect((await relay.ended).code).toBe(0);
  });

  it('stops when its starter is gone', async () => {
    const relay = start({ LIANBAN_DATA: folder() }, 'ipc');
    await relay.said(ready);
    // a child whose channel this side has closed emits no `close`
    const exited = once(relay.child, 'exit');
    relay.child.disconnect();
    expect((await exited)[0]).toBe(0);
  });

  it('starts again over the folder of a relay that was killed', async () => {
    const env = { LIANBAN_DATA: folder() };
    const relay = start(env);
    await relay.said(ready);
    relay.child.kill('SIGKILL');
    await relay.ended;
    const again = start(env);
    await again.said(ready);
    again.child.kill('SIGTERM');
    expect((await again.ended).code).toBe(0);
  });

  const refused = async (env: Record<string, string>): Promise<string> => {
    const { code, out, err } = await start({ LIANBAN_DATA: folder(), ...env }).ended;
    expect(code).toBe(2);
    expect(out).toBe('');
    expect(err).toMatch(/^Lianban does not start: .+[.]\n$/);
    expect(err.split('\n')).toHaveLength(2);
    return err;
  };

  it.each([
    [{ PORT: '70000' }, 'PORT'],
    [{ HOST: '0.0.0.0' }, 'LIANBAN_TLS_CERT'],
    [{ LIANBAN_TLS_CERT: '/none' }, 'LIANBAN_TLS_KEY'],
    [{ LIANBAN_DEMO: '1', HOST: '0.0.0.0', LIANBAN_TRUST_PROXY: '1' }, 'loopback'],
    [{ LIANBAN_DATA: '/dev/null' }, 'LIANBAN_DATA'],
    [{ DATABASE_URL: 'postgres://x' }, 'DATABASE_URL'],
  ])('refuses %j in one line with exit code 2', async (env, named) => {
    expect(await refused(env)).toContain(named);
  });

  it('refuses a folder that another relay uses, a port that is taken, an address that is none, and newer data', async () => {
    const LIANBAN_DATA = folder();
    const relay = start({ LIANBAN_DATA });
    await relay.said(ready);
    expect(await refused({ LIANBAN_DATA })).toContain('another relay');
    relay.child.kill('SIGTERM');
    await relay.ended;

    const db = new DatabaseSync(join(LIANBAN_DATA, 'lianban.sqlite'));
    db.exec('PRAGMA user_version = 999');
    db.close();
    expect(await refused({ LIANBAN_DATA })).toContain('999');

    const server = createServer().listen(0, '127.0.0.1');
    await once(server, 'listening');
    const { port } = server.address() as { port: number };
    expect(await refused({ PORT: String(port) })).toContain(`PORT ${port} is in use`);
    server.close();
    expect(await refused({ HOST: '192.0.2.1', LIANBAN_TRUST_PROXY: '1' })).toContain('HOST 192.0.2.1');
  });
});
