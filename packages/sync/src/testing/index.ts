export * from './doc-store-contract.ts';
export * from './fake-relay.ts';
export * from './fake-time.ts';
export * from './ledger-store-contract.ts';
export * from './memory-doc-store.ts';
export * from './memory-ledger-store.ts';
export * from './seeded-random.ts';
export * from './until.ts';
