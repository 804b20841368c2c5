import { authorize, docParts, type CaseState, type Code, type DocId, type Subject } from '@lianban/model';
import {
  openSharedDoc,
  presentUsers,
  RICH_TEXT_SCHEMA,
  type DocStore,
  type PresentUser,
  type SharedDoc,
  type SharedDocOptions,
} from '@lianban/sync';
import { fromCell } from '../reactive/from-cell.svelte.ts';
import { createCell } from './cell.ts';
import type { OpenDoc, Present } from './workspace.ts';

/** People who went away stay on the list this long, ms (ux B.2). */
const LAST_HEARD_MS = 24 * 60 * 60_000;

/** What the documents of a tab need. */
export interface DocShelfOptions extends Omit<SharedDocOptions, 'docId' | 'user' | 'channel' | 'onChange' | 'onFault'> {
  account: string;
  /** The same store, told apart: for documents that are carried in the background. */
  carryStore: DocStore;
  subject: Subject;
  user: PresentUser;
  stateOf: (docId: DocId) => CaseState | null;
  /** True while nothing can be kept on this device. */
  isBroken: () => boolean;
  /** The store refused a write of this document, or takes writes again. */
  onFault: (docId: DocId, code: Code | null) => void;
  /** The document is the same here as at the relay. */
  onSettled: (docId: DocId) => void;
  /** The line of an open document has broken: the first sign that the relay may be gone. */
  onLost: () => void;
}

/** The documents that are open in this tab. Opened twice, a document is one. */
export interface DocShelf {
  open(docId: DocId): Promise<OpenDoc>;
  /** A second document under the same name that nobody sees: to carry changes while no page has it open. */
  carry(docId: DocId, onChange: () => void): Promise<SharedDoc>;
  opened(): SharedDoc[];
  /** Rights, schema or store have changed: looks again. */
  review(): void;
  flush(): Promise<void>;
  tryNow(): void;
  close(): Promise<void>;
}

/** A document that is opening or open, and how many hold it. */
interface Slot {
  holders: number;
  opening: Promise<Held>;
}

interface Held {
  shared: SharedDoc;
  view: Omit<OpenDoc, 'close'>;
  review(): void;
}

/** An empty shelf. */
export function createDocShelf(options: DocShelfOptions): DocShelf {
  const slots = new Map<DocId, Slot>();
  const ready = new Map<DocId, Held>();
  const carried = new Set<SharedDoc>();
  const closing = new Set<Promise<void>>();

  return {
    async open(docId) {
      const slot = slots.get(docId) ?? { holders: 0, opening: hold(docId) };
      slots.set(docId, slot);
      // before anything is waited for, so that it is not let go meanwhile
      slot.holders += 1;
      let entry: Held;
      try {
        entry = await slot.opening;
      } catch (reason) {
        if (slots.get(docId) === slot) slots.delete(docId);
        throw reason;
      }
      let open = true;
      return {
        ...entry.view,
        close() {
          if (!open) return;
          open = false;
          slot.holders -= 1;
          void letGo(docId);
        },
      };
    },
    async carry(docId, onChange) {
      const shared = await openSharedDoc({
        ...options,
        store: options.carryStore,
        docId,
        user: null,
        channel: null,
        onChange,
        onFault: (code) => options.onFault(docId, code),
      });
      carried.add(shared);
      const { close } = shared;
      return {
        ...shared,
        async close() {
          carried.delete(shared);
          await close();
        },
      };
    },
    opened: () => [...ready.values()].map((entry) => entry.shared),
    review() {
      for (const entry of ready.values()) entry.review();
    },
    async flush() {
      await Promise.all(
        [...ready.values(), ...[...carried].map((shared) => ({ shared }))].map(({ shared }) => shared.flush()),
      );
    },
    tryNow() {
      for (const { shared } of ready.values()) shared.tryNow();
    },
    async close() {
      const all = await Promise.allSettled([...slots.values()].map((slot) => slot.opening));
      slots.clear();
      ready.clear();
      const shared = all.flatMap((result) => (result.status === 'fulfilled' ? [result.value.shared] : []));
      await Promise.allSettled([...closing, ...[...shared, ...carried].map((each) => each.close())]);
    },
  };

  /** Closes a document that nobody holds; one that could not be written stays in memory until it is. */
  async function letGo(docId: DocId): Promise<void> {
    const slot = slots.get(docId);
    const entry = ready.get(docId);
    if (!slot || !entry || slot.holders > 0) return;
    const written = await entry.shared.flush();
    if (!written || slot.holders > 0 || slots.get(docId) !== slot) return;
    slots.delete(docId);
    ready.delete(docId);
    const closed = entry.shared.close().finally(() => closing.delete(closed));
    closing.add(closed);
  }

  async function hold(docId: DocId): Promise<Held> {
    const parts = docParts(docId);
    let review = () => {};
    const shared = await openSharedDoc({
      ...options,
      docId,
      channel: `lianban:${options.account}:${docId}`,
      onChange: () => review(),
      onFault(code) {
        options.onFault(docId, code);
        if (code === null) void letGo(docId);
      },
    });
    const { doc, awareness } = shared;
    const isRich = parts.part === 'doc' || parts.part === 'private';
    const meta = isRich ? doc.getMap('meta') : null;
    const heard = new Map<number, Present>();
    let settled = false;
    let connected = false;

    const canWrite = createCell(false);
    const schema = createCell<'known' | 'newer'>('known');
    const unsent = createCell(0);
    const loaded = createCell(false);
    const present = createCell<Present[]>([]);

    const notePeople = (clients: readonly number[]) => {
      const nowMs = options.clock.nowMs();
      const users = presentUsers(awareness);
      for (const [clientId, user] of users) {
        const known = heard.get(clientId);
        if (known && !clients.includes(clientId)) continue;
        heard.set(clientId, { clientId, ...user, lastHeardMs: nowMs, self: user.person === options.subject.person });
      }
      for (const [clientId, person] of heard) {
        const elsewhere = [...users].some(([id, user]) => id !== clientId && user.person === person.person);
        if (!users.has(clientId) && (person.self || elsewhere || nowMs - person.lastHeardMs > LAST_HEARD_MS))
          heard.delete(clientId);
      }
      present.set([...heard.values()]);
    };
    awareness.on('update', ({ added, updated }: { added: number[]; updated: number[] }) =>
      notePeople([...added, ...updated]),
    );
    notePeople([]);

    review = () => {
      const version = meta?.get('schema');
      schema.set(typeof version === 'number' && version > RICH_TEXT_SCHEMA ? 'newer' : 'known');
      const state = options.stateOf(docId);
      const allowed = authorize(options.subject, 'write', {
        kind: 'doc',
        part: parts.part,
        participants: state?.participants ?? [],
        ...(parts.part === 'private' ? { owner: parts.department } : {}),
      });
      canWrite.set(allowed.ok && schema.get() === 'known' && !shared.stale() && !options.isBroken());
      unsent.set(shared.waiting() + shared.refused());
      loaded.set(shared.loaded());
      const status = shared.status();
      const isSettled = status.at === 'open' && status.settled && shared.waiting() === 0;
      if (isSettled && !settled) options.onSettled(docId);
      settled = isSettled;
      if (connected && status.at !== 'open') options.onLost();
      connected = status.at === 'open';
    };
    meta?.observe(review);
    review();

    const entry: Held = {
      shared,
      review: () => review(),
      view: {
        docId,
        doc,
        awareness,
        canWrite: fromCell(canWrite),
        schema: fromCell(schema),
        unsent: fromCell(unsent),
        loaded: fromCell(loaded),
        present: fromCell(present),
      },
    };
    ready.set(docId, entry);
    return entry;
  }
}
