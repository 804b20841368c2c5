import { DepartmentId, PersonId, Wording } from '@lianban/model';
import type { Awareness } from 'y-protocols/awareness';

/** Somebody at work in a document, under `user` in the presence state; the relay overwrites what a client claims. */
export interface PresentUser {
  person: PersonId;
  name: Wording;
  department: DepartmentId;
}

/** Everybody a document's presence shows, by client id; states of another shape are nobody. */
export function presentUsers(awareness: Awareness): Map<number, PresentUser> {
  const users = new Map<number, PresentUser>();
  for (const [clientId, state] of awareness.getStates()) {
    const user: unknown = state['user'];
    if (typeof user !== 'object' || user === null) continue;
    const { person, name, department } = user as Record<string, unknown>;
    const who = PersonId.safeParse(person);
    const called = Wording.safeParse(name);
    const where = DepartmentId.safeParse(department);
    if (who.success && called.success && where.success) {
      users.set(clientId, { person: who.data, name: called.data, department: where.data });
    }
  }
  return users;
}
