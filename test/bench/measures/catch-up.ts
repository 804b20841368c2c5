import { until } from '../../support/desk.ts';
import { textOf, typeSeeded } from '../edits.ts';
import { inRounds, timesH, withPeers, type Measure } from '../figures.ts';
import { endOf, openLine } from '../line.ts';
import { startPeer, type Peer, type Seat } from '../peers.ts';
import { openWeakLine } from '../weak-line.ts';
import { clockAfter, writeInto } from '../write.ts';

const CLIENT = 41;
/** Longer than Hocuspocus waits before it stores what changed, and than a compaction takes, ms. */
const SETTLE_MS = 2_500;

/** Somebody who was away while 10,000 edits were made: what comes over the line, and how long it takes on a weak one. */
export const catchUp: Measure = {
  name: 'catch-up',
  async run({ peers, scaled }) {
    const durable = peers.filter((name) => name !== 'B');
    const known = typeSeeded(2_000, { seed: 5, clientId: CLIENT });
    const missed = typeSeeded(scaled(10_000), { seed: 6, clientId: CLIENT + 1, on: known.after, deletions: true });
    const end = clockAfter(missed);
    const figures = await withPeers(
      durable,
      (name) => startPeer(name, { lifted: true }),
      (started) =>
        inRounds(durable, async (name) => {
          const peer = started.get(name) as Peer;
          const [room] = await peer.rooms(1);
          if (!room) throw new Error('no room');
          const seat = await room.seat(0);
          await writeInto(room, missed, known);
          // those who wrote are still there: nothing has to be loaded first
          const present = openLine(await room.seat(1));
          await present.synced;
          await new Promise((resolve) => setTimeout(resolve, SETTLE_MS));
          const near = await fetchMissed(seat, missed, known.after, end);
          const weak = await openWeakLine(peer.port);
          const far = await fetchMissed(seat, missed, known.after, end, weak.port);
          await weak.close();
          await present.close();
          return { bytes: near.bytes, ms: near.ms, weakS: far.ms / 1_000 };
        }),
    );
    const what = `catching up ${missed.updates.length} missed edits`;
    return [
      { measure: `${what}: on the line`, unit: 'bytes', target: timesH('at most', 0.3, 0.15), figures: figures.bytes },
      { measure: `${what}: time on loopback`, unit: 'ms', figures: figures.ms },
      {
        measure: `${what}: time at 300 ms round trip, 128 kbit/s, token in hand`,
        unit: 's',
        target: timesH('at most', 0.45, 0.35),
        figures: figures.weakS,
      },
    ];
  },
};

async function fetchMissed(
  seat: Seat,
  missed: ReturnType<typeof typeSeeded>,
  known: Uint8Array,
  end: number,
  port?: number,
): Promise<{ bytes: number; ms: number }> {
  const got: Uint8Array[] = [];
  let clock = 0;
  const begun = performance.now();
  const line = openLine(seat, {
    vector: missed.before,
    clientIds: [],
    ...(port !== undefined && { port }),
    onUpdate: (update) => {
      got.push(update.slice());
      clock = Math.max(clock, endOf(update, missed.clientId));
    },
  });
  await line.synced;
  await until(() => clock >= end, 20_000, `${seat.room.dialect}: everything missed has come`);
  const ms = performance.now() - begun;
  const bytes = line.bytesIn();
  await line.close();
  if (textOf([known, ...got]) !== missed.text) throw new Error(`${seat.room.dialect}: another text after catching up`);
  return { bytes, ms };
}
