import { accept, refuse, type Result } from './refusal.ts';

/** Longest canonical text of one entry, in bytes of UTF-8; a demand with a long list fits, a document does not. */
export const MAX_CANONICAL_BYTES = 32 * 1024;
/** Deepest nesting of objects and arrays in canonical text. */
export const MAX_CANONICAL_DEPTH = 8;

/** What canonical text can hold: no floats, no null, no duplicate keys, well-formed UTF-16. */
export type Canonical = string | boolean | number | readonly Canonical[] | { readonly [key: string]: Canonical };

/**
 * The RFC 8785 text of a value of the subset: keys sorted by UTF-16 code unit, no white space. `undefined` members are
 * left out. Refuses floats, integers of 2^53 and beyond, null, lone surrogates, more than 8 levels or 32 KiB.
 */
export function canonicalText(value: unknown): Result<string> {
  try {
    const text = write(value, 1);
    if (new TextEncoder().encode(text).length > MAX_CANONICAL_BYTES) {
      return refuse('bad-entry', `more than ${MAX_CANONICAL_BYTES} bytes of canonical text`);
    }
    return accept(text);
  } catch (reason) {
    if (reason instanceof NotCanonical) return refuse('bad-entry', reason.message);
    throw reason;
  }
}

/** Parses text that must already be canonical: the same text has to come out again. */
export function parseCanonical(text: string): Result<unknown> {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    return refuse('bad-entry', 'not JSON');
  }
  const again = canonicalText(value);
  if (!again.ok) return again;
  return again.value === text ? accept(value) : refuse('bad-entry', 'not in canonical form');
}

class NotCanonical extends Error {}

function write(value: unknown, depth: number): string {
  switch (typeof value) {
    case 'string':
      if (!value.isWellFormed()) throw new NotCanonical('a lone surrogate');
      return JSON.stringify(value);
    case 'boolean':
      return value ? 'true' : 'false';
    case 'number':
      if (!Number.isSafeInteger(value) || Object.is(value, -0))
        throw new NotCanonical('a number that is no safe integer');
      return String(value);
    case 'object': {
      if (value === null) throw new NotCanonical('null');
      if (depth > MAX_CANONICAL_DEPTH) throw new NotCanonical(`more than ${MAX_CANONICAL_DEPTH} levels`);
      if (Array.isArray(value)) return `[${value.map((item) => write(item, depth + 1)).join(',')}]`;
      const members = Object.entries(value as Record<string, unknown>).filter(([, member]) => member !== undefined);
      members.sort(([a], [b]) => (a < b ? -1 : a > b ? 1 : 0));
      return `{${members.map(([key, member]) => `${write(key, depth)}:${write(member, depth + 1)}`).join(',')}}`;
    }
    default:
      throw new NotCanonical(`a ${typeof value}`);
  }
}
