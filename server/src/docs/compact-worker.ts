// The thread in which the relay makes Y.Docs: compaction, comparison with the log, differences to a large snapshot.

import { parentPort } from 'node:worker_threads';
import * as Y from 'yjs';
import { openReadOnly, type Sqlite } from '../db/open.ts';
import { compact } from './compaction.ts';
import type { WorkerJob, WorkerReply } from './compactor.ts';
import { compareOverlap } from './overlap.ts';
import { prepareLoad } from './sqlite-update-log.ts';
import type { DocSource, LoadedDoc } from './update-log.ts';

const port = parentPort;
if (!port) throw new Error('runs as a worker thread');

let file: { path: string; db: Sqlite; load: ReturnType<typeof prepareLoad> } | undefined;

port.on('message', ({ id, job }: { id: number; job: WorkerJob }) => {
  let reply: WorkerReply;
  try {
    reply = { id, ok: true, result: run(job) };
  } catch (reason) {
    reply = { id, ok: false, detail: reason instanceof Error ? (reason.stack ?? reason.message) : String(reason) };
  }
  port.postMessage(reply);
});
port.postMessage('ready');

function run(job: WorkerJob): unknown {
  switch (job.kind) {
    case 'compact':
      return compact(read(job.source));
    case 'compare':
      return compareOverlap(read(job.source), job.update, job.stateVector);
    case 'difference':
      return Y.diffUpdate(job.update, job.stateVector);
  }
}

function read(source: DocSource): LoadedDoc {
  if (source.kind === 'copy') return source.loaded;
  if (file?.path !== source.path) {
    file?.db.close();
    const db = openReadOnly(source.path);
    file = { path: source.path, db, load: prepareLoad(db) };
  }
  return file.load(source.docId);
}
