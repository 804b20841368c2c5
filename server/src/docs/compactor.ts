import { Worker } from 'node:worker_threads';
import { LianbanError } from '@lianban/model';
import type { Compacted } from './compaction.ts';
import type { Compared } from './overlap.ts';
import type { DocSource } from './update-log.ts';

/** What the worker thread is asked for. */
export type WorkerJob =
  | { kind: 'compact'; source: DocSource }
  | { kind: 'compare'; source: DocSource; update: Uint8Array; stateVector: Uint8Array }
  | { kind: 'difference'; update: Uint8Array; stateVector: Uint8Array };

/** What the worker thread answers. */
export type WorkerReply = { id: number; ok: true; result: unknown } | { id: number; ok: false; detail: string };

/**
 * The relay's one place for Y.Docs: a worker thread, started by the first job and again after a crash. Jobs run one at a
 * time, those that somebody waits for first. Each rejects with `timeout` when its watchdog ends it, or `unexpected`.
 */
export interface Compactor {
  /** Snapshot and tail in one update. Up to 20 MiB: some 2 s of the worker's time. */
  compact(source: DocSource): Promise<Compacted>;
  /** Is the known part of an update what is stored? */
  compare(source: DocSource, update: Uint8Array, stateVector: Uint8Array): Promise<Compared>;
  /** The part of a stored update that a state vector does not cover, with all its deletions. */
  difference(update: Uint8Array, stateVector: Uint8Array): Promise<Uint8Array>;
  /** Times the thread was ended by its watchdog or by a crash. */
  readonly restarts: number;
  close(): Promise<void>;
}

/** A cold load of the largest document (500,000 structs) takes 2 s here and ten times that on a bad day. */
const COMPACT_WATCHDOG_MS = 30_000;
/** Somebody waits for these, and they read without building a document. */
const ANSWER_WATCHDOG_MS = 10_000;
/** Heap of the thread: 500,000 structs of 198 bytes, twice, and room for what is decoded. */
const MAX_HEAP_MB = 512;

interface Waiting {
  job: WorkerJob;
  resolve: (value: never) => void;
  reject: (reason: unknown) => void;
}

/** Makes a compactor; no thread runs before the first job. The watchdog's limits are for tests. */
export function createCompactor(watchdog: { compactMs?: number; answerMs?: number; script?: URL } = {}): Compactor {
  const { compactMs = COMPACT_WATCHDOG_MS, answerMs = ANSWER_WATCHDOG_MS } = watchdog;
  const script = watchdog.script ?? new URL('./compact-worker.ts', import.meta.url);
  let worker: Worker | undefined;
  let isReady = false;
  let closed = false;
  let restarts = 0;
  let nextId = 1;
  let waiting: Waiting[] = [];
  let running: (Waiting & { id: number; timer: ReturnType<typeof setTimeout> }) | undefined;

  const end = (code: 'timeout' | 'unexpected', detail: string): void => {
    const ended = worker;
    worker = undefined;
    isReady = false;
    restarts++;
    void ended?.terminate();
    if (running) {
      clearTimeout(running.timer);
      running.reject(new LianbanError(code, detail));
      running = undefined;
    } else {
      // it never came up: whoever is first learns of it, so that a broken start does not repeat for ever
      waiting.shift()?.reject(new LianbanError(code, detail));
    }
    next();
  };

  const start = (): void => {
    const started = new Worker(script, { resourceLimits: { maxOldGenerationSizeMb: MAX_HEAP_MB } });
    worker = started;
    started.unref();
    started.on('message', (reply: WorkerReply | 'ready') => {
      if (worker !== started) return;
      if (reply === 'ready') isReady = true;
      else if (running?.id === reply.id) {
        const { resolve, reject, timer } = running;
        running = undefined;
        clearTimeout(timer);
        if (reply.ok) resolve(reply.result as never);
        else reject(new LianbanError('unexpected', reply.detail));
      }
      next();
    });
    started.on('error', (reason) => worker === started && end('unexpected', String(reason)));
    started.on('exit', (code) => worker === started && end('unexpected', `the thread ended with ${code}`));
  };

  const next = (): void => {
    if (running || closed || waiting.length === 0) return;
    if (!worker) start();
    if (!worker || !isReady) return;
    const urgent = waiting.findIndex(({ job }) => job.kind !== 'compact');
    const [first] = waiting.splice(Math.max(0, urgent), 1) as [Waiting];
    const limitMs = first.job.kind === 'compact' ? compactMs : answerMs;
    const timer = setTimeout(() => end('timeout', `${first.job.kind} took more than ${limitMs} ms`), limitMs);
    running = { ...first, id: nextId++, timer };
    worker.postMessage({ id: running.id, job: first.job });
  };

  const ask = <T>(job: WorkerJob): Promise<T> =>
    new Promise<T>((resolve, reject) => {
      if (closed) return reject(new LianbanError('draining', 'closed'));
      waiting.push({ job, resolve, reject });
      next();
    });

  return {
    compact: (source) => ask({ kind: 'compact', source }),
    compare: (source, update, stateVector) => ask({ kind: 'compare', source, update, stateVector }),
    difference: (update, stateVector) => ask({ kind: 'difference', update, stateVector }),
    get restarts() {
      return restarts;
    },
    close: async () => {
      closed = true;
      const left = [...(running ? [running] : []), ...waiting];
      if (running) clearTimeout(running.timer);
      running = undefined;
      waiting = [];
      for (const { reject } of left) reject(new LianbanError('draining', 'closed'));
      const ended = worker;
      worker = undefined;
      await ended?.terminate();
    },
  };
}
