import { until } from '../../support/desk.ts';
import { textOf, typeSeeded, type Writing } from '../edits.ts';
import { inRounds, timesH, withPeers, type Measure, type Stage } from '../figures.ts';
import { createReceivers, openLine, type Line } from '../line.ts';
import { startPeer, type Peer } from '../peers.ts';

const READERS = 50;
/**
 * Edits that may be under way. Hocuspocus delivers most at about this: with fewer it waits for the writer, with more it
 * merges more of them at once, which costs it more than it saves.
 */
const WINDOW = 1_000;
/** The same where a connection is read at its limit: what is under way has to come through afterwards. */
const SMALL_WINDOW = 60;

/** One writer who types as fast as the server takes it, 50 readers. */
export const fanOut: Measure = {
  name: 'fan-out',
  async run(stage) {
    const { peers, note, scaledMs } = stage;
    const writing = typeSeeded(stage.scaled(250_000), { seed: 2, clientId: 21 });
    const rows = await withPeers(
      peers,
      (name) => startPeer(name, { lifted: true }),
      async (started) => {
        const figures = await inRounds(peers, (name, round) =>
          saturate(started.get(name) as Peer, writing, scaledMs(round === 0 ? 1_000 : 2_500)),
        );
        return [
          {
            measure: 'fan-out, 1 writer to 50, saturated',
            unit: 'edits delivered/s',
            target: timesH('at least', 1.25, 2),
            figures: figures.delivered,
          },
          {
            measure: 'server CPU per delivered edit, saturated',
            unit: 'us',
            target: timesH('at most', 0.6, 0.4),
            figures: figures.cpuUs,
          },
        ];
      },
    );
    if (peers.includes('L')) note(await underLimits(stage, writing));
    return rows;
  },
};

async function saturate(
  peer: Peer,
  writing: Writing,
  forMs: number,
  window = WINDOW,
): Promise<{ delivered: number; cpuUs: number }> {
  const { clientId, updates } = writing;
  const [room] = await peer.rooms(1);
  if (!room) throw new Error('no room');
  const receivers = createReceivers(clientId);
  let moved = Promise.withResolvers<void>();
  const readers: { line: Line; clock: () => number }[] = [];
  for (let i = 0; i < READERS; i++) {
    const receiver = receivers.receiver();
    const onUpdate = (update: Uint8Array): void => {
      receiver.onUpdate(update);
      if (i === READERS - 1) moved.resolve();
    };
    readers.push({ clock: receiver.clock, line: openLine(await room.seat(i + 1), { onUpdate }) });
  }
  const writer = openLine(await room.seat(0), { clientIds: [clientId] });
  await Promise.all([writer, ...readers.map(({ line }) => line)].map(({ synced }) => synced));

  const slowest = (): number => Math.min(...readers.map(({ clock }) => clock()));
  const all = (): number => readers.reduce((sum, { clock }) => sum + clock(), 0);
  let sent = 0;
  const cpuBefore = peer.cpuMs();
  const begun = performance.now();
  while (performance.now() - begun < forMs && sent < updates.length) {
    const free = window - (sent - slowest());
    for (let i = 0; i < Math.min(free, 500) && sent < updates.length; i++)
      writer.sendUpdate(updates[sent++] as Uint8Array);
    // never spin: the server needs the other core, and the readers this one
    await Promise.race([moved.promise, new Promise((resolve) => setTimeout(resolve, 5))]);
    moved = Promise.withResolvers();
    if (writer.ended() !== undefined) throw new Error(`${peer.name}: the writer was ${writer.ended()}`);
  }
  const delivered = all();
  const tookMs = performance.now() - begun;
  const cpuMs = peer.cpuMs() - cpuBefore;

  await until(() => slowest() === sent, 30_000, `${peer.name}: every reader has all ${sent} edits`);
  const byHand = textOf(updates.slice(0, sent));
  if (textOf(receivers.frames) !== byHand)
    throw new Error(`${peer.name}: the readers hold another text than the writer`);
  await Promise.all([writer, ...readers.map(({ line }) => line)].map((line) => line.close()));
  return { delivered: (delivered / tookMs) * 1_000, cpuUs: (cpuMs * 1_000) / delivered };
}

/** What one connection gets through when Lianban's limits are on. */
async function underLimits({ scaledMs }: Stage, writing: Writing): Promise<string> {
  const peer = await startPeer('L');
  try {
    const forMs = scaledMs(8_000);
    const { delivered } = await saturate(peer, writing, forMs, SMALL_WINDOW);
    return `Lianban's limits per connection are lifted for saturated measures. With them one writer alone gets ${Math.round(delivered / READERS)} edits/s through over ${forMs / 1000} s (burst included).`;
  } finally {
    await peer.close();
  }
}
