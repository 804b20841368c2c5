import { longHistory, textOf } from '../edits.ts';
import { inRounds, timesH, withPeers, type Measure } from '../figures.ts';
import { endOf, openLine } from '../line.ts';
import { startPeer, type Peer, type Seat } from '../peers.ts';
import { clockAfter, writeInto } from '../write.ts';

/** Longer than any server needs to store what it was sent, ms. */
const SETTLE_MS = 4_000;
const GIVE_UP_MS = 5_000;

/** The first opening of a document with a long history, in a process that has just started. */
export const coldOpen: Measure = {
  name: 'cold-open',
  async run({ peers, note }) {
    const history = longHistory();
    const end = clockAfter(history);
    const durable = peers.filter((name) => name !== 'B');
    const lost = new Set<string>();
    const figures = await withPeers(durable, startPeer, async (started) => {
      const seats = new Map<string, Seat>();
      for (const [name, peer] of started) {
        const [room] = await peer.rooms(1);
        if (!room) throw new Error('no room');
        const seat = await room.seat(0);
        seats.set(name, seat);
        await writeInto(room, history);
      }
      await new Promise((resolve) => setTimeout(resolve, SETTLE_MS));
      return inRounds(
        durable,
        async (name) => {
          const peer = started.get(name) as Peer;
          await peer.stop();
          await peer.start();
          const opened = await open(seats.get(name) as Seat, history, end);
          if (opened === undefined) lost.add(name);
          return opened ?? { ms: Number.NaN, kilobytes: Number.NaN };
        },
        { warmUp: false },
      );
    });
    if (lost.has('L')) throw new Error('L: a history was lost over a restart');
    for (const name of lost) note(`${name} did not have the whole history any more after a restart by SIGTERM.`);
    const what = `cold open of a ${Math.round(history.edits / 1_000)},000-edit history (${history.what}) after a restart`;
    return [
      {
        measure: what,
        unit: 'ms',
        target: { ...timesH('at most', 0.5, 0.35), must: '≤ 0.5 H, sent once' },
        figures: figures.ms,
      },
      { measure: `${what}: on the line`, unit: 'kB', figures: figures.kilobytes },
    ];
  },
};

async function open(
  seat: Seat,
  history: ReturnType<typeof longHistory>,
  end: number,
): Promise<{ ms: number; kilobytes: number } | undefined> {
  const got: Uint8Array[] = [];
  let clock = 0;
  let atMs = 0;
  const begun = performance.now();
  const line = openLine(seat, {
    clientIds: [],
    onUpdate: (update) => {
      got.push(update.slice());
      clock = Math.max(clock, endOf(update, history.clientId));
      atMs = performance.now() - begun;
    },
  });
  await line.synced;
  while (clock < end && performance.now() - begun < GIVE_UP_MS) await new Promise((resolve) => setTimeout(resolve, 5));
  const kilobytes = line.bytesIn() / 1_024;
  await line.close();
  if (clock < end || textOf(got) !== history.text) return undefined;
  return { ms: atMs, kilobytes };
}
