import { Jurisdiction, Person } from '@lianban/model';
import { databaseForTests } from '../database-for-tests.ts';
import { createSqliteOrgStore } from '../org/sqlite-org-store.ts';
import { describeLedgerLog } from './ledger-log-contract.ts';
import { createMemoryLedgerLog } from './memory-ledger-log.ts';
import { createSqliteLedgerLog } from './sqlite-ledger-log.ts';

describeLedgerLog('memory', () => Promise.resolve({ log: createMemoryLedgerLog(), close: () => Promise.resolve() }));

describeLedgerLog('SQLite', async () => {
  const { database, reopen, close } = databaseForTests();
  const name = { zh: '李', en: 'Li' };
  await createSqliteOrgStore(database).change({
    jurisdictions: [Jurisdiction.parse({ code: '990121', level: 'county', parent: null, name })],
    people: ['li', 'an'].map((account) => Person.parse({ id: `${account}@990121`, account, name })),
  });
  return {
    log: createSqliteLedgerLog(database),
    reopen: async () => createSqliteLedgerLog(await reopen()),
    close,
  };
});
