import { PersonId, type LedgerItem, type Receipt, type SealedEntry } from '@lianban/model';
import type { FakeRelay } from '@lianban/sync/testing';

/** Somebody the fake relay knows; the password of all is `lianban-demo`. */
export interface FakePerson {
  account: string;
  department: string;
  role: string;
}

/** The HTTP side of a relay in memory, without rules but for the chains of devices: what follows on is confirmed. */
export interface FakeHttp {
  fetch: typeof fetch;
  /** False: no answer at all. */
  reachable(reachable: boolean): void;
  /** Ends every session. */
  forgetSessions(): void;
  /** Refuses the entries of this type; with null no more. */
  refuse(type: string, code: string | null): void;
  /** How often each address was asked, as `GET /api/feed`. */
  asked: Map<string, number>;
  entries(): SealedEntry[];
}

/** Makes a relay that knows these people; its documents are at `relay`. */
export function createFakeHttp(relay: FakeRelay, people: readonly FakePerson[]): FakeHttp {
  const log: { caseId: string; item: LedgerItem }[] = [];
  const sessions = new Map<string, FakePerson>();
  const refusals = new Map<string, string>();
  const asked = new Map<string, number>();
  let up = true;
  let cookie: string | null = null;
  let tokens = 0;

  const personOf = ({ account, department, role }: FakePerson) => ({
    id: PersonId.parse(`${account}@350481`),
    account,
    name: { zh: account, en: account },
    posts: [{ department, role }],
  });
  const sessionBody = (person: FakePerson) => ({
    expiresAt: '2026-01-05T13:00:00.000Z',
    person: personOf(person),
    relay: { id: 'r350481', jurisdiction: '350481', incarnation: 'i1' },
  });
  const directory = {
    version: 1,
    jurisdictions: [{ code: '350481', name: { zh: '永安县', en: "Yong'an" }, level: 'county', parent: null }],
    departments: ['market', 'fire', 'tax', 'urban'].map((kind) => ({
      id: `350481-${kind}`,
      jurisdiction: '350481',
      kind,
      name: { zh: kind, en: kind },
      short: { zh: kind, en: kind },
    })),
    people: people.map((person) => ({ ...personOf(person), posts: undefined })),
    posts: people.map((person) => ({
      person: `${person.account}@350481`,
      department: person.department,
      role: person.role,
    })),
  };

  function append(caseId: string, entry: SealedEntry): unknown {
    const known = log.find((row) => row.item.entry.id === entry.id);
    if (known) return { id: entry.id, receipt: known.item.receipt };
    const { type, device, dseq } = JSON.parse(entry.text) as { type: string; device: string; dseq: number };
    const code = refusals.get(type);
    if (code !== undefined) return { id: entry.id, code };
    const before = log.filter((row) => row.caseId === caseId && row.item.entry.text.includes(`"${device}"`)).length;
    if (dseq !== before + 1) return { id: entry.id, code: dseq > before ? 'stale-head' : 'fork' };
    const caseSeq = log.filter((row) => row.caseId === caseId).length + 1;
    const receipt = {
      relay: '350481',
      incarnation: 'i1',
      n: log.length + 1,
      ev: entry.id,
      kind: 'home',
      time: 1_767_574_800_000,
      aclEpoch: 0,
      verdict: 'ok',
      caseSeq,
      ...(caseSeq === 1 ? { number: `350481-2026-${String(412 + log.length).padStart(4, '0')}` } : {}),
      alg: 'none',
    } as unknown as Receipt;
    log.push({ caseId, item: { entry, receipt } });
    return { id: entry.id, receipt };
  }

  const answer = (method: string, path: string, body: unknown, who: FakePerson | undefined): [number, unknown] => {
    const problem = (status: number, code: string): [number, unknown] => [status, { code }];
    if (path === '/api/demo') return [200, { password: 'lianban-demo', accounts: [] }];
    if (path === '/api/session' && method === 'POST') {
      const { account, password } = body as { account: string; password: string };
      const person = people.find((each) => each.account === account);
      if (!person || password !== 'lianban-demo') return problem(401, 'login-needed');
      const token = `token-of-a-session-${(tokens += 1)}`;
      sessions.set(token, person);
      cookie = token;
      return [200, { ...sessionBody(person), token }];
    }
    if (!who) return problem(401, 'login-needed');
    if (path === '/api/session') {
      if (method === 'GET') return [200, sessionBody(who)];
      if (cookie !== null) sessions.delete(cookie);
      cookie = null;
      return [204, null];
    }
    if (path === '/api/directory') return [200, directory];
    if (path.startsWith('/api/feed')) {
      const after = Number(new URL(path, 'http://x').searchParams.get('after') ?? 0);
      const mine = log.filter((row) => {
        const all = log.filter((other) => other.caseId === row.caseId).map((other) => other.item.entry.text);
        return all.some((text) => text.includes(`"${who.department}"`));
      });
      return [
        200,
        {
          items: mine.slice(after),
          cursor: String(mine.length),
          more: false,
          directoryVersion: 1,
          incarnation: 'i1',
          nowMs: 0,
        },
      ];
    }
    if (path === '/api/door-tokens') {
      const { docId } = body as { docId: string };
      const known = log.some((row) => docId.startsWith(`case:${row.caseId}/`));
      return known ? [200, { token: relay.token, expiresAt: '2026-01-05T13:00:00.000Z' }] : problem(404, 'no-such-doc');
    }
    const caseId = /^\/api\/cases\/([^/]+)\/entries$/.exec(path)?.[1];
    if (caseId !== undefined) {
      const { entries } = body as { entries: SealedEntry[] };
      return [200, { results: entries.map((entry) => append(caseId, entry)) }];
    }
    return problem(404, 'not-found');
  };

  return {
    asked,
    entries: () => log.map((row) => row.item.entry),
    reachable(reachable) {
      up = reachable;
      relay.reachable(reachable);
    },
    forgetSessions: () => sessions.clear(),
    refuse: (type, code) => void (code === null ? refusals.delete(type) : refusals.set(type, code)),
    async fetch(input, init) {
      const { pathname, search } = new URL(input instanceof Request ? input.url : input);
      const method = init?.method ?? 'GET';
      const name = `${method} ${pathname}`;
      asked.set(name, (asked.get(name) ?? 0) + 1);
      if (!up) throw new TypeError('fetch failed');
      const bearer = new Headers(init?.headers).get('authorization')?.slice('Bearer '.length);
      const token = bearer ?? cookie;
      const who = token === null ? undefined : sessions.get(token);
      const [status, body] = answer(
        method,
        pathname + search,
        typeof init?.body === 'string' ? JSON.parse(init.body) : undefined,
        who,
      );
      return new Response(body === null ? null : JSON.stringify(body), { status });
    },
  };
}
