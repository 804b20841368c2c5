import { describe, expect, it } from 'vitest';
import { createMemoryUpdateLog } from '../docs/memory-update-log.ts';
import { systemClock, systemDigest } from '../host.ts';
import type { LedgerLog } from '../ledger/ledger-log.ts';
import { createMemoryLedgerLog } from '../ledger/memory-ledger-log.ts';
import { createDevices } from '../org/devices.ts';
import { createMemoryOrgStore } from '../org/memory-org-store.ts';
import { openOrg } from '../org/org.ts';
import { loadDemo, type DemoParts } from './load.ts';

async function parts(): Promise<DemoParts> {
  const facts = new Map<string, string>();
  const ledgerLog = createMemoryLedgerLog();
  return {
    facts: { get: (name) => facts.get(name), set: async (name, value) => void facts.set(name, value) },
    org: await openOrg(createMemoryOrgStore()),
    passwords: { hash: () => Promise.resolve('h'), matches: () => Promise.resolve(false), isBusy: () => false },
    ledgerLog,
    devices: createDevices([], () => Promise.resolve()),
    updateLog: createMemoryUpdateLog(),
    relay: () => ({ id: 'r', incarnation: 'i', jurisdiction: null }),
    clock: systemClock,
    digest: systemDigest,
  };
}

/** Everything a load made, as text. */
async function contents({ org, ledgerLog, updateLog }: DemoParts): Promise<string> {
  const sees = org.directory.departments.map(({ id }) => id);
  const items = await ledgerLog.feed(sees, 0, 10_000);
  const docs = (await updateLog.docs()).sort((a, b) => (a.docId < b.docId ? -1 : 1));
  const papers = await Promise.all(docs.map(({ docId }) => updateLog.load(docId)));
  const bytes = papers.map(({ tail }) => tail.map((row) => Buffer.from(row.bytes).toString('hex')));
  return JSON.stringify({
    directory: org.directory,
    items,
    docs: docs.map(({ docId, headSeq }) => [docId, headSeq]),
    bytes,
  });
}

describe('loading the demo', () => {
  it('is done once', async () => {
    const demo = await parts();
    await loadDemo(demo);
    const first = await contents(demo);
    expect(first.length).toBeGreaterThan(50_000);
    const untouched: LedgerLog = { ...demo.ledgerLog, head: () => Promise.reject(new Error('loaded again')) };
    await loadDemo({
      ...demo,
      ledgerLog: untouched,
      org: { ...demo.org, change: () => Promise.reject(new Error('again')) },
    });
    expect(await contents(demo)).toBe(first);
  });

  it('goes on where it was cut short, at every place, and ends the same', async () => {
    const whole = await parts();
    await loadDemo(whole);
    const baseMs = whole.facts.get('demo-base-ms') ?? '';
    const expected = await contents(whole);
    for (const cutAfter of [0, 1, 7, 40]) {
      const demo = await parts();
      // as if the first start had been at the same hour
      await demo.facts.set('demo-base-ms', baseMs);
      let left = cutAfter;
      const cut = <T>(what: () => Promise<T>): Promise<T> =>
        left-- > 0 ? what() : Promise.reject(new Error('the power is gone'));
      await expect(
        loadDemo({
          ...demo,
          ledgerLog: { ...demo.ledgerLog, append: (batch) => cut(() => demo.ledgerLog.append(batch)) },
          updateLog: { ...demo.updateLog, append: (batch) => cut(() => demo.updateLog.append(batch)) },
        }),
      ).rejects.toThrow();
      expect(demo.facts.get('demo-loaded')).toBeUndefined();
      await loadDemo(demo);
      expect(await contents(demo)).toBe(expected);
    }
  });
});
