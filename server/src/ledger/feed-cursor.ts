import type { DepartmentId } from '@lianban/model';
import { sha256Hex } from '../host.ts';

/** What a cursor stands for: a place in the feed of one relay's incarnation, as seen by one set of departments. */
export interface FeedPlace {
  incarnation: string;
  departments: readonly DepartmentId[];
}

/** Writes a cursor: `<incarnation>.<hash of the departments>.<place>`; opaque to who holds it. */
export function cursorOf(place: FeedPlace, at: number): string {
  return `${prefixOf(place)}${at}`;
}

/**
 * The place a cursor names, 0 for none. A cursor of another incarnation, of another set of departments or of no known
 * form means 0 too: what the caller holds may lack something, and items come twice without harm.
 */
export function placeOf(cursor: string | undefined, place: FeedPlace): number {
  const prefix = prefixOf(place);
  if (!cursor?.startsWith(prefix)) return 0;
  const at = cursor.slice(prefix.length);
  return /^\d{1,15}$/.test(at) ? Number(at) : 0;
}

function prefixOf({ incarnation, departments }: FeedPlace): string {
  return `${incarnation}.${sha256Hex([...departments].sort().join(' ')).slice(0, 16)}.`;
}
