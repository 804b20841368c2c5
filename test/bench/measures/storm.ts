import * as decoding from 'lib0/decoding';
import { until } from '../../support/desk.ts';
import { caret } from '../edits.ts';
import { inRounds, timesH, withPeers, type Measure } from '../figures.ts';
import { openLine, type Line } from '../line.ts';
import { startPeer, type Peer } from '../peers.ts';

const PEOPLE = 50;
const PER_SECOND = 10;

/** Fifty carets in one document that move ten times a second each. */
export const storm: Measure = {
  name: 'storm',
  async run({ peers, scaledMs }) {
    const figures = await withPeers(peers, startPeer, (started) =>
      inRounds(peers, (name, round) => move(started.get(name) as Peer, scaledMs(round === 0 ? 1_500 : 4_000))),
    );
    return [
      {
        measure: 'awareness storm, 50 x 10/s: server CPU per state and reader',
        unit: 'us',
        target: timesH('at most', 0.4, 0.15),
        figures: figures.cpuUs,
      },
    ];
  },
};

async function move(peer: Peer, forMs: number): Promise<{ cpuUs: number }> {
  const [room] = await peer.rooms(1);
  if (!room) throw new Error('no room');
  const people: { line: Line; newest: Map<number, number> }[] = [];
  for (let i = 0; i < PEOPLE; i++) {
    const newest = new Map<number, number>();
    const line = openLine(await room.seat(i), {
      clientIds: [500 + i],
      onPresence: (update) => readClocks(update, newest),
    });
    people.push({ line, newest });
  }
  await Promise.all(people.map(({ line }) => line.synced));
  let sent = 0;
  const cpuBefore = peer.cpuMs();
  const begun = performance.now();
  for (let turn = 0; ; turn++) {
    const dueMs = (turn * 1_000) / (PEOPLE * PER_SECOND);
    if (dueMs > forMs) break;
    const waitMs = dueMs - (performance.now() - begun);
    if (waitMs > 1) await new Promise((resolve) => setTimeout(resolve, waitMs));
    const who = turn % PEOPLE;
    people[who]?.line.sendPresence(caret(500 + who, Math.floor(turn / PEOPLE) + 1, turn));
    sent++;
  }
  const last = (who: number): number => Math.floor((sent - 1 - who) / PEOPLE) + 1;
  const hasAll = ({ newest }: (typeof people)[number], self: number): boolean =>
    people.every((_, who) => who === self || newest.get(500 + who) === last(who));
  await until(() => people.every(hasAll), 10_000, `${peer.name}: everybody sees every caret where it stopped`);
  const cpuMs = peer.cpuMs() - cpuBefore;
  await Promise.all(people.map(({ line }) => line.close()));
  return { cpuUs: (cpuMs * 1_000) / (sent * (PEOPLE - 1)) };
}

function readClocks(update: Uint8Array, newest: Map<number, number>): void {
  const decoder = decoding.createDecoder(update);
  for (let left = decoding.readVarUint(decoder); left > 0; left--) {
    const clientId = decoding.readVarUint(decoder);
    newest.set(clientId, decoding.readVarUint(decoder));
    const length = decoding.readVarUint(decoder);
    decoder.pos += length;
  }
}
