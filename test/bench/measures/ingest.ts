import { until } from '../../support/desk.ts';
import { typeSeeded } from '../edits.ts';
import { inRounds, timesH, withPeers, type Measure } from '../figures.ts';
import { createReceivers, openLine } from '../line.ts';
import { startPeer, type Peer } from '../peers.ts';

const CLIENT = 61;
/** Edits that may be under way; Hocuspocus takes a multiple of the time for a backlog that comes all at once. */
const WINDOW = 1_000;

/** Somebody's backlog sent edit by edit; over when a reader has it all and, where there are any, the acknowledgements too. */
export const ingest: Measure = {
  name: 'ingest',
  async run({ peers, scaled }) {
    const durable = peers.filter((name) => name !== 'B');
    const writing = typeSeeded(scaled(20_000), { seed: 9, clientId: CLIENT });
    const figures = await withPeers(
      durable,
      (name) => startPeer(name, { lifted: true }),
      (started) =>
        inRounds(durable, async (name) => {
          const peer = started.get(name) as Peer;
          const [room] = await peer.rooms(1);
          if (!room) throw new Error('no room');
          const receiver = createReceivers(CLIENT).receiver();
          let moved = Promise.withResolvers<void>();
          const reader = openLine(await room.seat(1), {
            onUpdate: (update) => {
              receiver.onUpdate(update);
              moved.resolve();
            },
          });
          const writer = openLine(await room.seat(0), { clientIds: [CLIENT] });
          await Promise.all([reader.synced, writer.synced]);
          const count = writing.updates.length;
          const begun = performance.now();
          for (let sent = 0; sent < count;) {
            const until = Math.min(count, receiver.clock() + WINDOW);
            while (sent < until) writer.sendUpdate(writing.updates[sent++] as Uint8Array);
            await moved.promise;
            moved = Promise.withResolvers();
          }
          const isTold = (): boolean => name === 'Y' || writer.acknowledged() >= count;
          await until(() => receiver.clock() >= count && isTold(), 60_000, `${name}: takes ${count} edits`);
          const tookMs = performance.now() - begun;
          await Promise.all([reader.close(), writer.close()]);
          return { perSecond: (count / tookMs) * 1_000 };
        }),
    );
    return [
      {
        measure: `ingest of a backlog of ${writing.updates.length} single edits`,
        unit: 'edits/s',
        target: timesH('at least', 1.5, 2),
        figures: figures.perSecond,
      },
    ];
  },
};
