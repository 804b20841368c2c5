import { DepartmentId, PersonId } from '@lianban/model';
import { describe, expect, it } from 'vitest';
import { attendees } from './case-presence.ts';

const one = (account: string, lastHeardMs: number, self = false, clientId = 1) => ({
  clientId,
  person: PersonId.parse(`${account}@350481`),
  name: { zh: account, en: account },
  department: DepartmentId.parse('350481-market'),
  lastHeardMs,
  self,
});

describe('who is in a case', () => {
  it('shows one avatar for a person in two tabs, with the later word', () => {
    const list = attendees([one('li', 100, false, 1), one('li', 90_000, false, 2)], 100_000);
    expect(list).toHaveLength(1);
    expect(list[0]?.away).toBe(false);
  });

  it('turns grey at 30 s and puts the grey behind the others and oneself last', () => {
    const list = attendees([one('me', 0, true), one('away', 70_000), one('here', 70_001)], 100_000);
    expect(list.map(({ present, away }) => [present.person.split('@')[0], away])).toEqual([
      ['here', false],
      ['away', true],
      ['me', false],
    ]);
  });

  it('is oneself in whatever tab', () => {
    expect(attendees([one('me', 99_000, false, 1), one('me', 10, true, 2)], 100_000)[0]?.present.self).toBe(true);
  });
});
