import { Department, Directory, Jurisdiction, Person, Post, type Wording } from '@lianban/model';
import * as z from 'zod';
import type { Database } from '../db/open.ts';
import { Account, type OrgStore } from './org-store.ts';

const Version = z.object({ value: z.coerce.number() });

/** The org store of a relay with one SQLite file. */
export function createSqliteOrgStore(database: Database): OrgStore {
  const { db, writer } = database;
  const read = {
    version: db.prepare(`SELECT value FROM relay_fact WHERE name = 'directory-version'`),
    jurisdictions: db.prepare('SELECT code, name_zh, name_en, level, parent FROM jurisdiction ORDER BY seq'),
    departments: db.prepare(
      'SELECT id, jurisdiction, kind, name_zh, name_en, short_zh, short_en FROM department ORDER BY seq',
    ),
    people: db.prepare('SELECT id, account, name_zh, name_en FROM person ORDER BY seq'),
    posts: db.prepare('SELECT person, department, role FROM post ORDER BY seq'),
    account: db.prepare('SELECT account, person, hash FROM account WHERE account = ?'),
  };
  const write = {
    version: db.prepare(`INSERT INTO relay_fact (name, value) VALUES ('directory-version', '1')
      ON CONFLICT (name) DO UPDATE SET value = CAST(value AS INTEGER) + 1`),
    jurisdiction: db.prepare(`INSERT INTO jurisdiction (code, name_zh, name_en, level, parent) VALUES (?, ?, ?, ?, ?)
      ON CONFLICT (code) DO UPDATE SET name_zh = excluded.name_zh, name_en = excluded.name_en, level = excluded.level,
      parent = excluded.parent`),
    department: db.prepare(`INSERT INTO department (id, jurisdiction, kind, name_zh, name_en, short_zh, short_en)
      VALUES (?, ?, ?, ?, ?, ?, ?) ON CONFLICT (id) DO UPDATE SET jurisdiction = excluded.jurisdiction, kind = excluded.kind,
      name_zh = excluded.name_zh, name_en = excluded.name_en, short_zh = excluded.short_zh, short_en = excluded.short_en`),
    person: db.prepare(`INSERT INTO person (id, account, name_zh, name_en) VALUES (?, ?, ?, ?)
      ON CONFLICT (id) DO UPDATE SET account = excluded.account, name_zh = excluded.name_zh, name_en = excluded.name_en`),
    dropPosts: db.prepare('DELETE FROM post WHERE person = ?'),
    post: db.prepare('INSERT INTO post (person, department, role) VALUES (?, ?, ?)'),
    account: db.prepare(`INSERT INTO account (account, person, hash) VALUES (?, ?, ?)
      ON CONFLICT (account) DO UPDATE SET person = excluded.person, hash = excluded.hash`),
  };
  const directory = (): Directory => {
    const named = (row: unknown): unknown => withWordings(row as Record<string, unknown>);
    const version = read.version.get();
    return Directory.parse({
      version: version === undefined ? 0 : Version.parse(version).value,
      jurisdictions: z.array(Jurisdiction).parse(read.jurisdictions.all().map(named)),
      departments: z.array(Department).parse(read.departments.all().map(named)),
      people: z.array(Person).parse(read.people.all().map(named)),
      posts: z.array(Post).parse(read.posts.all()),
    });
  };
  return {
    directory: () => Promise.resolve(directory()),
    account: (name) => {
      const row = read.account.get(name);
      return Promise.resolve(row === undefined ? undefined : Account.parse(row));
    },
    change: async (change) => {
      await writer.submit(() => {
        for (const { code, name, level, parent } of change.jurisdictions ?? []) {
          write.jurisdiction.run(code, name.zh, name.en, level, parent);
        }
        for (const { id, jurisdiction, kind, name, short } of change.departments ?? []) {
          write.department.run(id, jurisdiction, kind, name.zh, name.en, short.zh, short.en);
        }
        for (const { id, account, name } of change.people ?? []) write.person.run(id, account, name.zh, name.en);
        const posts = change.posts ?? [];
        for (const { id } of change.people ?? []) write.dropPosts.run(id);
        for (const { person } of posts) write.dropPosts.run(person);
        for (const { person, department, role } of posts) write.post.run(person, department, role);
        for (const { account, person, hash } of change.accounts ?? []) write.account.run(account, person, hash);
        write.version.run();
      });
      return directory();
    },
  };
}

/** `name_zh` and `name_en` of a row as `name: {zh, en}`, and so for `short`. */
function withWordings(row: Record<string, unknown>): Record<string, unknown> {
  const { name_zh, name_en, short_zh, short_en, ...rest } = row;
  const wording = (zh: unknown, en: unknown) => ({ zh, en }) as Wording;
  return {
    ...rest,
    name: wording(name_zh, name_en),
    ...(short_zh === undefined ? {} : { short: wording(short_zh, short_en) }),
  };
}
