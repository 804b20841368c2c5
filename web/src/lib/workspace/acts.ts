import {
  Entry,
  LianbanError,
  mayAppend,
  reduceCase,
  seal,
  type CaseEvent,
  type CaseId,
  type DepartmentId,
  type DeviceId,
  type Digest,
  type EntryId,
  type LedgerFact,
  type SealedEntry,
  type Subject,
} from '@lianban/model';
import { CODES, type Clock, type LedgerStore } from '@lianban/sync';
import type { CaseBook } from './case-book.ts';
import { isOutOfReach, type RelayClient } from './relay-client.ts';

/** Most entries of one request. */
const PUSH_AT_ONCE = 50;

/** What acting on a ledger needs. */
export interface ActsOptions {
  account: string;
  subject: Subject;
  /** The department in whose name this person acts. */
  department: () => DepartmentId;
  device: DeviceId;
  store: LedgerStore;
  book: CaseBook;
  client: RelayClient;
  digest: Digest;
  clock: Clock;
  alone: <T>(name: string, run: () => Promise<T>) => Promise<T>;
  knowsDepartment: (department: DepartmentId) => boolean;
}

/** What became of a push. `reached` is false when the relay did not answer. */
export interface Pushed {
  reached: boolean;
  loginNeeded: boolean;
  confirmed: CaseId[];
  changed: CaseId[];
}

/** Acts of this device: sealed and stored here first, then sent to the home relay. */
export interface Acts {
  /**
   * Seals events in this order and stores all of them or none. Throws what `mayAppend` refuses. One tab at a time for
   * each case, or two tabs would seal two entries for one place.
   */
  act(caseId: CaseId, events: readonly CaseEvent[]): Promise<void>;
  /** Sends what waits, case by case, in the order it was sealed. One tab at a time. */
  push(): Promise<Pushed>;
}

/** Makes the acts of one account. */
export function createActs(options: ActsOptions): Acts {
  const { account, subject, device, store, book, client, digest, clock } = options;

  return {
    act: (caseId, events) =>
      options.alone(`lianban:seal:${account}:${caseId}`, async () => {
        const { facts, end } = await book.chainEnd(caseId, device);
        let { dseq, prev, deps } = end;
        const atMs = clock.nowMs();
        const ms = Math.max(atMs, end.lastMs + 1);
        const all: LedgerFact[] = [...facts];
        const sealed = [];
        for (const [counter, event] of events.entries()) {
          dseq += 1;
          const entry = await seal(
            event,
            {
              caseId,
              person: subject.person,
              department: options.department(),
              device,
              dseq,
              ...(prev === undefined ? {} : { prev }),
              deps,
              hlc: { ms, counter },
              clockSuspect: false,
            },
            digest,
          );
          const allowed = mayAppend(entry, {
            state: reduceCase(all),
            subject,
            knowsDepartment: options.knowsDepartment,
          });
          if (!allowed.ok) throw new LianbanError(allowed.code, allowed.detail);
          all.push({ entry });
          sealed.push({ caseId, entry: entry.sealed, atMs });
          prev = entry.id;
          deps = [entry.id];
        }
        await store.appendOwn(sealed);
      }),

    push: () =>
      options.alone(`lianban:push:${account}`, async () => {
        const pushed: Pushed = { reached: true, loginNeeded: false, confirmed: [], changed: [] };
        pushed.changed.push(...(await refuseFollowers()));
        const waiting = (await store.outgoing()).filter((item) => item.refusedCode === undefined);
        for (const caseId of new Set(waiting.map((item) => item.caseId))) {
          const entries = waiting.filter((item) => item.caseId === caseId).map((item) => item.entry);
          for (let at = 0; at < entries.length; at += PUSH_AT_ONCE) {
            const some = entries.slice(at, at + PUSH_AT_ONCE);
            const answer = await client.append(caseId, some);
            if (!answer.ok) {
              pushed.loginNeeded ||= answer.code === 'login-needed';
              pushed.reached &&= !isOutOfReach(answer.code);
              if (!pushed.reached || pushed.loginNeeded) return pushed;
              break;
            }
            const byId = new Map(some.map((entry) => [entry.id, entry]));
            for (const result of answer.value) {
              const entry = byId.get(result.id);
              if (!entry) continue;
              if ('receipt' in result) {
                await store.receive([{ caseId, item: { entry, receipt: result.receipt } }]);
                pushed.confirmed.push(caseId);
              } else if (isForGood(result.code)) {
                await store.refused(result.id, result.code);
              }
            }
            await refuseFollowers();
            if (answer.value.length > 0) pushed.changed.push(caseId);
          }
        }
        return pushed;
      }),
  };

  /** Marks what was sealed behind a refused entry: the relay would wait for that one for ever. Gives their cases. */
  async function refuseFollowers(): Promise<CaseId[]> {
    const outgoing = await store.outgoing();
    const refused = new Set<EntryId>();
    const cases: CaseId[] = [];
    for (const { caseId, entry, refusedCode } of outgoing) {
      const prev = prevOf(entry);
      if (refusedCode === undefined) {
        if (prev === undefined || !refused.has(prev)) continue;
        await store.refused(entry.id, 'broken-chain');
        cases.push(caseId);
      }
      refused.add(entry.id);
    }
    return cases;
  }
}

function prevOf({ text }: SealedEntry): EntryId | undefined {
  return Entry.safeParse(JSON.parse(text)).data?.prev;
}

/** True for a refusal that sending again does not mend. */
function isForGood(code: string): boolean {
  // another entry of this device has the place already, and keeps it
  if (code === 'fork' || !Object.hasOwn(CODES, code)) return true;
  const { retry } = CODES[code as keyof typeof CODES];
  return retry === 'never' || retry === 'ask' || retry === 'after-update';
}
