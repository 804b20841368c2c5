import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { systemClock } from '../host.ts';
import { openDatabase, openReadOnly, type Database } from './open.ts';
import { createWriter, flushDelayMs, type WriterFault } from './writer.ts';

const ROWS = [{ version: 1, name: 'rows', sql: 'CREATE TABLE row (n INTEGER PRIMARY KEY, text TEXT) STRICT' }];

let folder: string;
let path: string;
let database: Database;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'lianban-db-'));
  path = join(folder, 'relay.sqlite');
  database = openDatabase({ path, migrations: ROWS, clock: systemClock });
});
afterEach(async () => {
  await database.close();
  rmSync(folder, { recursive: true });
});

const insert = (n: number, text: string | null = null): (() => number) => {
  const statement = database.db.prepare('INSERT INTO row (n, text) VALUES (?, ?)');
  return () => statement.run(n, text).changes;
};
/** What another process would see: committed rows only. */
const committed = (): number[] => {
  const reader = openReadOnly(path);
  try {
    return reader.prepare('SELECT n FROM row ORDER BY n').pluck().all() as number[];
  } finally {
    reader.close();
  }
};

describe('the writer', () => {
  it('resolves a job only when its row is committed', async () => {
    const done = database.writer.submit(insert(1));
    expect(committed()).toEqual([]);
    expect(await done).toBe(1);
    expect(committed()).toEqual([1]);
  });

  it('runs the jobs of one turn in one commit, in order, and settles them in order', async () => {
    const settled: number[] = [];
    const before = database.writer.counters.commits;
    await Promise.all([3, 1, 2].map((n) => database.writer.submit(insert(n)).then(() => settled.push(n))));
    expect(settled).toEqual([3, 1, 2]);
    expect(database.writer.counters.commits).toBe(before + 1);
    expect(database.writer.counters.jobs).toBe(3);
  });

  it('rolls back and rejects a job that throws, alone', async () => {
    const bad = database.writer.submit(() => {
      insert(2)();
      throw new Error('planted');
    });
    const outcomes = await Promise.allSettled([
      database.writer.submit(insert(1)),
      bad,
      database.writer.submit(insert(1)),
      database.writer.submit(insert(3)),
    ]);
    expect(outcomes.map(({ status }) => status)).toEqual(['fulfilled', 'rejected', 'rejected', 'fulfilled']);
    expect(committed()).toEqual([1, 3]);
  });

  it('commits at once when the batch is full, by jobs or by bytes', () => {
    for (let n = 0; n < 256; n++) void database.writer.submit(insert(n));
    expect(committed()).toHaveLength(256);
    void database.writer.submit(insert(1000), 256 * 1024);
    expect(committed()).toHaveLength(257);
  });

  it('is flushed when everything submitted before is committed', async () => {
    void database.writer.submit(insert(1));
    await database.writer.flushed();
    expect(committed()).toEqual([1]);
    await database.writer.flushed();
  });

  it('waits no longer than the disk takes, and not at all when it was idle', () => {
    expect(flushDelayMs({ commitMs: 0.1, sinceCommitMs: 0 })).toBeCloseTo(0.1);
    expect(flushDelayMs({ commitMs: 3, sinceCommitMs: 1 })).toBe(2);
    expect(flushDelayMs({ commitMs: 50, sinceCommitMs: 0 })).toBe(4);
    expect(flushDelayMs({ commitMs: 50, sinceCommitMs: 10 })).toBe(0);
    expect(flushDelayMs({ commitMs: 0, sinceCommitMs: Infinity })).toBe(0);
  });

  it('acknowledges nothing of a batch on a full disk, reads on, and recovers when there is room', async () => {
    const writer = createWriter({ db: database.db, clock: systemClock, probeEveryMs: 5 });
    const states: string[] = [];
    await writer.submit(insert(1));
    const pages = database.db.pragma('page_count', { simple: true }) as number;
    database.db.pragma(`max_page_count = ${pages}`);
    const readOnly = new Promise<void>((resolve) => {
      const stop = writer.onState((state) => {
        states.push(state);
        stop();
        resolve();
      });
    });
    const outcomes = await Promise.allSettled([
      writer.submit(insert(2)),
      writer.submit(insert(3, 'x'.repeat(100_000))),
      writer.submit(insert(4)),
    ]);
    await readOnly;
    for (const outcome of outcomes)
      expect(outcome).toMatchObject({ status: 'rejected', reason: { code: 'store-failed' } });
    expect(writer.state).toBe('read-only');
    await expect(writer.submit(insert(5))).rejects.toMatchObject({ code: 'store-failed' });
    expect(committed()).toEqual([1]);

    const ready = new Promise<void>((resolve) => writer.onState((state) => state === 'ready' && resolve()));
    database.db.pragma(`max_page_count = ${pages + 1000}`);
    await ready;
    await writer.submit(insert(6));
    expect(committed()).toEqual([1, 6]);
    expect(writer.counters.faults).toBeGreaterThan(0);
    await writer.close();
  });

  it('asks the process to stop after an I/O error and never writes again', async () => {
    const faults: WriterFault[] = [];
    const writer = createWriter({ db: database.db, clock: systemClock, onBroken: (fault) => faults.push(fault) });
    const failed = writer.submit(() => {
      throw Object.assign(new Error('disk I/O error'), { code: 'SQLITE_IOERR_FSYNC' });
    });
    const other = writer.submit(insert(1));
    await expect(failed).rejects.toMatchObject({ code: 'store-failed' });
    await expect(other).rejects.toMatchObject({ code: 'store-failed' });
    expect(faults).toMatchObject([{ code: 'SQLITE_IOERR_FSYNC', recoverable: false }]);
    await expect(writer.submit(insert(2))).rejects.toMatchObject({ code: 'store-failed' });
    expect(committed()).toEqual([]);
  });

  it('loses nothing it acknowledged when the process is killed', async () => {
    const childPath = join(folder, 'killed.sqlite');
    const child = spawn(
      process.execPath,
      [fileURLToPath(new URL('writer-kill.child.ts', import.meta.url)), childPath],
      {
        stdio: ['ignore', 'pipe', 'inherit'],
      },
    );
    const acknowledged: number[] = [];
    for await (const line of createInterface({ input: child.stdout })) {
      acknowledged.push(Number(line));
      if (acknowledged.length === 500) child.kill('SIGKILL');
    }
    if (child.exitCode === null && child.signalCode === null) await once(child, 'exit');
    expect(child.signalCode).toBe('SIGKILL');
    const reopened = openDatabase({
      path: childPath,
      migrations: [{ version: 1, name: 'rows', sql: 'not run again' }],
      clock: systemClock,
    });
    const stored = new Set(reopened.db.prepare('SELECT n FROM row').pluck().all());
    expect(reopened.db.pragma('integrity_check', { simple: true })).toBe('ok');
    await reopened.close();
    expect(acknowledged.length).toBeGreaterThanOrEqual(500);
    expect(acknowledged.filter((n) => !stored.has(n))).toEqual([]);
  });
});

describe('opening', () => {
  it('refuses a file that is newer than the program, and leaves it alone', async () => {
    database.db.pragma('user_version = 7');
    await database.close();
    expect(() => openDatabase({ path, migrations: ROWS, clock: systemClock })).toThrow(/version 7 .*knows 1/);
    database = openDatabase({
      path,
      migrations: [...ROWS, { version: 7, name: 'same', sql: 'not run' }],
      clock: systemClock,
    });
  });

  it('runs the missing migrations of several areas, all or none', async () => {
    await database.close();
    const second = { version: 2, name: 'second', sql: 'CREATE TABLE second (n INTEGER) STRICT' };
    const broken = { version: 3, name: 'broken', sql: 'CREATE TABLE row (n INTEGER)' };
    expect(() => openDatabase({ path, migrations: [broken, ...ROWS, second], clock: systemClock })).toThrow(
      /migration 3/,
    );
    database = openDatabase({ path, migrations: [second, ...ROWS], clock: systemClock });
    expect(database.db.pragma('user_version', { simple: true })).toBe(2);
    await database.close();
    expect(() => openDatabase({ path, migrations: [...ROWS, second, second], clock: systemClock })).toThrow(
      /number of its own/,
    );
    database = openDatabase({ path, migrations: [second, ...ROWS], clock: systemClock });
  });

  it('waits for the disk at each commit', () => {
    expect(database.db.pragma('synchronous', { simple: true })).toBe(2);
    expect(database.db.pragma('journal_mode', { simple: true })).toBe('wal');
  });

  it('refuses a database that cannot promise a commit', () => {
    expect(() => openDatabase({ path: ':memory:', migrations: [], clock: systemClock })).toThrow(/journal_mode/);
  });
});
