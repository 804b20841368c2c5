import {
  headsOf,
  reduceCase,
  verify,
  type CaseId,
  type CaseState,
  type DeviceId,
  type Digest,
  type EntryId,
  type LedgerFact,
  type LedgerItem,
  type VerifiedEntry,
} from '@lianban/model';
import type { LedgerStore } from '@lianban/sync';

/** Where this device stands in the ledger of a case: what the next entry needs to be sealed. */
export interface ChainEnd {
  dseq: number;
  prev: EntryId | undefined;
  deps: EntryId[];
  /** Device time of this device's last entry, ms. */
  lastMs: number;
}

/** Every case of an account in memory, folded from its ledgers. */
export interface CaseBook {
  /** Reads all ledgers once. */
  load(): Promise<void>;
  /** Reads these ledgers again. */
  reload(caseIds: Iterable<CaseId>): Promise<void>;
  state(caseId: CaseId): CaseState | null;
  states(): CaseState[];
  /** Read from the store, not from memory: another tab may have appended. */
  chainEnd(caseId: CaseId, device: DeviceId): Promise<{ facts: LedgerFact[]; end: ChainEnd }>;
}

/** Makes an empty book over a store. An entry that does not verify stays in the store and has no effect. */
export function createCaseBook(store: LedgerStore, digest: Digest): CaseBook {
  const states = new Map<CaseId, CaseState>();
  const verified = new Map<EntryId, VerifiedEntry>();
  // one reading after the other, so that an older one never ends last
  let reading: Promise<void> = Promise.resolve();

  return {
    async load() {
      await inTurn(async () => {
        await Promise.all((await store.cases()).map(read));
      });
    },
    async reload(caseIds) {
      await inTurn(async () => {
        await Promise.all([...new Set(caseIds)].map(read));
      });
    },
    state: (caseId) => states.get(caseId) ?? null,
    states: () => [...states.values()],
    async chainEnd(caseId, device) {
      const all = await factsOf(caseId);
      const outgoing = await store.outgoing();
      const refused = new Set(outgoing.filter((item) => item.refusedCode !== undefined).map((item) => item.entry.id));
      const own = all.filter(({ entry }) => entry.entry.device === device);
      own.sort((a, b) => a.entry.entry.dseq - b.entry.entry.dseq);
      // the chain as the home relay has it, and what goes on from there: a refused entry and what was sealed behind it
      // will never be in it
      let last = own.filter(({ receipt }) => receipt !== undefined).at(-1)?.entry;
      const lost = new Set<EntryId>();
      for (const { entry, receipt } of own) {
        if (receipt !== undefined) continue;
        const follows = entry.entry.dseq === (last?.entry.dseq ?? 0) + 1 && entry.entry.prev === last?.id;
        if (follows && !refused.has(entry.id)) last = entry;
        else lost.add(entry.id);
      }
      const facts = all.filter(({ entry }) => !lost.has(entry.id));
      return {
        facts,
        end: {
          dseq: last?.entry.dseq ?? 0,
          prev: last?.id,
          deps: headsOf(facts.map((fact) => fact.entry)),
          lastMs: last ? Number(last.entry.hlc.split('.')[0]) : 0,
        },
      };
    },
  };

  function inTurn(run: () => Promise<void>): Promise<void> {
    const done = reading.then(run);
    reading = done.catch(() => {});
    return done;
  }

  async function read(caseId: CaseId): Promise<void> {
    const state = reduceCase(await factsOf(caseId));
    if (state) states.set(caseId, state);
    else states.delete(caseId);
  }

  async function factsOf(caseId: CaseId): Promise<LedgerFact[]> {
    const items = await store.ledger(caseId);
    const facts = await Promise.all(items.map(factOf));
    return facts.flatMap((fact) => (fact && fact.entry.entry.case === caseId ? [fact] : []));
  }

  async function factOf({ entry, receipt }: LedgerItem): Promise<LedgerFact | null> {
    let known = verified.get(entry.id);
    // a payload that was withheld may have come
    if (!known || (known.sealed.payload === undefined && entry.payload !== undefined)) {
      const result = await verify(entry, digest);
      if (!result.ok) return null;
      known = result.value;
      verified.set(entry.id, known);
    }
    return receipt ? { entry: known, receipt } : { entry: known };
  }
}
