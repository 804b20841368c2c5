import { DepartmentId, DeviceId, newDeviceId, PersonId, Role, Wording } from '@lianban/model';
import type { Random } from '@lianban/sync';
import * as z from 'zod/mini';
import type { Database } from './database.ts';

/** Somebody who has worked in this browser, with the device id that stands for their store here. */
export const AccountRow = z.object({
  person: PersonId,
  account: z.string(),
  name: Wording,
  posts: z.array(z.object({ person: PersonId, department: DepartmentId, role: Role })),
  device: DeviceId,
  relay: z.string(),
  lastUsedMs: z.number(),
});
/** See the schema of the same name. */
export type AccountRow = z.infer<typeof AccountRow>;

/** Who has worked here, who works here now, and single values of each account. */
export interface AccountStore {
  /** Everybody known here, the last one first. */
  accounts(): Promise<AccountRow[]>;
  /** Remembers somebody; their device id is drawn the first time and stays. */
  remember(row: Omit<AccountRow, 'device'>): Promise<AccountRow>;
  /** Who works here now; null for nobody. */
  current(): Promise<AccountRow | null>;
  setCurrent(person: PersonId | null): Promise<void>;
  /** What waits, by account: documents' changes and entries together. */
  waiting(): Promise<Map<string, number>>;
  /** A value of an account, or of the browser for the empty account; the caller parses it. */
  value(account: string, name: string): Promise<unknown>;
  setValue(account: string, name: string, value: unknown): Promise<void>;
  values(account: string, prefix: string): Promise<Map<string, unknown>>;
  /** True while the row that was written when the store was made is still there. */
  intact(): Promise<boolean>;
}

const BROWSER = '';
const CURRENT = 'current';
const CANARY = 'canary';

/** Opens the accounts of this browser, and leaves a row behind by which a deleted store is noticed. */
export async function openAccountStore(db: Database, random: Random): Promise<AccountStore> {
  await db.write([db.state], async () => {
    if (await db.state.get([BROWSER, CANARY])) return;
    await db.state.put({ account: BROWSER, name: CANARY, value: newDeviceId(random) });
  });

  const read = (account: string, name: string) =>
    db.read([db.state], async () => (await db.state.get([account, name]))?.value);
  const withPrefix = (account: string, prefix: string) =>
    db.read([db.state], async () => {
      const rows = await db.state
        .where('[account+name]')
        .between([account, prefix], [account, `${prefix}\uffff`])
        .toArray();
      return new Map<string, unknown>(rows.map((row) => [row.name.slice(prefix.length), row.value]));
    });
  const write = (account: string, name: string, value: unknown) =>
    db.write([db.state], async () => {
      await db.state.put({ account, name, value });
    });
  const rowOf = async (person: string) => AccountRow.safeParse(await read(BROWSER, `account:${person}`)).data;

  return {
    async accounts() {
      const rows = [...(await withPrefix(BROWSER, 'account:')).values()].flatMap(
        (value) => AccountRow.safeParse(value).data ?? [],
      );
      return rows.sort((a, b) => b.lastUsedMs - a.lastUsedMs);
    },
    remember: (row) =>
      db.write([db.state], async () => {
        const name = `account:${row.person}`;
        const known = AccountRow.safeParse((await db.state.get([BROWSER, name]))?.value).data;
        const next: AccountRow = { ...row, device: known?.device ?? newDeviceId(random) };
        await db.state.put({ account: BROWSER, name, value: next });
        return next;
      }),
    async current() {
      const person = await read(BROWSER, CURRENT);
      return typeof person === 'string' ? ((await rowOf(person)) ?? null) : null;
    },
    setCurrent: (person) => write(BROWSER, CURRENT, person),
    waiting: () =>
      db.read([db.outbox, db.outgoing], async () => {
        const counts = new Map<string, number>();
        for (const table of [db.outbox, db.outgoing]) {
          for (const account of await table.orderBy('account').keys()) {
            if (typeof account === 'string') counts.set(account, (counts.get(account) ?? 0) + 1);
          }
        }
        return counts;
      }),
    value: read,
    setValue: write,
    values: withPrefix,
    intact: async () => (await read(BROWSER, CANARY)) !== undefined,
  };
}
