import { LianbanError, type Code, type DocId } from '@lianban/model';
import type { DocAppend, DocStore, OutboxItem } from '../ports.ts';

/** A document store in memory with switches for what disks do. */
export interface MemoryDocStore extends DocStore {
  /** The next write fails with this code and changes nothing. */
  failNext(code: Code): void;
  /** Every write fails until null is given. */
  failAlways(code: Code | null): void;
  /** Appends wait until the returned function is called; smaller writes do not. */
  hold(): () => void;
  /** How many appends were written. */
  appends(): number;
}

/** Makes an empty store. */
export function createMemoryDocStore(): MemoryDocStore {
  const docs = new Map<DocId, Uint8Array[]>();
  const siblings = new Map<DocId, Set<number>>();
  let outbox: OutboxItem[] = [];
  let once: Code | null = null;
  let always: Code | null = null;
  let gate: Promise<void> = Promise.resolve();
  let written = 0;

  const write = async (): Promise<void> => {
    const code = once ?? always;
    once = null;
    if (code !== null) throw new LianbanError(code, 'planted');
  };

  return {
    async load(docId) {
      return {
        updates: [...(docs.get(docId) ?? [])],
        outbox: outbox.filter((item) => item.docId === docId).map((item) => ({ ...item })),
        siblings: [...(siblings.get(docId) ?? [])],
      };
    },
    async unsent(docId) {
      return outbox.filter((item) => item.docId === docId).map((item) => ({ ...item }));
    },
    async append(docId: DocId, batch: readonly DocAppend[]) {
      await gate;
      await write();
      written += 1;
      const rows = docs.get(docId) ?? [];
      const near = siblings.get(docId) ?? new Set();
      for (const item of batch) {
        rows.push(item.update.slice());
        for (const id of item.siblings ?? []) near.add(id);
        if (item.outbox) outbox.push({ ...item.outbox, docId, bytes: item.update.length });
      }
      docs.set(docId, rows);
      siblings.set(docId, near);
    },
    async acknowledged(docId, msgIds) {
      await write();
      outbox = outbox.filter((item) => item.docId !== docId || !msgIds.includes(item.msgId));
    },
    async refused(docId, msgIds, code) {
      await write();
      for (const item of outbox) if (item.docId === docId && msgIds.includes(item.msgId)) item.refusedCode = code;
    },
    async outbox() {
      return outbox.map((item) => ({ ...item }));
    },
    async docs() {
      return [...docs].map(([docId, rows]) => ({ docId, bytes: rows.reduce((sum, row) => sum + row.length, 0) }));
    },
    failNext(code) {
      once = code;
    },
    failAlways(code) {
      always = code;
    },
    hold() {
      let open = () => {};
      gate = new Promise((resolve) => (open = resolve));
      return () => open();
    },
    appends: () => written,
  };
}
