import * as Y from 'yjs';
import { until } from '../support/desk.ts';
import type { Writing } from './edits.ts';
import { endOf, openLine } from './line.ts';
import type { Room } from './peers.ts';

/** Frames sent before the others get a turn. */
const AT_ONCE = 200;

/** Puts writing into a room, an update a frame, on top of `known`; resolves when somebody else in the room has it all. */
export async function writeInto(room: Room, { clientId, updates, after }: Writing, known?: Writing): Promise<void> {
  const end = clockAfter({ clientId, after });
  let clock = 0;
  const watcher = openLine(await room.seat(1), {
    onUpdate: (update) => (clock = Math.max(clock, endOf(update, clientId))),
  });
  const writer = openLine(await room.seat(0), {
    clientIds: [clientId, ...(known ? [known.clientId] : [])],
    ...(known && { unsent: known.after }),
  });
  await Promise.all([watcher.synced, writer.synced]);
  for (const [i, update] of updates.entries()) {
    writer.sendUpdate(update);
    if (i % AT_ONCE === AT_ONCE - 1) await new Promise((resolve) => setImmediate(resolve));
  }
  await until(() => clock >= end, 60_000, `${room.dialect}: what was written is there`);
  await Promise.all([writer.close(), watcher.close()]);
}

/** The clock that a writing ends with. */
export function clockAfter({ clientId, after }: Pick<Writing, 'clientId' | 'after'>): number {
  return Y.decodeStateVector(Y.encodeStateVectorFromUpdate(after)).get(clientId) ?? 0;
}
