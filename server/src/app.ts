import fastifyCookie from '@fastify/cookie';
import fastifyCompress from '@fastify/compress';
import Fastify, {
  type FastifyBaseLogger,
  type FastifyInstance,
  type RawReplyDefaultExpression,
  type RawRequestDefaultExpression,
  type RawServerDefault,
} from 'fastify';
import { serializerCompiler, validatorCompiler, type ZodTypeProvider } from 'fastify-type-provider-zod';
import type { Config } from './config.ts';
import type { Deps } from './deps.ts';
import { addAuth } from './plugins/auth.ts';
import { addErrors } from './plugins/errors.ts';
import { addHeaders } from './plugins/headers.ts';
import { addLimits } from './plugins/limits.ts';
import { addOpenapi } from './plugins/openapi.ts';
import { addOrigin } from './plugins/origin.ts';
import { addStaticFiles } from './plugins/static-files.ts';
import { caseRoutes } from './routes/cases.ts';
import { demoRoutes } from './routes/demo.ts';
import { directoryRoutes } from './routes/directory.ts';
import { doorTokenRoutes } from './routes/door-tokens.ts';
import { feedRoutes } from './routes/feed.ts';
import { healthRoutes } from './routes/health.ts';
import { ledgerRoutes } from './routes/ledger.ts';
import { sessionRoutes } from './routes/session.ts';
import { setupRoutes } from './routes/setup.ts';

/** The web application, typed by the schemas of its routes. */
export type App = FastifyInstance<
  RawServerDefault,
  RawRequestDefaultExpression,
  RawReplyDefaultExpression,
  FastifyBaseLogger,
  ZodTypeProvider
>;

/** Largest body of a request that carries no entries, bytes. */
const MAX_BODY_BYTES = 64 * 1024;

/**
 * Builds the relay's HTTP side from what it is given; it never listens. Plugins come in the order in which a request
 * meets them, routes after them. The stock door is added by the caller, who owns its sockets.
 */
export async function buildApp(deps: Deps, config: Config): Promise<App> {
  const app = Fastify({
    loggerInstance: deps.log,
    bodyLimit: MAX_BODY_BYTES,
    trustProxy: config.trustProxy,
    requestTimeout: 30_000,
    // a browser that keeps its line open must not hold up a stop
    forceCloseConnections: true,
    return503OnClosing: true,
    ...(config.tls === undefined ? {} : { https: config.tls }),
  }) as unknown as App;
  app.setValidatorCompiler(validatorCompiler);
  app.setSerializerCompiler(serializerCompiler);

  addErrors(app);
  await addHeaders(app, config);
  await app.register(fastifyCookie);
  addAuth(app, deps);
  addOrigin(app, config);
  await addLimits(app);
  await app.register(fastifyCompress, { global: true, threshold: 1024, encodings: ['br', 'gzip'] });
  await addOpenapi(app, deps);

  healthRoutes(app, deps, config);
  sessionRoutes(app, deps, config);
  setupRoutes(app, deps);
  demoRoutes(app, deps);
  directoryRoutes(app, deps);
  feedRoutes(app, deps);
  caseRoutes(app, deps);
  ledgerRoutes(app, deps);
  doorTokenRoutes(app, deps);
  await addStaticFiles(app, deps.webRoot);
  return app;
}
