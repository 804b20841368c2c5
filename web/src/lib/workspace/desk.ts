import {
  Directory,
  docIdOf,
  docParts,
  DocumentNumber,
  JurisdictionCode,
  LianbanError,
  newCaseId,
  newUlid,
  refuse,
  templateById,
  type CaseEvent,
  type CaseId,
  type Code,
  type DepartmentId,
  type DocId,
  type DocumentKind,
  type Subject,
} from '@lianban/model';
import type { SharedDoc } from '@lianban/sync';
import * as Y from 'yjs';
import { toBase64 } from 'lib0/buffer';
import type { AccountRow, AccountStore } from '../store/account-store.ts';
import type { Database } from '../store/database.ts';
import { createDocStore } from '../store/doc-store.ts';
import { createLedgerStore } from '../store/ledger-store.ts';
import { createActs } from './acts.ts';
import { createCarrier } from './carrier.ts';
import { createCaseBook } from './case-book.ts';
import type { Cell } from './cell.ts';
import { createDocShelf } from './doc-shelf.ts';
import { openFeed } from './feed.ts';
import type { PageEvent, WorkspaceHost } from './host.ts';
import type { Line } from './line.ts';
import { caseRows, docIdsOf, labelOf, outboxRows } from './outbox-rows.ts';
import type { RelayClient } from './relay-client.ts';
import { watchDocStore, type DocNews } from './watched-store.ts';
import type { CaseRow, DeviceView, NewCase, OpenDoc, OutboxRow } from './workspace.ts';

/** Counts and lists follow the store after at most this long, ms. */
const RECOUNT_MS = 150;
const MIRROR = 'mirror:';
/** An open document is noted as being the same as the relay's no more often than this, ms. */
const MARK_EVERY_MS = 60_000;

/** What one account's desk needs. */
export interface DeskOptions {
  host: WorkspaceHost;
  db: Database;
  accounts: AccountStore;
  row: AccountRow;
  client: RelayClient;
  line: Line;
  cells: {
    directory: Cell<Directory | undefined>;
    cases: Cell<CaseRow[] | undefined>;
    outbox: Cell<OutboxRow[]>;
    kit: Cell<Pick<DeviceView, 'casesComplete' | 'casesIncomplete' | 'refreshedAtMs'>>;
  };
  checkSession: () => Promise<'valid' | 'invalid' | 'out-of-reach'>;
  sessionKnown: () => boolean;
  onLoginNeeded: () => void;
  onStoreFault: (docId: DocId, code: Code | null) => void;
  isBroken: () => boolean;
  /** The first change made here in this session. */
  onFirstEdit: () => void;
}

/** Everything one account works with in this tab, from signing in to signing out. */
export interface Desk {
  readonly row: AccountRow;
  startCase(input: NewCase): Promise<CaseId>;
  addDepartment(caseId: CaseId, department: DepartmentId): Promise<void>;
  addDocument(caseId: CaseId, kind: DocumentKind, title: string): Promise<DocId>;
  openDoc(docId: DocId): Promise<OpenDoc>;
  /** The session is this account's again, or somebody pressed "try now". */
  tryNow(): void;
  page(event: PageEvent): void;
  /** The relay says which posts this person holds today. */
  setPosts(posts: AccountRow['posts']): void;
  /** The store's health has changed. */
  review(): void;
  exportUnsent(): Promise<Blob>;
  close(): Promise<void>;
}

/** Opens the desk of an account: first what the store holds, then the line. */
export async function openDesk(options: DeskOptions): Promise<Desk> {
  const { host, row, line, client, cells, accounts } = options;
  const { clock, timers, random, digest } = host;
  const account = row.person;
  const [firstPost] = row.posts;
  if (!firstPost) throw new LianbanError('forbidden', 'a person without a post');
  // everything below looks at this object, so that a change of posts reaches all of it
  const subject = { person: row.person, posts: row.posts } satisfies Subject;
  const acting = () => subject.posts[0]?.department ?? firstPost.department;
  const user = { person: row.person, name: row.name, department: firstPost.department };
  const ledgers = createLedgerStore(options.db, account);
  let closed = false;
  let cancelRecount: (() => void) | null = null;
  let edited = false;
  let wasInReach = true;
  let mirroredCache: Map<DocId, number> = new Map();

  const disk = createDocStore(options.db, account);
  const docs = watchDocStore(disk, onDocNews);
  const carried = watchDocStore(disk, (news) => {
    // what was carried in the background may be open here too
    recountDoc(news.docId);
    onDocNews(news);
  });
  const book = createCaseBook(ledgers, digest);
  const channel = host.channel(`lianban:desk:${account}`, (message) => {
    // a store that fails tells of itself, and one that was closed has nothing to hear any more
    heard(message).catch(() => {});
  });
  const acts = createActs({
    account,
    subject,
    department: acting,
    device: row.device,
    store: ledgers,
    book,
    client,
    digest,
    clock,
    alone: (name, run) => host.alone(name, run),
    knowsDepartment: (id) => cells.directory.get()?.departments.some((department) => department.id === id) ?? true,
  });
  const shelf = createDocShelf({
    account,
    subject,
    user,
    store: docs,
    carryStore: carried,
    door: {
      device: row.device,
      serverUrl: `${host.origin.replace(/^http/, 'ws')}/yjs`,
      token: doorToken,
      WebSocketImpl: host.WebSocketImpl,
      visible: () => host.visible(),
    },
    clock,
    timers,
    random,
    stateOf: (docId) => book.state(docParts(docId).caseId),
    isBroken: options.isBroken,
    onFault: options.onStoreFault,
    onSettled(docId) {
      // not for every keystroke
      if (clock.nowMs() - (mirroredCache.get(docId) ?? 0) < MARK_EVERY_MS) return;
      mirroredCache.set(docId, clock.nowMs());
      void setMirrored(docId, clock.nowMs()).catch(() => {});
    },
    // asked at once, so that an outage counts from its beginning
    onLost: () => {
      if (!closed) feed.now();
    },
  });
  const carrier = createCarrier({
    account,
    store: docs,
    clock,
    timers,
    carry: (docId, onChange) => shelf.carry(docId, onChange),
    openHere: () => new Set(shelf.opened().map((shared) => shared.docId)),
    wanted: () =>
      book
        .states()
        .filter((state) => state.confirmed)
        .flatMap((state) => docIdsOf(state, subject)),
    mirrored,
    setMirrored,
    canReach: () => line.inReach() && options.sessionKnown(),
    aloneOrNever: (name, run) => host.aloneOrNever(name, run),
    onComplete(atMs) {
      cells.kit.set({ ...cells.kit.get(), refreshedAtMs: atMs });
      void accounts.setValue(account, 'refreshed', atMs).catch(() => {});
    },
  });

  const directory = readDirectory(await accounts.value(account, 'directory'));
  if (directory) cells.directory.set(directory.directory);
  let etag = directory?.etag ?? null;
  const refreshed = await accounts.value(account, 'refreshed');
  if (typeof refreshed === 'number') cells.kit.set({ ...cells.kit.get(), refreshedAtMs: refreshed });
  await book.load();
  await recount();

  const feed = openFeed({
    client,
    store: ledgers,
    line,
    clock,
    timers,
    random,
    visible: () => host.visible(),
    checkSession: options.checkSession,
    sessionKnown: options.sessionKnown,
    onLoginNeeded: options.onLoginNeeded,
    async onCases(caseIds) {
      await casesChanged(caseIds);
      channel.post({ caseIds });
    },
    onDirectory,
    async onReached() {
      if (!wasInReach) shelf.tryNow();
      wasInReach = true;
      await push();
      carrier.look();
    },
  });
  const stopWatching = line.view.subscribe(() => {
    if (!line.inReach()) wasInReach = false;
  });

  return {
    row,
    async startCase({ template: templateId, applicant, lead, joint }) {
      const template = templateById(templateId);
      if (!template) throw new LianbanError('not-found', `no template ${templateId}`);
      const caseId = newCaseId(JurisdictionCode.parse(lead.slice(0, 6)), clock, random);
      const others = [...new Set(joint)].filter((department) => department !== lead && department !== acting());
      await act(caseId, [
        {
          type: 'case.opened',
          body: { template: template.id, templateVersion: template.version, lead, secrecy: 'internal' },
          payload: { applicant },
        },
        ...others.map((department): CaseEvent => ({ type: 'department.added', body: { department }, payload: null })),
        ...template.documents.map(({ number, kind, title }): CaseEvent => ({
          type: 'document.added',
          body: { number: DocumentNumber.parse(number), kind },
          payload: { title: title.zh },
        })),
      ]);
      return caseId;
    },
    addDepartment: (caseId, department) =>
      act(caseId, [{ type: 'department.added', body: { department }, payload: null }]),
    async addDocument(caseId, kind, title) {
      const number = DocumentNumber.parse(newUlid(clock, random));
      await act(caseId, [{ type: 'document.added', body: { number, kind }, payload: { title } }]);
      return docIdOf({ caseId, part: 'doc', number });
    },
    openDoc: (docId) => shelf.open(docId),
    tryNow() {
      feed.now();
      shelf.tryNow();
    },
    page(event) {
      if (event === 'hidden' || event === 'leaving') void shelf.flush();
      if (event === 'offline') {
        line.happened({ type: 'hint-offline' });
        feed.now();
      }
      if (event === 'shown' || event === 'focus' || event === 'online') {
        feed.now();
        shelf.tryNow();
      }
    },
    setPosts(posts) {
      if (JSON.stringify(posts) === JSON.stringify(subject.posts)) return;
      subject.posts = posts;
      shelf.review();
      recountSoon();
    },
    review: () => shelf.review(),
    exportUnsent,
    async close() {
      closed = true;
      stopWatching();
      cancelRecount?.();
      feed.close();
      carrier.close();
      await shelf.close();
      channel.close();
    },
  };

  async function act(caseId: CaseId, events: readonly CaseEvent[]): Promise<void> {
    await acts.act(caseId, events);
    await casesChanged([caseId]);
    channel.post({ caseIds: [caseId] });
    if (!edited) {
      edited = true;
      options.onFirstEdit();
    }
    // sending is not waited for: the case is here already
    void push().catch(() => {});
  }

  async function push(): Promise<void> {
    if (closed || (await ledgers.outgoing()).every((item) => item.refusedCode !== undefined)) return;
    // before the session is known to be this account's, nothing of it is sent
    if (!options.sessionKnown()) return feed.now();
    const pushed = await acts.push();
    if (closed) return;
    if (pushed.loginNeeded) options.onLoginNeeded();
    if (pushed.changed.length === 0) return;
    // an answer that only refuses has taken nothing
    if (pushed.confirmed.length > 0) line.sent(clock.nowMs());
    await casesChanged(pushed.changed);
    channel.post({ caseIds: pushed.changed });
    // the documents of a case that has just been confirmed can be opened at the door
    if (pushed.confirmed.length > 0) {
      shelf.tryNow();
      carrier.look();
    }
  }

  async function casesChanged(caseIds: readonly CaseId[]): Promise<void> {
    const before = new Map(caseIds.map((caseId) => [caseId, book.state(caseId)?.timeline.length]));
    const seqBefore = new Map(caseIds.map((caseId) => [caseId, book.state(caseId)?.caseSeq]));
    await book.reload(caseIds);
    if (closed) return;
    // confirmed by another tab's push, or told by the feed: its documents can be opened at the door now
    if (caseIds.some((caseId) => book.state(caseId)?.caseSeq !== seqBefore.get(caseId))) shelf.tryNow();
    for (const caseId of caseIds) {
      const state = book.state(caseId);
      if (state && state.timeline.length !== before.get(caseId)) carrier.stale(docIdsOf(state, subject));
    }
    shelf.review();
    await recount();
  }

  async function heard(message: unknown): Promise<void> {
    if (closed || typeof message !== 'object' || message === null) return;
    if ('caseIds' in message && Array.isArray(message.caseIds)) await casesChanged(message.caseIds as CaseId[]);
    if ('docId' in message) {
      if ('kind' in message && message.kind !== 'typed') recountDoc(message.docId);
      recountSoon();
    }
  }

  function onDocNews(news: DocNews): void {
    if (news.kind === 'came') return;
    if (news.kind === 'sent') line.sent(clock.nowMs());
    if (news.kind === 'typed' && !edited) {
      edited = true;
      options.onFirstEdit();
    }
    channel.post(news);
    recountSoon();
  }

  function recountDoc(docId: unknown): void {
    const shared: SharedDoc | undefined = shelf.opened().find((each) => each.docId === docId);
    // the store tells of its own faults
    if (shared) void shared.recount().catch(() => {});
  }

  async function onDirectory(version: number): Promise<void> {
    if (cells.directory.get()?.version === version && etag !== null) return;
    const answer = await client.directory(cells.directory.get() ? etag : null);
    if (!answer.ok || answer.value === null || closed) return;
    etag = answer.value.etag;
    cells.directory.set(answer.value.directory);
    await accounts.setValue(account, 'directory', answer.value);
  }

  function isUnconfirmed(docId: DocId): boolean {
    const state = book.state(docParts(docId).caseId);
    if (state === null) return false;
    return !state.confirmed || state.documents.some(({ id, confirmed }) => id === docId && !confirmed);
  }

  async function doorToken(docId: DocId) {
    // a session of another account must not open this account's documents
    if (!options.sessionKnown()) return refuse('timeout', 'the session is not known yet');
    // the relay does not know it yet: the door is tried at once when it does
    if (isUnconfirmed(docId)) return refuse('no-such-doc', 'its entry has no receipt yet');
    const token = await client.doorToken(docId);
    if (!token.ok && token.code === 'login-needed') options.onLoginNeeded();
    return token;
  }

  async function setMirrored(docId: DocId, atMs: number): Promise<void> {
    await accounts.setValue(account, MIRROR + docId, atMs);
    recountSoon();
  }

  async function mirrored(): Promise<Map<DocId, number>> {
    const values = await accounts.values(account, MIRROR);
    const found = new Map<DocId, number>();
    for (const [docId, atMs] of values) if (typeof atMs === 'number') found.set(docId as DocId, atMs);
    mirroredCache = found;
    return found;
  }

  function recountSoon(): void {
    cancelRecount ??= timers.after(RECOUNT_MS, () => {
      cancelRecount = null;
      void recount().catch(() => {});
    });
  }

  async function recount(): Promise<void> {
    const [items, outgoing] = await Promise.all([docs.outbox(), ledgers.outgoing(), mirrored()]);
    if (closed) return;
    const rows = outboxRows(items, outgoing, (caseId) => book.state(caseId));
    setIfChanged(cells.outbox, rows);
    const refused =
      items.filter((item) => item.refusedCode !== undefined).length +
      outgoing.filter((item) => item.refusedCode !== undefined).length;
    line.happened({ type: 'outbox', unsent: items.length + outgoing.length, refused });
    setIfChanged(cells.cases, caseRows(book.states(), rows));
    countKit();
  }

  function countKit(): void {
    const incomplete: DeviceView['casesIncomplete'] = [];
    let complete = 0;
    for (const state of book.states()) {
      const missing = state.confirmed
        ? docIdsOf(state, subject).filter((docId) => !mirroredCache.has(docId)).length
        : 0;
      if (missing === 0) complete += 1;
      else incomplete.push({ caseId: state.id, label: labelOf(state.id, state), missing });
    }
    setIfChanged(cells.kit, { ...cells.kit.get(), casesComplete: complete, casesIncomplete: incomplete });
  }

  async function exportUnsent(): Promise<Blob> {
    const open = shelf.opened();
    const items = await docs.outbox().catch(() => []);
    const outgoing = await ledgers.outgoing().catch(() => []);
    const documents = [];
    const wanted = new Set([
      ...items.map((item) => item.docId),
      ...open.filter((each) => each.waiting() + each.refused() > 0).map((each) => each.docId),
    ]);
    for (const docId of wanted) {
      // what is open here may hold more than a store that fails
      const here = open.find((each) => each.docId === docId);
      const doc = here?.doc ?? new Y.Doc();
      if (!here) for (const update of (await docs.load(docId)).updates) Y.applyUpdate(doc, update);
      documents.push({
        docId,
        update: toBase64(Y.encodeStateAsUpdate(doc)),
        unsent: items
          .filter((item) => item.docId === docId)
          .map(({ msgId, clientId, atMs }) => ({ msgId, clientId, atMs })),
      });
      if (!here) doc.destroy();
    }
    const text = JSON.stringify(
      {
        format: 'lianban-unsent/1',
        atMs: clock.nowMs(),
        person: row.person,
        device: row.device,
        entries: outgoing,
        documents,
      },
      null,
      1,
    );
    return new Blob([text], { type: 'application/json' });
  }
}

function readDirectory(value: unknown): { directory: Directory; etag: string | null } | null {
  if (typeof value !== 'object' || value === null || !('directory' in value)) return null;
  const directory = Directory.safeParse(value.directory);
  const etag = 'etag' in value && typeof value.etag === 'string' ? value.etag : null;
  return directory.success ? { directory: directory.data, etag } : null;
}

/** Keeps the old object, and with it everything drawn from it, when nothing in it has changed. */
function setIfChanged<T>(cell: Cell<T>, next: T): void {
  if (JSON.stringify(cell.get()) !== JSON.stringify(next)) cell.set(next);
}
