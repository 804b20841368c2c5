import { CaseId, DepartmentId, docIdOf, DocumentNumber, PersonId, type CaseState } from '@lianban/model';
import { describe, expect, it } from 'vitest';
import type { CaseRow } from '../workspace/workspace.ts';
import { absenceOf, hrefOf, neighbour, placeOf } from './case-view.ts';

const caseId = (tail: string) => CaseId.parse(`350481-01j0000000000000000000000${tail}`);

function state(numbers: string[], id = caseId('1')): CaseState {
  return {
    id,
    template: 'open-restaurant',
    templateVersion: 1,
    secrecy: 'internal',
    lead: DepartmentId.parse('350481-market'),
    applicant: '张记面馆',
    number: '0412',
    openedBy: PersonId.parse('limin@350481'),
    openedAtMs: 0,
    confirmed: true,
    participants: [],
    documents: numbers.map((number) => ({
      id: docIdOf({ caseId: id, part: 'doc', number: DocumentNumber.parse(number) }),
      kind: 'opinion',
      title: null,
      confirmed: true,
    })),
    timeline: [],
    caseSeq: 1,
  };
}

const row = (tail: string): CaseRow => ({
  state: state([], caseId(tail)),
  label: tail,
  numbered: true,
  delivery: 'relay',
  lastHeardMs: 0,
});

describe('the place an address names', () => {
  const at = (query: string, numbers = ['1', '2'], layout: 'wide' | 'middle' | 'phone' = 'wide') =>
    placeOf(new URLSearchParams(query), state(numbers), layout);

  it('is a document by its number alone, and the form where nothing is named', () => {
    expect(at('doc=2')).toEqual({ tab: 'doc', document: '2' });
    expect(at('')).toEqual({ tab: 'form', document: '1' });
    expect(at('doc=9')).toEqual({ tab: 'form', document: '1' });
  });

  it('keeps the document to come back to', () => {
    expect(at('doc=2&tab=timeline')).toEqual({ tab: 'timeline', document: '2' });
  });

  it('has places of their own for overview and talk only where there is no column for them', () => {
    expect(at('tab=talk').tab).toBe('form');
    expect(at('doc=1&tab=talk').tab).toBe('doc');
    expect(at('tab=talk', ['1'], 'middle').tab).toBe('talk');
    expect(at('tab=overview', ['1'], 'middle').tab).toBe('form');
    expect(at('tab=overview', ['1'], 'phone').tab).toBe('overview');
  });

  it('comes out of the address it makes', () => {
    const href = hrefOf(caseId('1'), 'doc', DocumentNumber.parse('2'));
    expect(placeOf(new URL(href, 'http://a').searchParams, state(['1', '2']), 'wide')).toEqual({
      tab: 'doc',
      document: '2',
    });
  });
});

describe('the cases beside a case', () => {
  it('end at the ends of the list', () => {
    const rows = [row('1'), row('2')];
    expect(neighbour(rows, caseId('1'), 1)).toBe(caseId('2'));
    expect(neighbour(rows, caseId('1'), -1)).toBeNull();
    expect(neighbour(rows, caseId('3'), 1)).toBeNull();
  });
});

describe('a case that is not on this device', () => {
  it('is not called missing while that cannot be known', () => {
    expect(absenceOf(undefined, 'live')).toBe('reading');
    expect(absenceOf([], 'returning')).toBe('catching-up');
    expect(absenceOf([], 'offline')).toBe('not-here');
    expect(absenceOf([], 'signin')).toBe('not-here');
    expect(absenceOf([], 'live')).toBe('missing');
  });
});
