import {
  accept,
  CaseId,
  DepartmentId,
  Directory,
  EntryId,
  LedgerItem,
  Level,
  Person,
  Receipt,
  refuse,
  Role,
  Wording,
  type Code,
  type DocId,
  type Result,
  type SealedEntry,
} from '@lianban/model';
import { CODES, type Clock, type Timers } from '@lianban/sync';
import * as z from 'zod/mini';

/** Silence after which an answer is not waited for, ms (ux B.2: a miss). */
const ANSWER_TIMEOUT_MS = 5_000;
/** The same for what may be large on a weak line, ms. */
const BULK_TIMEOUT_MS = 60_000;

const SessionBody = z.object({
  expiresAt: z.string(),
  person: z.extend(Person, { posts: z.array(z.object({ department: DepartmentId, role: Role })) }),
  relay: z.object({ id: z.string(), jurisdiction: z.nullable(z.string()), incarnation: z.string() }),
});
/** Who is signed in at the relay, and which relay it is. */
export type SessionBody = z.infer<typeof SessionBody>;
const NewSession = z.extend(SessionBody, { token: z.string() });

const DemoBody = z.object({
  password: z.string(),
  accounts: z.array(
    z.object({
      account: z.string(),
      name: Wording,
      department: z.object({ id: DepartmentId, name: Wording }),
      jurisdiction: z.object({ code: z.string(), name: Wording }),
      level: Level,
      roles: z.array(Role),
    }),
  ),
});

const FeedBody = z.object({
  items: z.array(z.object({ caseId: z.unknown(), item: z.unknown() })),
  cursor: z.string(),
  more: z.boolean(),
  directoryVersion: z.number(),
  incarnation: z.string(),
  nowMs: z.number(),
});
const FeedItem = z.object({ caseId: CaseId, item: LedgerItem });

/** A page of the feed. `unreadable` counts items of no form this version knows. */
export interface FeedPage {
  items: { caseId: CaseId; item: LedgerItem }[];
  unreadable: number;
  cursor: string;
  more: boolean;
  directoryVersion: number;
}

const Appended = z.object({
  results: z.array(z.union([z.object({ id: EntryId, receipt: Receipt }), z.object({ id: EntryId, code: z.string() })])),
});
/** What became of one entry. */
export type Appended = z.infer<typeof Appended>['results'][number];

const Problem = z.object({ code: z.string() });

/** What a caller of the relay is made of. */
export interface RelayClientOptions {
  origin: string;
  fetch: typeof fetch;
  clock: Clock;
  timers: Timers;
}

/** The relay's HTTP interface as this page uses it. Whatever comes in is parsed; a dead line is `timeout`. */
export interface RelayClient {
  /** The session's own token while this tab has one; the cookie speaks for it after a reload. */
  setToken(token: string | null): void;
  hasToken(): boolean;
  signIn(account: string, password: string): Promise<Result<z.infer<typeof NewSession>>>;
  session(): Promise<Result<SessionBody>>;
  endSession(): Promise<Result<null>>;
  demo(): Promise<Result<z.infer<typeof DemoBody>>>;
  /** Null while the version with this tag is still the newest. */
  directory(etag: string | null): Promise<Result<{ directory: Directory; etag: string | null } | null>>;
  feed(after: string | undefined): Promise<Result<FeedPage>>;
  append(caseId: CaseId, entries: readonly SealedEntry[]): Promise<Result<Appended[]>>;
  doorToken(docId: DocId): Promise<Result<string>>;
}

/** True for the refusals that mean that no relay has answered. */
export function isOutOfReach(code: Code): boolean {
  return CODES[code].http >= 500;
}

/** Makes a client of the relay this page came from. */
export function createRelayClient({ origin, fetch, timers }: RelayClientOptions): RelayClient {
  let token: string | null = null;

  return {
    setToken(next) {
      token = next;
    },
    hasToken: () => token !== null,
    signIn: (account, password) => ask('POST', '/api/session', NewSession, { account, password }, BULK_TIMEOUT_MS),
    session: () => ask('GET', '/api/session', SessionBody),
    endSession: () => ask('DELETE', '/api/session', null),
    demo: () => ask('GET', '/api/demo', DemoBody),
    async directory(etag) {
      const answer = await send(
        'GET',
        '/api/directory',
        undefined,
        BULK_TIMEOUT_MS,
        etag === null ? {} : { 'if-none-match': etag },
      );
      if (!answer.ok) return answer;
      if (answer.value.status === 304) return accept(null);
      const parsed = Directory.safeParse(answer.value.body);
      if (!parsed.success) return refuse('bad-schema', 'not a directory');
      return accept({ directory: parsed.data, etag: answer.value.etag });
    },
    async feed(after) {
      const query = after === undefined ? '' : `?after=${encodeURIComponent(after)}`;
      const page = await ask(
        'GET',
        `/api/feed${query}`,
        FeedBody,
        undefined,
        after === undefined ? BULK_TIMEOUT_MS : ANSWER_TIMEOUT_MS,
      );
      if (!page.ok) return page;
      const items = page.value.items.flatMap((item) => FeedItem.safeParse(item).data ?? []);
      const { cursor, more, directoryVersion } = page.value;
      return accept({ items, unreadable: page.value.items.length - items.length, cursor, more, directoryVersion });
    },
    async append(caseId, entries) {
      const answer = await ask('POST', `/api/cases/${caseId}/entries`, Appended, { entries }, BULK_TIMEOUT_MS);
      return answer.ok ? accept(answer.value.results) : answer;
    },
    async doorToken(docId) {
      const answer = await ask('POST', '/api/door-tokens', z.object({ token: z.string() }), { docId });
      return answer.ok ? accept(answer.value.token) : answer;
    },
  };

  async function ask<T>(
    method: string,
    path: string,
    schema: z.ZodMiniType<T> | null,
    body?: unknown,
    timeoutMs = ANSWER_TIMEOUT_MS,
  ): Promise<Result<T>> {
    const answer = await send(method, path, body, timeoutMs, {});
    if (!answer.ok) return answer;
    if (schema === null) return accept(null as T);
    const parsed = schema.safeParse(answer.value.body);
    return parsed.success ? accept(parsed.data) : refuse('unexpected', `${path} answered in another form`);
  }

  async function send(
    method: string,
    path: string,
    body: unknown,
    timeoutMs: number,
    headers: Record<string, string>,
  ): Promise<Result<{ status: number; body: unknown; etag: string | null }>> {
    const abort = new AbortController();
    const cancel = timers.after(timeoutMs, () => abort.abort());
    try {
      const response = await fetch(origin + path, {
        method,
        credentials: 'same-origin',
        cache: 'no-store',
        signal: abort.signal,
        headers: {
          ...headers,
          'x-lianban': '1',
          ...(token === null ? {} : { authorization: `Bearer ${token}` }),
          ...(body === undefined ? {} : { 'content-type': 'application/json' }),
        },
        ...(body === undefined ? {} : { body: JSON.stringify(body) }),
      });
      const text = response.status === 204 || response.status === 304 ? '' : await response.text();
      const json = parseJson(text);
      if (!response.ok && response.status !== 304) return refuse(codeOf(response.status, json), path);
      return accept({ status: response.status, body: json, etag: response.headers.get('etag') });
    } catch (reason) {
      return refuse('timeout', reason instanceof Error ? reason.message : 'no answer');
    } finally {
      cancel();
    }
  }
}

function codeOf(status: number, body: unknown): Code {
  const problem = Problem.safeParse(body);
  if (problem.success && Object.hasOwn(CODES, problem.data.code)) return problem.data.code as Code;
  if (status === 401) return 'login-needed';
  if (status === 403) return 'forbidden';
  if (status === 404) return 'not-found';
  if (status === 429) return 'too-many';
  return status >= 500 ? 'unexpected' : 'bad-schema';
}

function parseJson(text: string): unknown {
  if (text === '') return undefined;
  try {
    return JSON.parse(text) as unknown;
  } catch {
    return undefined;
  }
}
