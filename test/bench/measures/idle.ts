import { caret, typeSeeded } from '../edits.ts';
import { inRounds, timesH, type Measure } from '../figures.ts';
import { openLine, type Line } from '../line.ts';
import { startPeer, type Room } from '../peers.ts';

/** Memory of a server per connected client that does nothing: a fresh process each time, collected before and after. */
export const idle: Measure = {
  name: 'idle',
  async run({ peers, scaled }) {
    const clients = scaled(1_000);
    const documents = Math.max(1, Math.round(clients / 10));
    const { after } = typeSeeded(1_000, { seed: 1, clientId: 11 });
    const figures = await inRounds(
      peers,
      async (name) => {
        const peer = await startPeer(name);
        try {
          const rooms = await peer.rooms(documents + 5);
          // what every server loads lazily is there before the first reading
          await closeAll(await connect(rooms.slice(0, 5), 50, after));
          const before = await peer.restingBytes();
          const lines = await connect(rooms.slice(5), clients, after);
          const bytes = (await peer.restingBytes()) - before;
          for (const line of lines) if (line.ended() !== undefined) throw new Error(`${name}: ${line.ended()}`);
          await closeAll(lines);
          return { perClient: bytes / clients / 1024 };
        } finally {
          await peer.close();
        }
      },
      { warmUp: false },
    );
    const what = `idle memory per client (${clients} clients, ${documents} documents)`;
    return [{ measure: what, unit: 'kB', target: timesH('at most', 0.45, 0.38), figures: figures.perClient }];
  },
};

/** Clients spread over the documents, each with its caret shown; the first of each document brings its text. */
async function connect(rooms: readonly Room[], count: number, text: Uint8Array): Promise<Line[]> {
  const lines: Line[] = [];
  for (let i = 0; i < count; i++) {
    const room = rooms[i % rooms.length] as Room;
    const isFirst = i < rooms.length;
    const clientIds = [1_000 + i, ...(isFirst ? [11] : [])];
    const line = openLine(await room.seat(i), { clientIds, ...(isFirst && { unsent: text }) });
    lines.push(line);
    // a few at a time: this is about rest, not about the rush
    if (i % 20 === 19) await Promise.all(lines.slice(-20).map(({ synced }) => synced));
  }
  await Promise.all(lines.map(({ synced }) => synced));
  for (const [i, line] of lines.entries()) line.sendPresence(caret(1_000 + i, 1, 0));
  return lines;
}

async function closeAll(lines: readonly Line[]): Promise<void> {
  await Promise.all(lines.map((line) => line.close()));
}
