import type { Migration } from '../db/migrations.ts';

/** Tables of the directory, of accounts and of what they are signed in with. */
export const ORG_MIGRATIONS: readonly Migration[] = [
  {
    version: 2,
    name: 'directory, accounts, sessions, devices',
    sql: `
CREATE TABLE relay_fact (name TEXT PRIMARY KEY, value TEXT NOT NULL) STRICT, WITHOUT ROWID;
CREATE TABLE jurisdiction (
  seq INTEGER PRIMARY KEY, code TEXT NOT NULL UNIQUE, name_zh TEXT NOT NULL, name_en TEXT NOT NULL,
  level TEXT NOT NULL, parent TEXT REFERENCES jurisdiction (code)
) STRICT;
CREATE TABLE department (
  seq INTEGER PRIMARY KEY, id TEXT NOT NULL UNIQUE, jurisdiction TEXT NOT NULL REFERENCES jurisdiction (code),
  kind TEXT NOT NULL, name_zh TEXT NOT NULL, name_en TEXT NOT NULL, short_zh TEXT NOT NULL, short_en TEXT NOT NULL
) STRICT;
CREATE TABLE person (
  seq INTEGER PRIMARY KEY, id TEXT NOT NULL UNIQUE, account TEXT NOT NULL UNIQUE, name_zh TEXT NOT NULL, name_en TEXT NOT NULL
) STRICT;
CREATE TABLE post (
  seq INTEGER PRIMARY KEY, person TEXT NOT NULL REFERENCES person (id),
  department TEXT NOT NULL REFERENCES department (id), role TEXT NOT NULL, UNIQUE (person, department, role)
) STRICT;
CREATE TABLE account (account TEXT PRIMARY KEY, person TEXT NOT NULL UNIQUE REFERENCES person (id), hash TEXT NOT NULL) STRICT;
CREATE TABLE session (
  id TEXT PRIMARY KEY, token_hash TEXT NOT NULL UNIQUE, person TEXT NOT NULL REFERENCES person (id),
  started_at_ms INTEGER NOT NULL, expires_at_ms INTEGER NOT NULL
) STRICT;
CREATE TABLE door_token (
  hash TEXT PRIMARY KEY, session TEXT NOT NULL REFERENCES session (id) ON DELETE CASCADE,
  doc TEXT NOT NULL, expires_at_ms INTEGER NOT NULL
) STRICT;
CREATE INDEX door_token_session ON door_token (session);
CREATE TABLE device (id TEXT PRIMARY KEY, person TEXT NOT NULL REFERENCES person (id), first_at_ms INTEGER NOT NULL) STRICT;
`,
  },
];
