import type { TimelineLine } from '@lianban/model';
import { t } from '../text/text.svelte.ts';
import { departmentName, type CaseDesk, personName } from '../workspace/case-desk.ts';

/** From this difference on a line shows both its times: when it was recorded and when the home relay received it. */
export const TWO_TIMES_MS = 2 * 60_000;

/** True when a confirmed line was recorded so long before that it says so. */
export function hasTwoTimes(line: TimelineLine): boolean {
  return line.confirmed && Math.abs(line.atMs - line.deviceAtMs) > TWO_TIMES_MS;
}

/** What happened, as a sentence. */
export function eventWords(desk: CaseDesk, line: TimelineLine): string {
  const who = personName(desk, line.person);
  switch (line.type) {
    case 'case.opened':
      return t.caseEventOpened(who);
    case 'department.added':
      return line.subject === null
        ? t.caseEventOther(who)
        : t.caseEventDepartment(who, departmentName(desk, line.subject));
    case 'document.added':
      return line.subject === null ? t.caseEventDocumentUntitled(who) : t.caseEventDocument(who, line.subject);
    default:
      return t.caseEventOther(who);
  }
}
