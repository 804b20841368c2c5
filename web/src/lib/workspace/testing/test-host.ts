import { createHash } from 'node:crypto';
import type { Clock, Timers } from '@lianban/sync';
import { seededRandom } from '@lianban/sync/testing';
import type { PageEvent, WorkspaceHost } from '../host.ts';

/** A browser in memory: tabs of it share locks and channels; the database is whatever `indexedDB` is. */
export interface TestBrowser {
  /** A new tab, and the way to tell it what happens to its page. */
  tab(): { host: WorkspaceHost; page(event: PageEvent): void };
  /** What `estimate` says; null for nothing. */
  disk: { usedBytes: number; quotaBytes: number } | null;
  /** How often a tab asked for the store to be kept. */
  asked(): number;
}

/** What the browser under test reaches, and its time. */
export interface TestBrowserOptions {
  databaseName: string;
  origin: string;
  fetch: typeof fetch;
  WebSocketImpl: typeof WebSocket;
  clock: Clock;
  timers: Timers;
  seed?: number;
}

/** Opens a browser without pages. */
export function createTestBrowser(options: TestBrowserOptions): TestBrowser {
  const locks = new Map<string, Promise<unknown>>();
  const channels = new Map<string, Set<(message: unknown) => void>>();
  let seed = options.seed ?? 1;
  let asked = 0;
  let kept = false;

  const browser: TestBrowser = {
    disk: null,
    asked: () => asked,
    tab() {
      const listeners = new Set<(event: PageEvent) => void>();
      const host: WorkspaceHost = {
        ...options,
        version: 'test',
        random: seededRandom((seed += 1)),
        digest: { sha256: async (data) => new Uint8Array(createHash('sha256').update(data).digest()) },
        async alone(name, run) {
          const before = locks.get(name) ?? Promise.resolve();
          const done = before.catch(() => {}).then(run);
          locks.set(name, done);
          try {
            return await done;
          } finally {
            if (locks.get(name) === done) locks.delete(name);
          }
        },
        async aloneOrNever(name, run) {
          if (!locks.has(name)) await host.alone(name, run);
        },
        channel(name, listener) {
          const others = channels.get(name) ?? new Set();
          channels.set(name, others);
          others.add(listener);
          return {
            post(message) {
              for (const other of others)
                if (other !== listener) queueMicrotask(() => others.has(other) && other(message));
            },
            close: () => others.delete(listener),
          };
        },
        visible: () => true,
        onPage(listener) {
          listeners.add(listener);
          return () => listeners.delete(listener);
        },
        estimate: async () => browser.disk,
        persisted: async () => kept,
        async persist() {
          asked += 1;
          kept = true;
          return kept;
        },
        onUpdateReady: () => () => {},
      };
      return {
        host,
        page(event) {
          for (const listener of [...listeners]) listener(event);
        },
      };
    },
  };
  return browser;
}
