import * as z from 'zod';
import type { App } from '../app.ts';
import type { Deps } from '../deps.ts';
import { FirstRun } from '../org/setup.ts';
import { problems, sendRefusal } from '../plugins/errors.ts';

/** `POST /api/setup`: the first jurisdiction, department and coordinator, with the code the console printed. */
export function setupRoutes(app: App, deps: Pick<Deps, 'setup'>): void {
  app.post(
    '/api/setup',
    {
      schema: { summary: 'Set up a relay without people', body: FirstRun, response: { 204: z.null(), ...problems } },
      config: { rateLimit: { max: 20 } },
    },
    async (request, reply) => {
      const result = await deps.setup.run(request.body);
      return result.ok ? reply.code(204).send(null) : sendRefusal(reply, result);
    },
  );
}
