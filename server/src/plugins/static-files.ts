import { existsSync } from 'node:fs';
import { join, sep } from 'node:path';
import fastifyStatic from '@fastify/static';
import type { App } from '../app.ts';
import { sendNotFound } from './errors.ts';

/** Addresses that are never a page. */
const NOT_PAGES = /^\/(?:api|yjs|link|healthz|metrics)(?:[/?]|$)/;

/**
 * Serves the built workspace. Files whose names carry their hash are kept for ever, what finds them never. Every other
 * address that a browser opens as a page is the workspace too; what is left is `not-found`.
 */
export async function addStaticFiles(app: App, webRoot: string): Promise<void> {
  const isBuilt = existsSync(join(webRoot, 'index.html'));
  if (isBuilt) {
    await app.register(fastifyStatic, {
      root: webRoot,
      wildcard: false,
      cacheControl: false,
      setHeaders: (reply, path) => {
        const isHashed = path.slice(webRoot.length).startsWith(`${sep}_app${sep}immutable${sep}`);
        reply.header('cache-control', isHashed ? 'public, max-age=31536000, immutable' : 'no-cache');
      },
    });
  }
  app.setNotFoundHandler((request, reply) => {
    const wantsPage = request.method === 'GET' && (request.headers.accept ?? '').includes('text/html');
    if (isBuilt && wantsPage && !NOT_PAGES.test(request.url)) return reply.sendFile('index.html');
    return sendNotFound(reply);
  });
}
