import { LianbanError, type Code, type DocId } from '@lianban/model';
import * as Y from 'yjs';
import type { Clock, DocAppend, DocStore, OutboxItem, Random, Timers } from '../ports.ts';
import { newMessageId } from './client-id.ts';
import { ORIGIN_STORE } from './origin.ts';

/** First wait before a failed write is tried again, ms; doubles to half a minute. */
const RETRY_MS = 1_000;
const RETRY_CEILING_MS = 30_000;

/** What a binding needs. */
export interface DocBindingOptions {
  docId: DocId;
  doc: Y.Doc;
  store: DocStore;
  clock: Clock;
  timers: Timers;
  random: Random;
  /** True for the origin of what came over the link: stored without an outbox item. */
  isLink: (origin: unknown) => boolean;
  /** Client ids of this device's other tabs. */
  siblings: () => readonly number[];
  /** Called after the number of waiting changes may have changed. */
  onChange: () => void;
  /** A write failed with this code and will be tried again; null once the store takes writes again. */
  onFault: (code: Code | null) => void;
}

/** The tie between an open Y.Doc and the store. */
export interface DocBinding {
  /** Changes of this document that wait: of this session, of earlier ones and of other tabs. */
  unsent(): readonly { msgId: string; clientId: number }[];
  /** How many of them the relay did not refuse, and how many it did. */
  counts(): { waiting: number; refused: number };
  /** Client ids that were noted as this device's own. */
  siblings(): readonly number[];
  /** The message id of a change made here; undefined for what came from the link or the store. */
  idOf(update: Uint8Array): string | undefined;
  /** Takes acknowledged changes out of the outbox, whether they have been written yet or not. */
  acked(msgIds: readonly string[]): void;
  refused(msgIds: readonly string[], code: string): void;
  /** Forgets what another tab or a background session has sent, and takes note of what was refused there. */
  prune(): Promise<unknown>;
  /** Applies what other tabs stored since, and takes up what they left in the outbox. */
  refresh(): Promise<void>;
  /** Resolves when everything up to now has been written; false when the store refused it. */
  flush(): Promise<boolean>;
  /** Stops listening and writes what is left. */
  close(): Promise<void>;
}

/**
 * Reads a document into `doc` and stores every later change of it: all but those of the store's own origin, each change
 * of this device together with its outbox item in one transaction. What could not be written stays in memory and is
 * tried again. A stored update that cannot be read is set aside: `store-corrupt` is reported and the rest is used.
 */
export async function bindDoc(options: DocBindingOptions): Promise<DocBinding & { found: boolean }> {
  const { docId, doc, store, clock, timers, random } = options;
  const waiting = new Map<string, { clientId: number; refused: boolean }>();
  const siblings = new Set<number>();
  const ids = new WeakMap<Uint8Array, string>();
  let gathered: DocAppend[] = [];
  /** The last of the writes under way; each waits for the one before it. */
  let writing: Promise<boolean> = Promise.resolve(true);
  let cancelTimer: (() => void) | null = null;
  let isDue = false;
  let failures = 0;
  let closed = false;

  const first = await store.load(docId);
  apply(first.updates);
  takeUp(first.outbox);
  for (const id of first.siblings) siblings.add(id);
  doc.on('update', onUpdate);

  return {
    found: first.updates.length > 0,
    unsent: () => [...waiting].map(([msgId, { clientId }]) => ({ msgId, clientId })),
    counts() {
      let refused = 0;
      for (const item of waiting.values()) if (item.refused) refused += 1;
      return { waiting: waiting.size - refused, refused };
    },
    siblings: () => [...siblings],
    idOf: (update) => ids.get(update),
    acked(msgIds) {
      const done = new Set(msgIds.filter((id) => waiting.delete(id)));
      if (done.size === 0) return;
      // not yet written: the change is written without an outbox item
      gathered = gathered.map((item) => {
        if (!item.outbox || !done.has(item.outbox.msgId)) return item;
        done.delete(item.outbox.msgId);
        const { outbox: _, ...rest } = item;
        return rest;
      });
      const written = [...done];
      if (written.length > 0) behind(() => store.acknowledged(docId, written));
      options.onChange();
    },
    refused(msgIds, code) {
      const known = msgIds.filter((id) => waiting.has(id));
      if (known.length === 0) return;
      for (const id of known) {
        const item = waiting.get(id);
        if (item) item.refused = true;
      }
      void flush();
      behind(() => store.refused(docId, known, code));
      options.onChange();
    },
    prune,
    async refresh() {
      const items = await prune();
      if (items.every((item) => waiting.has(item.msgId))) return;
      const again = await store.load(docId);
      if (closed) return;
      apply(again.updates);
      takeUp(again.outbox);
      for (const id of again.siblings) siblings.add(id);
      options.onChange();
    },
    flush,
    async close() {
      doc.off('update', onUpdate);
      await flush();
      closed = true;
      cancelTimer?.();
    },
  };

  async function prune(): Promise<OutboxItem[]> {
    const before = [...waiting.keys()];
    if (!(await flush())) return [];
    const items = await store.unsent(docId);
    const left = new Map(items.map((item) => [item.msgId, item]));
    for (const id of before) {
      const item = left.get(id);
      const known = waiting.get(id);
      if (!item) waiting.delete(id);
      else if (known) known.refused = item.refusedCode !== undefined;
    }
    options.onChange();
    return items;
  }

  function apply(updates: readonly Uint8Array[]): void {
    doc.transact(() => {
      for (const update of updates) {
        try {
          Y.applyUpdate(doc, update, ORIGIN_STORE);
        } catch {
          options.onFault('store-corrupt');
        }
      }
    }, ORIGIN_STORE);
  }

  function takeUp(items: readonly OutboxItem[]): void {
    for (const { msgId, clientId, refusedCode } of items) {
      if (!waiting.has(msgId)) waiting.set(msgId, { clientId, refused: refusedCode !== undefined });
    }
  }

  function onUpdate(update: Uint8Array, origin: unknown): void {
    if (origin === ORIGIN_STORE) return;
    if (options.isLink(origin)) {
      const near = options.siblings().filter((id) => !siblings.has(id));
      for (const id of near) siblings.add(id);
      gathered.push(near.length > 0 ? { update, siblings: near } : { update });
    } else {
      const msgId = newMessageId(random);
      ids.set(update, msgId);
      waiting.set(msgId, { clientId: doc.clientID, refused: false });
      gathered.push({ update, outbox: { msgId, clientId: doc.clientID, atMs: clock.nowMs() } });
      options.onChange();
    }
    writeSoon();
  }

  /**
   * Writes at the end of this turn. What comes while a write is under way is gathered into the next one, so a slow disk
   * makes larger writes; a timer instead would lose its last moments when the page goes (a page that is being closed
   * runs no more transactions). A failed write keeps its own pace.
   */
  function writeSoon(): void {
    if (isDue || cancelTimer) return;
    isDue = true;
    queueMicrotask(() => {
      isDue = false;
      void flush();
    });
  }

  function flush(): Promise<boolean> {
    cancelTimer?.();
    cancelTimer = null;
    writing = writing.then(write, write);
    return writing;
  }

  async function write(): Promise<boolean> {
    if (gathered.length === 0) return true;
    const batch = gathered;
    gathered = [];
    try {
      await store.append(docId, batch);
    } catch (reason) {
      // what was acknowledged meanwhile keeps its update and loses its item
      gathered = [...batch.map((item) => stripDone(item)), ...gathered];
      failures += 1;
      options.onFault(reason instanceof LianbanError ? reason.code : 'store-blocked');
      if (!closed) {
        cancelTimer ??= timers.after(Math.min(RETRY_MS * 2 ** (failures - 1), RETRY_CEILING_MS), () => void flush());
      }
      return false;
    }
    if (failures > 0) options.onFault(null);
    failures = 0;
    return true;
  }

  function stripDone(item: DocAppend): DocAppend {
    if (!item.outbox || waiting.has(item.outbox.msgId)) return item;
    const { outbox: _, ...rest } = item;
    return rest;
  }

  /** Runs a small write behind those under way; one that fails is made good by the next connection. */
  function behind(run: () => Promise<void>): void {
    writing = writing.then(async (went) => {
      try {
        await run();
      } catch (reason) {
        options.onFault(reason instanceof LianbanError ? reason.code : 'store-blocked');
        return false;
      }
      return went;
    });
  }
}
