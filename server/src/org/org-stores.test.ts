import { Jurisdiction, Person } from '@lianban/model';
import { databaseForTests } from '../database-for-tests.ts';
import { createMemoryOrgStore } from './memory-org-store.ts';
import { createMemorySessionStore } from './memory-session-store.ts';
import { describeOrgStore } from './org-store-contract.ts';
import { describeSessionStore } from './session-store-contract.ts';
import { createSqliteOrgStore } from './sqlite-org-store.ts';
import { createSqliteSessionStore } from './sqlite-session-store.ts';

describeOrgStore('memory', () => ({ store: createMemoryOrgStore(), close: () => Promise.resolve() }));

describeOrgStore('SQLite', () => {
  const { database, close } = databaseForTests();
  return { store: createSqliteOrgStore(database), close };
});

describeSessionStore('memory', () =>
  Promise.resolve({ store: createMemorySessionStore(), close: () => Promise.resolve() }),
);

describeSessionStore('SQLite', async () => {
  const { database, reopen, close } = databaseForTests();
  const name = { zh: '李', en: 'Li' };
  await createSqliteOrgStore(database).change({
    jurisdictions: [Jurisdiction.parse({ code: '990121', level: 'county', parent: null, name })],
    people: [Person.parse({ id: 'li@990121', account: 'li', name })],
  });
  return {
    store: createSqliteSessionStore(database),
    reopen: async () => createSqliteSessionStore(await reopen()),
    close,
  };
});
