import { refuse } from '@lianban/model';
import type { App } from '../app.ts';
import { addressOf, type Config } from '../config.ts';
import type { Proof } from './auth.ts';
import { sendRefusal } from './errors.ts';

const SAFE = new Set(['GET', 'HEAD', 'OPTIONS']);
/** The header that only a page of this origin can send with a cookie. */
export const CSRF_HEADER = 'x-lianban';

/** What a request says about where it comes from. */
export interface Provenance {
  method: string;
  isUpgrade: boolean;
  origin: string | undefined;
  proof: Proof | null;
  csrfHeader: string | undefined;
}

/**
 * Decides whether a request may come from where it says it comes. An origin that is named has to be on the list, on
 * unsafe methods and on every upgrade. One that is not named is no browser's: it passes unless a cookie speaks for it.
 * A cookie needs the header besides (OWASP CSRF, ASVS 4.4.2). Returns the reason of a refusal.
 */
export function wrongOrigin(request: Provenance, allowed: ReadonlySet<string>): string | null {
  if (SAFE.has(request.method) && !request.isUpgrade) return null;
  if (request.origin !== undefined && !allowed.has(request.origin)) return 'an origin that is not on the list';
  if (request.isUpgrade || request.proof !== 'cookie') return null;
  if (request.origin === undefined) return 'a cookie without an origin';
  return request.csrfHeader === '1' ? null : `a cookie without ${CSRF_HEADER}`;
}

/** Origins a page of this relay can have: those configured or, without any, its own address by every loopback name. */
export function allowedOrigins(config: Config, port: number): Set<string> {
  if (config.origins.length > 0) return new Set(config.origins);
  const names = new Set([config.host, 'localhost', '127.0.0.1', '::1']);
  return new Set([...names].map((host) => new URL(addressOf({ ...config, host }, port)).origin));
}

/** Refuses requests and upgrades from foreign pages with `forbidden`. */
export function addOrigin(app: App, config: Config): void {
  let allowed: Set<string> | undefined;
  app.addHook('onRequest', async (request, reply) => {
    // the port is known for certain only once the relay listens
    const bound = boundPort(app);
    const origins = allowed ?? allowedOrigins(config, bound ?? config.port);
    if (bound !== undefined) allowed = origins;
    const reason = wrongOrigin(
      {
        method: request.method,
        isUpgrade: request.headers.upgrade !== undefined,
        origin: request.headers.origin,
        proof: request.proof,
        csrfHeader: request.headers[CSRF_HEADER]?.toString(),
      },
      origins,
    );
    return reason === null ? undefined : sendRefusal(reply, refuse('forbidden', reason));
  });
}

/** The port the relay listens on; undefined before it does. */
export function boundPort(app: App): number | undefined {
  const address = app.addresses()[0];
  return typeof address === 'object' ? address.port : undefined;
}
