import * as z from 'zod/mini';
import { CaseId, DepartmentId, DeviceId, EntryId, JurisdictionCode, PersonId } from './ids.ts';

const hash = z.string().check(z.regex(/^[0-9a-f]{64}$/));

/** How a payload may travel: the widest class that may hold its bytes. */
export const PayloadClass = z.enum(['internal', 'sensitive', 'restricted']);

/**
 * The written form of an entry before it is sealed (reliability B1; names as in style 5). `dseq` counts this device's
 * entries in this case from 1 without a gap and `prev` is the id of the one before, absent at 1. `deps` are the heads
 * this device had seen. `hlc` is `<ms>.<counter>`; it orders nothing once a receipt exists.
 */
export const Entry = z.strictObject({
  v: z.literal(1),
  case: CaseId,
  type: z.string().check(z.regex(/^[a-z]+(?:-[a-z]+)*\.[a-z]+(?:-[a-z]+)*$/), z.maxLength(64)),
  class: z.enum(['decision', 'routine', 'admin']),
  person: PersonId,
  department: DepartmentId,
  device: DeviceId,
  dseq: z.int().check(z.positive()),
  prev: z.optional(EntryId),
  deps: z.array(EntryId).check(z.maxLength(16)),
  hlc: z.string().check(z.regex(/^\d{1,15}\.\d{1,5}$/)),
  clk: z.enum(['ok', 'suspect']),
  aclEpoch: z.int().check(z.nonnegative()),
  body: z.record(z.string(), z.unknown()),
  payload: z.optional(z.strictObject({ hash, len: z.int().check(z.nonnegative()), cls: PayloadClass })),
});
/** See the schema of the same name. */
export type Entry = z.infer<typeof Entry>;

/** An entry as it is stored and sent: the canonical text that was hashed, never re-serialised, and its payload's text. */
export const SealedEntry = z.strictObject({
  id: EntryId,
  text: z.string().check(z.maxLength(32 * 1024)),
  /** Canonical text of the payload; absent where it was withheld. */
  payload: z.optional(z.string().check(z.maxLength(32 * 1024))),
  /** Until official acts come every entry is unsigned and says so. */
  alg: z.literal('none'),
});
/** See the schema of the same name. */
export type SealedEntry = z.infer<typeof SealedEntry>;

/**
 * The home relay's word that an entry is confirmed: its place `caseSeq` in the case and `n` in the relay's own chain of
 * receipts, `prevReceipt` being the hash of receipt n-1 (absent at 1). `time` is the relay's clock in ms, the effective
 * time. `number` is the number given to a case with the receipt of its opening.
 */
export const Receipt = z.strictObject({
  relay: JurisdictionCode,
  incarnation: z.string().check(z.maxLength(40)),
  n: z.int().check(z.positive()),
  prevReceipt: z.optional(hash),
  ev: EntryId,
  kind: z.literal('home'),
  time: z.int().check(z.nonnegative()),
  aclEpoch: z.int().check(z.nonnegative()),
  verdict: z.literal('ok'),
  caseSeq: z.int().check(z.positive()),
  number: z.optional(z.string().check(z.regex(/^\d{6}-\d{4}-\d{4,7}$/))),
  alg: z.literal('none'),
});
/** See the schema of the same name. */
export type Receipt = z.infer<typeof Receipt>;

/** What a feed or a case's ledger hands out: an entry and, once it is confirmed, its receipt. */
export const LedgerItem = z.strictObject({ entry: SealedEntry, receipt: z.optional(Receipt) });
/** See the schema of the same name. */
export type LedgerItem = z.infer<typeof LedgerItem>;

/** The number people read: `350481-2026-0412` is shown as `0412`. */
export function displayNumber(number: string): string {
  return number.slice(number.lastIndexOf('-') + 1);
}
