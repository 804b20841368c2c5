import { Writable } from 'node:stream';
import { newCaseId, type CaseId, type Clock, type DocId, docIdOf, JurisdictionCode } from '@lianban/model';
import type { InjectOptions, LightMyRequestResponse } from 'fastify';
import { Registry } from 'prom-client';
import { buildApp, type App } from '../app.ts';
import type { Config } from '../config.ts';
import { PEOPLE, personOf, POSTS, type DemoAccount } from '../demo/people.ts';
import { DEPARTMENTS, PLACES } from '../demo/places.ts';
import type { Deps } from '../deps.ts';
import { systemDigest, systemRandom } from '../host.ts';
import { createCaseDirectory } from '../ledger/case-directory.ts';
import { added, author, chain, opened, type Author } from '../ledger/entries-for-tests.ts';
import { openLedger } from '../ledger/ledger.ts';
import { createMemoryLedgerLog } from '../ledger/memory-ledger-log.ts';
import { createLog } from '../log.ts';
import { createDevices } from '../org/devices.ts';
import { createLockout } from '../org/lockout.ts';
import { createMemoryOrgStore } from '../org/memory-org-store.ts';
import { createMemorySessionStore } from '../org/memory-session-store.ts';
import { openOrg } from '../org/org.ts';
import type { Passwords } from '../org/passwords.ts';
import { createSessions } from '../org/sessions.ts';
import { createSetup } from '../org/setup.ts';
import { createSignIn } from '../org/sign-in.ts';

/** Password of everybody on a relay for tests. */
export const PASSWORD = 'a password of the tests';
/** The origin of its pages. */
export const ORIGIN = 'http://127.0.0.1:8700';

/** A relay over memory stores, spoken to without a port. */
export interface RelayForTests {
  app: App;
  deps: Deps;
  /** What it logged so far. */
  logged: () => string;
  /** Moves its clock, ms. */
  pass: (ms: number) => void;
  /** Bearer token of a new session. */
  signIn: (account: DemoAccount) => Promise<string>;
  /** A request; `as` is a bearer token. */
  ask: (request: InjectOptions & { as?: string }) => Promise<LightMyRequestResponse>;
  /** Opens a case as its officer and adds departments; gives its id. */
  openCase: (by: DemoAccount, departments?: readonly string[]) => Promise<CaseId>;
  author: (account: DemoAccount) => Author;
}

/** Builds one; `people: false` leaves its directory empty, as before the set-up. */
export async function relayForTests(
  options: { people?: boolean; demo?: boolean; webRoot?: string; config?: Partial<Config> } = {},
): Promise<RelayForTests> {
  let nowMs = Date.UTC(2026, 10, 24, 1);
  const clock: Clock = { nowMs: () => nowMs, monotonicMs: () => nowMs };
  const lines: string[] = [];
  const sink = new Writable({
    write: (chunk: Buffer, _encoding, done) => {
      lines.push(chunk.toString());
      done();
    },
  });
  const passwords: Passwords = {
    hash: (password) => Promise.resolve(`plain ${password}`),
    matches: (password, stored) => Promise.resolve(stored === `plain ${password}`),
    isBusy: () => false,
  };
  const store = createMemoryOrgStore();
  const org = await openOrg(store);
  if (options.people !== false) {
    await org.change({
      jurisdictions: PLACES,
      departments: DEPARTMENTS,
      people: PEOPLE,
      posts: POSTS,
      accounts: PEOPLE.map(({ id, account }) => ({ account, person: id, hash: `plain ${PASSWORD}` })),
    });
  }
  const relay = () => ({
    id: '0123456789abcdef',
    incarnation: 'first',
    jurisdiction: org.directory.jurisdictions[0]?.code ?? null,
  });
  const sessions = createSessions(createMemorySessionStore(), clock, systemRandom);
  const ledgerLog = createMemoryLedgerLog();
  const devices = createDevices([], (device, person) => ledgerLog.bindDevice(device, person, nowMs));
  const ledger = await openLedger({ log: ledgerLog, clock, digest: systemDigest, devices, relay });
  const deps: Deps = {
    version: '1.2.3',
    log: createLog('trace', sink),
    clock,
    relay,
    org,
    sessions,
    signIn: createSignIn({ store, passwords, lockout: createLockout(clock), sessions }),
    setup: createSetup({ org, passwords, random: systemRandom }),
    ledger,
    ledgerLog,
    cases: createCaseDirectory(ledger),
    storage: () => 'ready',
    demoPassword: options.demo === true ? PASSWORD : null,
    metrics: new Registry(),
    webRoot: options.webRoot ?? 'nowhere',
  };
  const app = await buildApp(deps, {
    port: 8700,
    host: '127.0.0.1',
    dataFolder: 'nowhere',
    demo: options.demo === true,
    origins: [],
    trustProxy: false,
    logLevel: 'trace',
    ...options.config,
  });
  await app.ready();

  const ask: RelayForTests['ask'] = ({ as, ...request }) =>
    app.inject({
      ...request,
      headers: { ...(as === undefined ? {} : { authorization: `Bearer ${as}` }), ...request.headers },
    });
  const authorOf = (account: DemoAccount): Author => {
    const person = personOf(account);
    const letter = 'abcdef0123456789'[PEOPLE.findIndex(({ id }) => id === person) % 16] ?? 'a';
    return author(person, org.subject(person).posts[0]?.department ?? '', letter);
  };
  return {
    app,
    deps,
    logged: () => lines.join(''),
    pass: (ms) => (nowMs += ms),
    signIn: async (account) => (await sessions.open(personOf(account))).token,
    ask,
    author: authorOf,
    openCase: async (by, departments = []) => {
      const who = authorOf(by);
      const id = newCaseId(JurisdictionCode.parse(who.department.slice(0, 6)), clock, systemRandom);
      const mine = chain(id, who);
      const entries = [await mine.seal(opened(who.department))];
      for (const department of departments) entries.push(await mine.seal(added(department)));
      const asker = { subject: org.subject(who.person), knowsDepartment: org.knowsDepartment };
      const results = await ledger.append(
        id,
        entries.map(({ sealed }) => sealed),
        asker,
      );
      if (!results.every(({ ok }) => ok))
        throw new Error(`the case of the test was refused: ${JSON.stringify(results)}`);
      return id;
    },
  };
}

/** The file of a case. */
export function fileOf(caseId: CaseId): DocId {
  return docIdOf({ caseId, part: 'file' });
}
