import type { FieldValue } from '@lianban/sync';

/** What a field holds just now: nothing, one value, or several that nobody has chosen between. */
export type FieldView =
  { kind: 'empty' } | { kind: 'one'; value: FieldValue } | { kind: 'several'; values: readonly FieldValue[] };

/** What was on screen when somebody began to type, and the text they began from. */
export interface FieldEdit {
  seen: readonly FieldValue[];
  from: string;
}

/** Why a text is not taken as the value of a field. */
export type FieldFault = 'not-a-number';

/** The kind of a field decides how its text becomes a value. */
export type FieldKind = 'text' | 'number' | 'date' | 'choice' | 'phone';

/** Folds the entries of a register: equal values, entered twice, are one; the later entry stands for them. */
export function fieldView(values: readonly FieldValue[]): FieldView {
  const distinct = new Map<FieldValue['value'], FieldValue>();
  for (const entry of values) {
    const known = distinct.get(entry.value);
    if (!known || whenOf(entry) > whenOf(known)) distinct.set(entry.value, entry);
  }
  const all = [...distinct.values()].sort(
    (a, b) => whenOf(a) - whenOf(b) || (String(a.person) < String(b.person) ? -1 : 1),
  );
  const [only] = all;
  if (!only) return { kind: 'empty' };
  if (all.length > 1) return { kind: 'several', values: all };
  return only.value === '' ? { kind: 'empty' } : { kind: 'one', value: only };
}

/** Begins an edit: remembers what this person can see, and no more. */
export function beginEdit(values: readonly FieldValue[]): FieldEdit {
  return { seen: values, from: fieldText(fieldView(values)) };
}

/** The text an input shows for a field; empty where there is none or more than one. */
export function fieldText(view: FieldView): string {
  return view.kind === 'one' ? String(view.value.value) : '';
}

/** Entries that came while somebody was typing; leaving the field keeps them beside the new value. */
export function arrivedBeside(edit: FieldEdit, now: readonly FieldValue[]): FieldValue[] {
  return now.filter((entry) => !edit.seen.some((seen) => sameEntry(seen, entry)));
}

/**
 * What leaving a field does: nothing where the text is as it was, else a value to set, or the fault that keeps it from
 * being set. Full-width digits and separators of thousands are understood.
 */
export function leaveEdit(
  edit: FieldEdit,
  text: string,
  kind: FieldKind,
): { set: string | number } | { fault: FieldFault } | null {
  const trimmed = text.trim();
  if (trimmed === edit.from.trim()) return null;
  if (kind !== 'number' || trimmed === '') return { set: trimmed };
  const number = Number(trimmed.normalize('NFKC').replaceAll(/[,\s]/g, ''));
  return Number.isFinite(number) ? { set: number } : { fault: 'not-a-number' };
}

/** True for one entry met twice. Entries are plain objects, so they have no identity beyond what they say. */
export function sameEntry(a: FieldValue, b: FieldValue): boolean {
  return a.person === b.person && a.at === b.at && a.value === b.value;
}

/** An entry that says no time comes first. */
function whenOf(entry: FieldValue): number {
  return entry.at ?? 0;
}

/** Values a person has set in one field on this page, so that undo can set the earlier one again. */
export interface FieldUndo {
  /** Call before a set. */
  before(values: readonly FieldValue[]): void;
  /** The value to set in order to undo the last set; undefined where there is nothing to undo. */
  take(): FieldValue['value'] | undefined;
}

/** Undo of one field. Two values that a set has settled do not come back: the later of them does. */
export function createFieldUndo(): FieldUndo {
  const stack: FieldValue['value'][] = [];
  return {
    before(values) {
      const view = fieldView(values);
      stack.push(
        view.kind === 'one' ? view.value.value : view.kind === 'several' ? (view.values.at(-1)?.value ?? '') : '',
      );
    },
    take: () => stack.pop(),
  };
}
