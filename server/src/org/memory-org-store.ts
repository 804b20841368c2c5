import { LianbanError, type Directory } from '@lianban/model';
import type { Account, OrgStore } from './org-store.ts';

/** An org store that forgets: for tests. */
export function createMemoryOrgStore(): OrgStore {
  let directory: Directory = { version: 0, jurisdictions: [], departments: [], people: [], posts: [] };
  const accounts = new Map<string, Account>();
  return {
    directory: () => Promise.resolve(directory),
    account: (name) => Promise.resolve(accounts.get(name)),
    change: (change) =>
      Promise.resolve().then(() => {
        const posts = change.posts ?? [];
        const replaced = new Set([
          ...(change.people ?? []).map((person) => person.id),
          ...posts.map((post) => post.person),
        ]);
        const next: Directory = {
          version: directory.version + 1,
          jurisdictions: merge(directory.jurisdictions, change.jurisdictions, (row) => row.code),
          departments: merge(directory.departments, change.departments, (row) => row.id),
          people: merge(directory.people, change.people, (row) => row.id),
          posts: merge(
            directory.posts.filter((post) => !replaced.has(post.person)),
            posts,
            (post) => `${post.person} ${post.department} ${post.role}`,
          ),
        };
        assertClosed(next, change.accounts ?? []);
        directory = next;
        for (const account of change.accounts ?? []) accounts.set(account.account, account);
        return directory;
      }),
  };
}

function merge<Row>(rows: readonly Row[], changed: readonly Row[] | undefined, key: (row: Row) => string): Row[] {
  const byKey = new Map(rows.map((row) => [key(row), row]));
  for (const row of changed ?? []) byKey.set(key(row), row);
  return [...byKey.values()];
}

function assertClosed(directory: Directory, accounts: readonly Account[]): void {
  const places = new Set(directory.jurisdictions.map((row) => row.code));
  const departments = new Set(directory.departments.map((row) => row.id));
  const people = new Set(directory.people.map((row) => row.id));
  const dangling =
    directory.jurisdictions.some((row) => row.parent !== null && !places.has(row.parent)) ||
    directory.departments.some((row) => !places.has(row.jurisdiction)) ||
    directory.posts.some((row) => !people.has(row.person) || !departments.has(row.department)) ||
    accounts.some((row) => !people.has(row.person));
  if (dangling) throw new LianbanError('unexpected', 'a row of the directory names something that is not there');
}
