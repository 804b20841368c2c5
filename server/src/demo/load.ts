import type { DeviceId } from '@lianban/model';
import {
  docIdOf,
  DocumentNumber,
  LianbanError,
  newCaseId,
  newDeviceId,
  seal,
  templateById,
  type CaseEvent,
  type Clock,
  type DepartmentId,
  type Digest,
  type DocId,
  type EntryId,
} from '@lianban/model';
import type { RelayIdentity } from '../deps.ts';
import type { UpdateLog } from '../docs/update-log.ts';
import { openLedger, type Ledger } from '../ledger/ledger.ts';
import type { LedgerLog } from '../ledger/ledger-log.ts';
import type { Devices } from '../org/devices.ts';
import type { RelayFacts } from '../org/identity.ts';
import type { Org } from '../org/org.ts';
import type { Passwords } from '../org/passwords.ts';
import { CASES, type DemoCase } from './cases.ts';
import { writeFile, writeTalk, writeText, type Desk, type Paper } from './papers.ts';
import { PEOPLE, personOf, POSTS, type DemoAccount } from './people.ts';
import { DEPARTMENTS, PLACES } from './places.ts';
import { seededRandom } from './seeded.ts';

/** Password of every demo account. */
export const DEMO_PASSWORD = 'lianban-demo';

const DAY_MS = 24 * 3_600_000;
const MINUTE_MS = 60_000;

/** What the demo is loaded into. */
export interface DemoParts {
  facts: RelayFacts;
  org: Org;
  passwords: Passwords;
  ledgerLog: LedgerLog;
  devices: Devices;
  updateLog: UpdateLog;
  relay: () => RelayIdentity;
  clock: Clock;
  digest: Digest;
}

/**
 * Fills a relay with the demo, once. A load that was cut short is taken up again at the next start: everything follows
 * from one seed and one moment, so that what is there already is met as the same.
 */
export async function loadDemo(parts: DemoParts): Promise<void> {
  const { facts, org, passwords, ledgerLog, devices, relay, digest } = parts;
  if (facts.get('demo-loaded') !== undefined) return;
  const baseMs = Number(facts.get('demo-base-ms') ?? Math.floor(parts.clock.nowMs() / 3_600_000) * 3_600_000);
  await facts.set('demo-base-ms', String(baseMs));
  if (org.directory.people.length === 0) {
    // one hash for everybody: the password is printed anyway, and thirty would take a second
    const hash = await passwords.hash(DEMO_PASSWORD);
    await org.change({
      jurisdictions: PLACES,
      departments: DEPARTMENTS,
      people: PEOPLE,
      posts: POSTS,
      accounts: PEOPLE.map(({ id, account }) => ({ account, person: id, hash })),
    });
  }
  let nowMs = baseMs;
  const clock: Clock = { nowMs: () => nowMs, monotonicMs: () => nowMs };
  const ledger = await openLedger({ log: ledgerLog, clock, digest, devices, relay });
  for (const [index, demo] of CASES.entries()) {
    nowMs = baseMs - demo.daysAgo * DAY_MS + index * MINUTE_MS;
    const tick = (): number => (nowMs += 3 * MINUTE_MS);
    await loadCase(demo, { ...parts, ledger, tick, clockNow: () => nowMs, seed: `lianban demo ${index}` });
  }
  await facts.set('demo-loaded', '1');
}

interface CaseParts extends DemoParts {
  ledger: Ledger;
  tick: () => number;
  clockNow: () => number;
  seed: string;
}

async function loadCase(demo: DemoCase, parts: CaseParts): Promise<void> {
  const { org, ledger, digest, updateLog, tick, seed } = parts;
  const template = templateById(demo.template);
  if (template === undefined) throw new LianbanError('unexpected', `no template ${demo.template}`);
  const random = seededRandom(seed);
  const person = personOf(demo.openedBy);
  const subject = org.subject(person);
  const lead = subject.posts[0]?.department as DepartmentId;
  const home = lead.slice(0, 6) as never;
  const caseId = newCaseId(home, { nowMs: parts.clockNow, monotonicMs: parts.clockNow }, random);
  const device = deviceOf(demo.openedBy);

  const events: CaseEvent[] = [
    {
      type: 'case.opened',
      body: { template: template.id, templateVersion: template.version, lead, secrecy: 'internal' },
      payload: { applicant: demo.applicant },
    },
    ...template.documents.map(({ number, kind, title }): CaseEvent => ({
      type: 'document.added',
      body: { number: DocumentNumber.parse(number), kind },
      payload: { title: title.zh },
    })),
    ...demo.departments.map((department): CaseEvent => ({
      type: 'department.added',
      body: { department: department as DepartmentId },
      payload: null,
    })),
  ];
  let prev: EntryId | undefined;
  for (const [index, event] of events.entries()) {
    const context = {
      caseId,
      person,
      department: lead,
      device,
      dseq: index + 1,
      ...(prev === undefined ? {} : { prev }),
      deps: prev === undefined ? [] : [prev],
      hlc: { ms: tick(), counter: 0 },
      clockSuspect: false,
    };
    const entry = await seal(event, context, digest);
    const [result] = await ledger.append(caseId, [entry.sealed], { subject, knowsDepartment: org.knowsDepartment });
    if (!result?.ok) throw new LianbanError('unexpected', `the demo's own entry was refused: ${result?.code}`);
    prev = entry.id;
  }

  const desk: Desk = { random, deviceOf, tick };
  const store = async (docId: DocId, { rows, bindings }: Paper): Promise<void> => {
    if (rows.length === 0 || (await updateLog.load(docId)).headSeq > 0) return;
    await updateLog.append({ docId, afterSeq: 0, rows, bindings });
  };
  const docOf = (number: string): DocId => docIdOf({ caseId, part: 'doc', number: DocumentNumber.parse(number) });
  await store(docIdOf({ caseId, part: 'file' }), writeFile(demo, desk));
  const opinion = writeText(demo.opinion ?? [], desk);
  await store(docOf('1'), opinion);
  if (demo.minutes !== undefined) await store(docOf('2'), writeText(demo.minutes, desk));
  await store(docIdOf({ caseId, part: 'talk' }), writeTalk(demo, opinion.doc, desk));
}

/** The one device each person of the demo has worked on. */
function deviceOf(account: DemoAccount): DeviceId {
  return newDeviceId(seededRandom(`lianban demo device ${account}`));
}
