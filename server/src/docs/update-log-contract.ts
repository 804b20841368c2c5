import { DeviceId, DocId, PersonId } from '@lianban/model';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { NewUpdate, Snapshot, UpdateLog } from './update-log.ts';

const docId = DocId.parse('case:330106-01hzy3v7k9q2m4n6p8r0s2t4v6/file');
const otherId = DocId.parse('case:330106-01hzy3v7k9q2m4n6p8r0s2t4v6/doc/1');
const person = PersonId.parse('li.na@330106');
const holder = `device:${DeviceId.parse('ab'.repeat(16))}` as const;

function update(byte: number): NewUpdate {
  return { bytes: Uint8Array.of(0, byte), holder, person, atMs: 1_700_000_000_000 + byte };
}

function snapshot(seq: number): Snapshot {
  return { seq, bytes: Uint8Array.of(9, seq), stateVector: Uint8Array.of(0), deletes: Uint8Array.of(0, 0) };
}

/**
 * What every update log keeps. `open` makes an empty one; `reopen` gives what another process would find in the same
 * place after a clean stop, where there is such a place.
 */
export function describeUpdateLog(
  name: string,
  make: () => { log: UpdateLog; reopen?: () => Promise<UpdateLog>; close: () => Promise<void> },
): void {
  describe(`update log: ${name}`, () => {
    let made: ReturnType<typeof make>;
    let log: UpdateLog;
    beforeEach(() => {
      made = make();
      log = made.log;
    });
    afterEach(() => made.close());

    const append = (afterSeq: number, ...bytes: number[]): Promise<void> =>
      log.append({ docId, afterSeq, rows: bytes.map(update), bindings: [] });
    const seqs = async (): Promise<number[]> => (await log.load(docId)).tail.map(({ seq }) => seq);

    it('an unknown document is empty', async () => {
      expect(await log.load(docId)).toEqual({ headSeq: 0, tail: [], bindings: [] });
      expect(await log.docs()).toEqual([]);
      expect(await log.quarantined()).toEqual([]);
    });

    it('seqs are per document, contiguous, from 1', async () => {
      await Promise.all([
        append(0, 1),
        append(1, 2, 3),
        log.append({ docId: otherId, afterSeq: 0, rows: [update(7)], bindings: [] }),
      ]);
      await append(3, 4);
      const loaded = await log.load(docId);
      expect(loaded.headSeq).toBe(4);
      expect(loaded.tail.map(({ seq, bytes }) => [seq, bytes[1]])).toEqual([
        [1, 1],
        [2, 2],
        [3, 3],
        [4, 4],
      ]);
      expect((await log.load(otherId)).tail.map(({ seq, bytes }) => [seq, bytes[1]])).toEqual([[1, 7]]);
    });

    it('a row comes back as it was given', async () => {
      await append(0, 5);
      expect((await log.load(docId)).tail.map((row) => ({ ...row, bytes: [...row.bytes] }))).toEqual([
        { seq: 1, bytes: [0, 5], holder, person, atMs: 1_700_000_000_005 },
      ]);
    });

    it('an append behind anything but the head is refused and stores nothing', async () => {
      await append(0, 1);
      await expect(append(0, 2)).rejects.toMatchObject({ code: 'unexpected' });
      await expect(append(2, 2)).rejects.toMatchObject({ code: 'unexpected' });
      await expect(
        log.append({ docId: otherId, afterSeq: 3, rows: [update(1)], bindings: [{ clientId: 1, holder, person }] }),
      ).rejects.toMatchObject({ code: 'unexpected' });
      expect(await seqs()).toEqual([1]);
      expect(await log.load(otherId)).toEqual({ headSeq: 0, tail: [], bindings: [] });
      await append(1, 2);
      expect(await seqs()).toEqual([1, 2]);
    });

    it('bindings come in the same commit, keep 53 bits, and the first one stays', async () => {
      const other = `session:s1` as const;
      const clientId = Number.MAX_SAFE_INTEGER;
      await log.append({ docId, afterSeq: 0, rows: [update(1)], bindings: [{ clientId, holder, person }] });
      await log.append({
        docId,
        afterSeq: 1,
        rows: [update(2)],
        bindings: [
          { clientId, holder: other, person },
          { clientId: 2 ** 51 + 1, holder: other, person },
        ],
      });
      const { bindings } = await log.load(docId);
      expect([...bindings].sort((a, b) => a.clientId - b.clientId)).toEqual([
        { clientId: 2 ** 51 + 1, holder: other, person },
        { clientId, holder, person },
      ]);
      expect((await log.load(otherId)).bindings).toEqual([]);
    });

    it('a snapshot replaces exactly the rows it covers', async () => {
      await append(0, 1, 2, 3, 4);
      await log.writeSnapshot(docId, snapshot(3), []);
      const loaded = await log.load(docId);
      expect(loaded.headSeq).toBe(4);
      expect({ ...loaded.snapshot, bytes: [...(loaded.snapshot?.bytes ?? [])] }).toMatchObject({
        seq: 3,
        bytes: [9, 3],
      });
      expect([...(loaded.snapshot?.stateVector ?? [])]).toEqual([0]);
      expect([...(loaded.snapshot?.deletes ?? [])]).toEqual([0, 0]);
      expect(await seqs()).toEqual([4]);
      await append(4, 5);
      expect(await seqs()).toEqual([4, 5]);
    });

    it('an older snapshot never replaces a newer one', async () => {
      await append(0, 1, 2, 3);
      await log.writeSnapshot(docId, snapshot(3), []);
      await log.writeSnapshot(docId, snapshot(2), []);
      expect((await log.load(docId)).snapshot?.seq).toBe(3);
    });

    it('a snapshot keeps the rows that could not be applied', async () => {
      await append(0, 1, 2);
      await log.writeSnapshot(docId, snapshot(2), [
        { ...update(2), docId, seq: 2, reason: 'unreadable', detail: 'planted' },
      ]);
      expect(await log.quarantined(docId)).toMatchObject([{ seq: 2, reason: 'unreadable', detail: 'planted', person }]);
      expect(await log.quarantined(otherId)).toEqual([]);
    });

    it('a row that is set aside leaves the log, and the head stays', async () => {
      await append(0, 1, 2, 3);
      await log.quarantine({ ...update(2), docId, seq: 2, reason: 'unreadable', detail: 'planted' });
      expect(await seqs()).toEqual([1, 3]);
      expect((await log.load(docId)).headSeq).toBe(3);
      await log.quarantine({ ...update(9), docId, reason: 'equivocation', detail: 'planted' });
      const rows = await log.quarantined();
      expect(rows.map(({ seq, reason, bytes }) => [seq, reason, bytes[1]])).toEqual([
        [2, 'unreadable', 2],
        [undefined, 'equivocation', 9],
      ]);
    });

    it('lists documents with their sizes', async () => {
      await append(0, 1, 2, 3);
      await log.append({ docId: otherId, afterSeq: 0, rows: [update(7)], bindings: [] });
      await log.writeSnapshot(docId, snapshot(2), []);
      expect(await log.docs()).toEqual([
        { docId: otherId, headSeq: 1, snapshotBytes: 0, tailRows: 1, tailBytes: 2 },
        { docId, headSeq: 3, snapshotBytes: 2, tailRows: 1, tailBytes: 2 },
      ]);
    });

    it('is flushed when everything submitted before is there', async () => {
      const stored = append(0, 1, 2);
      await log.flushed();
      expect(await seqs()).toEqual([1, 2]);
      await stored;
    });

    it('finds everything again after a restart', async () => {
      await log.append({
        docId,
        afterSeq: 0,
        rows: [1, 2, 3].map(update),
        bindings: [{ clientId: 7, holder, person }],
      });
      await log.writeSnapshot(docId, snapshot(1), []);
      await log.quarantine({ ...update(9), docId, reason: 'equivocation', detail: 'planted' });
      if (!made.reopen) return;
      const before = await log.load(docId);
      log = await made.reopen();
      expect(await log.load(docId)).toEqual(before);
      expect(await log.quarantined()).toHaveLength(1);
      await append(3, 4);
      expect(await seqs()).toEqual([2, 3, 4]);
    });
  });
}
