import { DocId, LianbanError, PersonId } from '@lianban/model';
import * as z from 'zod';
import type { Database, Sqlite } from '../db/open.ts';
import { EMPTY_DOC, type Holder, type LoadedDoc, type QuarantineRow, type UpdateLog } from './update-log.ts';

const Bytes = z.instanceof(Uint8Array);
const HolderText = z.templateLiteral([z.enum(['device', 'session']), ':', z.string()]) as unknown as z.ZodType<Holder>;
const Sender = z.object({ holder: HolderText, person: PersonId });
const Doc = z.object({ id: z.int(), head: z.int() });
const StoredSnapshot = z.object({ seq: z.int(), bytes: Bytes, stateVector: Bytes, deletes: Bytes });
const StoredUpdate = Sender.extend({ seq: z.int(), bytes: Bytes, atMs: z.int() });
const StoredBinding = Sender.extend({ clientId: z.int() });
const Quarantined = Sender.extend({
  docId: DocId,
  seq: z.nullable(z.int()),
  bytes: Bytes,
  atMs: z.int(),
  reason: z.enum(['equivocation', 'unreadable', 'too-deep']),
  detail: z.string(),
});
const Stats = z.object({
  docId: DocId,
  headSeq: z.int(),
  snapshotBytes: z.int(),
  tailRows: z.int(),
  tailBytes: z.int(),
});

/** The update log of a relay with one SQLite file. */
export function createSqliteUpdateLog({ db, writer, path }: Database): UpdateLog {
  const load = prepareLoad(db);
  const read = {
    quarantined: db.prepare(`SELECT doc AS docId, seq, bytes, holder, person, at_ms AS atMs, reason, detail
      FROM doc_quarantine WHERE doc = coalesce(?, doc) ORDER BY id`),
    docs: db.prepare(`SELECT d.name AS docId, d.head AS headSeq, coalesce(length(s.bytes), 0) AS snapshotBytes,
        count(u.seq) AS tailRows, coalesce(sum(length(u.bytes)), 0) AS tailBytes
      FROM doc d LEFT JOIN doc_snapshot s ON s.doc = d.id LEFT JOIN doc_update u ON u.doc = d.id
      GROUP BY d.id ORDER BY d.name`),
    snapshotSeq: db.prepare('SELECT s.seq FROM doc_snapshot s JOIN doc d ON d.id = s.doc WHERE d.name = ?').pluck(),
    id: db.prepare('SELECT id FROM doc WHERE name = ?').pluck(),
  };
  const write = {
    newDoc: db.prepare('INSERT INTO doc (name, head) VALUES (?, 0) ON CONFLICT (name) DO NOTHING'),
    head: db.prepare('UPDATE doc SET head = ? WHERE name = ? AND head = ? RETURNING id').pluck(),
    row: db.prepare('INSERT INTO doc_update (doc, seq, bytes, holder, person, at_ms) VALUES (?, ?, ?, ?, ?, ?)'),
    binding: db.prepare(`INSERT INTO doc_binding (doc, client_id, holder, person) VALUES (?, ?, ?, ?)
      ON CONFLICT (doc, client_id) DO NOTHING`),
    snapshot: db.prepare(
      'INSERT OR REPLACE INTO doc_snapshot (doc, seq, state_vector, deletes, bytes) VALUES (?, ?, ?, ?, ?)',
    ),
    dropCovered: db.prepare('DELETE FROM doc_update WHERE doc = ? AND seq <= ?'),
    dropRow: db.prepare('DELETE FROM doc_update WHERE doc = (SELECT id FROM doc WHERE name = ?) AND seq = ?'),
    quarantine: db.prepare(`INSERT INTO doc_quarantine (doc, seq, bytes, holder, person, at_ms, reason, detail)
      VALUES (?, ?, ?, ?, ?, ?, ?, ?)`),
  };
  const setAside = (row: QuarantineRow): void => {
    const { docId, seq = null, bytes, holder, person, atMs, reason, detail } = row;
    write.quarantine.run(docId, seq, bytes, holder, person, atMs, reason, detail);
  };
  return {
    append: ({ docId, afterSeq, rows, bindings }) =>
      writer.submit(
        () => {
          if (afterSeq === 0) write.newDoc.run(docId);
          const doc = write.head.get(afterSeq + rows.length, docId, afterSeq);
          if (doc === undefined) throw new LianbanError('unexpected', `${afterSeq} is not the head of ${docId}`);
          let seq = afterSeq;
          for (const { bytes, holder, person, atMs } of rows) write.row.run(doc, ++seq, bytes, holder, person, atMs);
          // a number above 2^51 would be kept as a float
          for (const { clientId, holder, person } of bindings) write.binding.run(doc, BigInt(clientId), holder, person);
        },
        rows.reduce((sum, { bytes }) => sum + bytes.length, 0),
      ),
    flushed: () => writer.flushed(),
    load: (docId) => settle(() => load(docId)),
    writeSnapshot: (docId, snapshot, rows) =>
      writer.submit(() => {
        const before = read.snapshotSeq.get(docId);
        if (typeof before === 'number' && before >= snapshot.seq) return;
        const doc = read.id.get(docId);
        write.snapshot.run(doc, snapshot.seq, snapshot.stateVector, snapshot.deletes, snapshot.bytes);
        write.dropCovered.run(doc, snapshot.seq);
        rows.forEach(setAside);
      }, snapshot.bytes.length),
    quarantine: (row) =>
      writer.submit(() => {
        setAside(row);
        if (row.seq !== undefined) write.dropRow.run(row.docId, row.seq);
      }, row.bytes.length),
    quarantined: (docId) =>
      settle(() =>
        z
          .array(Quarantined)
          .parse(read.quarantined.all(docId ?? null))
          .map(({ seq, ...row }) => ({ ...row, ...(seq !== null && { seq }) })),
      ),
    docs: () => settle(() => z.array(Stats).parse(read.docs.all())),
    source: (docId) => Promise.resolve({ kind: 'sqlite', path, docId }),
  };
}

/** Prepares the reading of one document on any connection, also on a worker's. One call sees one moment. */
export function prepareLoad(db: Sqlite): (docId: DocId) => LoadedDoc {
  const doc = db.prepare('SELECT id, head FROM doc WHERE name = ?');
  const snapshot = db.prepare(
    'SELECT seq, bytes, state_vector AS stateVector, deletes FROM doc_snapshot WHERE doc = ?',
  );
  const tail = db.prepare(
    'SELECT seq, bytes, holder, person, at_ms AS atMs FROM doc_update WHERE doc = ? ORDER BY seq',
  );
  const bindings = db.prepare('SELECT client_id AS clientId, holder, person FROM doc_binding WHERE doc = ?');
  return db.transaction((docId: DocId): LoadedDoc => {
    const row = doc.get(docId);
    if (row === undefined) return EMPTY_DOC;
    const { id, head } = Doc.parse(row);
    const found = snapshot.get(id);
    return {
      headSeq: head,
      ...(found !== undefined && { snapshot: StoredSnapshot.parse(found) }),
      tail: z.array(StoredUpdate).parse(tail.all(id)),
      bindings: z.array(StoredBinding).parse(bindings.all(id)),
    };
  });
}

/** What `read` returns or throws, as a promise. */
function settle<T>(read: () => T): Promise<T> {
  return new Promise((resolve) => {
    resolve(read());
  });
}
