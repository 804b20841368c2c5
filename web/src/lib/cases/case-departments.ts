import type { Department, Directory, Wording } from '@lianban/model';

/** A department that fits what was typed, with the name of its place. */
export interface FoundDepartment {
  department: Department;
  place: Wording;
}

/**
 * Departments that fit what was typed, at most `limit`: every word of it must occur in a name, a short name or the name
 * of the place, in either language. Those of the same place and of the places above come first.
 */
export function findDepartments(directory: Directory, asked: string, home: string, limit = 60): FoundDepartment[] {
  const places = new Map(directory.jurisdictions.map((place) => [place.code as string, place]));
  const distance = new Map<string, number>();
  for (let code: string | null = home, steps = 0; code !== null && steps < 8; steps++) {
    distance.set(code, steps);
    code = places.get(code)?.parent ?? null;
  }
  const parts = fold(asked).split(/\s+/).filter(Boolean);
  return directory.departments
    .flatMap((department) => {
      const place = places.get(department.jurisdiction)?.name ?? { zh: '', en: '' };
      const names = [department.name, department.short, place].flatMap(({ zh, en }) => [fold(zh), fold(en)]).join(' ');
      return parts.every((part) => names.includes(part)) ? [{ department, place }] : [];
    })
    .sort(
      (a, b) =>
        (distance.get(a.department.jurisdiction) ?? 9) - (distance.get(b.department.jurisdiction) ?? 9) ||
        (a.department.id < b.department.id ? -1 : 1),
    )
    .slice(0, limit);
}

function fold(text: string): string {
  return text.normalize('NFKC').toLowerCase();
}
