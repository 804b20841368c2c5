import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { openDatabase, type Database } from './db/open.ts';
import { DOC_MIGRATIONS } from './docs/tables.ts';
import { systemClock } from './host.ts';
import { LEDGER_MIGRATIONS } from './ledger/tables.ts';
import { ORG_MIGRATIONS } from './org/tables.ts';

/** A database with every table in a folder of its own, which can be opened again and goes away when closed. */
export function databaseForTests(): { database: Database; reopen(): Promise<Database>; close(): Promise<void> } {
  const folder = mkdtempSync(join(tmpdir(), 'lianban-test-'));
  const migrations = [...DOC_MIGRATIONS, ...ORG_MIGRATIONS, ...LEDGER_MIGRATIONS];
  const open = (): Database => openDatabase({ path: join(folder, 'lianban.sqlite'), migrations, clock: systemClock });
  let database = open();
  return {
    database,
    reopen: async () => {
      await database.close();
      database = open();
      return database;
    },
    close: async () => {
      await database.close();
      rmSync(folder, { recursive: true });
    },
  };
}
