import { beforeEach, describe, expect, it } from 'vitest';
import type { CaseId, LedgerItem } from '@lianban/model';
import { added, chain, opened } from '../ledger/entries-for-tests.ts';
import { relayForTests, type RelayForTests } from './relay-for-tests.ts';

interface Feed {
  items: { caseId: CaseId; item: LedgerItem }[];
  cursor: string;
  more: boolean;
  directoryVersion: number;
  incarnation: string;
  nowMs: number;
}

describe('GET /api/feed', () => {
  let relay: RelayForTests;
  let limin: string;
  beforeEach(async () => {
    relay = await relayForTests();
    limin = await relay.signIn('limin');
  });
  const feed = async (as: string, after?: string, limit?: number): Promise<Feed> => {
    const query = {
      ...(after === undefined ? {} : { after }),
      ...(limit === undefined ? {} : { limit: String(limit) }),
    };
    const response = await relay.ask({ url: '/api/feed', query, as });
    expect(response.statusCode).toBe(200);
    return response.json();
  };
  const seqs = ({ items }: Feed): (number | undefined)[] => items.map(({ item }) => item.receipt?.caseSeq);

  it('is empty for who sees nothing, and says the time and the version of the directory', async () => {
    const page = await feed(limin);
    expect(page).toMatchObject({ items: [], more: false, directoryVersion: 1, incarnation: 'first' });
    expect(page.nowMs).toBe(relay.deps.clock.nowMs());
  });

  it('hands out every entry with its receipt once', async () => {
    const id = await relay.openCase('limin', ['990121-tax']);
    const page = await feed(limin);
    expect(page.items.map(({ caseId }) => caseId)).toEqual([id, id]);
    expect(seqs(page)).toEqual([1, 2]);
    expect(page.items[0]?.item.entry.payload).toBe('{"applicant":"江畔小馆"}');
    expect((await feed(limin, page.cursor)).items).toEqual([]);
    const other = await relay.openCase('limin');
    expect((await feed(limin, page.cursor)).items.map(({ caseId }) => caseId)).toEqual([other]);
  });

  it('gives nobody a case their department takes no part in', async () => {
    await relay.openCase('limin', ['990121-tax']);
    expect((await feed(await relay.signIn('majun'))).items).toEqual([]);
    expect((await feed(await relay.signIn('sunqian'))).items).toHaveLength(2);
    // readers and commenters of a department that takes part see it too
    expect((await feed(await relay.signIn('tangyue'))).items).toHaveLength(2);
  });

  it('gives a case whole to a department that joins it, past included', async () => {
    const wanglei = await relay.signIn('wanglei');
    const by = relay.author('limin');
    const id = await relay.openCase('limin', ['990121-tax']);
    await relay.openCase('limin');
    const before = await feed(wanglei);
    expect(before.items).toEqual([]);
    const mine = chain(id, by);
    await mine.seal(opened(by.department));
    await mine.seal(added('990121-tax'));
    const joining = await mine.seal(added('990100-fire'));
    const url = `/api/cases/${id}/entries`;
    const response = await relay.ask({ method: 'POST', url, payload: { entries: [joining.sealed] }, as: limin });
    expect(response.json()).toMatchObject({ results: [{ receipt: { caseSeq: 3 } }] });
    const page = await feed(wanglei, before.cursor);
    expect(page.items.map(({ caseId }) => caseId)).toEqual([id, id, id]);
    expect(seqs(page)).toEqual([1, 2, 3]);
    expect((await feed(wanglei, page.cursor)).items).toEqual([]);
  });

  it('comes in pages that lose and repeat nothing', async () => {
    for (let i = 0; i < 5; i++) await relay.openCase('limin', ['990121-tax']);
    const all = await feed(limin);
    const read: Feed['items'] = [];
    let cursor: string | undefined;
    for (let pages = 0; pages < 20; pages++) {
      const page = await feed(limin, cursor, 3);
      read.push(...page.items);
      cursor = page.cursor;
      if (!page.more) break;
    }
    expect(read).toEqual(all.items);
    expect(cursor).toBe(all.cursor);
  });

  it('starts anew when the departments of the caller change', async () => {
    await relay.openCase('limin');
    await relay.openCase('yaoli');
    const { cursor } = await feed(limin);
    await relay.deps.org.change({
      posts: [
        { person: relay.author('limin').person, department: relay.author('limin').department, role: 'officer' },
        { person: relay.author('limin').person, department: relay.author('yaoli').department, role: 'reader' },
      ],
    });
    expect((await feed(limin, cursor)).items).toHaveLength(2);
    await relay.deps.org.change({ people: relay.deps.org.directory.people.slice(0, 1) });
    expect((await feed(limin, cursor)).items).toEqual([]);
  });

  it('starts anew behind a cursor that is ahead of the relay, as after a copy of its folder was put back', async () => {
    const { cursor } = await feed(limin);
    await relay.openCase('limin');
    const page = await feed(limin, cursor.replace(/\d+$/, '7'));
    expect(page.items).toHaveLength(1);
    expect((await feed(limin, page.cursor)).items).toEqual([]);
  });

  it('starts anew behind a cursor of another incarnation or of no known form', async () => {
    await relay.openCase('limin');
    const { cursor } = await feed(limin);
    for (const other of [
      cursor.replace('first', 'second'),
      'nonsense',
      `${cursor}x`,
      cursor.replace(/\d+$/, '-1'),
      '',
    ]) {
      expect((await feed(limin, other)).items).toHaveLength(1);
    }
  });

  it('reads nothing from the log while there is no news', async () => {
    await relay.openCase('limin');
    const { cursor } = await feed(limin);
    relay.deps.ledgerLog.feed = () => Promise.reject(new Error('the log was read'));
    expect((await feed(limin, cursor)).items).toEqual([]);
  });

  it.each(['0', '1001', 'x', '1.5'])('refuses a limit of %s', async (limit) => {
    const response = await relay.ask({ url: '/api/feed', query: { limit }, as: limin });
    expect(response.json()).toMatchObject({ code: 'bad-schema', paths: ['querystring/limit'] });
  });
});
