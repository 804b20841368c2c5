import { LianbanError } from '@lianban/model';
import type { Sqlite } from './open.ts';

/**
 * One step of the tables, forward only. Each area exports its own; the composition root puts them into one list.
 * `version` is unique over all areas and never given twice: the next free number, whichever area needs it.
 */
export interface Migration {
  readonly version: number;
  /** What it makes, for the message when it fails. */
  readonly name: string;
  readonly sql: string;
}

/**
 * Runs the migrations whose version is above the file's `user_version`, in order, in one transaction: all or none.
 * Throws `store-corrupt` when the file is newer than the list, before anything is touched.
 */
export function migrate(db: Sqlite, migrations: readonly Migration[]): void {
  const ordered = [...migrations].sort((a, b) => a.version - b.version);
  for (const [index, { version, name }] of ordered.entries()) {
    if (!Number.isInteger(version) || version < 1 || ordered[index + 1]?.version === version) {
      throw new LianbanError('unexpected', `migration ${version} (${name}) needs a number of its own`);
    }
  }
  const known = ordered.at(-1)?.version ?? 0;
  const found = Number(db.pragma('user_version', { simple: true }));
  if (found > known) {
    throw new LianbanError(
      'store-corrupt',
      `the database has version ${found} and this program knows ${known}: start the newer program`,
    );
  }
  if (found === known) return;
  db.transaction(() => {
    for (const { version, name, sql } of ordered) {
      if (version <= found) continue;
      try {
        db.exec(sql);
      } catch (cause) {
        throw new LianbanError('store-corrupt', `migration ${version} (${name}) failed`, { cause });
      }
    }
    db.pragma(`user_version = ${known}`);
  }).immediate();
}
