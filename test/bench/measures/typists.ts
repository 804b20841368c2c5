import { typeSeeded, textOf } from '../edits.ts';
import { inRounds, percentile, timesH, withPeers, type Measure } from '../figures.ts';
import { endOf, openLine, type Line } from '../line.ts';
import { startPeer, type Peer, type PeerName, type Room } from '../peers.ts';
import { seededRandom } from '@lianban/sync/testing';
import { until } from '../../support/desk.ts';

const TYPISTS = 4;
const FIRST_ID = 100;
/** Lines opened together: how they come in is measured elsewhere. */
const AT_ONCE = 50;

/** Many documents with four people each who type one character a second. */
export const typists: Measure = {
  name: 'typists',
  async run({ peers, scaled, scaledMs }) {
    const documents = scaled(500);
    const figures = await withPeers(peers, startPeer, async (started) => {
      const rooms = new Map<PeerName, Room[]>();
      for (const [name, peer] of started) rooms.set(name, await peer.rooms(documents));
      return inRounds(peers, (name, round) =>
        type(started.get(name) as Peer, rooms.get(name) ?? [], round, scaledMs(round === 0 ? 1_500 : 5_000)),
      );
    });
    const what = `${documents} documents x 4 typists at 1 edit/s`;
    return [
      {
        measure: `${what}: server CPU per delivered edit`,
        unit: 'us',
        target: timesH('at most', 0.65, 0.5),
        figures: figures.cpuUs,
      },
      {
        measure: `${what}: p99 latency`,
        unit: 'ms',
        target: {
          must: '≤ 1 H, < 25 ms',
          wants: '≤ 0.7 H',
          holds: (median) => median('L') <= median('H') && median('L') < 25,
        },
        figures: figures.p99Ms,
      },
    ];
  },
};

async function type(
  peer: Peer,
  rooms: readonly Room[],
  round: number,
  forMs: number,
): Promise<{ cpuUs: number; p99Ms: number }> {
  const random = seededRandom(round);
  // one before the clock runs, one in the second that has just begun
  const edits = Math.ceil(forMs / 1_000) + 2;
  const writings = Array.from({ length: TYPISTS }, (_, k) =>
    typeSeeded(edits, { seed: k + 1, clientId: FIRST_ID + 10 * round + k }),
  );
  const latencies: number[] = [];
  let delivered = 0;
  let sent = 0;
  const papers = rooms.map((room) => ({
    room,
    sentAt: new Map<string, number>(),
    got: [] as Uint8Array[],
  }));
  const lines: { line: Line; k: number; next: number; paper: (typeof papers)[number] }[] = [];
  for (const paper of papers) {
    for (let k = 0; k < TYPISTS; k++) {
      const others = writings.filter((_, other) => other !== k).map(({ clientId }) => clientId);
      const clocks = new Map<number, number>();
      const onUpdate = (update: Uint8Array): void => {
        const now = performance.now();
        if (k === 0) paper.got.push(update.slice());
        for (const clientId of others) {
          const end = endOf(update, clientId);
          for (let clock = clocks.get(clientId) ?? 0; clock < end; clock++) {
            delivered++;
            latencies.push(now - (paper.sentAt.get(`${clientId} ${clock}`) as number));
          }
          if (end > 0) clocks.set(clientId, end);
        }
      };
      const line = openLine(await paper.room.seat(k), { clientIds: [FIRST_ID + 10 * round + k], onUpdate });
      lines.push({ line, k, next: 0, paper });
      if (lines.length % AT_ONCE === 0) await Promise.all(lines.slice(-AT_ONCE).map((one) => one.line.synced));
    }
  }
  await Promise.all(lines.map(({ line }) => line.synced));
  // the first edit of each binds a client id or loads a document: that is not typing yet
  const typeOne = (typist: (typeof lines)[number]): void => {
    const { clientId, updates } = writings[typist.k] as (typeof writings)[number];
    typist.paper.sentAt.set(`${clientId} ${typist.next}`, performance.now());
    typist.line.sendUpdate(updates[typist.next++] as Uint8Array);
    sent++;
  };
  lines.forEach(typeOne);
  await until(() => delivered === sent * (TYPISTS - 1), 15_000, `${peer.name}: the first edits arrive`);

  latencies.length = 0;
  const deliveredBefore = delivered;
  const cpuBefore = peer.cpuMs();
  const begun = performance.now();
  // one after the other, each once a second, but at moments of their own: people do not keep time
  const order = lines.map((line) => ({ line, place: random.next() })).sort((a, b) => a.place - b.place);
  let dueMs = 0;
  for (let turn = 0; turn < (order.length * forMs) / 1_000; turn++) {
    dueMs += (-Math.log(1 - random.next()) * 1_000) / order.length;
    const waitMs = dueMs - (performance.now() - begun);
    if (waitMs > 1) await new Promise((resolve) => setTimeout(resolve, waitMs));
    typeOne((order[turn % order.length] as (typeof order)[number]).line);
  }
  await until(() => delivered === sent * (TYPISTS - 1), 15_000, `${peer.name}: every edit reaches the three others`);
  const cpuMs = peer.cpuMs() - cpuBefore;
  const figures = { cpuUs: (cpuMs * 1_000) / (delivered - deliveredBefore), p99Ms: percentile(latencies, 0.99) };

  const [paper] = papers;
  const others = lines.filter((line) => line.paper === paper && line.k !== 0).reduce((sum, { next }) => sum + next, 0);
  if (!paper || textOf(paper.got).length < others) throw new Error(`${peer.name}: a text is not what was typed`);
  await Promise.all(lines.map(({ line }) => line.close()));
  return figures;
}
