import { authorize, Directory } from '@lianban/model';
import * as z from 'zod';
import type { App } from '../app.ts';
import type { Deps } from '../deps.ts';
import { sessionOf, signedIn } from '../plugins/auth.ts';
import { problems, sendRefusal } from '../plugins/errors.ts';

/** `GET /api/directory`: places, departments, people and posts; 304 while the caller's version is the newest. */
export function directoryRoutes(app: App, deps: Pick<Deps, 'org' | 'relay'>): void {
  const response = { 200: Directory, 304: z.null(), ...problems };
  app.get(
    '/api/directory',
    { onRequest: signedIn, schema: { summary: 'The directory', response } },
    async (request, reply) => {
      const allowed = authorize(deps.org.subject(sessionOf(request).person), 'see', { kind: 'directory' });
      if (!allowed.ok) return sendRefusal(reply, allowed);
      const { directory } = deps.org;
      const etag = `"${deps.relay().incarnation}-${directory.version}"`;
      // a browser may keep it and has to ask again each time
      reply.header('etag', etag).header('cache-control', 'private, no-cache').header('vary', 'authorization, cookie');
      const known = (request.headers['if-none-match'] ?? '').split(',').map((tag) => tag.trim().replace(/^W\//, ''));
      return known.includes(etag) ? reply.code(304).send(null) : reply.send(directory);
    },
  );
}
