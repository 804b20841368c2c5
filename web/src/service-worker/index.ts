import { version } from '$app/env';
import { assets, immutable } from '$app/manifest';
import { self } from '$app/service-worker';

const CACHE = `lianban-${version}`;
const absolute = (path: string): string => new URL(path, self.registration.scope).pathname;
const SHELL = absolute('./');
const CHUNKS = [...immutable, ...assets].map((asset) => absolute(asset.path));
const NEVER_CACHED = ['api', 'link', 'yjs', 'healthz', 'metrics'].map((path) => absolute(path));

self.addEventListener('install', (event) => {
  event.waitUntil(caches.open(CACHE).then((cache) => cache.add(SHELL)));
});

self.addEventListener('activate', (event) => {
  event.waitUntil(dropOldCaches().then(fillCache));
});

self.addEventListener('fetch', (event) => {
  const url = new URL(event.request.url);
  if (event.request.method !== 'GET' || url.origin !== self.location.origin) return;
  if (NEVER_CACHED.some((path) => url.pathname === path || url.pathname.startsWith(`${path}/`))) return;
  event.respondWith(answer(event.request));
});

async function answer(request: Request): Promise<Response> {
  const cache = await caches.open(CACHE);
  const cached = await cache.match(request.mode === 'navigate' ? SHELL : request);
  return cached ?? fetch(request);
}

async function dropOldCaches(): Promise<void> {
  const names = await caches.keys();
  const old = names.filter((name) => name.startsWith('lianban-') && name !== CACHE);
  await Promise.all(old.map((name) => caches.delete(name)));
}

// one by one: on a weak line addAll fails as a whole, this keeps what has arrived
async function fillCache(): Promise<void> {
  const cache = await caches.open(CACHE);
  for (const path of CHUNKS) {
    if ((await cache.match(path)) === undefined) await cache.add(path);
  }
}
