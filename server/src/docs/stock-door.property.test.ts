import { SYNC_STEP_1, SYNC_STEP_2 } from '@lianban/sync';
import * as fc from 'fast-check';
import { afterAll, describe, expect, it } from 'vitest';
import * as Y from 'yjs';
import { createCompactor } from './compactor.ts';
import { syncFrame } from './door-frames.ts';
import type { FakeSocket } from './door-for-tests.ts';
import { changeFrame, createTestDoor, FILE, LI, NOTE, readRelayFrame, turn, WANG } from './door-for-tests.ts';
import type { LoadedDoc } from './update-log.ts';

const seed = process.env['LIANBAN_SEED'];
const compactor = createCompactor();
afterAll(() => compactor.close());

const Step = fc.oneof(
  {
    weight: 6,
    arbitrary: fc.record({
      do: fc.constant('type' as const),
      who: fc.nat(2),
      at: fc.nat(30),
      text: fc.string({ minLength: 1, maxLength: 3 }),
    }),
  },
  { weight: 3, arbitrary: fc.record({ do: fc.constant('erase' as const), who: fc.nat(2), at: fc.nat(30) }) },
  { weight: 8, arbitrary: fc.record({ do: fc.constant('deliver' as const), who: fc.nat(2), frames: fc.nat(4) }) },
  { weight: 1, arbitrary: fc.record({ do: fc.constant('cut' as const), who: fc.nat(2) }) },
  { weight: 3, arbitrary: fc.record({ do: fc.constant('connect' as const), who: fc.nat(2) }) },
  {
    weight: 2,
    arbitrary: fc.record({
      do: fc.constantFrom('hold' as const, 'commit' as const, 'release' as const, 'lose' as const),
    }),
  },
  { weight: 2, arbitrary: fc.record({ do: fc.constantFrom('compact' as const, 'turn' as const) }) },
);
type Step = typeof Step extends fc.Arbitrary<infer T> ? T : never;

/** A stock client on a line that delivers when it is told to and loses what is under way when it is cut. */
class StockClient {
  readonly doc = new Y.Doc();
  private socket: FakeSocket | undefined;
  private inbox: Uint8Array[] = [];
  private outbox: Uint8Array[] = [];
  private readonly open: () => FakeSocket;

  constructor(clientId: number, open: () => FakeSocket) {
    this.open = open;
    this.doc.clientID = clientId;
    this.doc.on('update', (update: Uint8Array, origin: unknown) => {
      if (origin !== 'relay' && this.socket) this.outbox.push(changeFrame(update));
    });
  }
  get isConnected(): boolean {
    return this.socket !== undefined && this.socket.closeCode === undefined;
  }
  get isQuiet(): boolean {
    return this.inbox.length === 0 && this.outbox.length === 0;
  }
  /** The relay closed the line with a code on which a stock client never comes back. */
  get isStopped(): boolean {
    const code = this.socket?.closeCode ?? 0;
    return code >= 4400 && code < 4500;
  }
  connect(): void {
    if (this.isConnected) return;
    this.cut();
    this.socket = this.open();
    const { socket } = this;
    const send = socket.send.bind(socket);
    socket.send = (frame) => {
      send(frame);
      if (this.socket === socket) this.inbox.push(frame);
    };
    this.outbox.push(syncFrame(SYNC_STEP_1, Y.encodeStateVector(this.doc)));
  }
  cut(): void {
    const { socket } = this;
    this.socket = undefined;
    this.inbox = [];
    this.outbox = [];
    socket?.hangUp();
  }
  /** Delivers everything and waits until the relay has dealt with it: a question is answered in its turn. */
  async drain(): Promise<void> {
    const { socket } = this;
    if (!socket || this.isStopped) return;
    this.outbox.push(Uint8Array.of(3));
    const before = socket.of('presence').length;
    this.deliver(Infinity);
    await socket.until(() => socket.of('presence').length > before || !this.isConnected);
    this.deliver(Infinity);
  }
  deliver(frames: number): void {
    // what the relay does not read waits on this side
    if (!this.socket?.isPaused) for (const frame of this.outbox.splice(0, frames)) this.socket?.say(frame);
    for (const bytes of this.inbox.splice(0, frames)) {
      const frame = readRelayFrame(bytes);
      if (frame.kind === 'step-1')
        this.outbox.push(syncFrame(SYNC_STEP_2, Y.encodeStateAsUpdate(this.doc, frame.bytes)));
      else if (frame.kind === 'step-2' || frame.kind === 'update') Y.applyUpdate(this.doc, frame.bytes, 'relay');
    }
  }
}

function replay({ snapshot, tail }: LoadedDoc): Y.Doc {
  const doc = new Y.Doc();
  for (const bytes of [...(snapshot ? [snapshot.bytes] : []), ...tail.map((row) => row.bytes)])
    Y.applyUpdate(doc, bytes);
  return doc;
}

describe('the stock door', () => {
  it('makes all agree with what is stored, whatever is cut, lost, held back or compacted, and tells nothing that is not stored', async () => {
    const done = { told: 0, lost: 0, edits: 0, reconnects: 0 };
    await fc.assert(
      fc.asyncProperty(fc.array(Step, { minLength: 40, maxLength: 120 }), async (steps) => {
        const test = createTestDoor(compactor);
        const people = [LI, WANG, LI];
        const clients = people.map((person, index) => {
          test.gate.allow(`t${index}`, { person });
          return new StockClient(index + 1, () => {
            const socket = test.open(`t${index}`);
            const send = socket.send.bind(socket);
            socket.send = (frame) => {
              told.push(frame);
              send(frame);
            };
            return socket;
          });
        });
        const told: Uint8Array[] = [];
        /** Everything told so far is in the log at this moment. */
        const checkTold = async (): Promise<void> => {
          const kept = Y.encodeStateAsUpdate(replay(await test.log.load(FILE)));
          const state = Y.encodeStateVectorFromUpdate(kept);
          for (const bytes of told.splice(0)) {
            const frame = readRelayFrame(bytes);
            if (frame.kind !== 'step-2' && frame.kind !== 'update') continue;
            expect(Y.decodeUpdate(Y.diffUpdate(frame.bytes, state)).structs).toEqual([]);
            done.told++;
          }
        };
        for (const client of clients) client.connect();
        await turn();
        for (const step of steps) {
          const client = 'who' in step ? (clients[step.who] as StockClient) : undefined;
          const note = client?.doc.getText(NOTE);
          switch (step.do) {
            case 'type':
              note?.insert(Math.min(step.at, note.length), step.text);
              done.edits++;
              break;
            case 'erase':
              note?.delete(Math.min(step.at, note.length), Math.min(2, note.length - Math.min(step.at, note.length)));
              break;
            case 'deliver':
              client?.deliver(step.frames);
              break;
            case 'cut':
              client?.cut();
              break;
            case 'connect':
              client?.connect();
              await turn();
              done.reconnects++;
              break;
            case 'hold':
              test.log.hold();
              break;
            case 'commit':
              test.log.commit();
              break;
            case 'release':
              test.log.release();
              break;
            case 'lose':
              done.lost += test.log.waiting;
              test.log.lose();
              await turn();
              break;
            case 'compact': {
              const { snapshot, flagged } = await compactor.compact(await test.log.source(FILE));
              expect(flagged).toEqual([]);
              if (snapshot.seq > 0) void test.log.writeSnapshot(FILE, snapshot, []).catch(() => undefined);
              break;
            }
            case 'turn':
              await turn();
              break;
          }
          await checkTold();
        }
        test.log.release();
        for (let quiet = 0; quiet < 2;) {
          const isQuiet = clients.every((client) => client.isQuiet && client.isConnected);
          quiet = isQuiet ? quiet + 1 : 0;
          for (const client of clients) client.connect();
          await turn();
          for (const client of clients) await client.drain();
          await checkTold();
        }
        expect(clients.map(({ isStopped }) => isStopped)).toEqual([false, false, false]);
        const kept = replay(await test.log.load(FILE))
          .getText(NOTE)
          .toJSON();
        expect(clients.map(({ doc }) => doc.getText(NOTE).toJSON())).toEqual([kept, kept, kept]);
        expect(await test.log.quarantined()).toEqual([]);
        for (const client of clients) client.cut();
        test.log.commit();
        await turn();
        expect(test.door.rooms).toBe(0);
      }),
      { numRuns: Number(process.env['LIANBAN_RUNS'] ?? 60), ...(seed !== undefined && { seed: Number(seed) }) },
    );
    expect(Math.min(done.told, done.lost, done.edits, done.reconnects)).toBeGreaterThan(10);
  }, 600_000);
});
