import { CaseId, EntryId, JurisdictionCode, type LedgerItem, type Receipt, type SealedEntry } from '@lianban/model';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { LedgerStore } from '../ports.ts';
import type { StoreUnderTest } from './doc-store-contract.ts';

const A = CaseId.parse('350481-01k8x0000000000000000000aa');
const B = CaseId.parse('350481-01k8x0000000000000000000bb');

/** What every ledger store keeps, whatever it is made of. */
export function ledgerStoreContract(name: string, open: () => Promise<StoreUnderTest<LedgerStore>>): void {
  describe(`${name} as a ledger store`, () => {
    let under: StoreUnderTest<LedgerStore>;
    let store: LedgerStore;
    beforeEach(async () => {
      under = await open();
      store = under.store;
    });
    afterEach(() => under.close());

    it('is empty at first', async () => {
      expect(await store.cases()).toEqual([]);
      expect(await store.ledger(A)).toEqual([]);
      expect(await store.outgoing()).toEqual([]);
      expect(await store.cursor()).toBeUndefined();
    });

    it('keeps own entries and their place in the outbox, in order, after a reload too', async () => {
      await store.appendOwn([
        { caseId: A, entry: entry(1), atMs: 10 },
        { caseId: A, entry: entry(2), atMs: 11 },
      ]);
      await store.appendOwn([{ caseId: B, entry: entry(3), atMs: 12 }]);
      const again = await under.reopen();
      expect(await again.outgoing()).toEqual([
        { caseId: A, entry: entry(1), atMs: 10 },
        { caseId: A, entry: entry(2), atMs: 11 },
        { caseId: B, entry: entry(3), atMs: 12 },
      ]);
      expect(await again.ledger(A)).toEqual([{ entry: entry(1) }, { entry: entry(2) }]);
      expect((await again.cases()).sort()).toEqual([A, B]);
    });

    it('takes an entry out of the outbox with its receipt and stores the cursor with it', async () => {
      await store.appendOwn([{ caseId: A, entry: entry(1), atMs: 10 }]);
      await store.receive([{ caseId: A, item: confirmed(1) }], 'c1');
      const again = await under.reopen();
      expect(await again.outgoing()).toEqual([]);
      expect(await again.ledger(A)).toEqual([confirmed(1)]);
      expect(await again.cursor()).toBe('c1');
    });

    it('keeps an own entry in the outbox that comes back without a receipt', async () => {
      await store.appendOwn([{ caseId: A, entry: entry(1), atMs: 10 }]);
      await store.receive([{ caseId: A, item: { entry: entry(1) } }]);
      expect(await store.outgoing()).toEqual([{ caseId: A, entry: entry(1), atMs: 10 }]);
    });

    it('leaves the cursor alone when what comes in is not from the feed', async () => {
      await store.receive([], 'c1');
      await store.receive([{ caseId: A, item: confirmed(1) }]);
      expect(await store.cursor()).toBe('c1');
    });

    it('takes twice as once, and never loses a receipt or a payload again', async () => {
      await store.receive([{ caseId: A, item: confirmed(1) }], 'c1');
      await store.receive([{ caseId: A, item: confirmed(1) }], 'c2');
      const { payload: _, ...withheld } = entry(1);
      await store.receive([{ caseId: A, item: { entry: withheld } }], 'c3');
      expect(await store.ledger(A)).toEqual([confirmed(1)]);
      expect(await store.cursor()).toBe('c3');
    });

    it('takes up a payload that was withheld at first', async () => {
      const { payload: _, ...withheld } = entry(1);
      await store.receive([{ caseId: A, item: { entry: withheld } }]);
      await store.receive([{ caseId: A, item: { entry: entry(1) } }]);
      expect(await store.ledger(A)).toEqual([{ entry: entry(1) }]);
    });

    it('appends an own entry once', async () => {
      await store.appendOwn([{ caseId: A, entry: entry(1), atMs: 10 }]);
      await store.receive([{ caseId: A, item: confirmed(1) }]);
      await store.appendOwn([{ caseId: A, entry: entry(1), atMs: 10 }]);
      expect(await store.ledger(A)).toEqual([confirmed(1)]);
      expect(await store.outgoing()).toEqual([]);
    });

    it('lists a refused entry with its code', async () => {
      await store.appendOwn([{ caseId: A, entry: entry(1), atMs: 10 }]);
      await store.refused(entry(1).id, 'forbidden');
      expect((await (await under.reopen()).outgoing())[0]?.refusedCode).toBe('forbidden');
    });

    it('shows another account nothing', async () => {
      await store.appendOwn([{ caseId: A, entry: entry(1), atMs: 10 }]);
      await store.receive([], 'c1');
      const other = await under.other();
      expect(await other.cases()).toEqual([]);
      expect(await other.ledger(A)).toEqual([]);
      expect(await other.outgoing()).toEqual([]);
      expect(await other.cursor()).toBeUndefined();
    });
  });
}

function entry(number: number): SealedEntry {
  return {
    id: EntryId.parse(String(number).padStart(64, '0')),
    text: `{"n":${number}}`,
    payload: '{"title":"题"}',
    alg: 'none',
  };
}

function confirmed(number: number): LedgerItem {
  const receipt: Receipt = {
    relay: JurisdictionCode.parse('350481'),
    incarnation: 'i1',
    n: number,
    ev: entry(number).id,
    kind: 'home',
    time: 1,
    aclEpoch: 0,
    verdict: 'ok',
    caseSeq: number,
    alg: 'none',
  };
  return { entry: entry(number), receipt };
}
