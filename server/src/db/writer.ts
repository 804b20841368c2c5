// The one writer of a relay. Words: a *job* is a function that runs statements; a *batch* is the jobs of one commit.
//
// 1. A job's promise resolves after COMMIT has returned, which with synchronous = FULL is after the fsync.
// 2. Jobs run in the order in which they were submitted, and their promises settle in that order.
// 3. A job that throws is rolled back alone and rejects alone.
// 4. When the store itself fails (full, I/O), nothing of the batch is acknowledged: all of it rejects `store-failed`,
//    and so does whatever is submitted until a probe has been committed.
//
//    ready --store full, busy--> read-only --probe committed--> ready
//      '-----I/O, corrupt------> read-only for good; the process is asked to stop (an fsync is never tried again)

import { LianbanError, type Clock } from '@lianban/model';
import type { Sqlite } from './open.ts';

/** `read-only`: nothing is written, reads go on. */
export type WriterState = 'ready' | 'read-only';

/** A failure of the store itself. `recoverable` is false when nothing may be written until the process starts again. */
export interface WriterFault {
  readonly code: string;
  readonly recoverable: boolean;
  readonly error: Error;
}

/** What a monitor reads. Times are in ms; a bucket counts the commits that took at most `leMs`. */
export interface WriterCounters {
  readonly commits: number;
  readonly jobs: number;
  readonly refusedJobs: number;
  readonly faults: number;
  readonly commitMsSum: number;
  readonly commitMsBuckets: readonly { leMs: number; count: number }[];
  /** How long a batch waits for company now. */
  readonly windowMs: number;
}

/** See the head of the file. */
export interface Writer {
  readonly state: WriterState;
  readonly counters: WriterCounters;
  /**
   * Runs `job` in the next transaction. It must be synchronous and touch nothing but the database, because a rollback
   * undoes nothing else. `bytes` is about what it writes. Rejects with what the job threw, or with `store-failed`.
   */
  submit<T>(job: () => T, bytes?: number): Promise<T>;
  /** Resolves when everything submitted before is committed; rejects with `store-failed` when that failed. */
  flushed(): Promise<void>;
  /** Calls `listener` at each change of state, until the returned function is called. */
  onState(listener: (state: WriterState) => void): () => void;
  /** Commits what waits and takes nothing more. */
  close(): Promise<void>;
}

/** A batch is committed when it holds this many jobs: beyond it, rows per second hardly rise and waiting does. */
const MAX_BATCH_JOBS = 256;
/** A batch is committed when its jobs write about this much, bytes. */
const MAX_BATCH_BYTES = 256 * 1024;
/** A batch waits at most this long for company, ms, however slow the disk is: a typist notices more. */
const MAX_WINDOW_MS = 4;
/** Below this the next turn of the event loop is window enough, ms: timers are no finer. */
const MIN_WINDOW_MS = 1;
/** Weight of the newest commit in the measured commit time. */
const NEWEST_WEIGHT = 0.2;
/** How often a full store is tried again, ms. */
const PROBE_EVERY_MS = 3000;
/** What a probe writes, bytes: enough to need free space, and left behind as free pages when it succeeds. */
const PROBE_BYTES = 64 * 1024;
const COMMIT_MS_BUCKETS = [0.25, 0.5, 1, 2, 4, 8, 16, 32, 64, 128, 256, 512, Infinity];

interface Waiting {
  run: () => unknown;
  resolve: (value: never) => void;
  reject: (reason: unknown) => void;
}

/** Makes the one writer of `db`. */
export function createWriter(options: {
  db: Sqlite;
  clock: Clock;
  onBroken?: (fault: WriterFault) => void;
  probeEveryMs?: number;
}): Writer {
  const { db, clock, onBroken, probeEveryMs = PROBE_EVERY_MS } = options;
  const begin = db.prepare('BEGIN IMMEDIATE');
  const commit = db.prepare('COMMIT');
  const rollback = db.prepare('ROLLBACK');
  const save = db.prepare('SAVEPOINT job');
  const undo = db.prepare('ROLLBACK TO job');
  const release = db.prepare('RELEASE job');
  const listeners = new Set<(state: WriterState) => void>();
  const buckets = COMMIT_MS_BUCKETS.map((leMs) => ({ leMs, count: 0 }));
  const counted = { commits: 0, jobs: 0, refusedJobs: 0, faults: 0, commitMsSum: 0 };

  let state: WriterState = 'ready';
  let broken = false;
  let closed = false;
  let running = false;
  let waiting: Waiting[] = [];
  let waitingBytes = 0;
  let cancelFlush: (() => void) | undefined;
  let probeTimer: ReturnType<typeof setTimeout> | undefined;
  let commitMs = 0;
  let lastCommitAtMs = -Infinity;

  const enter = (next: WriterState): void => {
    if (next === state) return;
    state = next;
    for (const listener of listeners) listener(next);
  };

  const fail = (reason: unknown): LianbanError => {
    const fault = faultOf(reason);
    counted.faults++;
    if (!fault.recoverable) {
      broken = true;
      clearTimeout(probeTimer);
    } else if (!broken && probeTimer === undefined) {
      probeTimer = setInterval(probe, probeEveryMs);
      probeTimer.unref();
    }
    enter('read-only');
    if (!fault.recoverable) onBroken?.(fault);
    return new LianbanError('store-failed', fault.code, { cause: reason });
  };

  const probe = (): void => {
    try {
      db.exec('CREATE TABLE IF NOT EXISTS writer_probe (bytes BLOB NOT NULL)');
      db.exec(`INSERT INTO writer_probe VALUES (zeroblob(${PROBE_BYTES}))`);
      db.exec('DROP TABLE writer_probe');
    } catch (reason) {
      fail(reason);
      return;
    }
    clearInterval(probeTimer);
    probeTimer = undefined;
    enter('ready');
  };

  const flush = (): void => {
    cancelFlush?.();
    cancelFlush = undefined;
    const batch = waiting;
    waiting = [];
    waitingBytes = 0;
    if (batch.length === 0) return;
    const outcomes: { ok: boolean; value: unknown }[] = [];
    const startedAtMs = clock.monotonicMs();
    running = true;
    try {
      begin.run();
      for (const { run } of batch) {
        save.run();
        try {
          outcomes.push({ ok: true, value: run() });
        } catch (reason) {
          if (isStoreFault(reason) || !db.inTransaction) throw reason;
          undo.run();
          outcomes.push({ ok: false, value: reason });
        }
        release.run();
      }
      commit.run();
    } catch (reason) {
      try {
        if (db.inTransaction) rollback.run();
      } catch {
        // the store has failed already, and a rollback that fails too adds nothing to that
      }
      const refusal = fail(reason);
      for (const { reject } of batch) reject(refusal);
      return;
    } finally {
      running = false;
    }
    lastCommitAtMs = clock.monotonicMs();
    measure(lastCommitAtMs - startedAtMs);
    for (const [index, { resolve, reject }] of batch.entries()) {
      const outcome = outcomes[index] as { ok: boolean; value: unknown };
      if (outcome.ok) resolve(outcome.value as never);
      else reject(outcome.value);
      if (outcome.ok) counted.jobs++;
      else counted.refusedJobs++;
    }
  };

  const measure = (tookMs: number): void => {
    commitMs += NEWEST_WEIGHT * (tookMs - commitMs);
    counted.commits++;
    counted.commitMsSum += tookMs;
    for (const bucket of buckets) if (tookMs <= bucket.leMs) bucket.count++;
  };

  const schedule = (): void => {
    if (cancelFlush) return;
    const delayMs = flushDelayMs({ commitMs, sinceCommitMs: clock.monotonicMs() - lastCommitAtMs });
    if (delayMs < MIN_WINDOW_MS) {
      const turn = setImmediate(flush);
      cancelFlush = () => clearImmediate(turn);
    } else {
      const timer = setTimeout(flush, delayMs);
      cancelFlush = () => clearTimeout(timer);
    }
  };

  const submit = <T>(job: () => T, bytes = 0): Promise<T> => {
    if (running) throw new LianbanError('unexpected', 'a job submits another');
    if (closed) return Promise.reject(new LianbanError('store-failed', 'closed'));
    if (state === 'read-only') return Promise.reject(new LianbanError('store-failed', 'read-only'));
    return new Promise<T>((resolve, reject) => {
      waiting.push({ run: job, resolve, reject });
      waitingBytes += bytes;
      if (waiting.length >= MAX_BATCH_JOBS || waitingBytes >= MAX_BATCH_BYTES) flush();
      else schedule();
    });
  };

  return {
    get state() {
      return state;
    },
    get counters() {
      return { ...counted, commitMsBuckets: buckets.map((bucket) => ({ ...bucket })), windowMs: windowMs(commitMs) };
    },
    submit,
    flushed: () => (waiting.length === 0 ? Promise.resolve() : submit(() => undefined)),
    onState: (listener) => {
      listeners.add(listener);
      return () => void listeners.delete(listener);
    },
    close: () => {
      flush();
      closed = true;
      clearInterval(probeTimer);
      return Promise.resolve();
    },
  };
}

/** How long a batch waits for company when the last commits took `commitMs`: as long, up to the limit. */
function windowMs(commitMs: number): number {
  return Math.min(MAX_WINDOW_MS, commitMs);
}

/**
 * How long the first job of a batch waits, ms. A writer that has been idle for a window commits at the next turn: the
 * window only spaces commits out that would otherwise follow on each other's heels.
 */
export function flushDelayMs({ commitMs, sinceCommitMs }: { commitMs: number; sinceCommitMs: number }): number {
  return Math.max(0, windowMs(commitMs) - sinceCommitMs);
}

function codeOf(reason: unknown): string {
  return reason instanceof Error && 'code' in reason && typeof reason.code === 'string' ? reason.code : '';
}

/** True when the store failed and not the statement: full, I/O, corrupt, locked by another process, out of memory. */
function isStoreFault(reason: unknown): boolean {
  return /^SQLITE_(FULL|IOERR|CORRUPT|NOTADB|CANTOPEN|READONLY|BUSY|LOCKED|PROTOCOL|NOMEM|NOLFS)/.test(codeOf(reason));
}

function faultOf(reason: unknown): WriterFault {
  const error = reason instanceof Error ? reason : new Error(String(reason));
  const code = codeOf(reason) || 'unknown';
  // a full disk empties and another process lets go; after a failed fsync nobody knows what the file holds
  return { code, recoverable: /^SQLITE_(FULL|BUSY|LOCKED)/.test(code), error };
}
