import { DepartmentId, Person, refuse, Role } from '@lianban/model';
import * as z from 'zod';
import type { App } from '../app.ts';
import type { Config } from '../config.ts';
import type { Deps } from '../deps.ts';
import type { Session } from '../org/session-store.ts';
import { cookieName, sessionOf, signedIn } from '../plugins/auth.ts';
import { problems, sendRefusal } from '../plugins/errors.ts';

const Credentials = z.strictObject({ account: z.string().min(1).max(64), password: z.string().min(1).max(1024) });

/** Who is signed in, until when, and where. */
const SessionBody = z.object({
  /** ISO 8601, UTC. */
  expiresAt: z.string(),
  person: z.object({
    ...Person.shape,
    posts: z.array(z.object({ department: DepartmentId, role: Role })),
  }),
  relay: z.object({ id: z.string(), jurisdiction: z.string().nullable(), incarnation: z.string() }),
});
const NewSession = SessionBody.extend({ token: z.string() });

/** Signing in, out, and asking who one is: `/api/session`. */
export function sessionRoutes(app: App, deps: Deps, config: Pick<Config, 'tls' | 'trustProxy'>): void {
  const cookie = { path: '/', httpOnly: true, sameSite: 'strict' } as const;

  app.post(
    '/api/session',
    { schema: { summary: 'Sign in with a password', body: Credentials, response: { 200: NewSession, ...problems } } },
    async (request, reply) => {
      const result = await deps.signIn({ ...request.body, address: request.ip });
      if (!result.ok) return sendRefusal(reply, result);
      const { token, session } = result.value;
      const body = bodyOf(session);
      if (body === null) return sendRefusal(reply, refuse('login-needed', 'a person who is not in the directory'));
      const secure = config.tls !== undefined || request.protocol === 'https';
      reply.setCookie(cookieName(deps.relay().id), token, {
        ...cookie,
        secure,
        expires: new Date(session.expiresAtMs),
      });
      return { ...body, token };
    },
  );

  app.get(
    '/api/session',
    { onRequest: signedIn, schema: { summary: 'Who is signed in', response: { 200: SessionBody, ...problems } } },
    async (request, reply) =>
      bodyOf(sessionOf(request)) ?? sendRefusal(reply, refuse('login-needed', 'not in the directory')),
  );

  app.delete(
    '/api/session',
    { onRequest: signedIn, schema: { summary: 'Sign out', response: { 204: z.null(), ...problems } } },
    async (request, reply) => {
      await deps.sessions.end(sessionOf(request).id);
      return reply.clearCookie(cookieName(deps.relay().id), cookie).code(204).send(null);
    },
  );

  function bodyOf(session: Session): z.infer<typeof SessionBody> | null {
    const person = deps.org.person(session.person);
    if (person === undefined) return null;
    const posts = deps.org.subject(person.id).posts.map(({ department, role }) => ({ department, role }));
    return {
      expiresAt: new Date(session.expiresAtMs).toISOString(),
      person: { ...person, posts },
      relay: deps.relay(),
    };
  }
}
