import type { DocId } from '@lianban/model';
import type { Clock, DocStore, SharedDoc, Timers } from '@lianban/sync';

/** Unsent changes older than this have been left behind by the page that made them, ms. */
const LEFT_BEHIND_MS = 5_000;
/** The same for a document that is open here, whose own link is given its chance first, ms. */
const LEFT_BEHIND_OPEN_MS = 15_000;
/** A copy older than this is fetched anew, ms. */
const MIRROR_AGE_MS = 10 * 60_000;
/** Time a document has to be carried, ms. */
const CARRY_TIMEOUT_MS = 30_000;
/** Wait before a document that could not be carried is tried again, ms. */
const FAILED_WAIT_MS = 15_000;
/** Documents carried at once. */
const AT_ONCE = 2;

/** What carrying needs. */
export interface CarrierOptions {
  account: string;
  store: DocStore;
  clock: Clock;
  timers: Timers;
  /** Opens a document that nobody sees. */
  carry: (docId: DocId, onChange: () => void) => Promise<SharedDoc>;
  openHere: () => ReadonlySet<DocId>;
  /** Documents that should be on this device, the most wanted first. */
  wanted: () => DocId[];
  /** When each was last the same as the relay's, wall clock ms. */
  mirrored: () => Promise<Map<DocId, number>>;
  setMirrored: (docId: DocId, atMs: number) => Promise<void>;
  canReach: () => boolean;
  aloneOrNever: (name: string, run: () => Promise<void>) => Promise<void>;
  /** All that is wanted is here and everything has been sent. */
  onComplete: (atMs: number) => void;
}

/** Sends what closed pages left behind and fetches what is not here yet, in the background. */
export interface Carrier {
  /** Looks whether something is to be carried; during a round, once more after it. */
  look(): void;
  /** A case has changed: its documents are fetched again. */
  stale(docIds: readonly DocId[]): void;
  close(): void;
}

/** Makes the carrier of an account; one tab carries at a time. */
export function createCarrier(options: CarrierOptions): Carrier {
  const { store, clock, timers } = options;
  const notBeforeMs = new Map<DocId, number>();
  const outdated = new Set<DocId>();
  let running = false;
  let again = false;
  let closed = false;

  return {
    look() {
      if (running) again = true;
      else void round();
    },
    stale(docIds) {
      for (const docId of docIds) outdated.add(docId);
    },
    close() {
      closed = true;
    },
  };

  async function round(): Promise<void> {
    running = true;
    try {
      do {
        again = false;
        if (closed || !options.canReach()) break;
        if ((await due()).length === 0) break;
        await options.aloneOrNever(`lianban:carry:${options.account}`, async () => {
          // what another tab has done meanwhile is not done twice
          const docIds = await due();
          const next = docIds.values();
          await Promise.all(
            Array.from({ length: AT_ONCE }, async () => {
              for (const docId of next) if (!closed && options.canReach()) await carryOne(docId);
            }),
          );
          if (!closed && (await due()).length === 0) options.onComplete(clock.nowMs());
        });
      } while (again);
    } catch {
      // a store that fails has told of itself; the next look tries again
    } finally {
      running = false;
    }
  }

  async function due(): Promise<DocId[]> {
    const nowMs = clock.nowMs();
    const open = options.openHere();
    const docIds = new Set<DocId>();
    for (const item of await store.outbox()) {
      const patienceMs = open.has(item.docId) ? LEFT_BEHIND_OPEN_MS : LEFT_BEHIND_MS;
      if (item.refusedCode === undefined && nowMs - item.atMs > patienceMs) docIds.add(item.docId);
    }
    const mirrored = await options.mirrored();
    for (const docId of options.wanted()) {
      if (open.has(docId)) continue;
      const ageMs = nowMs - (mirrored.get(docId) ?? 0);
      if (ageMs > MIRROR_AGE_MS || outdated.has(docId)) docIds.add(docId);
    }
    return [...docIds].filter((docId) => (notBeforeMs.get(docId) ?? 0) <= nowMs);
  }

  async function carryOne(docId: DocId): Promise<void> {
    let look = () => {};
    const shared = await options.carry(docId, () => look());
    let cancelTimeout = () => {};
    try {
      const carried = await new Promise<boolean>((resolve) => {
        cancelTimeout = timers.after(CARRY_TIMEOUT_MS, () => resolve(false));
        look = () => {
          const status = shared.status();
          if (closed || (status.at === 'waiting' && status.code !== null)) resolve(false);
          else if (status.at === 'open' && status.settled && shared.waiting() === 0) resolve(true);
        };
        look();
      });
      if (!carried || !(await shared.flush())) {
        notBeforeMs.set(docId, clock.nowMs() + FAILED_WAIT_MS);
        return;
      }
      notBeforeMs.delete(docId);
      outdated.delete(docId);
      await options.setMirrored(docId, clock.nowMs());
    } finally {
      cancelTimeout();
      await shared.close();
    }
  }
}
