import { beforeEach, describe, expect, it } from 'vitest';
import { MAX_ATTEMPTS, LOCKOUT_WINDOW_MS } from '../org/lockout.ts';
import { SESSION_MS } from '../org/sessions.ts';
import { ORIGIN, PASSWORD, relayForTests, type RelayForTests } from './relay-for-tests.ts';

interface SessionBody {
  token: string;
  expiresAt: string;
}

describe('/api/session', () => {
  let relay: RelayForTests;
  beforeEach(async () => {
    relay = await relayForTests();
  });
  const signIn = (account: string, password: string, remoteAddress = '10.0.0.1') =>
    relay.ask({ method: 'POST', url: '/api/session', payload: { account, password }, remoteAddress });

  it('opens a session with token, cookie, person and relay', async () => {
    const response = await signIn('limin', PASSWORD);
    expect(response.statusCode).toBe(200);
    expect(response.json()).toEqual({
      token: expect.stringMatching(/^[A-Za-z0-9_-]{43}$/) as string,
      expiresAt: new Date(relay.deps.clock.nowMs() + SESSION_MS).toISOString(),
      person: {
        id: 'limin@990121',
        account: 'limin',
        name: { zh: '李敏', en: 'Li Min' },
        posts: [{ department: '990121-market', role: 'officer' }],
      },
      relay: { id: '0123456789abcdef', jurisdiction: '990000', incarnation: 'first' },
    });
    expect(response.cookies).toMatchObject([
      {
        name: 'lianban_0123456789abcdef',
        httpOnly: true,
        sameSite: 'Strict',
        path: '/',
        value: response.json<SessionBody>().token,
      },
    ]);
    expect(response.cookies[0]).not.toHaveProperty('secure');
  });

  it('marks the cookie secure behind a proxy that speaks TLS, and for no other who says so', async () => {
    const trusting = await relayForTests({ config: { trustProxy: ['10.0.0.1'] } });
    for (const [remoteAddress, secure] of [
      ['10.0.0.1', true],
      ['10.0.0.2', undefined],
    ] as const) {
      const payload = { account: 'limin', password: PASSWORD };
      const headers = { 'x-forwarded-proto': 'https' };
      const response = await trusting.ask({ method: 'POST', url: '/api/session', payload, headers, remoteAddress });
      expect((response.cookies[0] as { secure?: boolean }).secure).toBe(secure);
    }
  });

  it('takes the account as people type it', async () => {
    expect((await signIn(' LiMin ', PASSWORD)).statusCode).toBe(200);
  });

  it('refuses a wrong name and a wrong password with the same bytes', async () => {
    const [name, password] = [await signIn('nobody', PASSWORD), await signIn('limin', 'wrong')];
    expect(name.statusCode).toBe(401);
    expect(password.statusCode).toBe(401);
    expect(password.body).toBe(name.body);
    expect(Object.keys(password.headers)).toEqual(Object.keys(name.headers));
    expect(name.cookies).toEqual([]);
  });

  it('locks an account from one address after five attempts, whether it exists or not', async () => {
    const bodies = new Set<string>();
    for (const account of ['limin', 'nobody']) {
      for (let i = 0; i < MAX_ATTEMPTS; i++) expect((await signIn(account, 'wrong')).statusCode).toBe(401);
      const locked = await signIn(account, PASSWORD);
      expect(locked.statusCode).toBe(429);
      expect(Number(locked.headers['retry-after'])).toBe(LOCKOUT_WINDOW_MS / 1000);
      bodies.add(locked.body);
    }
    expect(bodies.size).toBe(1);
    expect((await signIn('limin', PASSWORD, '10.0.0.2')).statusCode).toBe(200);
    expect((await signIn('wanglei', PASSWORD)).statusCode).toBe(200);
    relay.pass(LOCKOUT_WINDOW_MS - 1);
    expect((await signIn('limin', PASSWORD)).statusCode).toBe(429);
    relay.pass(1);
    expect((await signIn('limin', PASSWORD)).statusCode).toBe(200);
  });

  it('starts the count anew after the right password', async () => {
    for (let round = 0; round < 3; round++) {
      for (let i = 1; i < MAX_ATTEMPTS; i++) expect((await signIn('limin', 'wrong')).statusCode).toBe(401);
      expect((await signIn('limin', PASSWORD)).statusCode).toBe(200);
    }
  });

  it('counts attempts that run at the same time', async () => {
    const codes = await Promise.all(Array.from({ length: 12 }, () => signIn('limin', 'wrong')));
    expect(codes.filter(({ statusCode }) => statusCode === 401)).toHaveLength(MAX_ATTEMPTS);
  });

  it('says who is signed in, by token and by cookie, and gives the token to nobody', async () => {
    const { token } = (await signIn('limin', PASSWORD)).json<SessionBody>();
    const byToken = await relay.ask({ url: '/api/session', as: token });
    expect(byToken.statusCode).toBe(200);
    expect(byToken.json()).not.toHaveProperty('token');
    expect(byToken.json()).toMatchObject({ person: { id: 'limin@990121' } });
    const byCookie = await relay.ask({ url: '/api/session', cookies: { lianban_0123456789abcdef: token } });
    expect(byCookie.body).toBe(byToken.body);
    expect((await relay.ask({ url: '/api/session', cookies: { lianban_other: token } })).statusCode).toBe(401);
  });

  it('ends at its hour, and never earlier for want of traffic', async () => {
    const token = await relay.signIn('limin');
    relay.pass(SESSION_MS - 1);
    expect((await relay.ask({ url: '/api/session', as: token })).statusCode).toBe(200);
    relay.pass(1);
    expect((await relay.ask({ url: '/api/session', as: token })).statusCode).toBe(401);
  });

  it('signs out this session, its door tokens, and no other session', async () => {
    const [token, other] = [await relay.signIn('limin'), await relay.signIn('limin')];
    const revoked: unknown[] = [];
    relay.deps.sessions.onRevoked((what) => revoked.push(what));
    const response = await relay.ask({
      method: 'DELETE',
      url: '/api/session',
      headers: { origin: ORIGIN, 'x-lianban': '1' },
      cookies: { lianban_0123456789abcdef: token },
    });
    expect(response.statusCode).toBe(204);
    expect(response.cookies).toMatchObject([{ name: 'lianban_0123456789abcdef', value: '', expires: new Date(0) }]);
    expect(revoked).toHaveLength(1);
    expect((await relay.ask({ url: '/api/session', as: token })).statusCode).toBe(401);
    expect((await relay.ask({ url: '/api/session', as: other })).statusCode).toBe(200);
  });

  it.each([
    [{}, ['body/account', 'body/password']],
    [{ account: 'a', password: 'b', extra: 1 }, ['body']],
    [{ account: ['limin'], password: PASSWORD }, ['body/account']],
    [{ account: 'x'.repeat(65), password: 'y' }, ['body/account']],
  ])('refuses %j and names what is wrong', async (payload, paths) => {
    const response = await relay.ask({ method: 'POST', url: '/api/session', payload });
    expect(response.statusCode).toBe(400);
    expect(response.headers['content-type']).toBe('application/problem+json');
    expect(response.json()).toMatchObject({ code: 'bad-schema', status: 400, paths });
  });

  it.each(['not json', '{"account":', '[]', ''])('refuses the body %j', async (payload) => {
    const headers = { 'content-type': 'application/json' };
    const response = await relay.ask({ method: 'POST', url: '/api/session', payload, headers });
    expect(response.json()).toMatchObject({ code: 'bad-schema' });
  });
});
