import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

import fastifyStatic from '@fastify/static';
import Fastify from 'fastify';

const app = Fastify();
const webRoot = fileURLToPath(new URL('../../web/build', import.meta.url));

app.get('/healthz', () => ({ status: 'ok' }));
if (existsSync(webRoot)) await app.register(fastifyStatic, { root: webRoot });

const host = process.env['HOST'] ?? '127.0.0.1';
const port = Number(process.env['PORT'] ?? 8700);
await app.listen({ host, port });
console.log(`Lianban is ready at http://${host}:${port}`);

for (const signal of ['SIGTERM', 'SIGINT'] as const) process.once(signal, () => void app.close());
