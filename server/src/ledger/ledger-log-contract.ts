import { DepartmentId, DeviceId, JurisdictionCode, PersonId, type CaseId, type Receipt } from '@lianban/model';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { author, caseId, chain, opened } from './entries-for-tests.ts';
import type { LedgerLog, LedgerRow } from './ledger-log.ts';

const li = author('li@990121', '990121-tax', 'a');
const [tax, fire, urban] = ['990121-tax', '990121-fire', '990121-urban'].map((id) => DepartmentId.parse(id)) as [
  DepartmentId,
  DepartmentId,
  DepartmentId,
];
const home = JurisdictionCode.parse('990121');
const nothing = { counters: [], devices: [] };

async function row(n: number, of: CaseId, caseSeq: number, joined: DepartmentId[] = []): Promise<LedgerRow> {
  const { sealed: entry } = await chain(of, li).seal(opened('990121-tax', `applicant ${n}`));
  const receipt: Receipt = {
    relay: home,
    incarnation: 'i',
    n,
    ...(n === 1 ? {} : { prevReceipt: String(n - 1).padStart(64, '0') }),
    ev: entry.id,
    kind: 'home',
    time: 1000 + n,
    aclEpoch: 0,
    verdict: 'ok',
    caseSeq,
    alg: 'none',
  };
  return { caseId: of, entry, receipt, receiptHash: String(n).padStart(64, '0'), joined };
}

/** What every ledger log keeps; `make` gives an empty one in whose directory `li@990121` is. */
export function describeLedgerLog(
  name: string,
  make: () => Promise<{ log: LedgerLog; reopen?: () => Promise<LedgerLog>; close: () => Promise<void> }>,
): void {
  describe(`ledger log: ${name}`, () => {
    let made: Awaited<ReturnType<typeof make>>;
    let log: LedgerLog;
    beforeEach(async () => {
      made = await make();
      log = made.log;
    });
    afterEach(() => made.close());

    const places = async (departments: DepartmentId[], after = 0, limit = 100): Promise<string[]> =>
      (await log.feed(departments, after, limit)).map(({ at, item }) => `${at}:${item.receipt?.n}`);

    it('is empty at first', async () => {
      expect(await log.head()).toEqual({ n: 0 });
      expect(await log.ledger(caseId(1))).toEqual([]);
      expect(await log.feed([tax], 0, 10)).toEqual([]);
      expect(await log.casesOf([tax], 10, 10)).toEqual([]);
      expect(await log.lastNumber(home, 2026)).toBe(0);
    });

    it('gives back what was put in, byte for byte, in the order of the case', async () => {
      const rows = [await row(1, caseId(1), 1, [tax]), await row(2, caseId(2), 1, [fire]), await row(3, caseId(1), 2)];
      await log.append({ ...nothing, rows });
      expect(await log.ledger(caseId(1))).toEqual(
        [rows[0], rows[2]].map((one) => ({ entry: one?.entry, receipt: one?.receipt })),
      );
      expect(await log.head()).toEqual({ n: 3, receiptHash: rows[2]?.receiptHash });
    });

    it('takes no batch that does not follow the head, and nothing of it', async () => {
      await log.append({ ...nothing, rows: [await row(1, caseId(1), 1, [tax])] });
      const late = { rows: [await row(2, caseId(2), 1), await row(4, caseId(3), 1)], counters: [], devices: [] };
      await expect(log.append({ ...late, counters: [{ home, year: 2026, last: 9 }] })).rejects.toThrow();
      expect(await log.head()).toMatchObject({ n: 1 });
      expect(await log.ledger(caseId(2))).toEqual([]);
      expect(await log.lastNumber(home, 2026)).toBe(0);
    });

    it('feeds each department what it takes part in', async () => {
      await log.append({
        ...nothing,
        rows: [await row(1, caseId(1), 1, [tax]), await row(2, caseId(2), 1, [fire]), await row(3, caseId(1), 2)],
      });
      expect(await places([tax])).toEqual(['1:1', '3:3']);
      expect(await places([fire])).toEqual(['2:2']);
      expect(await places([tax, fire])).toEqual(['1:1', '2:2', '3:3']);
      expect(await places([urban])).toEqual([]);
      expect(await places([])).toEqual([]);
      expect(await places([tax], 1)).toEqual(['3:3']);
      expect(await places([tax], 3)).toEqual([]);
    });

    it('delivers a case whole, its past included, where it became visible', async () => {
      await log.append({
        ...nothing,
        rows: [
          await row(1, caseId(1), 1, [tax]),
          await row(2, caseId(1), 2),
          await row(3, caseId(2), 1, [fire]),
          await row(4, caseId(1), 3, [fire]),
          await row(5, caseId(1), 4),
        ],
      });
      expect(await places([fire])).toEqual(['3:3', '4:1', '4:2', '4:4', '5:5']);
      // somebody who had read up to 3 gets the past of the case all the same
      expect(await places([fire], 3)).toEqual(['4:1', '4:2', '4:4', '5:5']);
      // and somebody who saw it already gets the one entry
      expect(await places([tax, fire], 3)).toEqual(['4:4', '5:5']);
    });

    it('never cuts apart what shares a place', async () => {
      await log.append({
        ...nothing,
        rows: [
          await row(1, caseId(1), 1, [tax]),
          await row(2, caseId(1), 2),
          await row(3, caseId(1), 3, [fire]),
          await row(4, caseId(1), 4),
        ],
      });
      expect(await places([fire], 0, 1)).toEqual(['3:1', '3:2', '3:3']);
      expect(await places([fire], 3, 1)).toEqual(['4:4']);
      expect(await places([tax], 0, 2)).toEqual(['1:1', '2:2']);
    });

    it('lists cases by departments, the latest first, page by page', async () => {
      await log.append({
        ...nothing,
        rows: [
          await row(1, caseId(1), 1, [tax]),
          await row(2, caseId(2), 1, [fire]),
          await row(3, caseId(3), 1, [tax, fire]),
          await row(4, caseId(1), 2, [fire]),
        ],
      });
      const all = Number.MAX_SAFE_INTEGER;
      expect((await log.casesOf([fire], all, 10)).map(({ openedN }) => openedN)).toEqual([3, 2, 1]);
      expect((await log.casesOf([tax, fire], all, 2)).map(({ openedN }) => openedN)).toEqual([3, 2]);
      expect(await log.casesOf([tax], 3, 10)).toEqual([{ caseId: caseId(1), openedN: 1 }]);
    });

    it('counts numbers per home and year, and keeps whose a device was first', async () => {
      const other = PersonId.parse('an@990121');
      const device = DeviceId.parse('d'.repeat(32));
      await log.append({
        rows: [await row(1, caseId(1), 1, [tax])],
        counters: [{ home, year: 2026, last: 7 }],
        devices: [{ device, person: li.person, atMs: 1 }],
      });
      await log.bindDevice(device, other, 2);
      expect(await log.devices()).toEqual([{ device, person: li.person }]);
      expect(await log.lastNumber(home, 2026)).toBe(7);
      expect(await log.lastNumber(home, 2027)).toBe(0);
    });

    it('keeps all of it through a restart', async () => {
      await log.append({ ...nothing, rows: [await row(1, caseId(1), 1, [tax])] });
      const again = (await made.reopen?.()) ?? log;
      expect(await again.head()).toMatchObject({ n: 1 });
      expect(await again.ledger(caseId(1))).toHaveLength(1);
    });
  });
}
