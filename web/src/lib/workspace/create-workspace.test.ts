import 'fake-indexeddb/auto';
import { DepartmentId, docIdOf, DocumentNumber, LianbanError, type CaseId } from '@lianban/model';
import { createFakeRelay, createFakeTime, turns, until, type FakeRelay, type FakeTime } from '@lianban/sync/testing';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { openDatabase } from '../store/database.ts';
import { createWorkspace } from './create-workspace.ts';
import { createFakeHttp, type FakeHttp } from './testing/fake-http.ts';
import { createTestBrowser, type TestBrowser } from './testing/test-host.ts';
import type { Workspace } from './workspace.ts';

const MARKET = DepartmentId.parse('350481-market');
const FIRE = DepartmentId.parse('350481-fire');
const PASSWORD = 'lianban-demo';

let number = 0;
let time: FakeTime;
let relay: FakeRelay;
let http: FakeHttp;
let browser: TestBrowser;
let open: Workspace[] = [];

beforeEach(() => {
  time = createFakeTime();
  relay = createFakeRelay();
  http = createFakeHttp(relay, [
    { account: 'linxy', department: MARKET, role: 'clerk' },
    { account: 'wanglei', department: FIRE, role: 'officer' },
    { account: 'chenjing', department: '350481-tax', role: 'reader' },
  ]);
  browser = newBrowser();
});
afterEach(async () => {
  for (const workspace of open) workspace.close();
  open = [];
  await turns();
});

function newBrowser(): TestBrowser {
  return createTestBrowser({
    databaseName: `workspace-${(number += 1)}`,
    origin: 'http://relay.test',
    fetch: http.fetch,
    WebSocketImpl: relay.WebSocketImpl,
    clock: time.clock,
    timers: time.timers,
    seed: number * 1_000,
  });
}

async function tab(from = browser): Promise<{ workspace: Workspace; page: ReturnType<TestBrowser['tab']>['page'] }> {
  const { host, page } = from.tab();
  const workspace = createWorkspace(host);
  open.push(workspace);
  await until('the store is read', () => workspace.me.current !== undefined);
  return { workspace, page };
}

async function signedIn(account = 'linxy', from = browser): Promise<Workspace> {
  const { workspace } = await tab(from);
  expect(await workspace.signIn(account, PASSWORD)).toBeNull();
  await until('the feed is read', () => workspace.directory.current !== undefined);
  return workspace;
}

/** Lets time pass in small steps, so that what hangs on it runs. */
async function pass(ms: number, step = 500): Promise<void> {
  for (let gone = 0; gone < ms; gone += step) {
    time.advance(Math.min(step, ms - gone));
    await turns(25);
  }
}

async function close(workspace: Workspace): Promise<void> {
  workspace.close();
  open = open.filter((each) => each !== workspace);
  await turns(40);
}

const start = (workspace: Workspace, joint = [FIRE]) =>
  workspace.startCase({ template: 'open-restaurant', applicant: '张记面馆', lead: MARKET, joint });
const rowOf = (workspace: Workspace, caseId: CaseId) => workspace.cases.current?.find((row) => row.state.id === caseId);
const opinion = (caseId: CaseId) => docIdOf({ caseId, part: 'doc', number: DocumentNumber.parse('1') });

describe('signing in', () => {
  it('says why not, and whose the desk is', async () => {
    const { workspace } = await tab();
    expect(workspace.me.current).toBeNull();
    expect(await workspace.signIn('linxy', 'wrong')).toBe('wrong');
    http.reachable(false);
    expect(await workspace.signIn('linxy', PASSWORD)).toBe('offline');
    http.reachable(true);
    expect(await workspace.signIn('linxy', PASSWORD)).toBeNull();
    expect(workspace.me.current).toMatchObject({ account: 'linxy', department: MARKET });
    await until('directory', () => workspace.directory.current?.version === 1);
    await until('cases', () => workspace.cases.current !== undefined);
  });

  it('is remembered without a line, and the session is taken up with it', async () => {
    await close(await signedIn());
    http.reachable(false);
    const { workspace } = await tab();
    expect(workspace.me.current?.account).toBe('linxy');
    expect(workspace.directory.current?.version).toBe(1);
    await pass(40_000);
    expect(workspace.sync.current.state).toBe('offline');
    expect(workspace.sync.current.lostSinceMs).not.toBeNull();
    http.reachable(true);
    await pass(10_000);
    expect(workspace.sync.current.state).toBe('live');
  });

  it('lapses without taking the desk away: only sending stops', async () => {
    const workspace = await signedIn();
    http.forgetSessions();
    const caseId = await start(workspace);
    await pass(6_000);
    expect(workspace.sync.current.state).toBe('signin');
    expect(workspace.me.current?.account).toBe('linxy');
    expect(rowOf(workspace, caseId)?.delivery).toBe('here');
    expect(http.entries()).toEqual([]);
    expect(await workspace.signIn('linxy', PASSWORD)).toBeNull();
    await until('sent', () => rowOf(workspace, caseId)?.delivery === 'relay');
    await pass(1_000);
    expect(workspace.sync.current.state).toBe('live');
  });
});

describe('signing out without a line', () => {
  it('ends the session once the relay is back, and the cookie signs nobody in again', async () => {
    const workspace = await signedIn();
    http.reachable(false);
    await workspace.signOut();
    http.reachable(true);
    await workspace.resume('linxy');
    await pass(6_000);
    expect(workspace.sync.current.state).toBe('signin');
    expect(await workspace.signIn('linxy', PASSWORD)).toBeNull();
    await pass(1_000);
    expect(workspace.sync.current.state).toBe('live');
  });
});

describe('a case', () => {
  it('is there at once, gets its number from the relay, and appears at the other department', async () => {
    const workspace = await signedIn();
    const caseId = await start(workspace);
    expect(rowOf(workspace, caseId)).toMatchObject({ label: caseId.slice(-4).toUpperCase(), delivery: 'here' });
    await until('numbered', () => rowOf(workspace, caseId)?.label === '0412');
    expect(rowOf(workspace, caseId)?.delivery).toBe('relay');
    expect(rowOf(workspace, caseId)?.state.participants).toEqual([MARKET, FIRE]);
    expect(rowOf(workspace, caseId)?.state.documents.map((document) => document.title)).toEqual(['联合踏勘意见']);
    const other = await signedIn('wanglei', newBrowser());
    await until('at the other', () => rowOf(other, caseId)?.label === '0412');
  });

  it('starts without a line, survives a reload, and is sent once when the line is back', async () => {
    await close(await signedIn());
    http.reachable(false);
    const { workspace } = await tab();
    const caseId = await start(workspace);
    const doc = await workspace.openDoc(opinion(caseId));
    expect(doc.canWrite.current).toBe(true);
    doc.doc.getText('t').insert(0, '断线时写的');
    await pass(500);
    await close(workspace);
    const again = (await tab()).workspace;
    expect(rowOf(again, caseId)?.delivery).toBe('here');
    expect(again.outbox.current.map((row) => row.kind).sort()).toEqual(['entry', 'entry', 'entry', 'text']);
    const reopened = await again.openDoc(opinion(caseId));
    expect(reopened.doc.getText('t').toJSON()).toBe('断线时写的');
    expect(reopened.unsent.current).toBe(1);
    http.reachable(true);
    await pass(20_000);
    expect(rowOf(again, caseId)).toMatchObject({ label: '0412', delivery: 'relay' });
    expect(reopened.unsent.current).toBe(0);
    expect(again.outbox.current).toEqual([]);
    expect(http.entries()).toHaveLength(3);
    expect(relay.doc(opinion(caseId)).getText('t').toJSON()).toBe('断线时写的');
  });

  it('is refused to who may not act, and nothing is left behind', async () => {
    const workspace = await signedIn('chenjing');
    await expect(start(workspace)).rejects.toThrow(LianbanError);
    expect(workspace.cases.current).toEqual([]);
    expect(workspace.outbox.current).toEqual([]);
  });

  it('acted on by two tabs at once keeps one chain', async () => {
    const one = await signedIn();
    const caseId = await start(one, []);
    const { workspace: two } = await tab();
    await until('across', () => rowOf(two, caseId) !== undefined);
    await Promise.all([
      one.addDepartment(caseId, FIRE),
      two.addDepartment(caseId, DepartmentId.parse('350481-tax')),
      one.addDocument(caseId, 'minutes', '纪要'),
      two.addDocument(caseId, 'notice', '通知'),
    ]);
    await pass(6_000);
    const own = http.entries().map((entry) => (JSON.parse(entry.text) as { dseq: number }).dseq);
    expect(own).toEqual([1, 2, 3, 4, 5, 6]);
    await until('both see all', () => [one, two].every((each) => rowOf(each, caseId)?.state.timeline.length === 6));
  });

  it('an entry that is refused stays listed and the screen asks for attention', async () => {
    const workspace = await signedIn();
    const caseId = await start(workspace, []);
    await until('sent', () => rowOf(workspace, caseId)?.delivery === 'relay');
    http.refuse('department.added', 'forbidden');
    await workspace.addDepartment(caseId, FIRE);
    await until('refused', () => rowOf(workspace, caseId)?.delivery === 'refused');
    expect(workspace.outbox.current).toMatchObject([
      { kind: 'entry', title: 'department.added', refusedCode: 'forbidden' },
    ]);
    expect(workspace.sync.current.state).toBe('attention');
  });

  it('goes on behind an entry that was refused, and what was sealed behind that one is listed as refused', async () => {
    const workspace = await signedIn();
    const caseId = await start(workspace, []);
    await until('sent', () => rowOf(workspace, caseId)?.delivery === 'relay');
    http.reachable(false);
    await workspace.addDepartment(caseId, FIRE);
    await workspace.addDocument(caseId, 'minutes', '断网时的纪要');
    http.refuse('department.added', 'forbidden');
    http.reachable(true);
    await pass(40_000);
    expect(workspace.outbox.current?.map((row) => row.refusedCode)).toEqual(['forbidden', 'broken-chain']);
    http.refuse('department.added', null);
    await workspace.addDocument(caseId, 'minutes', '纪要');
    await until('sent', () => http.entries().some((entry) => entry.payload?.includes('"纪要"')));
    await pass(6_000);
    expect(workspace.outbox.current).toHaveLength(2);
  });
});

describe('a document', () => {
  it('opened twice is one, and closed twice is closed', async () => {
    const workspace = await signedIn();
    const caseId = await start(workspace);
    const [one, two] = await Promise.all([workspace.openDoc(opinion(caseId)), workspace.openDoc(opinion(caseId))]);
    expect(one.doc).toBe(two.doc);
    one.close();
    one.close();
    two.doc.getText('t').insert(0, '还开着');
    two.close();
    await turns();
    const three = await workspace.openDoc(opinion(caseId));
    expect(three.doc).not.toBe(two.doc);
    expect(three.doc.getText('t').toJSON()).toBe('还开着');
  });

  it('closed with unsent changes is carried to the relay all the same', async () => {
    const workspace = await signedIn();
    const caseId = await start(workspace);
    await until('confirmed', () => rowOf(workspace, caseId)?.delivery === 'relay');
    // its documents are here, and not due again for some minutes
    await pass(8_000);
    relay.reachable(false);
    const doc = await workspace.openDoc(opinion(caseId));
    doc.doc.getText('t').insert(0, '留下的');
    doc.close();
    await pass(1_000);
    expect(workspace.outbox.current).toHaveLength(1);
    relay.reachable(true);
    await pass(40_000);
    expect(relay.doc(opinion(caseId)).getText('t').toJSON()).toBe('留下的');
    expect(workspace.outbox.current).toEqual([]);
  });

  it('of every case is on the device before anybody opens it', async () => {
    const workspace = await signedIn();
    const caseId = await start(workspace);
    const doc = await workspace.openDoc(opinion(caseId));
    doc.doc.getText('t').insert(0, '意见');
    await pass(2_000);
    await close(workspace);
    const elsewhere = newBrowser();
    const other = await signedIn('wanglei', elsewhere);
    await pass(8_000);
    expect(other.device.current).toMatchObject({ casesComplete: 1, casesIncomplete: [] });
    expect(other.device.current.refreshedAtMs).not.toBeNull();
    await close(other);
    http.reachable(false);
    const { workspace: cold } = await tab(elsewhere);
    const there = await cold.openDoc(opinion(caseId));
    expect(there.doc.getText('t').toJSON()).toBe('意见');
    expect(there.loaded.current).toBe(true);
  });

  it('may only be read by who only reads, and by nobody written to in a newer schema', async () => {
    const workspace = await signedIn();
    const caseId = await start(workspace, [FIRE, DepartmentId.parse('350481-tax')]);
    const doc = await workspace.openDoc(opinion(caseId));
    expect(doc.canWrite.current).toBe(true);
    await until('confirmed', () => rowOf(workspace, caseId)?.delivery === 'relay');
    const reader = await signedIn('chenjing', newBrowser());
    await until('there', () => rowOf(reader, caseId) !== undefined);
    expect((await reader.openDoc(opinion(caseId))).canWrite.current).toBe(false);
    doc.doc.getMap('meta').set('schema', 99);
    expect(doc.schema.current).toBe('newer');
    expect(doc.canWrite.current).toBe(false);
  });

  it('shows who is there, and keeps who has gone for a while', async () => {
    const workspace = await signedIn();
    const caseId = await start(workspace);
    const doc = await workspace.openDoc(opinion(caseId));
    const other = await signedIn('wanglei', newBrowser());
    await until('there', () => rowOf(other, caseId) !== undefined);
    const theirs = await other.openDoc(opinion(caseId));
    await pass(2_000);
    await until('both', () => doc.present.current.length === 2 && theirs.present.current.length === 2);
    expect(doc.present.current.map((who) => [who.person, who.self]).sort()).toEqual([
      ['linxy@350481', true],
      ['wanglei@350481', false],
    ]);
    theirs.close();
    await pass(2_000);
    expect(doc.present.current.map((who) => who.person)).toContain('wanglei@350481');
  });
});

describe('two accounts in one browser', () => {
  it('see and send nothing of each other; only how much waits is told', async () => {
    const first = await signedIn('linxy');
    http.reachable(false);
    const caseId = await start(first);
    const doc = await first.openDoc(opinion(caseId));
    doc.doc.getText('t').insert(0, '林晓燕的');
    await pass(500);
    await first.signOut();
    expect(first.me.current).toBeNull();
    expect(first.cases.current).toBeUndefined();
    http.reachable(true);
    expect(await first.signIn('wanglei', PASSWORD)).toBeNull();
    await pass(20_000);
    expect(first.cases.current).toEqual([]);
    expect(first.outbox.current).toEqual([]);
    expect(http.entries()).toEqual([]);
    expect(relay.doc(opinion(caseId)).getText('t').toJSON()).toBe('');
    expect(first.device.current.othersWaiting).toEqual([{ account: 'linxy', unsent: 4 }]);
    expect(first.knownAccounts.current.map((known) => [known.account, known.unsent])).toEqual([
      ['wanglei', 0],
      ['linxy', 4],
    ]);
    await first.signOut();
    expect(await first.signIn('linxy', PASSWORD)).toBeNull();
    await pass(20_000);
    expect(rowOf(first, caseId)?.delivery).toBe('relay');
    expect(relay.doc(opinion(caseId)).getText('t').toJSON()).toBe('林晓燕的');
  });

  it('the other tabs follow, and a tab that leans on the cookie sends nothing under the wrong name', async () => {
    await close(await signedIn('linxy'));
    const { workspace: leaning } = await tab();
    await pass(1_000);
    const { workspace: other } = await tab();
    expect(await other.signIn('wanglei', PASSWORD)).toBeNull();
    await until('followed', () => leaning.me.current?.account === 'wanglei');
    expect(leaning.cases.current).toEqual([]);
  });

  it('a desk taken up again under the cookie of another account sends and fetches nothing', async () => {
    const first = await signedIn('linxy');
    await first.signOut();
    await close(await signedIn('wanglei'));
    const { workspace } = await tab();
    await workspace.resume('linxy');
    const caseId = await start(workspace);
    await pass(20_000);
    expect(workspace.sync.current.state).toBe('signin');
    expect(http.entries()).toEqual([]);
    expect(rowOf(workspace, caseId)?.delivery).toBe('here');
    expect(await workspace.signIn('linxy', PASSWORD)).toBeNull();
    await until('sent', () => rowOf(workspace, caseId)?.delivery === 'relay');
  });

  it('a session that could not be ended is ended when the relay is back', async () => {
    const first = await signedIn('linxy');
    http.reachable(false);
    await first.signOut();
    await close(first);
    http.reachable(true);
    const before = http.asked.get('DELETE /api/session') ?? 0;
    await tab();
    await until('ended', () => http.asked.get('DELETE /api/session') === before + 1);
  });

  it('a person comes back to their own desk without a line', async () => {
    const first = await signedIn('linxy');
    const caseId = await start(first);
    await first.signOut();
    expect(await first.signIn('wanglei', PASSWORD)).toBeNull();
    await first.signOut();
    http.reachable(false);
    await first.resume('linxy');
    expect(first.me.current?.account).toBe('linxy');
    expect(rowOf(first, caseId)).toBeDefined();
  });
});

describe('the device', () => {
  it('is asked to keep the store once, after the first change, never before', async () => {
    const workspace = await signedIn();
    await pass(2_000);
    expect(browser.asked()).toBe(0);
    await start(workspace);
    await start(workspace);
    await turns();
    expect(browser.asked()).toBe(1);
    expect(workspace.device.current.persisted).toBe(true);
  });

  it('that is almost full says so', async () => {
    browser.disk = { usedBytes: 95, quotaBytes: 100 };
    const workspace = await signedIn();
    await until('full', () => workspace.sync.current.state === 'full');
    expect(workspace.sync.current.storage).toEqual({ freeBytes: 5, fault: null });
  });

  it('that has no room says that nothing can be kept, loses nothing, and writes when there is room again', async () => {
    const workspace = await signedIn();
    const caseId = await start(workspace);
    http.reachable(false);
    const doc = await workspace.openDoc(opinion(caseId));
    const free = fillDisk();
    try {
      doc.doc.getText('t').insert(0, '没有地方');
      await pass(1_000);
      expect(workspace.sync.current).toMatchObject({ state: 'broken', storage: { fault: 'quota' } });
      expect(doc.canWrite.current).toBe(false);
      // nobody looks at it any more: what could not be written is not thrown away
      doc.close();
      await pass(3_000);
    } finally {
      free();
    }
    await pass(10_000);
    expect(workspace.sync.current.state).not.toBe('broken');
    await close(workspace);
    const again = await (await tab()).workspace.openDoc(opinion(caseId));
    expect(again.doc.getText('t').toJSON()).toBe('没有地方');
    expect(again.unsent.current).toBe(1);
  });

  it('whose store does not open says so instead of showing nothing, and opens when it can', async () => {
    const { open: real } = IDBFactory.prototype;
    IDBFactory.prototype.open = () => {
      throw new DOMException('no', 'InvalidStateError');
    };
    let workspace: Workspace;
    try {
      ({ workspace } = await tab());
      await until('broken', () => workspace.sync.current.state === 'broken');
      expect(workspace.sync.current.storage.fault).toBe('store-blocked');
      expect(await workspace.signIn('linxy', PASSWORD)).toBe('unexpected');
    } finally {
      IDBFactory.prototype.open = real;
    }
    await pass(11_000);
    expect(workspace.sync.current.state).toBe('live');
    expect(await workspace.signIn('linxy', PASSWORD)).toBeNull();
  });

  it('whose store was deleted under it says so', async () => {
    const workspace = await signedIn();
    await deleteCanary();
    await pass(10 * 60_000, 60_000);
    expect(workspace.sync.current).toMatchObject({ state: 'broken', storage: { fault: 'store-corrupt' } });
  });

  it('hands out everything unsent as a file', async () => {
    const workspace = await signedIn();
    http.reachable(false);
    const caseId = await start(workspace);
    const doc = await workspace.openDoc(opinion(caseId));
    doc.doc.getText('t').insert(0, '带走');
    const file = JSON.parse(await (await workspace.exportUnsent()).text()) as {
      entries: unknown[];
      documents: { docId: string }[];
    };
    expect(file.entries).toHaveLength(3);
    expect(file.documents.map((each) => each.docId)).toEqual([opinion(caseId)]);
  });
});

/** Lets every write of a document fail as on a full disk, until the returned function is called. */
function fillDisk(): () => void {
  const { add } = IDBObjectStore.prototype;
  IDBObjectStore.prototype.add = function (this: IDBObjectStore, ...args) {
    if (this.name === 'docRows') throw new DOMException('no room', 'QuotaExceededError');
    return add.apply(this, args);
  };
  return () => {
    IDBObjectStore.prototype.add = add;
  };
}

async function deleteCanary(): Promise<void> {
  const db = await openDatabase(`workspace-${number}`);
  await db.write([db.state], async () => {
    await db.state.delete(['', 'canary']);
  });
  db.close();
}
