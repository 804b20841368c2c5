/** The code of every expected no and every fault that crosses a boundary; the sync package's table maps them. */
export type Code =
  | 'malformed-frame'
  | 'bad-schema'
  | 'login-needed'
  | 'forbidden'
  | 'read-only'
  | 'no-such-doc'
  | 'no-such-case'
  | 'not-found'
  | 'client-too-old'
  | 'frame-too-large'
  | 'too-many'
  | 'foreign-client-id'
  | 'equivocation'
  | 'needs-sync'
  | 'bad-update'
  | 'bad-entry'
  | 'bad-signature'
  | 'broken-chain'
  | 'stale-head'
  | 'fork'
  | 'quota'
  | 'store-blocked'
  | 'store-corrupt'
  | 'timeout'
  | 'draining'
  | 'store-failed'
  | 'unexpected';

/** An expected no: part of a function's type, never thrown. `detail` is for logs, never for the screen. */
export interface Refusal {
  ok: false;
  code: Code;
  detail: string;
}

/** What a decision returns: its value, or the refusal. */
export type Result<T> = { ok: true; value: T } | Refusal;

/** Wraps a value as the good case of a `Result`. */
export function accept<T>(value: T): Result<T> {
  return { ok: true, value };
}

/** Makes a refusal. */
export function refuse(code: Code, detail: string): Refusal {
  return { ok: false, code, detail };
}

/** Something broke, as opposed to a refusal: thrown, with a code from the same table. */
export class LianbanError extends Error {
  override readonly name = 'LianbanError';
  readonly code: Code;

  constructor(code: Code, detail: string, options?: { cause?: unknown }) {
    super(`${code}: ${detail}`, options);
    this.code = code;
  }
}
