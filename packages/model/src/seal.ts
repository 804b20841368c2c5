import type * as z from 'zod/mini';
import { canonicalText, parseCanonical } from './canonical.ts';
import { Entry, SealedEntry, type Receipt } from './entry.ts';
import { EVENTS, type CaseEvent, type EventType } from './events.ts';
import { EntryId, type CaseId, type DepartmentId, type DeviceId, type PersonId } from './ids.ts';
import type { Digest } from './ports.ts';
import { accept, LianbanError, refuse, type Result } from './refusal.ts';

const ENTRY_DOMAIN = 'lianban/ledger/v1\0';
const RECEIPT_DOMAIN = 'lianban/receipt/v1\0';
const PAYLOAD_DOMAIN = 'lianban/payload/v1\0';

declare const verified: unique symbol;

/** An entry whose text, hash, body and payload have been checked. Only `verify` makes one. */
export interface VerifiedEntry {
  readonly [verified]: true;
  readonly id: EntryId;
  readonly entry: Entry;
  /** The event, or null for a type this version does not know: carried, shown as such, without effect. */
  readonly event: CaseEvent | null;
  readonly sealed: SealedEntry;
}

/** Who acts, where, and after what: everything of an entry that is not the event itself. */
export interface SealContext {
  caseId: CaseId;
  person: PersonId;
  department: DepartmentId;
  device: DeviceId;
  /** This device's place in this case: 1 for its first entry, which has no `prev`. */
  dseq: number;
  prev?: EntryId;
  /** Heads of the ledger as this device has seen it, at most 16. */
  deps: EntryId[];
  /** Hybrid logical clock: milliseconds and counter. */
  hlc: { ms: number; counter: number };
  clockSuspect: boolean;
}

/** Seals an event. Throws `bad-entry` when the event does not fit the limits: callers check what people typed first. */
export async function seal(event: CaseEvent, context: SealContext, digest: Digest): Promise<VerifiedEntry> {
  let payload: string | undefined;
  let payloadRef: Entry['payload'];
  if (event.payload !== null) {
    payload = orThrow(canonicalText(event.payload));
    const bytes = new TextEncoder().encode(payload);
    payloadRef = { hash: await hashHex(PAYLOAD_DOMAIN, bytes, digest), len: bytes.length, cls: 'internal' };
  }
  const text = orThrow(
    canonicalText({
      v: 1,
      case: context.caseId,
      type: event.type,
      class: 'routine',
      person: context.person,
      department: context.department,
      device: context.device,
      dseq: context.dseq,
      prev: context.prev,
      deps: context.deps,
      hlc: `${context.hlc.ms}.${context.hlc.counter}`,
      clk: context.clockSuspect ? 'suspect' : 'ok',
      aclEpoch: 0,
      body: event.body,
      payload: payloadRef,
    }),
  );
  const id = EntryId.parse(await hashHex(ENTRY_DOMAIN, new TextEncoder().encode(text), digest));
  return orThrow(await verify({ id, text, alg: 'none', ...(payload === undefined ? {} : { payload }) }, digest));
}

/**
 * Checks an entry from outside: schema, canonical form, hash, body and payload. Refuses with `bad-schema` or
 * `bad-entry`. A missing payload is legal (withheld or erased); a wrong one is not.
 */
export async function verify(input: unknown, digest: Digest): Promise<Result<VerifiedEntry>> {
  const shape = SealedEntry.safeParse(input);
  if (!shape.success) return refuse('bad-schema', 'not a sealed entry');
  const sealed = shape.data;
  const value = parseCanonical(sealed.text);
  if (!value.ok) return value;
  const parsed = Entry.safeParse(value.value);
  if (!parsed.success) return refuse('bad-schema', 'not an entry of version 1');
  const entry = parsed.data;
  if ((entry.dseq === 1) !== (entry.prev === undefined))
    return refuse('broken-chain', 'dseq 1 has no prev, others have');
  const id = await hashHex(ENTRY_DOMAIN, new TextEncoder().encode(sealed.text), digest);
  if (id !== sealed.id) return refuse('bad-entry', 'the id is not the hash of the text');
  let payload: unknown = null;
  if (sealed.payload !== undefined) {
    if (entry.payload === undefined) return refuse('bad-entry', 'a payload that the entry does not name');
    const bytes = new TextEncoder().encode(sealed.payload);
    if (bytes.length !== entry.payload.len || (await hashHex(PAYLOAD_DOMAIN, bytes, digest)) !== entry.payload.hash) {
      return refuse('bad-entry', 'the payload is not the one the entry names');
    }
    const words = parseCanonical(sealed.payload);
    if (!words.ok) return words;
    payload = words.value;
  }
  const event = eventOf(entry, payload);
  if (!event.ok) return event;
  return accept({ id: sealed.id, entry, event: event.value, sealed } as unknown as VerifiedEntry);
}

/** SHA-256 over the canonical text of a receipt under its own domain, hex: what the next receipt names. */
export async function receiptHash(receipt: Receipt, digest: Digest): Promise<string> {
  return hashHex(RECEIPT_DOMAIN, new TextEncoder().encode(orThrow(canonicalText(receipt))), digest);
}

function eventOf(entry: Entry, payload: unknown): Result<CaseEvent | null> {
  if (!isKnown(entry.type)) return accept(null);
  const schema: { body: z.ZodMiniType; payload: z.ZodMiniType | null } = EVENTS[entry.type];
  const body = schema.body.safeParse(entry.body);
  if (!body.success) return refuse('bad-schema', `the body is not one of ${entry.type}`);
  if ((schema.payload === null) !== (entry.payload === undefined)) {
    return refuse('bad-schema', `${entry.type} ${schema.payload === null ? 'has no' : 'needs a'} payload`);
  }
  let words: unknown = null;
  if (schema.payload !== null && payload !== null) {
    const parsed = schema.payload.safeParse(payload);
    if (!parsed.success) return refuse('bad-schema', `the payload is not one of ${entry.type}`);
    words = parsed.data;
  }
  return accept({ type: entry.type, body: body.data, payload: words } as CaseEvent);
}

function isKnown(type: string): type is EventType {
  return Object.hasOwn(EVENTS, type);
}

async function hashHex(domain: string, bytes: Uint8Array, digest: Digest): Promise<string> {
  const prefix = new TextEncoder().encode(domain);
  const all = new Uint8Array(prefix.length + bytes.length);
  all.set(prefix);
  all.set(bytes, prefix.length);
  let hex = '';
  for (const byte of await digest.sha256(all)) hex += byte.toString(16).padStart(2, '0');
  return hex;
}

function orThrow<T>(result: Result<T>): T {
  if (result.ok) return result.value;
  throw new LianbanError(result.code, result.detail);
}
