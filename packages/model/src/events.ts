import * as z from 'zod/mini';
import { DepartmentId, DocumentNumber } from './ids.ts';

/** How widely a case may be known, the most open first (公开, 内部, 敏感, 限定). */
export const Secrecy = z.enum(['public', 'internal', 'sensitive', 'restricted']);
/** See the schema of the same name. */
export type Secrecy = z.infer<typeof Secrecy>;

/** What a rich-text document is. */
export const DocumentKind = z.enum(['opinion', 'minutes', 'notice']);
/** See the schema of the same name. */
export type DocumentKind = z.infer<typeof DocumentKind>;

/** A case came into being under a version of a template, with the department that leads it. Always entry one. */
export const CaseOpened = z.strictObject({
  template: z.string().check(z.regex(/^[a-z][a-z0-9-]{1,47}$/)),
  templateVersion: z.int().check(z.positive()),
  lead: DepartmentId,
  secrecy: Secrecy,
});
/** The words that go with `case.opened`: who asked. */
export const CaseOpenedPayload = z.strictObject({
  applicant: z.string().check(z.minLength(1), z.maxLength(200)),
});

/** A department takes part from here on, and sees everything of the case, its past included. */
export const DepartmentAdded = z.strictObject({ department: DepartmentId });

/** A rich-text document belongs to the case from here on. */
export const DocumentAdded = z.strictObject({ number: DocumentNumber, kind: DocumentKind });
/** The words that go with `document.added`: its title. */
export const DocumentAddedPayload = z.strictObject({
  title: z.string().check(z.minLength(1), z.maxLength(200)),
});

/** Every kind of event of a case ledger: past tense, with the schema of its body and of its detached payload. */
export const EVENTS = {
  'case.opened': { body: CaseOpened, payload: CaseOpenedPayload },
  'department.added': { body: DepartmentAdded, payload: null },
  'document.added': { body: DocumentAdded, payload: DocumentAddedPayload },
} as const;

/** The name of an event this version understands. */
export type EventType = keyof typeof EVENTS;

/** An event: what happened, as data; `payload` holds words and names, which travel apart from the entry. */
export type CaseEvent =
  | { type: 'case.opened'; body: z.infer<typeof CaseOpened>; payload: z.infer<typeof CaseOpenedPayload> | null }
  | { type: 'department.added'; body: z.infer<typeof DepartmentAdded>; payload: null }
  | {
      type: 'document.added';
      body: z.infer<typeof DocumentAdded>;
      payload: z.infer<typeof DocumentAddedPayload> | null;
    };
