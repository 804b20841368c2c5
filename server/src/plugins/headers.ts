import fastifyHelmet from '@fastify/helmet';
import type { App } from '../app.ts';
import type { Config } from '../config.ts';

// helmet's own mark for a policy without default-src, which the plugin passes on and its types leave out
const NO_DEFAULT = (fastifyHelmet as unknown as { contentSecurityPolicy: { dangerouslyDisableDefaultSrc: string[] } })
  .contentSecurityPolicy.dangerouslyDisableDefaultSrc;
const NONE = ["'none'"];
const SELF = ["'self'"];
// the one style attribute that is not ours: Kit hides its announcer of page changes with it, for screen readers
const KIT_ANNOUNCER = "'sha256-S8qMpvofolR8Mpjy4kQvEm7m1q8clzU4dfDH0AmvZjo='";

/**
 * Security headers on every answer (reliability B8). `script-src` is missing on purpose: the page's own meta element
 * carries it, with the hash of the one inline script that a header without the hash would block. `default-src` would
 * stand in for it and is missing too; every other kind is closed by name.
 */
export async function addHeaders(app: App, config: Config): Promise<void> {
  await app.register(fastifyHelmet, {
    contentSecurityPolicy: {
      useDefaults: false,
      directives: {
        defaultSrc: NO_DEFAULT,
        styleSrc: SELF,
        styleSrcAttr: ["'unsafe-hashes'", KIT_ANNOUNCER],
        imgSrc: ["'self'", 'blob:'],
        fontSrc: SELF,
        connectSrc: SELF,
        workerSrc: SELF,
        manifestSrc: SELF,
        mediaSrc: NONE,
        objectSrc: NONE,
        frameSrc: NONE,
        frameAncestors: NONE,
        baseUri: NONE,
        formAction: SELF,
        requireTrustedTypesFor: ["'script'"],
      },
    },
    referrerPolicy: { policy: 'no-referrer' },
    crossOriginOpenerPolicy: { policy: 'same-origin' },
    crossOriginResourcePolicy: { policy: 'same-origin' },
    xFrameOptions: { action: 'deny' },
    strictTransportSecurity: config.tls === undefined ? false : { maxAge: 31_536_000, includeSubDomains: false },
  });
  app.addHook('onRequest', async (request, reply) => {
    reply.header(
      'permissions-policy',
      'camera=(), microphone=(), geolocation=(), payment=(), usb=(), browsing-topics=()',
    );
    // what a person may see is nobody else's, and no cache on the way keeps it
    if (request.url.startsWith('/api/')) reply.header('cache-control', 'no-store');
  });
}
