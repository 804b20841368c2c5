import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { PASSWORD, relayForTests, type RelayForTests } from './relay-for-tests.ts';

describe('GET /healthz', () => {
  it('says who the relay is and whether it stores', async () => {
    const relay = await relayForTests();
    expect((await relay.ask({ url: '/healthz' })).json()).toEqual({
      status: 'ok',
      version: '1.2.3',
      jurisdiction: '990000',
      level: 'province',
      uplink: 'none',
      storage: 'ready',
    });
    relay.deps.storage = () => 'read-only';
    expect((await relay.ask({ url: '/healthz' })).json()).toMatchObject({ storage: 'read-only' });
  });

  it('is of no place before the set-up', async () => {
    const relay = await relayForTests({ people: false });
    expect((await relay.ask({ url: '/healthz' })).json()).toMatchObject({ jurisdiction: null, level: null });
  });
});

describe('GET /metrics', () => {
  const metricsToken = 'a token of the monitor';
  it('answers loopback, and from elsewhere the token alone', async () => {
    const relay = await relayForTests({ config: { metricsToken } });
    const status = async (remoteAddress: string, headers = {}): Promise<number> =>
      (await relay.ask({ url: '/metrics', remoteAddress, headers })).statusCode;
    expect(await status('127.0.0.1')).toBe(200);
    expect(await status('::1')).toBe(200);
    expect(await status('::ffff:127.0.0.1')).toBe(200);
    expect(await status('10.0.0.1')).toBe(403);
    expect(await status('127.0.0.1', { 'x-forwarded-for': '10.0.0.1' })).toBe(403);
    expect(await status('10.0.0.1', { authorization: `Bearer ${metricsToken}` })).toBe(200);
    expect(await status('10.0.0.1', { authorization: 'Bearer another token' })).toBe(403);
  });
});

describe('another spelling of an address', () => {
  it('is not there, so that nobody gets past the rates with it', async () => {
    const relay = await relayForTests({ demo: true });
    expect((await relay.ask({ url: '/api/demo' })).statusCode).toBe(200);
    for (const url of ['/%61pi/demo', '/ap%69/demo']) expect((await relay.ask({ url })).statusCode).toBe(404);
    const payload = { account: 'limin', password: PASSWORD };
    expect((await relay.ask({ method: 'POST', url: '/%61pi/session', payload })).statusCode).toBe(404);
    const as = await relay.signIn('limin');
    expect((await relay.ask({ url: '/%61pi/feed', as })).statusCode).toBe(404);
  });
});

describe('GET /api/demo', () => {
  it('is not there on a relay that is no demo', async () => {
    const relay = await relayForTests();
    expect((await relay.ask({ url: '/api/demo' })).body).toBe((await relay.ask({ url: '/api/none' })).body);
  });

  it('lists every account with its password on a demo', async () => {
    const relay = await relayForTests({ demo: true });
    const body = (await relay.ask({ url: '/api/demo' })).json<{ password: string; accounts: unknown[] }>();
    expect(body.password).toBe(PASSWORD);
    expect(body.accounts).toHaveLength(relay.deps.org.directory.people.length);
    expect(body.accounts[0]).toEqual({
      account: 'limin',
      name: { zh: '李敏', en: 'Li Min' },
      department: {
        id: '990121-market',
        name: { zh: '永安县市场监督管理局', en: 'Yong’an County Administration for Market Regulation' },
      },
      jurisdiction: { code: '990121', name: { zh: '永安县', en: 'Yong’an County' } },
      level: 'county',
      roles: ['officer'],
    });
  });
});

describe('GET /api/directory', () => {
  it('is sent once per version', async () => {
    const relay = await relayForTests();
    const as = await relay.signIn('limin');
    const first = await relay.ask({ url: '/api/directory', as });
    expect(first.json()).toEqual(relay.deps.org.directory);
    const etag = String(first.headers.etag);
    for (const tag of [etag, `W/${etag}`, `"x", ${etag}`]) {
      const again = await relay.ask({ url: '/api/directory', as, headers: { 'if-none-match': tag } });
      expect([again.statusCode, again.body]).toEqual([304, '']);
    }
    await relay.deps.org.change({ departments: relay.deps.org.directory.departments.slice(0, 1) });
    const changed = await relay.ask({ url: '/api/directory', as, headers: { 'if-none-match': etag } });
    expect(changed.statusCode).toBe(200);
    expect(changed.headers.etag).not.toBe(etag);
  });
});

describe('POST /api/setup', () => {
  let relay: RelayForTests;
  beforeEach(async () => {
    relay = await relayForTests({ people: false });
  });
  afterEach(() => relay.app.close());
  const input = (code: string | null, change: object = {}) => ({
    code,
    jurisdiction: { code: '110105', level: 'county', name: { zh: '某县', en: 'Some County' } },
    department: {
      id: 'office',
      kind: 'service',
      name: { zh: '政务中心', en: 'Center' },
      short: { zh: '中心', en: 'C' },
    },
    person: { account: 'first', name: { zh: '甲', en: 'A' } },
    password: PASSWORD,
    ...change,
  });
  const setUp = (payload: object) => relay.ask({ method: 'POST', url: '/api/setup', payload });

  it('makes the first coordinator, once', async () => {
    const { code } = relay.deps.setup;
    expect((await setUp(input(code))).statusCode).toBe(204);
    expect(relay.deps.setup.code).toBeNull();
    const signedIn = await relay.ask({
      method: 'POST',
      url: '/api/session',
      payload: { account: 'first', password: PASSWORD },
    });
    expect(signedIn.json()).toMatchObject({
      person: { id: 'first@110105', posts: [{ department: '110105-office', role: 'coordinator' }] },
      relay: { jurisdiction: '110105' },
    });
    expect((await setUp(input(code))).json()).toMatchObject({ code: 'forbidden' });
    expect(relay.deps.org.directory.people).toHaveLength(1);
  });

  it('refuses a wrong code and leaves the right one good', async () => {
    expect((await setUp(input('wrong'))).json()).toMatchObject({ code: 'forbidden' });
    expect((await setUp(input(relay.deps.setup.code))).statusCode).toBe(204);
  });

  it('is done once by those who come at the same time', async () => {
    const { code } = relay.deps.setup;
    const statuses = (await Promise.all([1, 2, 3].map(() => setUp(input(code))))).map(({ statusCode }) => statusCode);
    expect(statuses.sort()).toEqual([204, 403, 403]);
  });

  it('stays possible when the store failed', async () => {
    const { code } = relay.deps.setup;
    const { change } = relay.deps.org;
    relay.deps.org.change = () => Promise.reject(new Error('the disk is full'));
    expect((await setUp(input(code))).statusCode).toBe(500);
    relay.deps.org.change = change;
    expect((await setUp(input(code))).statusCode).toBe(204);
  });

  it.each([
    ['a short password', { password: 'short' }, 'body/password'],
    ['a code of five digits', { jurisdiction: { ...input('').jurisdiction, code: '12345' } }, 'body/jurisdiction/code'],
    ['an account in capitals', { person: { account: 'First', name: { zh: '', en: '' } } }, 'body/person/account'],
  ])('refuses %s', async (_name, change, path) => {
    const { code } = relay.deps.setup;
    expect((await setUp(input(code, change))).json()).toMatchObject({ code: 'bad-schema', paths: [path] });
    expect(relay.deps.setup.code).toBe(code);
  });

  it('has no code where people are', async () => {
    const full = await relayForTests();
    expect(full.deps.setup.code).toBeNull();
    expect((await full.ask({ method: 'POST', url: '/api/setup', payload: input('') })).statusCode).toBe(403);
  });
});
