import type { DocId } from '@lianban/model';
import type { DocStore } from '@lianban/sync';

/** What a write to the document store did. */
export type DocNews = { kind: 'typed' | 'sent' | 'refused' | 'came'; docId: DocId };

/** The same store, which tells after each write what it was. */
export function watchDocStore(store: DocStore, tell: (news: DocNews) => void): DocStore {
  return {
    ...store,
    async append(docId, batch) {
      await store.append(docId, batch);
      tell({ kind: batch.some((item) => item.outbox) ? 'typed' : 'came', docId });
    },
    async acknowledged(docId, msgIds) {
      await store.acknowledged(docId, msgIds);
      tell({ kind: 'sent', docId });
    },
    async refused(docId, msgIds, code) {
      await store.refused(docId, msgIds, code);
      tell({ kind: 'refused', docId });
    },
  };
}
