import { webcrypto } from 'node:crypto';
import {
  headsOf,
  JurisdictionCode,
  newCaseId,
  newDeviceId,
  PersonId,
  seal,
  type CaseEvent,
  type CaseId,
  type DepartmentId,
  type DeviceId,
  type Digest,
  type DocId,
  type VerifiedEntry,
  type Wording,
} from '@lianban/model';
import { openSharedDoc, type Clock, type DocStore, type Random, type SharedDoc, type Timers } from '@lianban/sync';
import { createMemoryDocStore } from '@lianban/sync/testing';
import WebSocket from 'ws';

/** Password of every demo account. */
export const DEMO_PASSWORD = 'lianban-demo';

/** The machine's clock, chance, timers and hash, as the ports want them. */
export const clock: Clock = { nowMs: () => Date.now(), monotonicMs: () => performance.now() };
/** See `clock`. */
export const random: Random = { bytes: (length) => webcrypto.getRandomValues(new Uint8Array(length)) };
/** See `clock`. */
export const timers: Timers = {
  after(delayMs, run) {
    const timer = setTimeout(run, delayMs);
    return () => clearTimeout(timer);
  },
};
/** See `clock`. */
export const digest: Digest = {
  sha256: async (data) => new Uint8Array(await webcrypto.subtle.digest('SHA-256', Uint8Array.from(data))),
};

/** A person at a desk without a browser: the product's own link and store-bound documents, in Node. */
export interface Desk {
  readonly token: string;
  readonly person: PersonId;
  readonly department: DepartmentId;
  readonly device: DeviceId;
  /** What this desk keeps; survives `close` and every death of the relay. */
  readonly store: DocStore;
  request(path: string, init?: RequestInit): Promise<Response>;
  openCase(lead: DepartmentId, joint: readonly DepartmentId[]): Promise<CaseId>;
  openDoc(docId: DocId, over?: { WebSocketImpl?: typeof globalThis.WebSocket; random?: Random }): Promise<SharedDoc>;
}

/** Signs in at the relay under `url`. The device and its store can be those of an earlier desk. */
export async function signIn(url: string, account: string, earlier?: Pick<Desk, 'device' | 'store'>): Promise<Desk> {
  const answer = await fetch(`${url}/api/session`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ account, password: DEMO_PASSWORD }),
  });
  if (!answer.ok) throw new Error(`sign-in of ${account}: ${answer.status} ${await answer.text()}`);
  const session = (await answer.json()) as {
    token: string;
    person: { id: string; name: Wording; posts: { department: DepartmentId }[] };
  };
  const person = PersonId.parse(session.person.id);
  const department = session.person.posts[0]?.department;
  if (department === undefined) throw new Error(`${account} has no post`);
  const device = earlier?.device ?? newDeviceId(random);
  const store = earlier?.store ?? createMemoryDocStore();

  const request = (path: string, init: RequestInit = {}): Promise<Response> =>
    fetch(url + path, {
      ...init,
      headers: {
        authorization: `Bearer ${session.token}`,
        ...(init.body === undefined ? {} : { 'content-type': 'application/json' }),
      },
    });

  return {
    token: session.token,
    person,
    department,
    device,
    store,
    request,
    async openCase(lead, joint) {
      const caseId = newCaseId(JurisdictionCode.parse(lead.slice(0, 6)), clock, random);
      const events: CaseEvent[] = [
        {
          type: 'case.opened',
          body: { template: 'open-restaurant', templateVersion: 1, lead, secrecy: 'internal' },
          payload: { applicant: '张记面馆' },
        },
        ...joint.map((one): CaseEvent => ({ type: 'department.added', body: { department: one }, payload: null })),
        {
          type: 'document.added',
          body: { number: '1' as never, kind: 'opinion' },
          payload: { title: '联合踏勘意见' },
        },
      ];
      const entries: VerifiedEntry[] = [];
      for (const event of events) {
        const last = entries.at(-1);
        entries.push(
          await seal(
            event,
            {
              caseId,
              person,
              department,
              device,
              dseq: entries.length + 1,
              ...(last === undefined ? {} : { prev: last.id }),
              deps: headsOf(entries),
              hlc: { ms: clock.nowMs(), counter: entries.length },
              clockSuspect: false,
            },
            digest,
          ),
        );
      }
      const posted = await request(`/api/cases/${caseId}/entries`, {
        method: 'POST',
        body: JSON.stringify({ entries: entries.map(({ sealed }) => sealed) }),
      });
      const answered = (await posted.json()) as { results?: { code?: string }[] };
      const refused = answered.results?.find((result) => result.code !== undefined);
      if (!posted.ok || refused) throw new Error(`opening a case: ${posted.status} ${JSON.stringify(answered)}`);
      return caseId;
    },
    openDoc: (docId, over = {}) =>
      openSharedDoc({
        docId,
        store,
        door: {
          device,
          serverUrl: `${url.replace('http', 'ws')}/yjs`,
          async token(id) {
            const got = await request('/api/door-tokens', { method: 'POST', body: JSON.stringify({ docId: id }) });
            if (!got.ok)
              return {
                ok: false,
                code: got.status === 401 ? 'login-needed' : 'no-such-doc',
                detail: String(got.status),
              };
            return { ok: true, value: ((await got.json()) as { token: string }).token };
          },
          WebSocketImpl: over.WebSocketImpl ?? (WebSocket as unknown as typeof globalThis.WebSocket),
          visible: () => true,
        },
        user: { person, name: session.person.name, department },
        channel: null,
        clock,
        timers,
        random: over.random ?? random,
      }),
  };
}

/** Resolves when `holds` is true; asked again at every tick of 20 ms, for at most `withinMs`. */
export async function until(holds: () => boolean | Promise<boolean>, withinMs: number, what: string): Promise<void> {
  const giveUpAt = performance.now() + withinMs;
  while (!(await holds())) {
    if (performance.now() > giveUpAt) throw new Error(`not within ${withinMs} ms: ${what}`);
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
}
