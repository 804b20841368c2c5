import { typeSeeded } from '../edits.ts';
import { ROUNDS, withPeers, type Measure, type Row } from '../figures.ts';
import { createReceivers, endOf, openLine, type Line } from '../line.ts';
import { startPeer, type Peer, type Room } from '../peers.ts';

const CLIENT = 71;
const EVERY_MS = 50;
/** Stretches of typing before the kill, ms: below and above the longest that Hocuspocus waits before it stores. */
const STRETCHES_MS = [5_000, 14_000];

/** Edits that had been acknowledged, or that a reader had, and are gone after SIGKILL with every client gone too. */
export const kill: Measure = {
  name: 'kill',
  async run({ peers, scaledMs }) {
    const durable = peers.filter((name) => name !== 'B');
    const stretches = STRETCHES_MS.map(scaledMs);
    const rows = new Map<string, Row>();
    const add = (measure: string, name: keyof Row['figures'], figure: number): void => {
      const row: Row = rows.get(measure) ?? {
        measure,
        unit: '%',
        target: { must: '0', wants: '0', holds: (median) => median('L') === 0 },
        figures: {},
      };
      (row.figures[name] ??= []).push(figure);
      rows.set(measure, row);
    };
    await withPeers(durable, startPeer, async (started) => {
      for (let round = 1; round <= ROUNDS; round++) {
        await Promise.all(
          [...started].map(async ([name, peer]) => {
            for (const { stretchMs, acknowledged, received, present } of await typeAndKill(peer, stretches)) {
              const missing = (count: number): number =>
                count === 0 ? 0 : (100 * Math.max(0, count - present)) / count;
              const what = `missing after kill -9 and ${Math.round(stretchMs / 1_000)} s of typing`;
              // the bare protocol of Y has no acknowledgement
              if (name !== 'Y') add(`acknowledged edits ${what}`, name, missing(acknowledged));
              add(`received edits ${what}`, name, missing(received));
            }
          }),
        );
      }
    });
    const found = [...rows.values()].sort((a, b) => a.measure.localeCompare(b.measure));
    if (found.some(({ figures }) => figures.L?.some((share) => share > 0))) {
      throw new Error(
        `L: edits were lost: ${JSON.stringify(found.map(({ measure, figures }) => [measure, figures.L]))}`,
      );
    }
    return found;
  },
};

interface Outcome {
  stretchMs: number;
  acknowledged: number;
  received: number;
  present: number;
}

async function typeAndKill(peer: Peer, stretches: readonly number[]): Promise<Outcome[]> {
  const longest = Math.max(...stretches);
  const rooms = await peer.rooms(stretches.length);
  const papers = await Promise.all(
    stretches.map(async (stretchMs, i) => {
      const room = rooms[i] as Room;
      const writing = typeSeeded(Math.ceil(stretchMs / EVERY_MS), { seed: 10 + i, clientId: CLIENT });
      const receiver = createReceivers(CLIENT).receiver();
      await new Promise((resolve) => setTimeout(resolve, longest - stretchMs));
      const reader = openLine(await room.seat(1), { onUpdate: receiver.onUpdate });
      const writer = openLine(await room.seat(0), { clientIds: [CLIENT] });
      await Promise.all([reader.synced, writer.synced]);
      const begun = performance.now();
      for (const [at, update] of writing.updates.entries()) {
        writer.sendUpdate(update);
        const dueMs = begun + (at + 1) * EVERY_MS;
        await new Promise((resolve) => setTimeout(resolve, Math.max(0, dueMs - performance.now())));
      }
      return { room, stretchMs, receiver, lines: [reader, writer], writer };
    }),
  );
  await peer.kill();
  const seen = papers.map(({ writer, receiver }) => ({
    acknowledged: writer.acknowledged(),
    received: receiver.clock(),
  }));
  await Promise.all(papers.flatMap(({ lines }) => lines.map((line) => line.close())));
  await peer.start();
  const outcomes: Outcome[] = [];
  for (const [i, { room, stretchMs }] of papers.entries()) {
    outcomes.push({ stretchMs, ...(seen[i] as (typeof seen)[number]), present: await edits(room) });
  }
  return outcomes;
}

async function edits(room: Room): Promise<number> {
  let clock = 0;
  const line: Line = openLine(await room.seat(2), {
    onUpdate: (update) => (clock = Math.max(clock, endOf(update, CLIENT))),
  });
  await line.synced;
  // y-websocket answers first and reads what is stored afterwards
  await new Promise((resolve) => setTimeout(resolve, 500));
  await line.close();
  return clock;
}
