import { refuse } from '@lianban/model';
import type { FastifyReply, FastifyRequest } from 'fastify';
import type { App } from '../app.ts';
import type { Deps } from '../deps.ts';
import type { Session } from '../org/session-store.ts';
import { sendNotFound, sendRefusal } from './errors.ts';

/** How a caller proved who they are: a cookie is sent by browsers on their own, a bearer token is not. */
export type Proof = 'cookie' | 'bearer';

declare module 'fastify' {
  interface FastifyRequest {
    /** The caller's session, or null. Found for addresses under `/api/` only. */
    session: Session | null;
    proof: Proof | null;
  }
}

/** Name of the session cookie; cookies do not tell ports apart, and several relays may run on one machine. */
export function cookieName(relayId: string): string {
  return `lianban_${relayId}`;
}

/** Finds the session of every request to the interface: `Authorization: Bearer` first, then the cookie. */
export function addAuth(app: App, deps: Pick<Deps, 'sessions' | 'relay'>): void {
  app.decorateRequest('session', null);
  app.decorateRequest('proof', null);
  app.addHook('onRequest', async (request, reply) => {
    if (!request.url.startsWith('/api/')) {
      // the router takes `/%61pi/` for the same; rates, cookies and caching go by the address as it came
      return request.routeOptions.url?.startsWith('/api/') === true ? sendNotFound(reply) : undefined;
    }
    const bearer = /^Bearer ([A-Za-z0-9_-]{20,200})$/i.exec(request.headers.authorization ?? '')?.[1];
    const cookie = request.cookies[cookieName(deps.relay().id)];
    if (bearer !== undefined) {
      request.proof = 'bearer';
      request.session = (await deps.sessions.find(bearer)) ?? null;
    } else if (cookie !== undefined) {
      request.proof = 'cookie';
      request.session = (await deps.sessions.find(cookie)) ?? null;
    }
    return undefined;
  });
}

/** Lets nobody pass who is not signed in, before anything of the request is looked at: `login-needed`. */
export async function signedIn(request: FastifyRequest, reply: FastifyReply): Promise<FastifyReply | undefined> {
  return request.session === null ? sendRefusal(reply, refuse('login-needed', 'no session')) : undefined;
}

/** The session of a request that passed `signedIn`. */
export function sessionOf(request: FastifyRequest): Session {
  if (request.session === null) throw new Error('a route without signedIn asked for the session');
  return request.session;
}
