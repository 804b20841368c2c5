import type { CaseId, EntryId, LedgerItem } from '@lianban/model';
import type { LedgerStore, OutgoingEntry } from '../ports.ts';

/** A ledger store in memory. */
export function createMemoryLedgerStore(): LedgerStore {
  const ledgers = new Map<CaseId, Map<EntryId, LedgerItem>>();
  const outgoing = new Map<EntryId, OutgoingEntry>();
  let cursor: string | undefined;

  const ledgerOf = (caseId: CaseId) => {
    const ledger = ledgers.get(caseId) ?? new Map<EntryId, LedgerItem>();
    ledgers.set(caseId, ledger);
    return ledger;
  };

  return {
    async appendOwn(entries) {
      for (const { caseId, entry, atMs } of entries) {
        if (ledgerOf(caseId).has(entry.id)) continue;
        ledgerOf(caseId).set(entry.id, { entry });
        outgoing.set(entry.id, { caseId, entry, atMs });
      }
    },
    async receive(items, next) {
      for (const { caseId, item } of items) {
        const ledger = ledgerOf(caseId);
        ledger.set(item.entry.id, mergeItems(ledger.get(item.entry.id), item));
        if (item.receipt) outgoing.delete(item.entry.id);
      }
      if (next !== undefined) cursor = next;
    },
    async cursor() {
      return cursor;
    },
    async ledger(caseId) {
      return [...(ledgers.get(caseId)?.values() ?? [])];
    },
    async cases() {
      return [...ledgers.keys()];
    },
    async outgoing() {
      return [...outgoing.values()].map((item) => ({ ...item }));
    },
    async refused(id, code) {
      const item = outgoing.get(id);
      if (item) item.refusedCode = code;
    },
  };
}

function mergeItems(known: LedgerItem | undefined, item: LedgerItem): LedgerItem {
  const receipt = known?.receipt ?? item.receipt;
  const entry = known?.entry.payload === undefined ? item.entry : known.entry;
  return receipt ? { entry, receipt } : { entry };
}
