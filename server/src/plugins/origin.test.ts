import { beforeAll, describe, expect, it } from 'vitest';
import { ORIGIN, PASSWORD, relayForTests, type RelayForTests } from '../routes/relay-for-tests.ts';
import { allowedOrigins, wrongOrigin, type Provenance } from './origin.ts';

const config = { host: '127.0.0.1', origins: [] } as unknown as Parameters<typeof allowedOrigins>[0];

describe('where a request may come from', () => {
  const allowed = new Set([ORIGIN]);
  const page: Provenance = { method: 'POST', isUpgrade: false, origin: ORIGIN, proof: 'cookie', csrfHeader: '1' };
  it.each([
    ['a page of ours', page, true],
    ['a page of ours without the header', { ...page, csrfHeader: undefined }, false],
    ['a page of ours with another value', { ...page, csrfHeader: '0' }, false],
    ['a foreign page with the header', { ...page, origin: 'https://evil.example' }, false],
    ['a page in a sandbox', { ...page, origin: 'null' }, false],
    ['another port of this machine', { ...page, origin: 'http://127.0.0.1:8701' }, false],
    ['a cookie without an origin', { ...page, origin: undefined }, false],
    ['a program with a token', { ...page, origin: undefined, proof: 'bearer', csrfHeader: undefined }, true],
    ['a foreign page with a token', { ...page, origin: 'https://evil.example', proof: 'bearer' }, false],
    ['a program that signs in', { ...page, origin: undefined, proof: null, csrfHeader: undefined }, true],
    ['a foreign page that signs in', { ...page, origin: 'https://evil.example', proof: null }, false],
    ['reading, from anywhere', { ...page, method: 'GET', origin: 'https://evil.example', csrfHeader: undefined }, true],
    ['a socket of ours', { ...page, method: 'GET', isUpgrade: true, csrfHeader: undefined }, true],
    ['a socket of a foreign page', { ...page, method: 'GET', isUpgrade: true, origin: 'https://evil.example' }, false],
    ['a socket of a program', { ...page, method: 'GET', isUpgrade: true, origin: undefined, proof: null }, true],
  ] as const)('%s: %#', (_name, request, passes) => {
    expect(wrongOrigin(request, allowed) === null).toBe(passes);
  });

  it('is its own address by every loopback name, or what was configured and nothing else', () => {
    expect([...allowedOrigins(config, 8700)]).toEqual([
      'http://127.0.0.1:8700',
      'http://localhost:8700',
      'http://[::1]:8700',
    ]);
    expect([...allowedOrigins({ ...config, tls: { cert: '', key: '' } }, 443)]).toContain('https://localhost');
    expect([...allowedOrigins({ ...config, origins: ['https://lianban.example'] }, 8700)]).toEqual([
      'https://lianban.example',
    ]);
  });
});

describe('every unsafe route', () => {
  let relay: RelayForTests;
  let token: string;
  beforeAll(async () => {
    relay = await relayForTests();
    token = await relay.signIn('limin');
  });
  const unsafe = ['POST /api/session', 'DELETE /api/session', 'POST /api/setup', 'POST /api/door-tokens'].concat(
    'DELETE /api/door-tokens',
    'POST /api/cases/990121-01hzy3v7k9q2m4n6p8r0s20001/entries',
  );

  it('is in the list of this test', () => {
    const listed = new Set(unsafe.map((route) => route.replace(/cases\/[^/]+/, 'cases/{id}')));
    const { paths } = relay.app.swagger() as { paths: Record<string, object> };
    const found = Object.entries(paths).flatMap(([path, methods]) =>
      Object.keys(methods).map((method) => `${method.toUpperCase()} ${path}`),
    );
    expect(found.filter((route) => !route.startsWith('GET ')).sort()).toEqual([...listed].sort());
  });

  it.each(unsafe)('%s refuses a foreign origin, and a cookie without origin or header', async (route) => {
    const [method, url] = route.split(' ') as ['POST', string];
    const cookies = { lianban_0123456789abcdef: token };
    for (const headers of [
      { origin: 'https://evil.example', 'x-lianban': '1' },
      { origin: ORIGIN },
      { 'x-lianban': '1' },
    ]) {
      const response = await relay.ask({ method, url, payload: {}, headers, cookies });
      expect(response.json(), JSON.stringify(headers)).toMatchObject({ code: 'forbidden', status: 403 });
    }
    const response = await relay.ask({
      method,
      url,
      payload: {},
      cookies,
      headers: { origin: ORIGIN, 'x-lianban': '1' },
    });
    expect(response.statusCode).not.toBe(403);
    // it may have signed the caller out
    token = await relay.signIn('limin');
  });

  it('opens a session for a program without an origin', async () => {
    const payload = { account: 'limin', password: PASSWORD };
    expect((await relay.ask({ method: 'POST', url: '/api/session', payload })).statusCode).toBe(200);
  });

  it('refuses the upgrade of a foreign page', async () => {
    const headers = { upgrade: 'websocket', connection: 'upgrade', origin: 'https://evil.example' };
    expect((await relay.ask({ url: '/yjs/x', headers })).statusCode).toBe(403);
  });
});
