import { CaseId, DepartmentId, DocId, type CaseState, type Subject } from '@lianban/model';
import * as z from 'zod';
import type { App } from '../app.ts';
import type { Deps } from '../deps.ts';
import { standingDocs } from '../ledger/case-directory.ts';
import { sessionOf, signedIn } from '../plugins/auth.ts';
import { problems, sendRefusal } from '../plugins/errors.ts';

const CaseBody = z.object({
  id: CaseId,
  number: z.string().nullable(),
  applicant: z.string().nullable(),
  template: z.string(),
  templateVersion: z.int(),
  lead: DepartmentId,
  participants: z.array(DepartmentId),
  /** ISO 8601, UTC: the time of the receipt. */
  openedAt: z.string(),
  docs: z.array(
    z.object({
      id: DocId,
      /** Null where it was withheld, and for the form and the talk, which have none. */
      title: z.string().nullable(),
      kind: z.enum(['form', 'talk', 'opinion', 'minutes', 'notice']),
    }),
  ),
});
const CasesQuery = z.object({
  /** The cursor of the page before. */
  before: z.coerce.number().int().min(1).max(Number.MAX_SAFE_INTEGER).optional(),
  limit: z.coerce.number().int().min(1).max(500).default(200),
});
const CasesBody = z.object({ cases: z.array(CaseBody), before: z.int().nullable() });

/** `GET /api/cases` and `/api/cases/:id`: what the caller may see, for programs; a browser has its own ledgers. */
export function caseRoutes(app: App, deps: Pick<Deps, 'org' | 'cases' | 'ledgerLog'>): void {
  app.get(
    '/api/cases',
    {
      onRequest: signedIn,
      schema: {
        summary: 'Cases the caller sees, the latest first; `before` of the answer asks for the next page',
        querystring: CasesQuery,
        response: { 200: CasesBody, ...problems },
      },
    },
    async (request) => {
      const subject = deps.org.subject(sessionOf(request).person);
      const { limit, before = Number.MAX_SAFE_INTEGER } = request.query;
      const page = await deps.ledgerLog.casesOf(deps.org.sees(subject), before, limit);
      const cases = [];
      for (const { caseId } of page) {
        const state = await deps.cases.see(subject, caseId);
        if (state.ok) cases.push(bodyOf(state.value));
      }
      return { cases, before: page.length < limit ? null : (page.at(-1)?.openedN ?? null) };
    },
  );

  app.get(
    '/api/cases/:id',
    {
      onRequest: signedIn,
      schema: {
        summary: 'One case',
        // an id of no known form is a case that is not there, not a mistake of its own kind
        params: z.object({ id: z.string().max(100) }),
        response: { 200: CaseBody, ...problems },
      },
    },
    async (request, reply) => {
      const subject: Subject = deps.org.subject(sessionOf(request).person);
      const id = CaseId.safeParse(request.params.id);
      const state = id.success ? await deps.cases.see(subject, id.data) : noSuchCase;
      return state.ok ? bodyOf(state.value) : sendRefusal(reply, state);
    },
  );
}

const noSuchCase = { ok: false, code: 'no-such-case', detail: 'not a case id' } as const;

function bodyOf(state: CaseState): z.infer<typeof CaseBody> {
  const { id, number, applicant, template, templateVersion, lead, participants } = state;
  const { file, talk } = standingDocs(id);
  return {
    id,
    number,
    applicant,
    template,
    templateVersion,
    lead,
    participants,
    openedAt: new Date(state.openedAtMs).toISOString(),
    docs: [
      { id: file, title: null, kind: 'form' },
      { id: talk, title: null, kind: 'talk' },
      ...state.documents.map((document) => ({ id: document.id, title: document.title, kind: document.kind })),
    ],
  };
}
