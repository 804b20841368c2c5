import { DepartmentKind, JurisdictionCode, Person, type Level, type Wording } from '@lianban/model';

/** Shortest password the relay takes for a first account, characters. */
export const MIN_PASSWORD_LENGTH = 15;

/** What the first coordinator fills in. The English names may be left out: the Chinese ones then stand in. */
export interface SetUpForm {
  place: string;
  placeName: string;
  placeNameEn: string;
  level: Level;
  department: string;
  departmentName: string;
  departmentNameEn: string;
  personName: string;
  account: string;
  password: string;
}

/** A field of the form that has to be right before it is sent. */
export type SetUpField =
  'place' | 'placeName' | 'department' | 'departmentName' | 'personName' | 'account' | 'password';

/** Why a relay was not set up. `used`: the code is wrong, or somebody was first. */
export type SetUpFailure = 'used' | 'offline' | 'unexpected';

/** The fields that are not right yet, in the order in which they stand on the page. */
export function wrongFields(form: SetUpForm): SetUpField[] {
  const right: Record<SetUpField, boolean> = {
    place: JurisdictionCode.safeParse(form.place.trim()).success,
    placeName: form.placeName.trim() !== '',
    department: DepartmentKind.safeParse(form.department.trim()).success,
    departmentName: form.departmentName.trim() !== '',
    personName: form.personName.trim() !== '',
    account: Person.shape.account.safeParse(form.account.trim()).success,
    password: form.password.length >= MIN_PASSWORD_LENGTH && form.password.length <= 200,
  };
  return (Object.keys(right) as SetUpField[]).filter((field) => !right[field]);
}

/** The body of `POST /api/setup`. The short name of the department is its kind, by which templates find it. */
export function firstRunOf(form: SetUpForm, code: string): unknown {
  const kind = form.department.trim();
  const name = both(form.departmentName, form.departmentNameEn);
  return {
    code,
    jurisdiction: { code: form.place.trim(), name: both(form.placeName, form.placeNameEn), level: form.level },
    department: { id: kind, kind, name, short: name },
    person: { account: form.account.trim(), name: both(form.personName, '') },
    password: form.password,
  };
}

/** Sets the relay up; null when it is. */
export async function setUpRelay(form: SetUpForm, code: string): Promise<SetUpFailure | null> {
  let response: Response;
  try {
    response = await fetch('/api/setup', {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify(firstRunOf(form, code)),
    });
  } catch {
    return 'offline';
  }
  if (response.ok) return null;
  return response.status === 403 ? 'used' : 'unexpected';
}

function both(zh: string, en: string): Wording {
  return { zh: zh.trim(), en: en.trim() === '' ? zh.trim() : en.trim() };
}
