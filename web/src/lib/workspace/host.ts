import type { Clock, Digest, Random, Timers } from '@lianban/sync';

/** What happens to the page. `leaving` may be the last call of all. */
export type PageEvent = 'shown' | 'hidden' | 'focus' | 'online' | 'offline' | 'leaving';

/** Everything the workspace asks of the browser, so that tests can run it without one. */
export interface WorkspaceHost {
  /** `http(s)://<relay>`: where the page came from. */
  origin: string;
  databaseName: string;
  version: string;
  fetch: typeof fetch;
  WebSocketImpl: typeof WebSocket;
  clock: Clock;
  timers: Timers;
  random: Random;
  digest: Digest;
  /** Runs alone among all tabs under this name. */
  alone<T>(name: string, run: () => Promise<T>): Promise<T>;
  /** The same, but gives up at once when another tab is at it. */
  aloneOrNever(name: string, run: () => Promise<void>): Promise<void>;
  /** A channel to the other tabs. */
  channel(name: string, listener: (message: unknown) => void): { post(message: unknown): void; close(): void };
  visible(): boolean;
  onPage(listener: (event: PageEvent) => void): () => void;
  /** Null where the browser does not say. */
  estimate(): Promise<{ usedBytes: number; quotaBytes: number } | null>;
  persisted(): Promise<boolean>;
  persist(): Promise<boolean>;
  /** Calls back when another version of the page waits to take over. */
  onUpdateReady(listener: () => void): () => void;
}

/** The browser this page runs in. */
export function browserHost(version: string): WorkspaceHost {
  return {
    origin: location.origin,
    databaseName: 'lianban',
    version,
    fetch: (input, init) => fetch(input, init),
    WebSocketImpl: WebSocket,
    clock: { nowMs: () => Date.now(), monotonicMs: () => performance.now() },
    timers: {
      after(delayMs, run) {
        const timer = setTimeout(run, delayMs);
        return () => clearTimeout(timer);
      },
    },
    random: { bytes: (length) => crypto.getRandomValues(new Uint8Array(length)) },
    digest: { sha256: async (data) => new Uint8Array(await crypto.subtle.digest('SHA-256', data.slice())) },
    alone: async (name, run) => await navigator.locks.request(name, run),
    async aloneOrNever(name, run) {
      await navigator.locks.request(name, { ifAvailable: true }, async (lock) => {
        if (lock) await run();
      });
    },
    channel(name, listener) {
      const channel = new BroadcastChannel(name);
      channel.onmessage = (event: MessageEvent<unknown>) => listener(event.data);
      return { post: (message) => channel.postMessage(message), close: () => channel.close() };
    },
    visible: () => document.visibilityState === 'visible',
    onPage(listener) {
      const stops: (() => void)[] = [];
      const on = (target: EventTarget, type: string, event: () => PageEvent) => {
        const run = () => listener(event());
        target.addEventListener(type, run);
        stops.push(() => target.removeEventListener(type, run));
      };
      on(document, 'visibilitychange', () => (document.visibilityState === 'visible' ? 'shown' : 'hidden'));
      on(window, 'pagehide', () => 'leaving');
      on(window, 'focus', () => 'focus');
      on(window, 'online', () => 'online');
      on(window, 'offline', () => 'offline');
      return () => stops.forEach((stop) => stop());
    },
    async estimate() {
      const { usage, quota } = (await navigator.storage?.estimate?.()) ?? {};
      return usage === undefined || quota === undefined ? null : { usedBytes: usage, quotaBytes: quota };
    },
    persisted: async () => (await navigator.storage?.persisted?.()) ?? false,
    persist: async () => (await navigator.storage?.persist?.()) ?? false,
    onUpdateReady(listener) {
      let stopped = false;
      void navigator.serviceWorker?.getRegistration().then((registration) => {
        if (!registration || stopped) return;
        const look = () => {
          // the first worker of all is no update
          if (!stopped && registration.waiting && navigator.serviceWorker.controller) listener();
        };
        look();
        registration.addEventListener('updatefound', () => {
          registration.installing?.addEventListener('statechange', look);
        });
      });
      return () => {
        stopped = true;
      };
    },
  };
}
