import type { Level, Role, Wording } from '@lianban/model';
import { t } from '../text/text.svelte.ts';
import type { DemoAccount } from '../workspace/workspace.ts';

/** Demo accounts of one place. */
export interface DemoGroup {
  code: string;
  name: Wording;
  level: Level;
  accounts: DemoAccount[];
}

const WIDEST_FIRST: Record<Level, number> = { province: 0, city: 1, county: 2 };

/** Groups demo accounts by place: the widest level first, then by code; within a place as the relay lists them. */
export function demoGroups(accounts: readonly DemoAccount[]): DemoGroup[] {
  const groups = new Map<string, DemoGroup>();
  for (const account of accounts) {
    const { code, name } = account.jurisdiction;
    const group = groups.get(code) ?? { code, name, level: account.level, accounts: [] };
    group.accounts.push(account);
    groups.set(code, group);
  }
  return [...groups.values()].sort(
    (a, b) => WIDEST_FIRST[a.level] - WIDEST_FIRST[b.level] || (a.code < b.code ? -1 : 1),
  );
}

/** The word for a level. */
export function levelWords(level: Level): string {
  return { province: t.levelProvince, city: t.levelCity, county: t.levelCounty }[level];
}

/** The word for a role. */
export function roleWords(role: Role): string {
  return {
    officer: t.roleOfficer,
    clerk: t.roleClerk,
    coordinator: t.roleCoordinator,
    commenter: t.roleCommenter,
    reader: t.roleReader,
  }[role];
}
