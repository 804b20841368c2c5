import { docIdOf, DocumentNumber, type DepartmentId } from '@lianban/model';
import type { SharedDoc } from '@lianban/sync';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type * as Y from 'yjs';
import { signIn, until, type Desk } from '../support/desk.ts';
import { startRelay, type RelayProcess } from '../support/relay-process.ts';

const ROUNDS = Number(process.env['LIANBAN_KILLS'] ?? 20);
const TYPISTS = ['limin', 'wanglei', 'chenjing', 'sunqian', 'zhaoqiang'];

let relay: RelayProcess;
beforeAll(async () => {
  relay = await startRelay();
}, 60_000);
afterAll(() => relay.close());

interface Typist {
  desk: Desk;
  shared: SharedDoc;
  /** Words of this typist that the relay has acknowledged. */
  acknowledged: Set<string>;
  /** Words of others that have been seen here. */
  received: Set<string>;
  typed: number;
}

describe('SIGKILL of the relay while five people type', () => {
  it(
    `loses nothing that anybody received or was told had arrived, ${ROUNDS} times, once every desk is gone too`,
    { timeout: 60_000 + ROUNDS * 20_000 },
    async () => {
      const first = await signIn(relay.url, 'limin');
      const departments = new Set<DepartmentId>();
      const desks: Desk[] = [];
      for (const account of TYPISTS) {
        const desk = await signIn(relay.url, account);
        desks.push(desk);
        departments.add(desk.department);
      }
      const caseId = await first.openCase(first.department, [...departments]);
      const docId = docIdOf({ caseId, part: 'doc', number: DocumentNumber.parse('1') });
      const everything = new Set<string>();
      let kills = 0;
      let acknowledgedInAll = 0;

      for (let round = 0; round < ROUNDS; round++) {
        const typists: Typist[] = [];
        for (const account of TYPISTS) {
          // a new desk with nothing kept: what the last round left at the relay is all there is
          const desk = await signIn(relay.url, account);
          const shared = await desk.openDoc(docId);
          typists.push({ desk, shared, acknowledged: new Set(), received: new Set(), typed: 0 });
        }
        const words = (doc: Y.Doc): Y.Array<string> => doc.getArray('default');
        await until(
          () => typists.every(({ shared }) => shared.status().at === 'open' && shared.loaded()),
          20_000,
          'all are in',
        );
        for (const typist of typists) {
          const present = new Set(words(typist.shared.doc).toArray());
          const missing = [...everything].filter((word) => !present.has(word));
          expect(missing, `round ${round}: missing at ${typist.desk.person}`).toEqual([]);
          words(typist.shared.doc).observe((event) => {
            if (event.transaction.local) return;
            for (const { insert } of event.changes.delta)
              for (const word of (insert ?? []) as string[]) typist.received.add(word);
          });
        }

        // each types until the relay has died under their hands, and a little longer
        let dead = false;
        const typing = typists.map(async (typist, who) => {
          const waiting: string[] = [];
          const settle = (): void => {
            // acknowledgements come in order: the oldest that no longer wait have arrived
            while (waiting.length > typist.shared.waiting()) typist.acknowledged.add(waiting.shift() as string);
          };
          for (let after = 0; after < 5; after += dead ? 1 : 0) {
            const word = `r${round}-p${who}-${typist.typed++}`;
            waiting.push(word);
            words(typist.shared.doc).push([word]);
            settle();
            await new Promise((resolve) => setTimeout(resolve, 1 + ((who * 7 + typist.typed * 3) % 5)));
            settle();
          }
        });
        await until(
          () => typists.every(({ acknowledged }) => acknowledged.size > 5 + ((round * 13) % 40)),
          20_000,
          'typing is under way',
        );
        await relay.kill();
        kills++;
        dead = true;
        await Promise.all(typing);
        for (const { acknowledged, received } of typists) {
          acknowledgedInAll += acknowledged.size;
          for (const word of acknowledged) everything.add(word);
          for (const word of received) everything.add(word);
        }
        // every desk is gone, with all it kept
        for (const { shared } of typists) await shared.close();
        await relay.start();
      }

      const last = await signIn(relay.url, 'limin');
      const shared = await last.openDoc(docId);
      await until(() => shared.loaded() && shared.status().at === 'open', 20_000, 'the last look');
      const present = new Set(shared.doc.getArray<string>('default').toArray());
      expect([...everything].filter((word) => !present.has(word))).toEqual([]);
      await shared.close();
      expect(kills).toBe(ROUNDS);
      expect(acknowledgedInAll).toBeGreaterThan(ROUNDS * TYPISTS.length * 5);
    },
  );
});
