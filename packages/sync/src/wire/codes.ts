import type { Code } from '@lianban/model';

/** What a client should do after a code: nothing, sign in, update, pull first, wait and try again, or ask the person. */
export type Retry = 'never' | 'after-login' | 'after-update' | 'after-pull' | 'later' | 'ask';

interface CodeRow {
  /** HTTP status. */
  http: number;
  /** WebSocket close code: 44xx means stop, 45xx means try again (the stock Yjs provider acts on this). */
  close: number;
  retry: Retry;
}

/**
 * The one table of codes (style 7): every expected no and every fault that crosses a boundary, with its HTTP status,
 * its close code and what the other side should do. SPEC.md of the sync package prints it; a test compares the two.
 */
export const CODES = {
  'malformed-frame': { http: 400, close: 4400, retry: 'never' },
  'bad-schema': { http: 400, close: 4400, retry: 'never' },
  'login-needed': { http: 401, close: 4401, retry: 'after-login' },
  forbidden: { http: 403, close: 4403, retry: 'never' },
  'read-only': { http: 403, close: 4403, retry: 'never' },
  'no-such-doc': { http: 404, close: 4404, retry: 'never' },
  'no-such-case': { http: 404, close: 4404, retry: 'never' },
  'not-found': { http: 404, close: 4404, retry: 'never' },
  'client-too-old': { http: 426, close: 4426, retry: 'after-update' },
  'frame-too-large': { http: 413, close: 4413, retry: 'never' },
  'too-many': { http: 429, close: 4529, retry: 'later' },
  'foreign-client-id': { http: 403, close: 4403, retry: 'never' },
  equivocation: { http: 409, close: 4409, retry: 'never' },
  'needs-sync': { http: 409, close: 4509, retry: 'after-pull' },
  'bad-update': { http: 422, close: 4422, retry: 'never' },
  'bad-entry': { http: 422, close: 4422, retry: 'never' },
  'bad-signature': { http: 422, close: 4422, retry: 'never' },
  'broken-chain': { http: 422, close: 4422, retry: 'never' },
  'stale-head': { http: 409, close: 4409, retry: 'after-pull' },
  fork: { http: 409, close: 4409, retry: 'after-pull' },
  quota: { http: 507, close: 4507, retry: 'ask' },
  'store-blocked': { http: 503, close: 4507, retry: 'ask' },
  'store-corrupt': { http: 500, close: 4507, retry: 'ask' },
  timeout: { http: 503, close: 4508, retry: 'later' },
  draining: { http: 503, close: 4503, retry: 'later' },
  'store-failed': { http: 503, close: 4503, retry: 'later' },
  unexpected: { http: 500, close: 4500, retry: 'later' },
} as const satisfies Record<Code, CodeRow>;
