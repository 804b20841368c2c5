import { docIdOf, DocumentNumber, type DocId } from '@lianban/model';
import type { Random, SharedDoc } from '@lianban/sync';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { WebsocketProvider } from 'y-websocket';
import WebSocket from 'ws';
import * as Y from 'yjs';
import { random, signIn, until, type Desk } from '../support/desk.ts';
import { createGate, progressOf, type Gate } from '../support/gated-socket.ts';
import { startRelay, type RelayProcess } from '../support/relay-process.ts';
import { hasTrace, readTrace, type Trace } from '../support/traces.ts';

let relay: RelayProcess;
let li: Desk;
let wang: Desk;

beforeAll(async () => {
  relay = await startRelay();
  li = await signIn(relay.url, 'limin');
  wang = await signIn(relay.url, 'wanglei');
}, 60_000);
afterAll(() => relay.close());

async function newOpinion(): Promise<DocId> {
  const caseId = await li.openCase(li.department, [wang.department]);
  return docIdOf({ caseId, part: 'doc', number: DocumentNumber.parse('1') });
}

const textOf = (doc: Y.Doc): Y.Text => doc.getText('default');

function apply(shared: SharedDoc, trace: Trace, index: number): void {
  const text = textOf(shared.doc);
  shared.doc.transact(() => {
    for (const [position, deleted, inserted] of trace.txns[index]?.patches ?? []) {
      if (deleted > 0) text.delete(position, deleted);
      if (inserted !== '') text.insert(position, inserted);
    }
  }, 'editor');
}

/** A stock y-websocket program that joins late and only looks. */
async function readAsStranger(desk: Desk, docId: DocId): Promise<string> {
  const answer = await desk.request('/api/door-tokens', { method: 'POST', body: JSON.stringify({ docId }) });
  const { token } = (await answer.json()) as { token: string };
  const doc = new Y.Doc();
  const provider = new WebsocketProvider(`${relay.wsUrl}/yjs`, docId, doc, {
    params: { token },
    WebSocketPolyfill: WebSocket as unknown as typeof globalThis.WebSocket,
  });
  await until(() => provider.synced, 20_000, 'the stranger is in sync');
  const content = textOf(doc).toString();
  provider.destroy();
  return content;
}

/** Draws client ids in the lower or the upper half: Yjs orders concurrent inserts by id, as the trace was recorded. */
function half(upper: boolean): Random {
  return {
    bytes(length) {
      const bytes = random.bytes(length);
      if (length === 7) bytes[0] = upper ? 0x1f : 0x0f;
      return bytes;
    },
  };
}

describe.skipIf(!hasTrace('friendsforever'))('friendsforever: two people typing at once', () => {
  it(
    'ends in the recorded text on every replica, with the relay killed in the middle',
    { timeout: 300_000 },
    async () => {
      const trace = readTrace('friendsforever');
      const { txns } = trace;
      /** How many transactions of each agent were seen by transaction i, itself included. */
      const seen: [number, number][] = [];
      const counts: [number, number] = [0, 0];
      for (const [i, { parents, agent }] of txns.entries()) {
        const own: [number, number] = [0, 0];
        for (const parent of parents) {
          const [a, b] = seen[parent] as [number, number];
          own[0] = Math.max(own[0], a);
          own[1] = Math.max(own[1], b);
        }
        own[agent as 0 | 1] = counts[agent as 0 | 1] += 1;
        seen[i] = own;
      }
      /** Transactions after which the other one looked: their frame must not be joined with what follows. */
      const cuts = [new Set<number>(), new Set<number>()] as const;
      for (const [i, { agent }] of txns.entries())
        cuts[(1 - agent) as 0 | 1].add((seen[i] as [number, number])[1 - agent] as number);
      /** In the middle, where both had seen everything: there the relay dies. */
      const restartAt = txns.findIndex((_, i) => {
        if (i < txns.length / 2) return false;
        const all = (seen[i] as [number, number])[0] + (seen[i] as [number, number])[1] === i + 1;
        const other = txns.findIndex((txn, j) => j > i && txn.agent !== txns[i]?.agent);
        const me = txns[i]?.agent as 0 | 1;
        return all && other > 0 && (seen[other] as [number, number])[me] >= (seen[i] as [number, number])[me];
      });
      expect(restartAt).toBeGreaterThan(0);

      const docId = await newOpinion();
      const gates: [Gate, Gate] = [createGate(), createGate()];
      const shared = [
        await li.openDoc(docId, { WebSocketImpl: gates[0].WebSocketImpl, random: half(false) }),
        await wang.openDoc(docId, { WebSocketImpl: gates[1].WebSocketImpl, random: half(true) }),
      ] as const;
      const synced = (one: SharedDoc): boolean => {
        const status = one.status();
        return status.at === 'open' && status.settled;
      };
      await until(() => shared.every(synced), 20_000, 'both are in sync');
      for (const gate of gates) gate.setOpen(false);

      /** Progress of each agent after each of its transactions; index 0 is before the first. */
      const progress: [number[], number[]] = [[0], [0]];
      let made = 0;
      for (const { doc } of shared) {
        doc.on('update', (update: Uint8Array, origin: unknown) => {
          if (origin === 'editor') made += progressOf(update);
        });
      }
      for (const [i, { agent }] of txns.entries()) {
        const me = agent as 0 | 1;
        const other = (1 - agent) as 0 | 1;
        const needed = progress[other][(seen[i] as [number, number])[other]] as number;
        if (gates[me].passed() < needed) {
          gates[me].allow(needed);
          await until(() => gates[me].passed() >= needed, 20_000, `transaction ${i}: what was seen arrives`);
        }
        made = 0;
        apply(shared[me], trace, i);
        progress[me].push((progress[me].at(-1) as number) + made);
        if (cuts[me].has(progress[me].length - 1))
          await until(() => shared[me].waiting() === 0, 20_000, `transaction ${i} is acknowledged`);
        if (i === restartAt) {
          await until(() => shared[me].waiting() === 0, 20_000, 'everything is acknowledged');
          await relay.kill();
          for (const gate of gates) gate.setOpen(true);
          await relay.start();
          await until(() => shared.every(synced), 30_000, 'both are back');
          expect(textOf(shared[0].doc).toString()).toBe(textOf(shared[1].doc).toString());
          for (const [who, gate] of gates.entries()) {
            gate.setOpen(false);
            gate.setPassed(progress[(1 - who) as 0 | 1].at(-1) as number);
          }
        }
      }
      for (const gate of gates) gate.setOpen(true);
      await until(() => shared.every((one) => one.waiting() === 0), 30_000, 'everything is acknowledged');
      await until(
        () => shared.every((one) => textOf(one.doc).length === trace.endContent.length),
        30_000,
        'both have everything',
      );
      for (const one of shared) expect(textOf(one.doc).toString()).toBe(trace.endContent);
      expect(await readAsStranger(wang, docId)).toBe(trace.endContent);
      for (const one of shared) await one.close();
    },
  );
});

describe.skipIf(!hasTrace('seph-blog1'))('seph-blog1: one person typing 137,154 keystrokes', () => {
  it(
    'ends in the recorded text on every replica, with the relay killed in the middle',
    { timeout: 300_000 },
    async () => {
      const trace = readTrace('seph-blog1');
      const docId = await newOpinion();
      const writer = await li.openDoc(docId);
      const reader = await wang.openDoc(docId);
      const half = trace.txns.length >> 1;
      for (let i = 0; i < trace.txns.length; i++) {
        apply(writer, trace, i);
        if (i === half) {
          await relay.kill();
          await relay.start();
        }
        // a keystroke at a time, but not faster than the relay takes them
        if (i % 200 === 0) await until(() => writer.waiting() < 4_000, 60_000, `keystroke ${i} is taken`);
      }
      await until(() => writer.waiting() === 0, 60_000, 'everything is acknowledged');
      await until(() => textOf(reader.doc).length === trace.endContent.length, 60_000, 'the reader has everything');
      expect(textOf(writer.doc).toString()).toBe(trace.endContent);
      expect(textOf(reader.doc).toString()).toBe(trace.endContent);
      expect(await readAsStranger(wang, docId)).toBe(trace.endContent);
      await writer.close();
      await reader.close();
    },
  );
});
