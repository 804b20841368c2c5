import type { SealedEntry } from '@lianban/model';
import { beforeEach, describe, expect, it } from 'vitest';
import { added, caseId, chain, documentAdded, opened } from '../ledger/entries-for-tests.ts';
import { relayForTests, type RelayForTests } from './relay-for-tests.ts';

describe('POST /api/cases/:id/entries', () => {
  let relay: RelayForTests;
  let limin: string;
  const id = caseId(1);
  beforeEach(async () => {
    relay = await relayForTests();
    limin = await relay.signIn('limin');
  });
  const post = (entries: unknown, as = limin, of: string = id) =>
    relay.ask({ method: 'POST', url: `/api/cases/${of}/entries`, payload: { entries }, as });

  it('confirms entries and answers in their order', async () => {
    const mine = chain(id, relay.author('limin'));
    const entries: SealedEntry[] = [];
    for (const event of [opened('990121-market'), documentAdded('1'), added('990100-fire')]) {
      entries.push((await mine.seal(event)).sealed);
    }
    const response = await post(entries);
    expect(response.statusCode).toBe(200);
    expect(response.json()).toMatchObject({
      results: entries.map((entry, i) => ({ id: entry.id, receipt: { caseSeq: i + 1, ev: entry.id } })),
    });
    expect((await post(entries)).body).toBe(response.body);
  });

  it('answers a refused entry with its code and goes on with the rest', async () => {
    const mine = chain(id, relay.author('limin'));
    const opening = (await mine.seal(opened('990121-market'))).sealed;
    const flipped = { ...opening, text: opening.text.replace('internal', 'Internal') };
    const response = await post([flipped, opening]);
    expect(response.json()).toMatchObject({
      results: [
        { id: opening.id, code: 'bad-entry' },
        { id: opening.id, receipt: { caseSeq: 1 } },
      ],
    });
  });

  it('looks the same for a case that is absent and one that is not the caller’s', async () => {
    const mine = chain(id, relay.author('limin'));
    await post([(await mine.seal(opened('990121-market'))).sealed]);
    const majun = await relay.signIn('majun');
    const answers = [];
    for (const of of [id, caseId(2)]) {
      const { sealed } = await chain(of, relay.author('majun')).seal(added('990122-urban'));
      const response = await post([sealed], majun, of);
      answers.push(response.body.replace(sealed.id, ''));
    }
    expect(answers[0]).toBe(answers[1]);
    expect(answers[0]).toContain('no-such-case');
  });

  it.each([
    ['no entries', [], ['body/entries']],
    ['more than 100', Array.from({ length: 101 }, () => ({})), undefined],
    ['what is no entry', [{ id: 'x' }], undefined],
    [
      'a text above 32 KiB',
      [{ id: '0'.repeat(64), text: 'x'.repeat(32 * 1024 + 1), alg: 'none' }],
      ['body/entries/0/text'],
    ],
  ])('refuses %s', async (_name, entries, paths) => {
    const response = await post(entries);
    expect(response.statusCode).toBe(400);
    expect(response.json()).toMatchObject({ code: 'bad-schema', ...(paths === undefined ? {} : { paths }) });
  });

  it('refuses a case id of no known form', async () => {
    expect((await post([], limin, 'x')).json()).toMatchObject({ code: 'bad-schema' });
  });

  it('takes a hundred of the largest entries and not a body above that', async () => {
    const large = { id: '0'.repeat(64), text: 'x'.repeat(32 * 1024), payload: 'y'.repeat(32 * 1024), alg: 'none' };
    const response = await post(Array.from({ length: 100 }, () => large));
    expect(response.json()).toMatchObject({ results: Array.from({ length: 100 }, () => ({ code: 'bad-entry' })) });
    const above = await relay.ask({
      method: 'POST',
      url: `/api/cases/${id}/entries`,
      payload: 'x'.repeat(8 * 1024 * 1024 + 1),
      headers: { 'content-type': 'application/json' },
      as: limin,
    });
    expect(above.json()).toMatchObject({ code: 'frame-too-large' });
  });

  it('says that the store failed and keeps nothing', async () => {
    const { sealed } = await chain(id, relay.author('limin')).seal(opened('990121-market'));
    const { append } = relay.deps.ledgerLog;
    relay.deps.ledgerLog.append = () => Promise.reject(new Error('secret detail of the disk'));
    const failed = await post([sealed]);
    expect(failed.statusCode).toBe(503);
    expect(failed.json()).toMatchObject({ code: 'store-failed', retry: 'later' });
    expect(failed.body).not.toContain('secret detail');
    relay.deps.ledgerLog.append = append;
    expect((await post([sealed])).json()).toMatchObject({ results: [{ receipt: { n: 1 } }] });
  });
});
