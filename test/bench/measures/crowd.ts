import { typeSeeded } from '../edits.ts';
import { inRounds, withPeers, type Measure } from '../figures.ts';
import { createReceivers, openLine } from '../line.ts';
import { startPeer, type Peer, type Seat } from '../peers.ts';
import { writeInto } from '../write.ts';

/** Who is not in sync by then has failed, ms. */
const GIVE_UP_MS = 20_000;
const CLIENT = 31;
/** Longer than Hocuspocus waits before it stores what changed, ms. */
const SETTLE_MS = 2_500;

/** Everybody comes back at one instant, each having missed a few edits of a document they know. */
export const crowd: Measure = {
  name: 'crowd',
  async run({ peers, scaled }) {
    const clients = scaled(1_000);
    const durable = peers.filter((name) => name !== 'B');
    const known = typeSeeded(1_000, { seed: 3, clientId: CLIENT });
    const missed = typeSeeded(50, { seed: 4, clientId: CLIENT + 1, on: known.after });
    const figures = await withPeers(durable, startPeer, (started) =>
      inRounds(durable, async (name, round) => {
        const peer = started.get(name) as Peer;
        const rooms = await peer.rooms(Math.max(1, Math.round(clients / 10)));
        for (const room of rooms) await writeInto(room, missed, known);
        const seats: Seat[] = [];
        for (let i = 0; i < clients; i++) seats.push(await (rooms[i % rooms.length] as (typeof rooms)[number]).seat(i));
        await new Promise((resolve) => setTimeout(resolve, SETTLE_MS));
        const alive = await comeBack(peer, seats, missed);
        if (round === 0) return { ...rename(alive, 'alive'), ...rename(alive, 'restarted') };
        await peer.stop();
        await peer.start();
        return { ...rename(alive, 'alive'), ...rename(await comeBack(peer, seats, missed), 'restarted') };
      }),
    );
    const what = `${clients} clients back in one instant`;
    const noFailure = (): boolean =>
      [...(figures.aliveFailed.L ?? []), ...(figures.restartedFailed.L ?? [])].every((count) => count === 0);
    const target = {
      must: '≤ 0.45 H, no failure',
      wants: '≤ 0.3 H',
      holds: (median: (name: 'H' | 'L') => number) => median('L') <= 0.45 * median('H') && noFailure(),
    };
    return [
      { measure: `${what}, all in sync, relay alive`, unit: 's', target, figures: figures.aliveS },
      { measure: `${what}, relay alive: not in sync after 20 s`, unit: 'clients', figures: figures.aliveFailed },
      { measure: `${what}, relay alive: server CPU per client`, unit: 'us', figures: figures.aliveCpuUs },
      { measure: `${what}, all in sync, relay restarted`, unit: 's', target, figures: figures.restartedS },
      {
        measure: `${what}, relay restarted: not in sync after 20 s`,
        unit: 'clients',
        figures: figures.restartedFailed,
      },
      { measure: `${what}, relay restarted: server CPU per client`, unit: 'us', figures: figures.restartedCpuUs },
    ];
  },
};

interface Return {
  S: number;
  Failed: number;
  CpuUs: number;
}

function rename<Prefix extends string>(figures: Return, prefix: Prefix): Record<`${Prefix}${keyof Return}`, number> {
  return Object.fromEntries(Object.entries(figures).map(([name, value]) => [prefix + name, value])) as never;
}

async function comeBack(peer: Peer, seats: readonly Seat[], missed: ReturnType<typeof typeSeeded>): Promise<Return> {
  const vector = missed.before;
  const end = missed.updates.length;
  const cpuBefore = peer.cpuMs();
  const begun = performance.now();
  let lastMs = 0;
  let inSync = 0;
  const receivers = new Map(seats.map(({ room }) => [room, createReceivers(missed.clientId)]));
  const lines = seats.map((seat) => {
    const receiver = (receivers.get(seat.room) as ReturnType<typeof createReceivers>).receiver();
    let done = false;
    return openLine(seat, {
      vector,
      clientIds: [],
      onUpdate: (update) => {
        receiver.onUpdate(update);
        if (done || receiver.clock() < end) return;
        done = true;
        inSync++;
        lastMs = performance.now() - begun;
      },
    });
  });
  while (inSync < lines.length && performance.now() - begun < GIVE_UP_MS) {
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
  const cpuUs = ((peer.cpuMs() - cpuBefore) * 1_000) / seats.length;
  const failed = lines.length - inSync;
  const why = [...new Set(lines.map((line) => line.ended() ?? 'still open'))];
  await Promise.all(lines.map((line) => line.close()));
  await new Promise((resolve) => setTimeout(resolve, 300));
  if (peer.name === 'L' && failed > 0) throw new Error(`L: ${failed} clients never came into sync (${why.join(', ')})`);
  return { S: (failed > 0 ? GIVE_UP_MS : lastMs) / 1_000, Failed: failed, CpuUs: cpuUs };
}
