import { timingSafeEqual } from 'node:crypto';
import { Level, refuse } from '@lianban/model';
import * as z from 'zod';
import type { App } from '../app.ts';
import { isLoopback, type Config } from '../config.ts';
import type { Deps } from '../deps.ts';
import { sha256Hex } from '../host.ts';
import { problems, sendRefusal } from '../plugins/errors.ts';

const Health = z.object({
  status: z.literal('ok'),
  version: z.string(),
  jurisdiction: z.string().nullable(),
  level: z.nullable(Level),
  uplink: z.enum(['none', 'live', 'down']),
  storage: z.enum(['ready', 'read-only']),
});

/** `GET /healthz` for who watches the relay, `GET /metrics` for who measures it. */
export function healthRoutes(app: App, deps: Deps, config: Pick<Config, 'metricsToken'>): void {
  app.get(
    '/healthz',
    { schema: { summary: 'Whether the relay answers and stores', response: { 200: Health } } },
    () => {
      const { jurisdiction } = deps.relay();
      const place = deps.org.directory.jurisdictions.find(({ code }) => code === jurisdiction);
      return {
        status: 'ok' as const,
        version: deps.version,
        jurisdiction,
        level: place?.level ?? null,
        uplink: 'none' as const,
        storage: deps.storage(),
      };
    },
  );

  const metrics = { schema: { summary: 'Prometheus text, from loopback or with the token', response: problems } };
  app.get('/metrics', metrics as object, async (request, reply) => {
    const bearer = request.headers.authorization?.replace(/^Bearer /i, '');
    const isNamed = config.metricsToken !== undefined && bearer !== undefined && sameText(bearer, config.metricsToken);
    // behind a proxy everybody comes from loopback: what counts is who the proxy says it is
    const isNear = isLoopback(request.ip.replace(/^::ffff:/, '')) && request.headers['x-forwarded-for'] === undefined;
    if (!isNamed && !isNear) return sendRefusal(reply, refuse('forbidden', 'metrics from elsewhere'));
    return reply
      .type(deps.metrics.contentType)
      .serializer(String)
      .send(await deps.metrics.metrics());
  });
}

function sameText(a: string, b: string): boolean {
  return timingSafeEqual(Buffer.from(sha256Hex(a)), Buffer.from(sha256Hex(b)));
}
