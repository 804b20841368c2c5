import { docStoreContract } from './doc-store-contract.ts';
import { ledgerStoreContract } from './ledger-store-contract.ts';
import { createMemoryDocStore } from './memory-doc-store.ts';
import { createMemoryLedgerStore } from './memory-ledger-store.ts';

docStoreContract('memory', async () => {
  const store = createMemoryDocStore();
  return { store, reopen: async () => store, other: async () => createMemoryDocStore(), close: async () => {} };
});

ledgerStoreContract('memory', async () => {
  const store = createMemoryLedgerStore();
  return { store, reopen: async () => store, other: async () => createMemoryLedgerStore(), close: async () => {} };
});
