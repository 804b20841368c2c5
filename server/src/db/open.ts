import BetterSqlite3 from 'better-sqlite3';
import { LianbanError, type Clock } from '@lianban/model';
import { migrate, type Migration } from './migrations.ts';
import { createWriter, type Writer, type WriterFault } from './writer.ts';

/** One open SQLite connection. Reads go through it at any time; every write goes through the writer. */
export type Sqlite = BetterSqlite3.Database;

/** The relay's one database file, migrated, with its one writer. */
export interface Database {
  readonly path: string;
  readonly db: Sqlite;
  readonly writer: Writer;
  /** Commits what was submitted, then closes the file. */
  close(): Promise<void>;
}

/** How long a statement waits for another process that holds the file (a backup, the command line), ms. */
const BUSY_TIMEOUT_MS = 1000;
/** The write-ahead log is cut back to this after a checkpoint, bytes: a burst must not keep the disk for ever. */
const WAL_LIMIT_BYTES = 64 * 1024 * 1024;

/**
 * Opens the file at `path` (not `:memory:`: that has no write-ahead log), checks that it is set up to keep its promises,
 * and runs the migrations that are missing. Throws `store-corrupt` when a setting did not take or the file is newer than
 * the program. `onBroken` is called when the disk fails in a way after which nothing may be written.
 */
export function openDatabase(options: {
  path: string;
  migrations: readonly Migration[];
  clock: Clock;
  onBroken?: (fault: WriterFault) => void;
}): Database {
  const { path, migrations, clock, onBroken } = options;
  const db = new BetterSqlite3(path, { timeout: BUSY_TIMEOUT_MS });
  try {
    setUp(db);
    migrate(db, migrations);
  } catch (reason) {
    db.close();
    throw reason;
  }
  const writer = createWriter({ db, clock, ...(onBroken && { onBroken }) });
  return {
    path,
    db,
    writer,
    close: async () => {
      await writer.close();
      db.close();
    },
  };
}

/** Opens the same file for reading alone, for a worker thread. Sees committed rows only. */
export function openReadOnly(path: string): Sqlite {
  return new BetterSqlite3(path, { readonly: true, fileMustExist: true, timeout: BUSY_TIMEOUT_MS });
}

function setUp(db: Sqlite): void {
  db.pragma('journal_mode = WAL');
  db.pragma('synchronous = FULL');
  db.pragma('foreign_keys = ON');
  db.pragma(`busy_timeout = ${BUSY_TIMEOUT_MS}`);
  db.pragma(`journal_size_limit = ${WAL_LIMIT_BYTES}`);
  // NORMAL is faster and loses acknowledged rows at a power cut, so a relay that did not get FULL does not start.
  const wanted = { journal_mode: 'wal', synchronous: 2, foreign_keys: 1, busy_timeout: BUSY_TIMEOUT_MS };
  for (const [name, value] of Object.entries(wanted)) {
    const got: unknown = db.pragma(name, { simple: true });
    if (got !== value)
      throw new LianbanError('store-corrupt', `the database has ${name} = ${String(got)}, not ${value}`);
  }
}
