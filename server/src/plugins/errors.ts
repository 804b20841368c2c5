import { STATUS_CODES } from 'node:http';
import type { Code, Refusal } from '@lianban/model';
import { LianbanError } from '@lianban/model';
import { CODES } from '@lianban/sync';
import type { FastifyReply } from 'fastify';
import { hasZodFastifySchemaValidationErrors } from 'fastify-type-provider-zod';
import * as z from 'zod';
import type { App } from '../app.ts';

/** RFC 9457 problem details with the code of the one table; `paths` says which inputs were wrong. */
export const Problem = z.object({
  type: z.string(),
  title: z.string(),
  status: z.int(),
  code: z.string(),
  retry: z.string(),
  paths: z.array(z.string()).optional(),
});
/** See the schema of the same name. */
export type Problem = z.infer<typeof Problem>;

/** The responses every route may give besides its own, for its schema. */
export const problems = {
  '4xx': { description: 'Refused', content: { 'application/problem+json': { schema: Problem } } },
  '5xx': { description: 'Broken', content: { 'application/problem+json': { schema: Problem } } },
};

/** Answers with a refusal: its code's status and the same bytes for the same code. Its detail is logged, not sent. */
export function sendRefusal(reply: FastifyReply, refusal: Refusal & { retryAfterMs?: number }): FastifyReply {
  reply.log.debug({ code: refusal.code, detail: refusal.detail }, 'refused');
  if (refusal.retryAfterMs !== undefined) reply.header('retry-after', Math.ceil(refusal.retryAfterMs / 1000));
  return send(reply, refusal.code);
}

/** Turns everything thrown, every failed schema and every unknown address into a problem with a code. */
export function addErrors(app: App): void {
  app.setErrorHandler((error, request, reply) => {
    if (hasZodFastifySchemaValidationErrors(error)) {
      const where = error.validationContext ?? 'body';
      const paths = error.validation.map(({ instancePath }) => `${where}${instancePath === '/' ? '' : instancePath}`);
      return send(reply, 'bad-schema', [...new Set(paths)].slice(0, 20));
    }
    const code = codeOf(error);
    if (CODES[code].http >= 500) request.log.error({ err: error, code }, 'request failed');
    return send(reply, code);
  });
}

/** An address that is not there. */
export function sendNotFound(reply: FastifyReply): FastifyReply {
  return send(reply, 'not-found');
}

function send(reply: FastifyReply, code: Code, paths?: string[]): FastifyReply {
  const { http: status, retry } = CODES[code];
  const type = `urn:lianban:code:${code}`;
  const problem: Problem = {
    type,
    title: STATUS_CODES[status] ?? '',
    status,
    code,
    retry,
    ...(paths ? { paths } : {}),
  };
  return reply.code(status).type('application/problem+json').serializer(String).send(JSON.stringify(problem));
}

/** The code of something thrown: ours, Fastify's complaints about what came in, or `unexpected`. */
function codeOf(error: unknown): Code {
  if (error instanceof LianbanError) return error.code;
  const status = error instanceof Error && 'statusCode' in error ? error.statusCode : 500;
  if (status === 413) return 'frame-too-large';
  if (status === 429) return 'too-many';
  if (status === 503) return 'draining';
  return typeof status === 'number' && status >= 400 && status < 500 ? 'bad-schema' : 'unexpected';
}
