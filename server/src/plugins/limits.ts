import fastifyRateLimit from '@fastify/rate-limit';
import { LianbanError } from '@lianban/model';
import type { App } from '../app.ts';

/** Requests a session may make in a minute; a county of people behind one address is not one caller. */
const MAX_PER_SESSION = 1_200;
/** Requests of an address without a session in a minute: pages ask before anybody is signed in. */
const MAX_PER_ADDRESS = 600;

/** Bounds how often a caller may ask under `/api/`, per session or else per address: `too-many`. */
export async function addLimits(app: App): Promise<void> {
  await app.register(fastifyRateLimit, {
    global: true,
    timeWindow: 60_000,
    cache: 50_000,
    max: (request) => (request.session === null ? MAX_PER_ADDRESS : MAX_PER_SESSION),
    keyGenerator: (request) => request.session?.id ?? request.ip,
    allowList: (request) => !request.url.startsWith('/api/'),
    errorResponseBuilder: () => new LianbanError('too-many', 'more requests than a caller may make in a minute'),
  });
}
