import { DocId, refuse } from '@lianban/model';
import * as z from 'zod';
import type { App } from '../app.ts';
import type { Deps } from '../deps.ts';
import { sessionOf, signedIn } from '../plugins/auth.ts';
import { problems, sendRefusal } from '../plugins/errors.ts';

const Granted = z.object({
  token: z.string(),
  /** ISO 8601, UTC; the end of the session. */
  expiresAt: z.string(),
});

/** `/api/door-tokens`: the right to open one document at the stock door, given and taken back. */
export function doorTokenRoutes(app: App, deps: Pick<Deps, 'org' | 'sessions' | 'cases'>): void {
  app.post(
    '/api/door-tokens',
    {
      onRequest: signedIn,
      schema: {
        summary: 'A token for one document at the stock door',
        body: z.strictObject({ docId: z.string().max(200) }),
        response: { 200: Granted, ...problems },
      },
    },
    async (request, reply) => {
      const session = sessionOf(request);
      const docId = DocId.safeParse(request.body.docId);
      // an id of no known form is a document that is not there, like one that is not the caller's
      if (!docId.success) return sendRefusal(reply, refuse('no-such-doc', 'not a document id'));
      const allowed = await deps.cases.mayUse(deps.org.subject(session.person), 'read', docId.data);
      if (!allowed.ok) return sendRefusal(reply, allowed);
      const granted = await deps.sessions.grantDoor(session, docId.data);
      if (!granted.ok) return sendRefusal(reply, granted);
      const { token, expiresAtMs } = granted.value;
      return { token, expiresAt: new Date(expiresAtMs).toISOString() };
    },
  );

  app.delete(
    '/api/door-tokens',
    {
      onRequest: signedIn,
      schema: {
        summary: 'Take a door token back, and close what it opened',
        body: z.strictObject({ token: z.string().min(1).max(200) }),
        response: { 204: z.null(), ...problems },
      },
    },
    async (request, reply) => {
      await deps.sessions.revokeDoor(sessionOf(request), request.body.token);
      return reply.code(204).send(null);
    },
  );
}
