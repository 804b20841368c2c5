import { join } from 'node:path';
import { accept, refuse, type Result } from '@lianban/model';
import Sqlite from 'better-sqlite3';
import { LOCK_FILE } from '../config.ts';

/**
 * Takes a data folder for this process. Refuses with `store-blocked` while another relay has it. The lock is the
 * operating system's, held through SQLite: it ends with the process however the process ends, so that a relay that was
 * killed keeps nobody out.
 */
export function lockFolder(dataFolder: string): Result<{ close(): void }> {
  const lock = new Sqlite(join(dataFolder, LOCK_FILE), { timeout: 0 });
  try {
    lock.exec('BEGIN EXCLUSIVE');
    return accept({ close: () => lock.close() });
  } catch (reason) {
    lock.close();
    if (reason instanceof Sqlite.SqliteError && reason.code.startsWith('SQLITE_BUSY')) {
      return refuse('store-blocked', `another relay is using the data folder ${dataFolder}`);
    }
    throw reason;
  }
}
