import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { CODES } from '@lianban/sync';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { Problem } from './plugins/errors.ts';
import { fileOf, ORIGIN, PASSWORD, relayForTests, type RelayForTests } from './routes/relay-for-tests.ts';

interface Openapi {
  openapi: string;
  paths: Record<string, Record<string, { summary?: string; requestBody?: unknown; responses: object }>>;
}

describe('the application', () => {
  let relay: RelayForTests;
  beforeEach(async () => {
    relay = await relayForTests();
  });

  it('asks for a session at every address of the interface but those that make one or are open', async () => {
    const { paths } = relay.app.swagger() as unknown as Openapi;
    const open = [];
    for (const [path, methods] of Object.entries(paths)) {
      for (const method of Object.keys(methods)) {
        const url = path.replace('{id}', '990121-01hzy3v7k9q2m4n6p8r0s20001').replace('{*}', 'x');
        const response = await relay.ask({
          method: method,
          url,
          ...(method === 'get' ? {} : { payload: { bad: 1 } }),
        });
        if (response.statusCode === 401) expect(response.json()).toMatchObject({ code: 'login-needed' });
        else open.push(`${method} ${path}`);
      }
    }
    expect(open.sort()).toEqual([
      'get /api/demo',
      'get /api/openapi.json',
      'get /healthz',
      'get /metrics',
      'post /api/session',
      'post /api/setup',
    ]);
  });

  it('describes every route in openapi.json, with its input, its answers and a sentence', async () => {
    const routes = relay.app.printRoutes({ commonPrefix: false, includeHooks: false });
    const document = (await relay.ask({ url: '/api/openapi.json' })).json<Openapi>();
    expect(document.openapi).toBe('3.1.0');
    const paths = Object.keys(document.paths);
    for (const path of paths) expect(routes).toContain(path.split('/').at(-1)?.replace('{id}', ':id'));
    expect(paths.sort()).toEqual([
      '/api/cases',
      '/api/cases/{id}',
      '/api/cases/{id}/entries',
      '/api/demo',
      '/api/directory',
      '/api/door-tokens',
      '/api/feed',
      '/api/openapi.json',
      '/api/session',
      '/api/setup',
      '/healthz',
      '/metrics',
    ]);
    for (const methods of Object.values(document.paths)) {
      for (const [method, { summary, requestBody, responses }] of Object.entries(methods)) {
        expect(summary).toBeTruthy();
        if (method === 'post') expect(requestBody).toBeDefined();
        expect(Object.keys(responses).length).toBeGreaterThan(0);
      }
    }
  });

  it('answers an unknown address with a problem', async () => {
    for (const url of ['/api/none', '/yjs', '/link', '/none', '/api/session/x', '/healthz/x', '/..%2fetc']) {
      const response = await relay.ask({ url, headers: { accept: 'text/html' } });
      expect(response.statusCode).toBe(404);
      expect(response.headers['content-type']).toBe('application/problem+json');
      expect(Problem.parse(response.json())).toMatchObject({ code: 'not-found', retry: CODES['not-found'].retry });
    }
  });

  it('says nothing of what broke', async () => {
    relay.deps.ledgerLog.feed = () => Promise.reject(new Error('the secret of the store'));
    await relay.openCase('limin');
    const response = await relay.ask({ url: '/api/feed', as: await relay.signIn('limin') });
    expect(response.statusCode).toBe(500);
    expect(response.json()).toMatchObject({ code: 'unexpected' });
    expect(response.body).not.toContain('secret');
    expect(relay.logged()).toContain('the secret of the store');
  });

  it('sends the security headers with everything', async () => {
    for (const url of ['/healthz', '/api/session', '/none']) {
      const { headers } = await relay.ask({ url });
      const policy = String(headers['content-security-policy']);
      expect(policy).toContain("frame-ancestors 'none'");
      expect(policy).toContain("require-trusted-types-for 'script'");
      // one style attribute by its hash, and no other
      expect(policy).toMatch(/style-src 'self';style-src-attr 'unsafe-hashes' 'sha256-[^']+';/);
      expect(policy).not.toMatch(/script-src|default-src|unsafe-(?:inline|eval)|https:/);
      expect(headers).toMatchObject({
        'x-content-type-options': 'nosniff',
        'referrer-policy': 'no-referrer',
        'cross-origin-opener-policy': 'same-origin',
      });
      expect(headers['permissions-policy']).toContain('camera=()');
      expect(headers).not.toHaveProperty('x-powered-by');
      expect(headers).not.toHaveProperty('access-control-allow-origin');
    }
  });

  it('keeps what people may see out of caches', async () => {
    const as = await relay.signIn('limin');
    expect((await relay.ask({ url: '/api/feed', as })).headers['cache-control']).toBe('no-store');
    expect((await relay.ask({ url: '/api/directory', as })).headers['cache-control']).toBe('private, no-cache');
  });

  it('bounds the requests of a session, and of an address without one', async () => {
    const as = await relay.signIn('limin');
    let left = 0;
    for (let i = 0; i < 601; i++) left = (await relay.ask({ url: '/api/demo' })).statusCode;
    expect(left).toBe(429);
    const refused = await relay.ask({ url: '/api/demo' });
    expect(refused.json()).toMatchObject({ code: 'too-many', retry: 'later' });
    expect(Number(refused.headers['retry-after'])).toBeGreaterThan(0);
    expect((await relay.ask({ url: '/api/session', as })).statusCode).toBe(200);
    expect((await relay.ask({ url: '/healthz' })).statusCode).toBe(200);
  });

  it('writes no password, token, cookie or query into its log', async () => {
    const cookieOf = (token: string) => ({ lianban_0123456789abcdef: token });
    const signIn = (password: string) =>
      relay.ask({ method: 'POST', url: '/api/session', payload: { account: 'limin', password } });
    await signIn('a wrong passphrase');
    const { token } = (await signIn(PASSWORD)).json<{ token: string }>();
    const docId = fileOf(await relay.openCase('limin'));
    const granted = await relay.ask({ method: 'POST', url: '/api/door-tokens', payload: { docId }, as: token });
    const door = granted.json<{ token: string }>().token;
    await relay.ask({ url: `/yjs/${docId}?token=${door}` });
    await relay.ask({
      url: `/yjs/${docId}?token=${door}`,
      headers: { upgrade: 'websocket', origin: 'https://evil.example' },
    });
    await relay.ask({ url: `/api/feed?after=${door}`, cookies: cookieOf(token) });
    await relay.ask({ url: `/api/feed?limit=${door}`, cookies: cookieOf(token) });
    await relay.ask({ method: 'POST', url: '/api/setup', payload: { code: door, password: 'a wrong passphrase' } });
    await relay.ask({ method: 'DELETE', url: '/api/door-tokens', payload: { token: door }, as: token });
    await relay.ask({
      method: 'DELETE',
      url: '/api/session',
      cookies: cookieOf(token),
      headers: { origin: ORIGIN, 'x-lianban': '1' },
    });
    relay.deps.log.info({ token, password: PASSWORD, headers: { cookie: token, authorization: token } }, 'by mistake');
    const log = relay.logged();
    expect(log.split('\n').length).toBeGreaterThan(10);
    for (const secret of [token, door, PASSWORD, 'a wrong passphrase']) expect(log).not.toContain(secret);
    expect(log).not.toMatch(/[?]token|after=/);
    expect(log).toContain('/api/session');
  });
});

describe('the built pages', () => {
  const webRoot = mkdtempSync(join(tmpdir(), 'lianban-web-'));
  let relay: RelayForTests;
  beforeAll(async () => {
    mkdirSync(join(webRoot, '_app/immutable/nodes'), { recursive: true });
    for (const [name, text] of Object.entries({
      'index.html': '<!doctype html><title>page</title>',
      'service-worker.js': 'worker',
      '_app/version.json': '{"version":"1"}',
      '_app/immutable/nodes/0.abc.js': `export const a = '${'a'.repeat(2000)}'`,
    })) {
      writeFileSync(join(webRoot, name), text);
    }
    relay = await relayForTests({ webRoot });
  });
  afterAll(() => rmSync(webRoot, { recursive: true }));
  const page = { accept: 'text/html,application/xhtml+xml' };

  it.each([
    ['/', 'no-cache'],
    ['/index.html', 'no-cache'],
    ['/service-worker.js', 'no-cache'],
    ['/_app/version.json', 'no-cache'],
    ['/_app/immutable/nodes/0.abc.js', 'public, max-age=31536000, immutable'],
  ])('serves %s with %s', async (url, cacheControl) => {
    const response = await relay.ask({ url });
    expect(response.statusCode).toBe(200);
    expect(response.headers['cache-control']).toBe(cacheControl);
  });

  it.each(['/cases', '/cases/990121-01hzy3v7k9q2m4n6p8r0s20001', '/setup?code=x', '/apiary'])(
    'is the page at %s',
    async (url) => {
      const response = await relay.ask({ url, headers: page });
      expect(response.statusCode).toBe(200);
      expect(response.headers['content-type']).toContain('text/html');
      expect(response.headers['cache-control']).toBe('no-cache');
      expect(response.body).toContain('<title>page</title>');
    },
  );

  it.each([
    ['GET', '/api/none', page],
    ['GET', '/yjs/none', page],
    ['GET', '/link/http', page],
    ['GET', '/metrics/x', page],
    ['POST', '/cases', page],
    ['GET', '/cases', { accept: 'application/json' }],
    ['GET', '/_app/immutable/nodes/gone.js', { accept: '*/*' }],
    ['GET', '/../package.json', { accept: '*/*' }],
    ['GET', '/%2e%2e/package.json', { accept: '*/*' }],
  ] as const)('is not the page for %s %s %j', async (method, url, headers) => {
    const response = await relay.ask({ method, url, headers });
    expect(response.statusCode).toBe(404);
    expect(response.json()).toMatchObject({ code: 'not-found' });
  });

  it('sends long files compressed to who can read that', async () => {
    const url = '/_app/immutable/nodes/0.abc.js';
    const response = await relay.ask({ url, headers: { 'accept-encoding': 'gzip, br' } });
    expect(response.headers['content-encoding']).toBe('br');
    expect(response.rawPayload.length).toBeLessThan(500);
  });
});
