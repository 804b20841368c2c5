import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DocId, PersonId } from '@lianban/model';
import { describe, expect, it } from 'vitest';
import { openDatabase } from '../db/open.ts';
import { systemClock } from '../host.ts';
import { createMemoryUpdateLog } from './memory-update-log.ts';
import { createSqliteUpdateLog } from './sqlite-update-log.ts';
import { DOC_MIGRATIONS } from './tables.ts';
import { describeUpdateLog } from './update-log-contract.ts';

describeUpdateLog('memory', () => ({ log: createMemoryUpdateLog(), close: () => Promise.resolve() }));

describeUpdateLog('SQLite', () => {
  const folder = mkdtempSync(join(tmpdir(), 'lianban-log-'));
  const open = () =>
    openDatabase({ path: join(folder, 'relay.sqlite'), migrations: DOC_MIGRATIONS, clock: systemClock });
  let database = open();
  return {
    log: createSqliteUpdateLog(database),
    reopen: async () => {
      await database.close();
      database = open();
      return createSqliteUpdateLog(database);
    },
    close: async () => {
      await database.close();
      rmSync(folder, { recursive: true });
    },
  };
});

describe('memory update log', () => {
  const docId = DocId.parse('case:330106-01hzy3v7k9q2m4n6p8r0s2t4v6/file');
  const person = PersonId.parse('li.na@330106');
  const row = { bytes: Uint8Array.of(0, 0), holder: 'session:s', person, atMs: 0 } as const;

  it('holds writes back until it is told, loses them, and fails', async () => {
    const log = createMemoryUpdateLog();
    log.hold();
    const first = log.append({ docId, afterSeq: 0, rows: [row], bindings: [] });
    expect((await log.load(docId)).headSeq).toBe(0);
    log.commit();
    await first;
    expect((await log.load(docId)).headSeq).toBe(1);
    const second = log.append({ docId, afterSeq: 1, rows: [row], bindings: [] });
    log.lose();
    await expect(second).rejects.toMatchObject({ code: 'store-failed' });
    log.fail();
    await expect(log.append({ docId, afterSeq: 1, rows: [row], bindings: [] })).rejects.toMatchObject({
      code: 'store-failed',
    });
    expect((await log.load(docId)).headSeq).toBe(1);
  });
});
