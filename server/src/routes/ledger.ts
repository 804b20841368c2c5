import { CaseId, EntryId, Receipt, SealedEntry, type Result } from '@lianban/model';
import * as z from 'zod';
import type { App } from '../app.ts';
import type { Deps } from '../deps.ts';
import { sessionOf, signedIn } from '../plugins/auth.ts';
import { problems } from '../plugins/errors.ts';

/** Most entries of one request: an afternoon offline fits, and one request cannot hold the writer for long. */
const MAX_ENTRIES = 100;
/** Largest body, bytes: that many entries of the largest kind, text and payload, as JSON. */
const MAX_BODY_BYTES = 8 * 1024 * 1024;

const Results = z.object({
  results: z.array(z.union([z.object({ id: EntryId, receipt: Receipt }), z.object({ id: EntryId, code: z.string() })])),
});

/**
 * `POST /api/cases/:id/entries`: sealed entries of one case, in the order in which they were sealed. Each is answered
 * with its receipt or the code of its refusal; what is answered with a receipt is on the relay's disk.
 */
export function ledgerRoutes(app: App, deps: Pick<Deps, 'org' | 'ledger'>): void {
  app.post(
    '/api/cases/:id/entries',
    {
      onRequest: signedIn,
      bodyLimit: MAX_BODY_BYTES,
      schema: {
        summary: 'Append entries to the ledger of a case',
        params: z.object({ id: CaseId }),
        body: z.strictObject({ entries: z.array(SealedEntry).min(1).max(MAX_ENTRIES) }),
        response: { 200: Results, ...problems },
      },
    },
    async (request) => {
      const { entries } = request.body;
      const subject = deps.org.subject(sessionOf(request).person);
      const { knowsDepartment } = deps.org;
      const results = await deps.ledger.append(request.params.id, entries, { subject, knowsDepartment });
      return { results: entries.map(({ id }, i) => answerOf(id, results[i] as Result<Receipt>)) };
    },
  );
}

function answerOf(id: EntryId, result: Result<Receipt>): z.infer<typeof Results>['results'][number] {
  return result.ok ? { id, receipt: result.value } : { id, code: result.code };
}
