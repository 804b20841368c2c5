import { LianbanError, type CaseId, type DepartmentId, type DeviceId, type PersonId } from '@lianban/model';
import type { FeedRow, LedgerLog, LedgerRow } from './ledger-log.ts';

/** A ledger log that forgets: for tests, and the plainest statement of the feed's rule. */
export function createMemoryLedgerLog(): LedgerLog {
  const rows: LedgerRow[] = [];
  const since = new Map<CaseId, Map<DepartmentId, number>>();
  const counters = new Map<string, number>();
  const devices = new Map<DeviceId, PersonId>();

  /** Receipt at which a case became visible to these departments; undefined while it is not. */
  const visibleFrom = (caseId: CaseId, departments: readonly DepartmentId[]): number | undefined => {
    const joined = departments.map((department) => since.get(caseId)?.get(department)).filter((n) => n !== undefined);
    return joined.length === 0 ? undefined : Math.min(...joined);
  };

  return {
    head: async () => {
      const last = rows.at(-1);
      return last === undefined ? { n: 0 } : { n: last.receipt.n, receiptHash: last.receiptHash };
    },
    append: async (batch) => {
      let n = rows.length;
      for (const row of batch.rows)
        if (row.receipt.n !== ++n) throw new LianbanError('unexpected', 'not the next receipt');
      for (const row of batch.rows) {
        rows.push(row);
        const participants = since.get(row.caseId) ?? new Map<DepartmentId, number>();
        for (const department of row.joined) participants.set(department, row.receipt.n);
        since.set(row.caseId, participants);
      }
      for (const { home, year, last } of batch.counters) counters.set(`${home} ${year}`, last);
      for (const { device, person } of batch.devices) if (!devices.has(device)) devices.set(device, person);
    },
    ledger: async (caseId) =>
      rows.filter((row) => row.caseId === caseId).map(({ entry, receipt }) => ({ entry, receipt })),
    lastNumber: async (home, year) => counters.get(`${home} ${year}`) ?? 0,
    feed: async (departments, after, limit) => {
      const all: FeedRow[] = rows.flatMap(({ caseId, entry, receipt }) => {
        const from = visibleFrom(caseId, departments);
        return from === undefined ? [] : [{ at: Math.max(receipt.n, from), caseId, item: { entry, receipt } }];
      });
      all.sort((a, b) => a.at - b.at);
      const waiting = all.filter((row) => row.at > after);
      const last = waiting[limit - 1];
      return last === undefined ? waiting : waiting.filter((row) => row.at <= last.at);
    },
    casesOf: async (departments, before, limit) =>
      rows
        .filter(
          ({ receipt, caseId }) =>
            receipt.caseSeq === 1 && receipt.n < before && visibleFrom(caseId, departments) !== undefined,
        )
        .map(({ receipt, caseId }) => ({ caseId, openedN: receipt.n }))
        .reverse()
        .slice(0, limit),
    bindDevice: async (device, person) => {
      if (!devices.has(device)) devices.set(device, person);
    },
    devices: async () => [...devices].map(([device, person]) => ({ device, person })),
  };
}
