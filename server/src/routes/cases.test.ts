import { beforeEach, describe, expect, it } from 'vitest';
import { caseId } from '../ledger/entries-for-tests.ts';
import { relayForTests, type RelayForTests } from './relay-for-tests.ts';

interface Cases {
  cases: { id: string }[];
  before: number | null;
}

describe('/api/cases', () => {
  let relay: RelayForTests;
  let limin: string;
  beforeEach(async () => {
    relay = await relayForTests();
    limin = await relay.signIn('limin');
  });

  it('names a case and its documents', async () => {
    const id = await relay.openCase('limin', ['990100-fire']);
    const response = await relay.ask({ url: `/api/cases/${id}`, as: limin });
    expect(response.json()).toEqual({
      id,
      number: '990121-2026-0001',
      applicant: '江畔小馆',
      template: 'open-restaurant',
      templateVersion: 1,
      lead: '990121-market',
      participants: ['990121-market', '990100-fire'],
      openedAt: new Date(relay.deps.clock.nowMs()).toISOString(),
      docs: [
        { id: `case:${id}/file`, title: null, kind: 'form' },
        { id: `case:${id}/talk`, title: null, kind: 'talk' },
      ],
    });
  });

  it('lists what the caller sees, the latest first, page by page', async () => {
    const ids = [await relay.openCase('limin'), await relay.openCase('limin'), await relay.openCase('limin')];
    await relay.openCase('majun');
    const first = (await relay.ask({ url: '/api/cases?limit=2', as: limin })).json<Cases>();
    expect(first.cases.map(({ id }) => id)).toEqual([ids[2], ids[1]]);
    const rest = (await relay.ask({ url: `/api/cases?limit=2&before=${first.before}`, as: limin })).json<Cases>();
    expect(rest.cases.map(({ id }) => id)).toEqual([ids[0]]);
    expect(rest.before).toBeNull();
  });

  it('answers a case that is not the caller’s like one that is absent, byte for byte', async () => {
    const id = await relay.openCase('limin');
    const majun = await relay.signIn('majun');
    const answers = [id, caseId(7), 'x', encodeURIComponent('../x')].map((of) =>
      relay.ask({ url: `/api/cases/${of}`, as: majun }),
    );
    const [foreign, ...absent] = await Promise.all(answers);
    expect(foreign?.statusCode).toBe(404);
    expect(foreign?.json()).toMatchObject({ code: 'no-such-case' });
    for (const one of absent) expect(one.body).toBe(foreign?.body);
  });

  it.each(['limit=0', 'limit=501', 'before=0', 'before=x'])('refuses %s', async (query) => {
    expect((await relay.ask({ url: `/api/cases?${query}`, as: limin })).statusCode).toBe(400);
  });
});
