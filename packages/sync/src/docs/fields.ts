import { PersonId } from '@lianban/model';
import type * as Y from 'yjs';
import * as z from 'zod/mini';

/** What a field can hold; a choice holds the id of its option, a date `YYYY-MM-DD`. */
export type FieldContent = string | number | boolean;

/** One value of a field, with who set it and when by their device (ms). Null where the entry is not readable. */
export interface FieldValue {
  value: FieldContent;
  person: PersonId | null;
  at: number | null;
}

/** Origin of the transactions that set fields: made here, to be stored and sent. */
export const FORM_ORIGIN = 'form';

const Written = z.object({ value: z.union([z.string(), z.number(), z.boolean()]), person: PersonId, at: z.number() });

/**
 * Values of a field: none, one, or several that were set by people who had not seen each other. All of them stay until
 * a person chooses (design 6). An entry of another shape is shown as its text, never dropped.
 */
export function readField(doc: Y.Doc, fieldId: string): FieldValue[] {
  return readRegister(fieldRoot(doc, fieldId));
}

/**
 * Sets a field: one transaction that deletes the entries its author has seen and adds one. `seen` is what was on screen
 * when editing began; without it, everything that is there now. Values that came meanwhile stay beside the new one.
 */
export function setField(
  doc: Y.Doc,
  fieldId: string,
  value: FieldContent,
  person: PersonId,
  atMs: number,
  seen?: readonly FieldValue[],
): void {
  setRegister(doc, fieldRoot(doc, fieldId), { value, person, at: atMs }, seen);
}

/** The root array of a field, to observe. */
export function fieldRoot(doc: Y.Doc, fieldId: string): Y.Array<unknown> {
  return doc.getArray(`f/${fieldId}`);
}

/** The text of a long-text field: typed together, merged by Yjs. */
export function longText(doc: Y.Doc, fieldId: string): Y.Text {
  return doc.getText(`t/${fieldId}`);
}

/** Who ticked an item of the checklist and when; null while it is open. Of several ticks any one counts. */
export function readTick(doc: Y.Doc, itemId: string): FieldValue | null {
  return readRegister(tickRoot(doc, itemId)).find((entry) => entry.value === true) ?? null;
}

/** Ticks or opens an item of the checklist. */
export function setTick(doc: Y.Doc, itemId: string, done: boolean, person: PersonId, atMs: number): void {
  setRegister(doc, tickRoot(doc, itemId), { value: done, person, at: atMs });
}

/** The root array of an item of the checklist, to observe. */
export function tickRoot(doc: Y.Doc, itemId: string): Y.Array<unknown> {
  return doc.getArray(`c/${itemId}`);
}

function readRegister(root: Y.Array<unknown>): FieldValue[] {
  return root.toArray().map((entry) => {
    const written = Written.safeParse(entry);
    return written.success ? written.data : { value: JSON.stringify(entry) ?? '', person: null, at: null };
  });
}

function setRegister(
  doc: Y.Doc,
  root: Y.Array<unknown>,
  entry: { value: FieldContent; person: PersonId; at: number },
  seen?: readonly FieldValue[],
): void {
  doc.transact(() => {
    const present = readRegister(root);
    for (let i = present.length - 1; i >= 0; i--) {
      const there = present[i] as FieldValue;
      const wasSeen =
        seen === undefined ||
        seen.some((one) => one.value === there.value && one.person === there.person && one.at === there.at);
      if (wasSeen) root.delete(i, 1);
    }
    root.push([entry]);
  }, FORM_ORIGIN);
}
