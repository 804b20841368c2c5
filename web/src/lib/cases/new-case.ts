import type { Department, DepartmentId, Directory, Jurisdiction, Level, Template } from '@lianban/model';

/** What the form starts with for a template: the departments that usually do it, seen from a place. */
export interface Preselection {
  lead: DepartmentId | null;
  joint: DepartmentId[];
}

/** Departments that may lead: of the template's kind, mine first, then those of my place and of the places above it. */
export function leadChoices(template: Template, directory: Directory, mine: DepartmentId): Department[] {
  const chain = placesAbove(directory, mine).map((place) => place.code);
  const rank = ({ id, jurisdiction }: Department): number =>
    id === mine ? -1 : chain.includes(jurisdiction) ? chain.indexOf(jurisdiction) : chain.length;
  return directory.departments
    .filter((department) => department.kind === template.lead)
    .sort((a, b) => rank(a) - rank(b) || (a.id < b.id ? -1 : 1));
}

/**
 * Lead: the department of the template's kind in my place, else the nearest above. Joint: for every kind, the one at the
 * level the template names, in the lead's place or above it; where that level lies below or has none, the nearest.
 */
export function preselect(template: Template, directory: Directory, mine: DepartmentId): Preselection {
  const lead = leadChoices(template, directory, mine)[0]?.id ?? null;
  const joint = template.joint.flatMap(({ kind, level }) => {
    const found = nearest(directory, lead ?? mine, kind, level);
    return found && found.id !== lead ? [found.id] : [];
  });
  return { lead, joint: [...new Set(joint)] };
}

/** Departments whose name has the words, those of my place and above first; `words` empty finds nothing. */
export function findDepartments(directory: Directory, mine: DepartmentId, words: string): Department[] {
  const wanted = fold(words).split(/\s+/).filter(Boolean);
  if (wanted.length === 0) return [];
  const chain = placesAbove(directory, mine).map((place) => place.code);
  const places = new Map(directory.jurisdictions.map((place) => [place.code, place]));
  const textOf = ({ name, short, jurisdiction }: Department): string => {
    const place = places.get(jurisdiction)?.name;
    return fold([name.zh, name.en, short.zh, short.en, place?.zh ?? '', place?.en ?? ''].join('\n'));
  };
  const rank = ({ jurisdiction }: Department): number => {
    const at = chain.indexOf(jurisdiction);
    return at === -1 ? chain.length : at;
  };
  return directory.departments
    .filter((department) => {
      const text = textOf(department);
      return wanted.every((word) => text.includes(word));
    })
    .sort((a, b) => rank(a) - rank(b) || (a.id < b.id ? -1 : 1));
}

/** The place of a department, then its parents upward. */
export function placesAbove(directory: Directory, department: DepartmentId): Jurisdiction[] {
  const places = new Map(directory.jurisdictions.map((place) => [place.code, place]));
  const chain: Jurisdiction[] = [];
  let code = directory.departments.find(({ id }) => id === department)?.jurisdiction ?? null;
  while (code !== null) {
    const place = places.get(code);
    // a directory with a ring of parents would otherwise never end
    if (!place || chain.includes(place)) break;
    chain.push(place);
    code = place.parent;
  }
  return chain;
}

function nearest(directory: Directory, from: DepartmentId, kind: string, level: Level): Department | null {
  const chain = placesAbove(directory, from);
  const inPlace = (place: Jurisdiction | undefined): Department | null =>
    directory.departments.find((department) => department.jurisdiction === place?.code && department.kind === kind) ??
    null;
  const atLevel = inPlace(chain.find((place) => place.level === level));
  if (atLevel) return atLevel;
  for (const place of chain) {
    const found = inPlace(place);
    if (found) return found;
  }
  return null;
}

function fold(text: string): string {
  return text.normalize('NFKC').toLowerCase();
}
