import * as z from 'zod/mini';
import type { Clock, Random } from './ports.ts';

/** Code of a place that has organs of government, six digits (GB/T 2260 form): province, city or county. */
export const JurisdictionCode = z
  .string()
  .check(z.regex(/^\d{6}$/))
  .brand('JurisdictionCode');
/** See the schema of the same name. */
export type JurisdictionCode = z.infer<typeof JurisdictionCode>;

/** An organ of government inside one jurisdiction: `<jurisdiction>-<short name>`. */
export const DepartmentId = z
  .string()
  .check(z.regex(/^\d{6}-[a-z0-9]{2,24}$/))
  .brand('DepartmentId');
/** See the schema of the same name. */
export type DepartmentId = z.infer<typeof DepartmentId>;

/** Who: `<account>@<jurisdiction>`, stable for life. */
export const PersonId = z
  .string()
  .check(z.regex(/^[a-z0-9][a-z0-9._-]{0,31}@\d{6}$/))
  .brand('PersonId');
/** See the schema of the same name. */
export type PersonId = z.infer<typeof PersonId>;

/** One person's store on one machine, 128 random bits in hex. Becomes the hash of a public key once keys exist. */
export const DeviceId = z
  .string()
  .check(z.regex(/^[0-9a-f]{32}$/))
  .brand('DeviceId');
/** See the schema of the same name. */
export type DeviceId = z.infer<typeof DeviceId>;

/** Crockford base-32, lower case, 48 bits of milliseconds then 80 random bits (the ULID layout). */
export const Ulid = z
  .string()
  .check(z.regex(/^[0-7][0-9a-hjkmnp-tv-z]{25}$/))
  .brand('Ulid');
/** See the schema of the same name. */
export type Ulid = z.infer<typeof Ulid>;

/** One case: `<jurisdiction of the lead department>-<ulid>`. The code before the dash names the home relay. */
export const CaseId = z
  .string()
  .check(z.regex(/^\d{6}-[0-7][0-9a-hjkmnp-tv-z]{25}$/))
  .brand('CaseId');
/** See the schema of the same name. */
export type CaseId = z.infer<typeof CaseId>;

/** SHA-256 of the canonical bytes of an entry under its domain prefix, hex. */
export const EntryId = z
  .string()
  .check(z.regex(/^[0-9a-f]{64}$/))
  .brand('EntryId');
/** See the schema of the same name. */
export type EntryId = z.infer<typeof EntryId>;

/** Place of a rich-text document inside its case: a template's own are `1`, `2`, …; later ones are ULIDs. */
export const DocumentNumber = z
  .string()
  .check(z.regex(/^[0-9a-z]{1,26}$/))
  .brand('DocumentNumber');
/** See the schema of the same name. */
export type DocumentNumber = z.infer<typeof DocumentNumber>;

/** Name of one Y.Doc: `case:<id>/file`, `/talk`, `/doc/<n>` or `/private/<department>` (design 6). */
export const DocId = z
  .string()
  .check(
    z.regex(
      /^case:\d{6}-[0-7][0-9a-hjkmnp-tv-z]{25}\/(?:file|talk|doc\/[0-9a-z]{1,26}|private\/\d{6}-[a-z0-9]{2,24})$/,
    ),
  )
  .brand('DocId');
/** See the schema of the same name. */
export type DocId = z.infer<typeof DocId>;

/** What a document id says, taken apart. */
export type DocParts =
  | { caseId: CaseId; part: 'file' | 'talk' }
  | { caseId: CaseId; part: 'doc'; number: DocumentNumber }
  | { caseId: CaseId; part: 'private'; department: DepartmentId };

/** The kind of a document decides its root types, its audience and its editor. */
export type DocPart = DocParts['part'];

/** Takes a parsed document id apart; never fails on a branded id. */
export function docParts(docId: DocId): DocParts {
  const slash = docId.indexOf('/');
  const caseId = CaseId.parse(docId.slice(5, slash));
  const rest = docId.slice(slash + 1);
  if (rest === 'file' || rest === 'talk') return { caseId, part: rest };
  if (rest.startsWith('doc/')) {
    return { caseId, part: 'doc', number: DocumentNumber.parse(rest.slice(4)) };
  }
  return { caseId, part: 'private', department: DepartmentId.parse(rest.slice(8)) };
}

/** The id of a document from its parts. */
export function docIdOf(parts: DocParts): DocId {
  const base = `case:${parts.caseId}/`;
  switch (parts.part) {
    case 'file':
    case 'talk':
      return DocId.parse(base + parts.part);
    case 'doc':
      return DocId.parse(`${base}doc/${parts.number}`);
    case 'private':
      return DocId.parse(`${base}private/${parts.department}`);
  }
}

const CROCKFORD = '0123456789abcdefghjkmnpqrstvwxyz';

/** A new ULID: sorts by the clock's millisecond; 80 random bits make a collision a non-event. */
export function newUlid(clock: Clock, random: Random): Ulid {
  let time = clock.nowMs();
  let head = '';
  for (let i = 0; i < 10; i++) {
    head = CROCKFORD.charAt(time % 32) + head;
    time = Math.floor(time / 32);
  }
  let tail = '';
  for (const byte of random.bytes(16)) tail += CROCKFORD.charAt(byte & 31);
  return Ulid.parse(head + tail);
}

/** A new case of the home relay of `home`. */
export function newCaseId(home: JurisdictionCode, clock: Clock, random: Random): CaseId {
  return CaseId.parse(`${home}-${newUlid(clock, random)}`);
}

/** A new device id, drawn once per account and store. */
export function newDeviceId(random: Random): DeviceId {
  let hex = '';
  for (const byte of random.bytes(16)) hex += byte.toString(16).padStart(2, '0');
  return DeviceId.parse(hex);
}

/** The jurisdiction whose relay sequences this case. */
export function homeOf(caseId: CaseId): JurisdictionCode {
  return JurisdictionCode.parse(caseId.slice(0, 6));
}

/** What people call a case until its home relay has numbered it: the last four letters of its id, upper case. */
export function shortCode(caseId: CaseId): string {
  return caseId.slice(-4).toUpperCase();
}
