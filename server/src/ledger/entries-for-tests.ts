import {
  CaseId,
  DepartmentId,
  DeviceId,
  PersonId,
  seal,
  type CaseEvent,
  type EntryId,
  type VerifiedEntry,
} from '@lianban/model';
import { systemDigest } from '../host.ts';

/** Somebody who seals entries on one device, as a browser would. */
export interface Author {
  person: PersonId;
  department: DepartmentId;
  device: DeviceId;
}

/** An author from plain words; devices differ by their letter. */
export function author(person: string, department: string, deviceLetter: string): Author {
  return {
    person: PersonId.parse(person),
    department: DepartmentId.parse(department),
    device: DeviceId.parse(deviceLetter.repeat(32)),
  };
}

/** A case of county 990121 whose id ends in a number. */
export function caseId(number: number, home = '990121'): CaseId {
  return CaseId.parse(`${home}-01hzy3v7k9q2m4n6p8r0s2${String(number).padStart(4, '0')}`);
}

/** Seals entries of one author in one case, one after the other. */
export function chain(of: CaseId, by: Author) {
  let dseq = 0;
  let prev: EntryId | undefined;
  const next = async (event: CaseEvent, at: { dseq: number; prev?: EntryId }): Promise<VerifiedEntry> =>
    seal(
      event,
      {
        caseId: of,
        ...by,
        dseq: at.dseq,
        ...(at.prev === undefined ? {} : { prev: at.prev }),
        deps: at.prev === undefined ? [] : [at.prev],
        hlc: { ms: 1_790_000_000_000 + at.dseq, counter: 0 },
        clockSuspect: false,
      },
      systemDigest,
    );
  return {
    /** The next entry. */
    seal: async (event: CaseEvent): Promise<VerifiedEntry> => {
      const entry = await next(event, { dseq: ++dseq, ...(prev === undefined ? {} : { prev }) });
      prev = entry.id;
      return entry;
    },
    /** Another entry in the place of the last one. */
    sealTwin: (event: CaseEvent, before?: EntryId): Promise<VerifiedEntry> =>
      next(event, { dseq, ...(before === undefined ? {} : { prev: before }) }),
  };
}

/** An opening led by a department. */
export function opened(lead: string, applicant = '江畔小馆'): CaseEvent {
  return {
    type: 'case.opened',
    body: { template: 'open-restaurant', templateVersion: 1, lead: DepartmentId.parse(lead), secrecy: 'internal' },
    payload: { applicant },
  };
}

/** A department joins. */
export function added(department: string): CaseEvent {
  return { type: 'department.added', body: { department: DepartmentId.parse(department) }, payload: null };
}

/** A document joins. */
export function documentAdded(number: string, title = '联合踏勘意见'): CaseEvent {
  return { type: 'document.added', body: { number: number as never, kind: 'opinion' }, payload: { title } };
}
