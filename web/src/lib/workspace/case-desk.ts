import type { CaseState, DocumentKind, PersonId } from '@lianban/model';
import { moment, t, words } from '../text/text.svelte.ts';
import type { Names } from './names.ts';
import type { SignedIn } from './workspace.ts';

/** What every piece of a case page looks at. */
export interface CaseDesk {
  state: CaseState;
  names: Names;
  me: SignedIn;
  nowMs: number;
}

/** Short name of a department in the language of now. */
export function departmentName(desk: { names: Names }, id: string): string {
  const department = desk.names.department(id);
  return department ? words(department.short) : t.caseUnknownDepartment;
}

/** Name of a person; "you" stays a matter of the sentence. */
export function personName(desk: { names: Names; me: SignedIn }, id: string | null): string {
  if (id === desk.me.person) return words(desk.me.name);
  const person = id === null ? undefined : desk.names.person(id);
  return person ? words(person.name) : t.caseUnknownPerson;
}

/** Who set something and when: name, department where it is another than one's own, and time. */
export function byLine(desk: CaseDesk, person: PersonId | null, at: number | null): string {
  const department = person === null ? undefined : desk.names.departmentOf(person, desk.state.participants);
  const other = department && department.id !== desk.me.department ? words(department.short) : '';
  const time = at === null ? '' : caseMoment(at, desk.nowMs);
  return t.caseEnteredBy(personName(desk, person), other, time);
}

/** Time today, else date and time: what two values are told apart by. */
export function caseMoment(atMs: number, nowMs: number): string {
  const short = moment(atMs, nowMs);
  const sameDay = new Date(atMs).toDateString() === new Date(nowMs).toDateString();
  if (sameDay) return short;
  // one word: a date is never broken at its hyphen nor parted from its time
  return `${short.replaceAll('-', '\u2060-\u2060').replaceAll(' ', '\u00a0')}\u00a0${moment(atMs, atMs)}`;
}

/** Name of the home relay's place, for "confirmed by" and the temporary number. */
export function homeName(desk: CaseDesk): string {
  const place = desk.names.jurisdiction(desk.state.id.slice(0, 6));
  return place ? words(place.name) : desk.state.id.slice(0, 6);
}

/** The word for a kind of document. */
export function kindName(kind: DocumentKind): string {
  switch (kind) {
    case 'opinion':
      return t.caseKindOpinion;
    case 'minutes':
      return t.caseKindMinutes;
    case 'notice':
      return t.caseKindNotice;
  }
}
