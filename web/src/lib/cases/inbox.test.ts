import { describe, expect, it } from 'vitest';
import { CaseId, DepartmentId, EntryId, PersonId, type TimelineLine } from '@lianban/model';
import type { CaseRow } from '../workspace/workspace.ts';
import { inboxOf, RECENT_MS } from './inbox.ts';

const market = DepartmentId.parse('350722-market');
const health = DepartmentId.parse('350722-health');
const li = PersonId.parse('limin@350722');
const chen = PersonId.parse('chenjing@350722');
const me = { person: li, departments: [market] };
const nowMs = 10 * RECENT_MS;

function line(
  type: string,
  person: PersonId,
  department: DepartmentId,
  atMs: number,
  subject: string | null = null,
): TimelineLine {
  return {
    id: EntryId.parse('0'.repeat(64)),
    type,
    person,
    department,
    atMs,
    deviceAtMs: atMs,
    confirmed: true,
    subject,
  };
}

function row(n: number, lead: DepartmentId, timeline: TimelineLine[]): CaseRow {
  return {
    state: {
      id: CaseId.parse(`350722-01hzy3v7k9q2m4n6p8r0s2${String(n).padStart(4, '0')}`),
      template: 'newborn',
      templateVersion: 1,
      secrecy: 'internal',
      lead,
      applicant: null,
      number: null,
      openedBy: timeline[0]?.person ?? chen,
      openedAtMs: 0,
      confirmed: true,
      participants: [lead],
      documents: [],
      timeline,
      caseSeq: 1,
    },
    label: String(n),
    numbered: true,
    delivery: 'relay',
    lastHeardMs: n,
  };
}

const labelsOf = (inbox: ReturnType<typeof inboxOf>): Record<string, string[]> =>
  Object.fromEntries(
    Object.entries(inbox).map(([group, rows]) => [group, (rows as { row: CaseRow }[]).map((one) => one.row.label)]),
  );

describe('the inbox', () => {
  it('shows what others brought my department into, newest first', () => {
    const rows = [
      row(1, health, [
        line('case.opened', chen, health, nowMs - 9),
        line('department.added', chen, health, nowMs - 8, market),
      ]),
      row(2, market, [line('case.opened', chen, health, nowMs - 5)]),
    ];
    expect(labelsOf(inboxOf(rows, me, nowMs))).toEqual({ fresh: ['2', '1'], changed: [], mine: [] });
  });

  it('does not call new what I did myself, nor what came more than seven days ago', () => {
    const rows = [
      row(1, health, [line('case.opened', chen, health, 0), line('department.added', li, market, nowMs, market)]),
      row(2, health, [
        line('case.opened', chen, health, 0),
        line('department.added', chen, health, nowMs - RECENT_MS - 1, market),
      ]),
    ];
    expect(labelsOf(inboxOf(rows, me, nowMs))).toEqual({ fresh: [], changed: [], mine: [] });
  });

  it('puts a case into one group only: moved on by others before mine', () => {
    const rows = [
      row(1, market, [line('case.opened', li, market, nowMs - 9), line('document.added', chen, health, nowMs - 1)]),
      row(2, market, [line('case.opened', li, market, nowMs - 9)]),
    ];
    expect(labelsOf(inboxOf(rows, me, nowMs))).toEqual({ fresh: [], changed: ['1'], mine: ['2'] });
  });
});
