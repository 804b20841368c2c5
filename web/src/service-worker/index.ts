import { version } from '$app/env';
import { assets, immutable } from '$app/manifest';
import { self } from '$app/service-worker';

const OURS = 'lianban-';
const CACHE = `${OURS}${version}`;
const absolute = (path: string): string => new URL(path, self.registration.scope).pathname;
const SHELL = absolute('./');
const CHUNKS = [...immutable, ...assets].map((asset) => absolute(asset.path));
const NEVER_CACHED = ['api', 'link', 'yjs', 'healthz', 'metrics'].map((path) => absolute(path));

// The first version takes the shell alone, so that a weak line can install it; the page asks for the rest afterwards.
// A later version has an older one to stand in for it, so it is complete before it may wait: from then on the next cold
// start works offline. It never pushes the older one aside.
self.addEventListener('install', (event) => {
  event.waitUntil(takeShell().then(() => (self.registration.active ? takeChunks() : undefined)));
});

self.addEventListener('activate', (event) => {
  event.waitUntil(dropOldCaches());
});

self.addEventListener('message', (event) => {
  if (event.data === 'fill') event.waitUntil(takeChunks());
});

self.addEventListener('fetch', (event) => {
  const url = new URL(event.request.url);
  if (event.request.method !== 'GET' || url.origin !== self.location.origin) return;
  if (NEVER_CACHED.some((path) => url.pathname === path || url.pathname.startsWith(`${path}/`))) return;
  // a navigation to a file is for that file, not for the shell
  if (event.request.mode === 'navigate' && /\.[a-z0-9]+$/i.test(url.pathname)) return;
  event.respondWith(answer(event.request));
});

async function answer(request: Request): Promise<Response> {
  const cache = await caches.open(CACHE);
  const cached = await cache.match(request.mode === 'navigate' ? SHELL : request);
  return cached ?? fetch(request);
}

async function takeShell(): Promise<void> {
  const cache = await caches.open(CACHE);
  // past the HTTP cache: an old shell under a new name would ask for chunks that are gone
  await cache.add(new Request(SHELL, { cache: 'reload' }));
}

// One by one, and what has arrived stays: on a weak line addAll fails as a whole. What an older version already brought
// under the same hashed name is taken over without asking the line.
async function takeChunks(): Promise<void> {
  const cache = await caches.open(CACHE);
  const hashed = new Set(immutable.map((asset) => absolute(asset.path)));
  for (const path of CHUNKS) {
    if ((await cache.match(path)) !== undefined) continue;
    const older = hashed.has(path) ? await caches.match(path) : undefined;
    if (older) await cache.put(path, older);
    else await cache.add(path);
  }
}

async function dropOldCaches(): Promise<void> {
  const names = await caches.keys();
  const old = names.filter((name) => name.startsWith(OURS) && name !== CACHE);
  await Promise.all(old.map((name) => caches.delete(name)));
}
