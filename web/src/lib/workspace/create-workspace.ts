import { LianbanError, type Code, type Directory, type DocId, type PersonId } from '@lianban/model';
import { fromCell } from '../reactive/from-cell.svelte.ts';
import { openAccountStore, type AccountRow, type AccountStore } from '../store/account-store.ts';
import { faultOf, openDatabase, type Database } from '../store/database.ts';
import { createCell } from './cell.ts';
import { openDesk, type Desk, type DeskOptions } from './desk.ts';
import { browserHost, type WorkspaceHost } from './host.ts';
import { createLine } from './line.ts';
import { createRelayClient, isOutOfReach, type SessionBody } from './relay-client.ts';
import type {
  CaseRow,
  DemoAccount,
  DeviceView,
  KnownAccount,
  OutboxRow,
  SignedIn,
  SignInFailure,
  Workspace,
} from './workspace.ts';

const NOW_EVERY_MS = 10_000;
const DISK_EVERY_MS = 10 * 60_000;
/** Wait before a store that did not open is tried again, ms. */
const REOPEN_MS = 10_000;
/** Share of the quota above which the device counts as full (ux B.2). */
const FULL = 0.9;
const SIGN_OUT_DUE = 'sign-out-due';

/** The workspace of this tab, in the browser it runs in; see `createWorkspace`. */
export function openBrowserWorkspace(version: string): Workspace {
  return createWorkspace(browserHost(version));
}

/**
 * Puts the workspace of one tab together: the store first, then whoever worked here last, then the line. Returns at
 * once; `me` stays undefined until the store has been read.
 */
export function createWorkspace(host: WorkspaceHost): Workspace {
  const { clock, timers } = host;
  const client = createRelayClient(host);
  const line = createLine(host);

  const me = createCell<SignedIn | null | undefined>(undefined);
  const directory = createCell<Directory | undefined>(undefined);
  const cases = createCell<CaseRow[] | undefined>(undefined);
  const outbox = createCell<OutboxRow[]>([]);
  const kit = createCell<DeskOptions['cells']['kit'] extends { get(): infer T } ? T : never>({
    casesComplete: 0,
    casesIncomplete: [],
    refreshedAtMs: null,
  });
  const device = createCell<DeviceView>({
    persisted: null,
    usedBytes: null,
    quotaBytes: null,
    ...kit.get(),
    othersWaiting: [],
    version: host.version,
    updateReady: false,
    relay: new URL(host.origin).host,
    device: '',
  });
  const knownAccounts = createCell<KnownAccount[]>([]);
  const demoAccounts = createCell<{ password: string; accounts: DemoAccount[] } | null>(null);
  const nowMs = createCell(clock.nowMs());

  let db: Database | null = null;
  let accounts: AccountStore | null = null;
  let desk: Desk | null = null;
  let closed = false;
  /** Whose session the relay's answers are, once it has said so. */
  let sessionOf: PersonId | null = null;
  let openFault: Code | null = null;
  let spaceLow = false;
  let askedToKeep = false;
  const docFaults = new Map<DocId, Code>();
  const stops: (() => void)[] = [];
  const cancels = new Set<() => void>();
  /** Changes of account happen one after the other. */
  let turn: Promise<void> = Promise.resolve();

  const tabs = host.channel('lianban:accounts', (message) => {
    // a store that fails tells of itself, and one that was closed has nothing to hear any more
    heard(message).catch(() => {});
  });
  stops.push(() => tabs.close());
  stops.push(kit.subscribe(() => device.set({ ...device.get(), ...kit.get() })));
  stops.push(host.onUpdateReady(() => device.set({ ...device.get(), updateReady: true })));
  stops.push(
    host.onPage((event) => {
      if (event === 'shown' || event === 'focus') nowMs.set(clock.nowMs());
      desk?.page(event);
      if (event === 'online' && !desk) void askDemo();
    }),
  );
  every(NOW_EVERY_MS, () => nowMs.set(clock.nowMs()));
  every(DISK_EVERY_MS, () => void lookAtDisk());
  void inTurn(open);
  void askDemo();

  return {
    me: fromCell(me),
    sync: fromCell(line.view),
    directory: fromCell(directory),
    cases: fromCell(cases),
    outbox: fromCell(outbox),
    device: fromCell(device),
    knownAccounts: fromCell(knownAccounts),
    demoAccounts: fromCell(demoAccounts),
    nowMs: fromCell(nowMs),

    signIn: (account, password) => inTurn(() => signIn(account, password)),
    resume: (account) =>
      inTurn(async () => {
        const row = (await storeOrThrow().accounts()).find((each) => each.account === account);
        if (!row) throw new LianbanError('not-found', 'an account this device does not know');
        if (row.person !== desk?.row.person) await sitDown(row);
      }),
    signOut: () =>
      inTurn(async () => {
        await standUp();
        await storeOrThrow().setCurrent(null);
        // a session that could not be ended now is ended when the relay is back
        await storeOrThrow().setValue('', SIGN_OUT_DUE, true);
        me.set(null);
        tabs.post({ signedIn: null });
        await endSession();
        await lookAtAccounts();
        void askDemo();
      }),

    startCase: (input) => deskOrThrow().startCase(input),
    addDepartment: (caseId, department) => deskOrThrow().addDepartment(caseId, department),
    addDocument: (caseId, kind, title) => deskOrThrow().addDocument(caseId, kind, title),
    async openDoc(docId) {
      // a deep link asks before the store has been read
      await turn;
      return deskOrThrow().openDoc(docId);
    },
    tryNow() {
      if (openFault !== null && !db) void inTurn(open);
      if (desk) desk.tryNow();
      else void askDemo();
    },
    askToKeep,
    async exportUnsent() {
      return deskOrThrow().exportUnsent();
    },
    close() {
      closed = true;
      for (const stop of stops) stop();
      for (const cancel of cancels) cancel();
      line.close();
      void desk?.close().then(() => db?.close());
      if (!desk) db?.close();
    },
  };

  async function open(): Promise<void> {
    if (db || closed) return;
    try {
      db = await openDatabase(host.databaseName);
      accounts = await openAccountStore(db, host.random);
    } catch (reason) {
      db?.close();
      db = null;
      openFault = faultOf(reason).code;
      showStorage();
      // something has to be on screen to say so
      me.set(null);
      later(REOPEN_MS, () => void inTurn(open));
      return;
    }
    openFault = null;
    showStorage();
    const row = await accounts.current();
    if (row) await sitDown(row);
    else me.set(null);
    await lookAtAccounts();
    void lookAtDisk();
    if (!row) await endSession();
  }

  async function signIn(account: string, password: string): Promise<SignInFailure | null> {
    if (!accounts) return 'unexpected';
    // tabs that lean on the cookie wait until it is clear whose it is
    tabs.post({ signingIn: true });
    const answer = await client.signIn(account, password);
    if (!answer.ok) {
      tabs.post({ signingIn: false });
      if (answer.code === 'login-needed' || answer.code === 'forbidden') return 'wrong';
      if (answer.code === 'too-many') return 'locked';
      return isOutOfReach(answer.code) ? 'offline' : 'unexpected';
    }
    if (answer.value.person.posts.length === 0) return 'unexpected';
    client.setToken(answer.value.token);
    sessionOf = answer.value.person.id;
    await accounts.setValue('', SIGN_OUT_DUE, false);
    const row = await remember(answer.value);
    if (desk?.row.person === row.person) {
      line.happened({ type: 'session', valid: true });
      me.set(signedInOf(row));
      desk.tryNow();
    } else {
      await sitDown(row);
    }
    tabs.post({ signedIn: row.person });
    await lookAtAccounts();
    return null;
  }

  async function sitDown(row: AccountRow): Promise<void> {
    await standUp();
    const [post] = row.posts;
    if (!db || !accounts || closed || !post) return;
    if (sessionOf !== row.person) {
      sessionOf = null;
      client.setToken(null);
    }
    await accounts.setCurrent(row.person);
    desk = await openDesk({
      host,
      db,
      accounts,
      row,
      client,
      line,
      cells: { directory, cases, outbox, kit },
      checkSession: () => checkSession(row),
      sessionKnown: () => sessionOf === row.person,
      onLoginNeeded() {
        // asked again before anything else is sent
        sessionOf = null;
        client.setToken(null);
        line.happened({ type: 'session', valid: false });
      },
      onStoreFault(docId, code) {
        if (code === null) docFaults.delete(docId);
        else docFaults.set(docId, code);
        showStorage();
        desk?.review();
      },
      isBroken,
      onFirstEdit: () => void askToKeep(),
    });
    device.set({ ...device.get(), device: row.device });
    me.set(signedInOf(row));
  }

  async function standUp(): Promise<void> {
    const old = desk;
    desk = null;
    await old?.close();
    docFaults.clear();
    directory.set(undefined);
    cases.set(undefined);
    outbox.set([]);
    kit.set({ casesComplete: 0, casesIncomplete: [], refreshedAtMs: null });
    line.happened({ type: 'outbox', unsent: 0, refused: 0 });
    line.happened({ type: 'session', valid: true });
    showStorage();
  }

  async function checkSession(row: AccountRow): Promise<'valid' | 'invalid' | 'out-of-reach'> {
    // who signed out without a line is not signed in again by the cookie that was left: not without the password
    await endSession();
    if ((await accounts?.value('', SIGN_OUT_DUE)) === true) return 'out-of-reach';
    const answer = await client.session();
    if (!answer.ok) {
      if (isOutOfReach(answer.code)) return 'out-of-reach';
      client.setToken(null);
      return 'invalid';
    }
    // the cookie may be another account's by now
    if (answer.value.person.id !== row.person) return 'invalid';
    sessionOf = row.person;
    const next = await remember(answer.value);
    if (desk?.row.person === row.person) {
      desk.setPosts(next.posts);
      const view = signedInOf(next);
      if (JSON.stringify(view) !== JSON.stringify(me.get())) me.set(view);
    }
    return 'valid';
  }

  async function remember({ person, relay }: SessionBody): Promise<AccountRow> {
    return storeOrThrow().remember({
      person: person.id,
      account: person.account,
      name: person.name,
      posts: person.posts.map(({ department, role }) => ({ person: person.id, department, role })),
      relay: relay.id,
      lastUsedMs: clock.nowMs(),
    });
  }

  async function endSession(): Promise<void> {
    if ((await accounts?.value('', SIGN_OUT_DUE)) !== true) return;
    const answer = await client.endSession();
    client.setToken(null);
    sessionOf = null;
    if (answer.ok || !isOutOfReach(answer.code)) await accounts?.setValue('', SIGN_OUT_DUE, false);
  }

  /** Another tab has signed somebody in or out: the cookie is theirs, and so is this browser. */
  async function heard(message: unknown): Promise<void> {
    if (closed || typeof message !== 'object' || message === null) return;
    if ('signingIn' in message && !client.hasToken()) sessionOf = null;
    if (!('signedIn' in message)) return;
    if (!client.hasToken()) sessionOf = null;
    await inTurn(async () => {
      const row = (await accounts?.current()) ?? null;
      if (row && row.person === desk?.row.person) return desk.tryNow();
      if (row) {
        client.setToken(null);
        sessionOf = null;
        await sitDown(row);
      } else {
        client.setToken(null);
        sessionOf = null;
        await standUp();
        me.set(null);
      }
      await lookAtAccounts();
    });
  }

  async function lookAtAccounts(): Promise<void> {
    if (!accounts) return;
    const [rows, waiting] = await Promise.all([accounts.accounts(), accounts.waiting()]);
    knownAccounts.set(rows.map(({ account, name, person }) => ({ account, name, unsent: waiting.get(person) ?? 0 })));
    const others = rows.filter((row) => row.person !== desk?.row.person && (waiting.get(row.person) ?? 0) > 0);
    device.set({
      ...device.get(),
      othersWaiting: others.map(({ account, person }) => ({ account, unsent: waiting.get(person) ?? 0 })),
    });
  }

  async function askDemo(): Promise<void> {
    const answer = await client.demo();
    if (closed) return;
    if (answer.ok) demoAccounts.set(answer.value);
    else if (!isOutOfReach(answer.code)) demoAccounts.set(null);
    else if (!desk) later(NOW_EVERY_MS, () => void askDemo());
  }

  async function lookAtDisk(): Promise<void> {
    const [estimate, persisted, intact] = await Promise.all([
      host.estimate().catch(() => null),
      host.persisted().catch(() => false),
      accounts ? accounts.intact().catch(() => false) : true,
    ]);
    if (closed) return;
    spaceLow = estimate !== null && estimate.quotaBytes > 0 && estimate.usedBytes / estimate.quotaBytes > FULL;
    if (!intact) openFault = 'store-corrupt';
    device.set({
      ...device.get(),
      usedBytes: estimate?.usedBytes ?? null,
      quotaBytes: estimate?.quotaBytes ?? null,
      persisted: persisted || (askedToKeep ? false : device.get().persisted),
    });
    showStorage();
  }

  async function askToKeep(): Promise<void> {
    if (askedToKeep) return;
    askedToKeep = true;
    const persisted = (await host.persisted()) || (await host.persist());
    device.set({ ...device.get(), persisted });
  }

  function isBroken(): boolean {
    return openFault !== null || docFaults.size > 0;
  }

  function showStorage(): void {
    const { usedBytes, quotaBytes } = device.get();
    const freeBytes = usedBytes === null || quotaBytes === null ? null : Math.max(0, quotaBytes - usedBytes);
    const [docFault] = docFaults.values();
    line.storage(isBroken() ? 'broken' : spaceLow ? 'full' : 'ok', { freeBytes, fault: openFault ?? docFault ?? null });
  }

  function signedInOf(row: AccountRow): SignedIn | null {
    const [post] = row.posts;
    if (!post) return null;
    return { person: row.person, account: row.account, name: row.name, posts: row.posts, department: post.department };
  }

  function deskOrThrow(): Desk {
    if (!desk) throw new LianbanError('login-needed', 'nobody works here');
    return desk;
  }

  function storeOrThrow(): AccountStore {
    if (!accounts) throw new LianbanError(openFault ?? 'store-blocked', 'the store is not open');
    return accounts;
  }

  function inTurn<T>(run: () => Promise<T>): Promise<T> {
    const done = turn.then(run);
    turn = done.then(
      () => {},
      () => {},
    );
    return done;
  }

  function later(delayMs: number, run: () => void): void {
    const cancel = timers.after(delayMs, () => {
      cancels.delete(cancel);
      if (!closed) run();
    });
    cancels.add(cancel);
  }

  function every(delayMs: number, run: () => void): void {
    later(delayMs, () => {
      run();
      every(delayMs, run);
    });
  }
}
