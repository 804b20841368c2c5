import { writeFileSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { openDatabase } from '../db/open.ts';
import { systemClock } from '../host.ts';
import { createCompactor } from './compactor.ts';
import { device, Editor, FILE, LI } from './door-for-tests.ts';
import { createSqliteUpdateLog } from './sqlite-update-log.ts';
import { DOC_MIGRATIONS } from './tables.ts';
import { EMPTY_DOC } from './update-log.ts';

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'lianban-compactor-'));
});
afterEach(() => rmSync(folder, { recursive: true }));

/** A thread that does to each job what the job's number says. */
function thread(body: string): URL {
  const path = join(folder, `${Math.floor(performance.now() * 1000)}.mjs`);
  writeFileSync(path, `import { parentPort } from 'node:worker_threads';\n${body}\nparentPort.postMessage('ready');\n`);
  return pathToFileURL(path);
}

const ANSWERS = `parentPort.on('message', ({ id, job }) => {
  const n = job.update?.[0];
  if (n === 1) for (;;);
  if (n === 2) process.exit(3);
  if (n === 3) throw new Error('planted');
  parentPort.postMessage(n === 4 ? { id, ok: false, detail: 'no' } : { id, ok: true, result: job.kind + (n ?? '') });
});`;
const source = { kind: 'copy', loaded: EMPTY_DOC } as const;
const job = (n: number): [Uint8Array, Uint8Array] => [Uint8Array.of(n), Uint8Array.of(0)];

describe('the compactor', () => {
  it('reads committed rows from the file, in its own thread', async () => {
    const database = openDatabase({
      path: join(folder, 'relay.sqlite'),
      migrations: DOC_MIGRATIONS,
      clock: systemClock,
    });
    const log = createSqliteUpdateLog(database);
    const editor = new Editor(7);
    const row = { bytes: editor.type('hello'), holder: `device:${device(1)}`, person: LI, atMs: 0 } as const;
    await log.append({ docId: FILE, afterSeq: 0, rows: [row], bindings: [] });
    const compactor = createCompactor();
    const { snapshot } = await compactor.compact(await log.source(FILE));
    expect(snapshot.seq).toBe(1);
    await log.writeSnapshot(FILE, snapshot, []);
    expect((await log.load(FILE)).tail).toEqual([]);
    const again = await compactor.compare(await log.source(FILE), row.bytes, snapshot.stateVector);
    expect(again.kind).toBe('same');
    await compactor.close();
    await database.close();
  });

  it('ends a job that never ends, and a thread that dies, and goes on with the next', async () => {
    const compactor = createCompactor({ script: thread(ANSWERS), answerMs: 2000 });
    const outcomes = await Promise.allSettled([1, 5, 2, 6, 3, 7, 4].map((n) => compactor.difference(...job(n))));
    expect(outcomes).toMatchObject([
      { status: 'rejected', reason: { code: 'timeout' } },
      { status: 'fulfilled', value: 'difference5' },
      { status: 'rejected', reason: { code: 'unexpected' } },
      { status: 'fulfilled', value: 'difference6' },
      { status: 'rejected', reason: { code: 'unexpected' } },
      { status: 'fulfilled', value: 'difference7' },
      { status: 'rejected', reason: { code: 'unexpected' } },
    ]);
    expect(compactor.restarts).toBe(3);
    await compactor.close();
  });

  it('answers somebody who waits before it compacts', async () => {
    const compactor = createCompactor({ script: thread(ANSWERS) });
    const order: string[] = [];
    await Promise.all([
      compactor.compact(source).then(() => order.push('compact')),
      compactor.difference(...job(5)).then(() => order.push('difference')),
      compactor.compare(source, ...job(5)).then(() => order.push('compare')),
    ]);
    expect(order).toEqual(['difference', 'compare', 'compact']);
    await compactor.close();
  });

  it('refuses what comes when it is closed, and what waits then', async () => {
    const compactor = createCompactor({ script: thread(ANSWERS) });
    const waiting = compactor.difference(...job(1));
    await Promise.all([expect(waiting).rejects.toMatchObject({ code: 'draining' }), compactor.close()]);
    await expect(compactor.compact(source)).rejects.toMatchObject({ code: 'draining' });
  });

  it('does not start again and again when its thread cannot start', async () => {
    const compactor = createCompactor({ script: thread("throw new Error('planted');") });
    await expect(compactor.compact(source)).rejects.toMatchObject({ code: 'unexpected' });
    expect(compactor.restarts).toBe(1);
    await compactor.close();
  });
});
