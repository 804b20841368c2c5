import { until } from '../../support/desk.ts';
import { caret, typeSeeded } from '../edits.ts';
import { timesH, withPeers, ROUNDS, type Measure, type Row } from '../figures.ts';
import { createReceivers, openLine } from '../line.ts';
import { startPeer, type Peer } from '../peers.ts';

const CLIENT = 51;
/** A quick typist, and below the rate at which carets are bundled. */
const EVERY_MS = 125;

/** Bytes of one keystroke with the caret that moves with it. The bytes do not hang on time, so all servers run at once. */
export const keystroke: Measure = {
  name: 'keystroke',
  async run({ peers, scaled }) {
    const durable = peers.filter((name) => name !== 'B');
    const writing = typeSeeded(scaled(30), { seed: 8, clientId: CLIENT });
    const toPeer: Row['figures'] = {};
    const back: Row['figures'] = {};
    await withPeers(durable, startPeer, async (started) => {
      for (let round = 1; round <= ROUNDS; round++) {
        await Promise.all(
          [...started].map(async ([name, peer]) => {
            const bytes = await type(peer, writing);
            (toPeer[name] ??= []).push(bytes.toPeer);
            (back[name] ??= []).push(bytes.back);
          }),
        );
      }
    });
    const must = 'an acknowledgement';
    return [
      {
        measure: 'a keystroke with its cursor, to a peer',
        unit: 'bytes',
        target: timesH('at most', 0.6, 0.35),
        figures: toPeer,
      },
      {
        measure: 'a keystroke with its cursor, back to the writer',
        unit: 'bytes',
        target: { must, wants: must },
        figures: back,
      },
    ];
  },
};

async function type(
  peer: Peer,
  { updates, clientId }: ReturnType<typeof typeSeeded>,
): Promise<{ toPeer: number; back: number }> {
  const [room] = await peer.rooms(1);
  if (!room) throw new Error('no room');
  const receiver = createReceivers(clientId).receiver();
  const reader = openLine(await room.seat(1), { onUpdate: receiver.onUpdate });
  const writer = openLine(await room.seat(0), { clientIds: [clientId] });
  await Promise.all([reader.synced, writer.synced]);
  await new Promise((resolve) => setTimeout(resolve, 300));
  const before = { toPeer: reader.bytesIn(), back: writer.bytesIn() };
  for (const [i, update] of updates.entries()) {
    writer.sendUpdate(update);
    writer.sendPresence(caret(clientId, i + 1, i));
    await new Promise((resolve) => setTimeout(resolve, EVERY_MS));
  }
  await until(() => receiver.clock() === updates.length, 5_000, `${peer.name}: the keystrokes arrive`);
  await new Promise((resolve) => setTimeout(resolve, 300));
  const bytes = {
    toPeer: (reader.bytesIn() - before.toPeer) / updates.length,
    back: (writer.bytesIn() - before.back) / updates.length,
  };
  await Promise.all([reader.close(), writer.close()]);
  return bytes;
}
