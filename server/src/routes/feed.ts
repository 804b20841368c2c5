import { CaseId, LedgerItem } from '@lianban/model';
import * as z from 'zod';
import type { App } from '../app.ts';
import type { Deps } from '../deps.ts';
import { cursorOf, placeOf } from '../ledger/feed-cursor.ts';
import { sessionOf, signedIn } from '../plugins/auth.ts';
import { problems } from '../plugins/errors.ts';

/** Most items of one page; a case that became visible comes whole, so that a page may be longer by one case. */
const MAX_PAGE = 1_000;

const FeedQuery = z.object({
  after: z.string().max(200).optional(),
  limit: z.coerce.number().int().min(1).max(MAX_PAGE).default(500),
});
const FeedBody = z.object({
  items: z.array(z.object({ caseId: CaseId, item: LedgerItem })),
  cursor: z.string(),
  more: z.boolean(),
  directoryVersion: z.int(),
  incarnation: z.string(),
  nowMs: z.int(),
});

/**
 * `GET /api/feed`: the ledgers of every case the caller sees, in one stream, behind a cursor. Polled every few seconds,
 * also to learn that the relay is there: without news it reads nothing from the disk but the session.
 */
export function feedRoutes(app: App, deps: Pick<Deps, 'org' | 'ledger' | 'ledgerLog' | 'relay' | 'clock'>): void {
  app.get(
    '/api/feed',
    {
      onRequest: signedIn,
      schema: {
        summary: 'News of the cases the caller sees',
        querystring: FeedQuery,
        response: { 200: FeedBody, ...problems },
      },
    },
    async (request) => {
      const { after, limit } = request.query;
      const departments = deps.org.sees(deps.org.subject(sessionOf(request).person));
      const { incarnation } = deps.relay();
      const place = { incarnation, departments };
      // read before the page, so that what is committed meanwhile is behind the cursor and comes next time
      const head = deps.ledger.headN();
      const asked = placeOf(after, place);
      // a place that is not there yet is of a folder that was put back from a copy: what came since would be skipped
      const from = asked > head ? 0 : asked;
      const rows = from >= head ? [] : await deps.ledgerLog.feed(departments, from, limit);
      const more = rows.length >= limit;
      const at = Math.max(from, more ? (rows.at(-1)?.at ?? from) : head, rows.at(-1)?.at ?? 0);
      return {
        items: rows.map(({ caseId, item }) => ({ caseId, item })),
        cursor: cursorOf(place, at),
        more,
        directoryVersion: deps.org.directory.version,
        incarnation,
        nowMs: deps.clock.nowMs(),
      };
    },
  );
}
