import fastifySwagger from '@fastify/swagger';
import { jsonSchemaTransform } from 'fastify-type-provider-zod';
import type { App } from '../app.ts';
import type { Deps } from '../deps.ts';

/** `GET /api/openapi.json`: the whole HTTP interface, from the schemas that check it. */
export async function addOpenapi(app: App, deps: Pick<Deps, 'version'>): Promise<void> {
  await app.register(fastifySwagger, {
    openapi: {
      openapi: '3.1.0',
      info: { title: 'Lianban relay', version: deps.version },
      components: {
        securitySchemes: {
          bearer: { type: 'http', scheme: 'bearer' },
          cookie: { type: 'apiKey', in: 'cookie', name: 'lianban_<relay id>' },
        },
      },
    },
    transform: jsonSchemaTransform,
  });
  app.get('/api/openapi.json', { schema: { summary: 'This interface' } }, () => app.swagger());
}
