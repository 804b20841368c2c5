/**
 * What the change frames of one connection cover.
 *
 * A change frame is a step 2 or an update; frames are numbered from 1 in the order they were sent on this connection.
 * An acknowledgement names frames, never a state vector: deletions do not move one. An update that the relay answered
 * with a step 1 gets no other answer: the step 2 that follows covers it and closes it. A new connection starts a new
 * ledger; what the old one left open is still in the outbox and is covered by the next step 2.
 */
export interface AckLedger {
  /** Notes that a frame is about to be sent; returns its number. `isStep2`: it covers all that the earlier ones do. */
  sent(covers: readonly string[], isStep2?: boolean): number;
  /** The changes that are committed because these frames are. Unknown numbers are ignored. */
  acked(frames: readonly number[]): string[];
  /** The changes that were in a refused frame and in no other frame that may still be acknowledged. */
  refused(frame: number): string[];
  /** Frames without an answer. */
  open(): number;
}

/** A fresh ledger, for one connection. */
export function createAckLedger(): AckLedger {
  const frames = new Map<number, readonly string[]>();
  const steps2 = new Set<number>();
  let last = 0;

  return {
    sent(covers, isStep2 = false) {
      last += 1;
      frames.set(last, covers);
      if (isStep2) steps2.add(last);
      return last;
    },
    acked(numbers) {
      const done = new Set<string>();
      for (const number of numbers) {
        for (const id of frames.get(number) ?? []) done.add(id);
        frames.delete(number);
        if (!steps2.delete(number)) continue;
        for (const earlier of [...frames.keys()]) if (earlier < number) frames.delete(earlier);
      }
      return [...done];
    },
    refused(number) {
      const covers = frames.get(number) ?? [];
      frames.delete(number);
      const elsewhere = new Set([...frames.values()].flat());
      return covers.filter((id) => !elsewhere.has(id));
    },
    open: () => frames.size,
  };
}
