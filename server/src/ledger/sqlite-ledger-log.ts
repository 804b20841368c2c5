import { CaseId, DeviceId, LianbanError, PersonId, Receipt, SealedEntry, type LedgerItem } from '@lianban/model';
import * as z from 'zod';
import type { Database } from '../db/open.ts';
import type { LedgerLog } from './ledger-log.ts';

const Head = z.object({ n: z.int(), receiptHash: z.string() });
const Last = z.object({ last: z.int() });
const ItemRow = z.object({ id: z.string(), text: z.string(), payload: z.nullable(z.string()), receipt: z.string() });
const Feed = ItemRow.extend({ at: z.int(), caseId: CaseId });
const CaseRow = z.object({ caseId: CaseId, openedN: z.int() });
const DeviceRow = z.object({ device: DeviceId, person: PersonId });

const ITEM = 'e.id, e.text, e.payload, e.receipt';
/** Cases visible to the departments of a JSON list, each with the receipt at which it became so. */
const VISIBLE = `SELECT case_id, min(since_n) AS since FROM ledger_participant
  WHERE department IN (SELECT value FROM json_each(:departments)) GROUP BY case_id`;
/** Every visible item behind `:after` at its place: those of cases that were visible already, and cases that became so. */
const BEHIND = `WITH visible AS (${VISIBLE})
  SELECT e.n AS at, e.n AS n, e.case_id AS caseId, ${ITEM} FROM ledger_entry e JOIN visible v ON v.case_id = e.case_id
    WHERE e.n > :after AND e.n > v.since
  UNION ALL
  SELECT v.since AS at, e.n AS n, e.case_id AS caseId, ${ITEM} FROM visible v JOIN ledger_entry e ON e.case_id = v.case_id
    WHERE v.since > :after AND e.n <= v.since`;

/** The ledger log of a relay with one SQLite file. */
export function createSqliteLedgerLog({ db, writer }: Database): LedgerLog {
  const read = {
    head: db.prepare('SELECT n, receipt_hash AS receiptHash FROM ledger_entry ORDER BY n DESC LIMIT 1'),
    ledger: db.prepare(`SELECT ${ITEM} FROM ledger_entry e WHERE e.case_id = ? ORDER BY e.case_seq`),
    last: db.prepare('SELECT last FROM case_counter WHERE home = ? AND year = ?'),
    feedEnd: db.prepare(`SELECT at FROM (${BEHIND}) ORDER BY at LIMIT 1 OFFSET :skip`),
    feed: db.prepare(`SELECT * FROM (${BEHIND}) WHERE at <= :end ORDER BY at, n`),
    cases: db.prepare(`SELECT e.case_id AS caseId, e.n AS openedN FROM (${VISIBLE}) v
      JOIN ledger_entry e ON e.case_id = v.case_id AND e.case_seq = 1 WHERE e.n < :before ORDER BY e.n DESC LIMIT :limit`),
    devices: db.prepare('SELECT id AS device, person FROM device'),
  };
  const write = {
    entry: db.prepare(`INSERT INTO ledger_entry (n, case_id, case_seq, id, text, payload, receipt, receipt_hash)
      VALUES (?, ?, ?, ?, ?, ?, ?, ?)`),
    participant: db.prepare('INSERT INTO ledger_participant (case_id, department, since_n) VALUES (?, ?, ?)'),
    counter: db.prepare(`INSERT INTO case_counter (home, year, last) VALUES (?, ?, ?)
      ON CONFLICT (home, year) DO UPDATE SET last = excluded.last`),
    device: db.prepare('INSERT INTO device (id, person, first_at_ms) VALUES (?, ?, ?) ON CONFLICT (id) DO NOTHING'),
  };
  const head = (): { n: number; receiptHash?: string } => {
    const row = read.head.get();
    return row === undefined ? { n: 0 } : Head.parse(row);
  };
  return {
    head: () => Promise.resolve(head()),
    append: ({ rows, counters, devices }) =>
      writer.submit(() => {
        let { n } = head();
        for (const { caseId, entry, receipt, receiptHash, joined } of rows) {
          if (receipt.n !== ++n) throw new LianbanError('unexpected', 'not the next receipt');
          const { id, text, payload = null } = entry;
          write.entry.run(n, caseId, receipt.caseSeq, id, text, payload, JSON.stringify(receipt), receiptHash);
          for (const department of joined) write.participant.run(caseId, department, n);
        }
        for (const { home, year, last } of counters) write.counter.run(home, year, last);
        for (const { device, person, atMs } of devices) write.device.run(device, person, atMs);
      }),
    ledger: (caseId) => Promise.resolve(read.ledger.all(caseId).map((row) => itemOf(ItemRow.parse(row)))),
    lastNumber: (home, year) => {
      const row = read.last.get(home, year);
      return Promise.resolve(row === undefined ? 0 : Last.parse(row).last);
    },
    feed: (departments, after, limit) => {
      const caller = { departments: JSON.stringify(departments), after };
      const end = z.optional(z.object({ at: z.int() })).parse(read.feedEnd.get({ ...caller, skip: limit - 1 }));
      const rows = read.feed.all({ ...caller, end: end?.at ?? Number.MAX_SAFE_INTEGER });
      return Promise.resolve(
        rows.map((row) => {
          const { at, caseId, ...item } = Feed.parse(row);
          return { at, caseId, item: itemOf(item) };
        }),
      );
    },
    casesOf: (departments, before, limit) => {
      const rows = read.cases.all({ departments: JSON.stringify(departments), before, limit });
      return Promise.resolve(z.array(CaseRow).parse(rows));
    },
    bindDevice: (device, person, atMs) => writer.submit(() => void write.device.run(device, person, atMs)),
    devices: () => Promise.resolve(z.array(DeviceRow).parse(read.devices.all())),
  };
}

function itemOf({ id, text, payload, receipt }: z.infer<typeof ItemRow>): LedgerItem {
  const entry = SealedEntry.parse({ id, text, alg: 'none', ...(payload === null ? {} : { payload }) });
  return { entry, receipt: Receipt.parse(JSON.parse(receipt)) };
}
