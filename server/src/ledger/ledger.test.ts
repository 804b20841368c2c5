import {
  JurisdictionCode,
  receiptHash,
  type Receipt,
  type Result,
  type Role,
  type VerifiedEntry,
} from '@lianban/model';
import { beforeEach, describe, expect, it } from 'vitest';
import { systemDigest } from '../host.ts';
import { createDevices } from '../org/devices.ts';
import { added, author, caseId, chain, documentAdded, opened, type Author } from './entries-for-tests.ts';
import { openLedger, type Asker, type Ledger } from './ledger.ts';
import type { LedgerLog } from './ledger-log.ts';
import { createMemoryLedgerLog } from './memory-ledger-log.ts';

const li = author('li@990121', '990121-tax', 'a');
const an = author('an@990121', '990121-fire', 'b');
const known = new Set(['990121-tax', '990121-fire', '990121-urban']);

function asker(by: Author, role: Role = 'officer', department = by.department): Asker {
  const knowsDepartment = (id: string): boolean => known.has(id);
  return { subject: { person: by.person, posts: [{ department, role }] }, knowsDepartment };
}

function codes(results: readonly Result<Receipt>[]): string[] {
  return results.map((result) => (result.ok ? 'ok' : result.code));
}

describe('the ledger', () => {
  let log: LedgerLog;
  let ledger: Ledger;
  let nowMs: number;
  const open = async (): Promise<Ledger> =>
    openLedger({
      log,
      clock: { nowMs: () => nowMs, monotonicMs: () => nowMs },
      digest: systemDigest,
      devices: createDevices(await log.devices(), () => Promise.resolve()),
      relay: () => ({ jurisdiction: JurisdictionCode.parse('990121'), incarnation: 'first' }),
    });
  const append = (entries: readonly VerifiedEntry[], by: Asker, of = caseId(1)) =>
    ledger.append(
      of,
      entries.map(({ sealed }) => sealed),
      by,
    );

  beforeEach(async () => {
    log = createMemoryLedgerLog();
    nowMs = Date.UTC(2026, 10, 24);
    ledger = await open();
  });

  it('confirms entries in order, in one chain of receipts', async () => {
    const mine = chain(caseId(1), li);
    const entries = [await mine.seal(opened('990121-tax')), await mine.seal(added('990121-fire'))];
    const results = await append(entries, asker(li));
    const receipts = results.map((result) => (result.ok ? result.value : null));
    expect(receipts[0]).toMatchObject({ n: 1, caseSeq: 1, time: nowMs, number: '990121-2026-0001', relay: '990121' });
    expect(receipts[0]).not.toHaveProperty('prevReceipt');
    expect(receipts[1]).toMatchObject({ n: 2, caseSeq: 2, ev: entries[1]?.id });
    expect(receipts[1]?.prevReceipt).toBe(await receiptHash(receipts[0] as Receipt, systemDigest));
    expect(receipts[1]).not.toHaveProperty('number');
    expect((await ledger.state(caseId(1)))?.participants).toEqual(['990121-tax', '990121-fire']);
  });

  it('answers the same entry with the same receipt, in the same call, later, and after a restart', async () => {
    const entry = await chain(caseId(1), li).seal(opened('990121-tax'));
    const [first, twice] = await append([entry, entry], asker(li));
    expect(twice).toEqual(first);
    expect((await append([entry], asker(li)))[0]).toEqual(first);
    ledger = await open();
    expect((await append([entry], asker(li)))[0]).toEqual(first);
    expect(await log.head()).toMatchObject({ n: 1 });
  });

  it('answers a receipt even to somebody whose post is gone', async () => {
    const entry = await chain(caseId(1), li).seal(opened('990121-tax'));
    const [first] = await append([entry], asker(li));
    const without = { ...asker(li), subject: { person: li.person, posts: [] } };
    expect((await append([entry], without))[0]).toEqual(first);
  });

  it('gives the receipt of an entry to nobody but its author', async () => {
    const entry = await chain(caseId(1), li).seal(opened('990121-tax'));
    await append([entry], asker(li));
    expect(codes(await append([entry], asker(an, 'officer', li.department)))).toEqual(['forbidden']);
  });

  it('refuses a gap, and what stands in an occupied place', async () => {
    const mine = chain(caseId(1), li);
    const opening = await mine.seal(opened('990121-tax'));
    await mine.seal(added('990121-fire'));
    const third = await mine.seal(documentAdded('1'));
    expect(codes(await append([opening, third], asker(li)))).toEqual(['ok', 'stale-head']);

    const other = chain(caseId(1), li);
    await other.seal(opened('990121-tax', 'somebody else'));
    const forked = await other.seal(added('990121-urban'));
    expect(codes(await append([forked], asker(li)))).toEqual(['fork']);

    const again = chain(caseId(1), li);
    const second = await again.seal(opened('990121-tax', 'a second opening'));
    expect(codes(await append([second], asker(li)))).toEqual(['fork']);
    expect((await ledger.state(caseId(1)))?.caseSeq).toBe(1);
  });

  it('keeps a device with the person who first used it, in every case', async () => {
    const stolen = { ...an, device: li.device };
    await append([await chain(caseId(1), li).seal(opened('990121-tax'))], asker(li));
    const entry = await chain(caseId(2), stolen).seal(opened('990121-fire'));
    expect(codes(await append([entry], asker(an), caseId(2)))).toEqual(['forbidden']);
    ledger = await open();
    expect(codes(await append([entry], asker(an), caseId(2)))).toEqual(['forbidden']);
  });

  it('refuses entries of others, of other cases, of no post, and broken ones, and goes on', async () => {
    const entry = await chain(caseId(1), li).seal(opened('990121-tax'));
    expect(codes(await append([entry], asker(an)))).toEqual(['forbidden']);
    expect(codes(await append([entry], asker(li), caseId(2)))).toEqual(['bad-entry']);
    expect(codes(await append([entry], asker(li, 'reader')))).toEqual(['forbidden']);
    const broken = { ...entry, sealed: { ...entry.sealed, payload: '{"applicant":"changed"}' } };
    expect(codes(await append([broken, entry], asker(li)))).toEqual(['bad-entry', 'ok']);
    const absent = await chain(caseId(3), li).seal(added('990121-fire'));
    expect(codes(await append([absent], asker(li), caseId(3)))).toEqual(['no-such-case']);
    const outsider = await chain(caseId(1), an).seal(added('990121-fire'));
    expect(codes(await append([outsider], asker(an)))).toEqual(['no-such-case']);
  });

  it('numbers cases per year of Beijing and goes on counting after a restart', async () => {
    const openCase = async (number: number): Promise<string | undefined> => {
      const entry = await chain(caseId(number), li).seal(opened('990121-tax'));
      const [result] = await append([entry], asker(li), caseId(number));
      return result?.ok ? result.value.number : undefined;
    };
    nowMs = Date.UTC(2026, 11, 31, 15, 59, 59);
    expect(await openCase(1)).toBe('990121-2026-0001');
    expect(await openCase(2)).toBe('990121-2026-0002');
    nowMs = Date.UTC(2026, 11, 31, 16);
    expect(await openCase(3)).toBe('990121-2027-0001');
    ledger = await open();
    expect(await openCase(4)).toBe('990121-2027-0002');
  });

  it('gives many callers at once places without a gap, and few commits', async () => {
    let commits = 0;
    const plain = log;
    log = { ...plain, append: (batch) => (commits++, plain.append(batch)) };
    ledger = await open();
    const opening = await chain(caseId(1), li).seal(opened('990121-tax'));
    await append([opening], asker(li));
    const authors = Array.from({ length: 15 }, (_, i) => ({
      ...li,
      device: author('x@990121', '990121-tax', i.toString(16)).device,
    }));
    const entries = await Promise.all(
      authors.filter(({ device }) => device !== li.device).map((by) => chain(caseId(1), by).seal(added('990121-fire'))),
    );
    const results = await Promise.all(entries.map((entry) => append([entry], asker(li))));
    const receipts = results.flat().map((result) => (result.ok ? result.value : null));
    expect(receipts.map((receipt) => receipt?.caseSeq).sort((a = 0, b = 0) => a - b)).toEqual(
      Array.from({ length: 14 }, (_, i) => i + 2),
    );
    expect(commits).toBeLessThan(8);
    let previous: Receipt | undefined;
    for (const { receipt } of await log.ledger(caseId(1))) {
      expect(receipt?.prevReceipt).toBe(previous && (await receiptHash(previous, systemDigest)));
      previous = receipt;
    }
  });

  it('tells nobody of what could not be stored, and takes it again later', async () => {
    const entry = await chain(caseId(1), li).seal(opened('990121-tax'));
    const sound = log.append;
    const told: unknown[] = [];
    ledger.onAppended((cases) => told.push(...cases));
    log.append = () => Promise.reject(new Error('the disk is full'));
    await expect(append([entry], asker(li))).rejects.toMatchObject({ code: 'store-failed' });
    expect(await ledger.state(caseId(1))).toBeNull();
    expect(ledger.headN()).toBe(0);
    expect(told).toEqual([]);
    log.append = sound;
    expect(codes(await append([entry], asker(li)))).toEqual(['ok']);
    expect(told).toEqual([caseId(1)]);
  });

  it('opens no case that is led from another jurisdiction or by nobody', async () => {
    const abroad = await chain(caseId(5, '990122'), li).seal(opened('990121-tax'));
    expect(codes(await append([abroad], asker(li), caseId(5, '990122')))).toEqual(['bad-entry']);
    const nobody = await chain(caseId(6), li).seal(opened('990121-none'));
    expect(codes(await append([nobody], asker(li), caseId(6)))).toEqual(['bad-entry']);
  });
});
