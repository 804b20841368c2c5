import type { Present } from '../workspace/workspace.ts';

/** From so many ms without a word somebody is drawn grey. */
export const AWAY_AFTER_MS = 30_000;

/** One avatar of the header. */
export interface Attendee {
  present: Present;
  away: boolean;
}

/**
 * The people in any open document of a case: one avatar each however many tabs and documents they have open, the
 * later word counts. The grey ones stand behind the others, oneself last.
 */
export function attendees(present: readonly Present[], nowMs: number): Attendee[] {
  const latest = new Map<string, Present>();
  for (const one of present) {
    const known = latest.get(one.person);
    if (!known || one.self || (!known.self && one.lastHeardMs > known.lastHeardMs)) latest.set(one.person, one);
  }
  return [...latest.values()]
    .map((one) => ({ present: one, away: !one.self && nowMs - one.lastHeardMs >= AWAY_AFTER_MS }))
    .sort(
      (a, b) =>
        Number(a.present.self) - Number(b.present.self) ||
        Number(a.away) - Number(b.away) ||
        (a.present.person < b.present.person ? -1 : 1),
    );
}
