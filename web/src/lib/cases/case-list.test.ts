import { describe, expect, it } from 'vitest';
import { CaseId, DepartmentId, PersonId, type Directory } from '@lianban/model';
import { namesOf } from '../workspace/names.ts';
import type { CaseRow } from '../workspace/workspace.ts';
import { findable, findRows, inView, listHref, listState, ordered } from './case-list.ts';

const market = DepartmentId.parse('350722-market');
const fire = DepartmentId.parse('350700-fire');
const li = PersonId.parse('limin@350722');
const chen = PersonId.parse('chenjing@350722');

const directory = {
  version: 1,
  jurisdictions: [],
  departments: [
    {
      id: market,
      name: { zh: '永安县市场监督管理局', en: 'Yong’an Market Regulation' },
      short: { zh: '县市监局', en: 'Market' },
    },
    { id: fire, name: { zh: '延州市消防救援支队', en: 'Yanzhou Fire Brigade' }, short: { zh: '市消防', en: 'Fire' } },
  ],
  people: [{ id: li, account: 'limin', name: { zh: '李敏', en: 'Li Min' } }],
  posts: [],
} as unknown as Directory;

function row(
  n: number,
  more: Partial<CaseRow> & { by?: PersonId; applicant?: string; joint?: DepartmentId[] } = {},
): CaseRow {
  const id = CaseId.parse(`350722-01hzy3v7k9q2m4n6p8r0s2${String(n).padStart(4, '0')}`);
  return {
    state: {
      id,
      template: 'open-restaurant',
      templateVersion: 1,
      secrecy: 'internal',
      lead: market,
      applicant: more.applicant ?? '张记面馆',
      number: null,
      openedBy: more.by ?? chen,
      openedAtMs: n,
      confirmed: true,
      participants: [market, ...(more.joint ?? [])],
      documents: [],
      timeline: [],
      caseSeq: 1,
    },
    label: more.label ?? String(n).padStart(4, '0'),
    numbered: more.numbered ?? true,
    delivery: more.delivery ?? 'relay',
    lastHeardMs: more.lastHeardMs ?? n,
  };
}

const labels = (rows: readonly CaseRow[]): string[] => rows.map(({ label }) => label);
const words = { matter: (one: CaseRow) => one.state.template, lead: (one: CaseRow) => one.state.lead };

describe('the list of cases', () => {
  it('is found by parts of words, without spaces, in both languages and full width', () => {
    const rows = findable([row(1), row(2, { applicant: '老城烧烤', by: li, joint: [fire] })], namesOf(directory));
    expect(labels(findRows(rows, '记面'))).toEqual(['0001']);
    expect(labels(findRows(rows, '消防 烧烤'))).toEqual(['0002']);
    expect(labels(findRows(rows, 'FIRE'))).toEqual(['0002']);
    expect(labels(findRows(rows, '李敏'))).toEqual(['0002']);
    expect(labels(findRows(rows, '０００１'))).toEqual(['0001']);
    expect(labels(findRows(rows, 'restaurant'))).toEqual(['0001', '0002']);
    expect(findRows(rows, '烧烤 面馆')).toEqual([]);
  });

  it('has views of what I opened and of what has not wholly left', () => {
    const rows = [row(1, { by: li }), row(2, { delivery: 'here' }), row(3, { delivery: 'refused' })];
    expect(labels(inView(rows, 'mine', li))).toEqual(['0001']);
    expect(labels(inView(rows, 'waiting', li))).toEqual(['0002', '0003']);
    expect(inView(rows, 'department', li)).toBe(rows);
  });

  it('is ordered by the last word first, or by number with what has none on top, and either turned round', () => {
    const rows = [
      row(1, { lastHeardMs: 5 }),
      row(2, { lastHeardMs: 9 }),
      row(3, { label: 'K7QX', numbered: false, lastHeardMs: 1 }),
    ];
    expect(labels(ordered(rows, { order: 'heard', reversed: false }, words, 'zh'))).toEqual(['0002', '0001', 'K7QX']);
    expect(labels(ordered(rows, { order: 'heard', reversed: true }, words, 'zh'))).toEqual(['K7QX', '0001', '0002']);
    expect(labels(ordered(rows, { order: 'number', reversed: false }, words, 'zh'))).toEqual(['K7QX', '0002', '0001']);
    expect(labels(ordered(rows, { order: 'number', reversed: true }, words, 'zh'))).toEqual(['0001', '0002', 'K7QX']);
  });

  it('keeps its state in the address and takes what it does not know as the usual', () => {
    const state = { view: 'mine', words: '面馆', order: 'number', reversed: true } as const;
    expect(listState(new URL(listHref(state), 'http://x').searchParams)).toEqual(state);
    expect(listHref(listState(new URLSearchParams('view=all&order=colour&dir=left')))).toBe('/cases');
  });
});
