import { describe, expect, it } from 'vitest';
import { PersonId } from '@lianban/model';
import type { FieldValue } from '@lianban/sync';
import { arrivedBeside, beginEdit, createFieldUndo, fieldText, fieldView, leaveEdit } from './form-register.ts';

const li = PersonId.parse('limin@350481');
const wang = PersonId.parse('wanglei@350481');
const entry = (value: FieldValue['value'], at = 1, person = li): FieldValue => ({ value, person, at });

describe('what a field shows', () => {
  it('is nothing, one value, or all that differ, the latest last', () => {
    expect(fieldView([])).toEqual({ kind: 'empty' });
    expect(fieldView([entry('a')])).toEqual({ kind: 'one', value: entry('a') });
    const several = fieldView([entry('b', 2, wang), entry('a', 1)]);
    expect(several).toEqual({ kind: 'several', values: [entry('a', 1), entry('b', 2, wang)] });
    expect(fieldText(several)).toBe('');
  });

  it('is one value when two people entered the same, with the later of them', () => {
    expect(fieldView([entry('a', 1), entry('a', 2, wang)])).toEqual({ kind: 'one', value: entry('a', 2, wang) });
  });

  it('is empty after clearing, and a clearing against a value is a choice', () => {
    expect(fieldView([entry('')])).toEqual({ kind: 'empty' });
    expect(fieldView([entry('', 1), entry('a', 2, wang)]).kind).toBe('several');
  });

  it('does not take 1 for "1"', () => {
    expect(fieldView([entry(1), entry('1', 2)]).kind).toBe('several');
  });
});

describe('leaving a field', () => {
  it('sets nothing when the text is as it was', () => {
    expect(leaveEdit(beginEdit([entry('86')]), ' 86 ', 'text')).toBeNull();
    expect(leaveEdit(beginEdit([]), '', 'text')).toBeNull();
  });

  it('sets trimmed text, numbers as numbers, and an empty text as cleared', () => {
    expect(leaveEdit(beginEdit([]), ' 杨柳巷 12 号 ', 'text')).toEqual({ set: '杨柳巷 12 号' });
    expect(leaveEdit(beginEdit([]), '１，２86.5', 'number')).toEqual({ set: 1286.5 });
    expect(leaveEdit(beginEdit([entry(3)]), '', 'number')).toEqual({ set: '' });
  });

  it('says what is not a number and keeps it', () => {
    expect(leaveEdit(beginEdit([]), '八十六', 'number')).toEqual({ fault: 'not-a-number' });
  });
});

describe('a change that arrives while somebody types', () => {
  it('is known from what was on screen when they began', () => {
    const edit = beginEdit([entry('a')]);
    expect(arrivedBeside(edit, [entry('a')])).toEqual([]);
    expect(arrivedBeside(edit, [entry('b', 5, wang)])).toEqual([entry('b', 5, wang)]);
  });
});

describe('undo in a field', () => {
  it('gives the values back in the opposite order, then nothing', () => {
    const undo = createFieldUndo();
    undo.before([]);
    undo.before([entry('a')]);
    undo.before([entry('b', 2), entry('c', 3, wang)]);
    expect([undo.take(), undo.take(), undo.take(), undo.take()]).toEqual(['c', 'a', '', undefined]);
  });
});
