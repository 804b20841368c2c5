import type { Migration } from '../db/migrations.ts';

/**
 * Tables of the documents. `doc_update` is the log: rows are added, and deleted only by the commit that puts a snapshot
 * over them. Without a row id, so that one commit writes one b-tree and a tail lies together. Client ids have 53 bits,
 * which SQLite keeps exactly as an integer only when it is bound as one.
 */
export const DOC_MIGRATIONS: readonly Migration[] = [
  {
    version: 1,
    name: 'documents',
    sql: `
CREATE TABLE doc (id INTEGER PRIMARY KEY, name TEXT NOT NULL UNIQUE, head INTEGER NOT NULL) STRICT;
CREATE TABLE doc_update (
  doc INTEGER NOT NULL REFERENCES doc (id), seq INTEGER NOT NULL, bytes BLOB NOT NULL,
  holder TEXT NOT NULL, person TEXT NOT NULL, at_ms INTEGER NOT NULL, PRIMARY KEY (doc, seq)
) STRICT, WITHOUT ROWID;
CREATE TABLE doc_snapshot (
  doc INTEGER PRIMARY KEY REFERENCES doc (id), seq INTEGER NOT NULL,
  state_vector BLOB NOT NULL, deletes BLOB NOT NULL, bytes BLOB NOT NULL
) STRICT;
CREATE TABLE doc_binding (
  doc INTEGER NOT NULL REFERENCES doc (id), client_id INTEGER NOT NULL, holder TEXT NOT NULL, person TEXT NOT NULL,
  PRIMARY KEY (doc, client_id)
) STRICT, WITHOUT ROWID;
CREATE TABLE doc_quarantine (
  id INTEGER PRIMARY KEY, doc TEXT NOT NULL, seq INTEGER, bytes BLOB NOT NULL, holder TEXT NOT NULL,
  person TEXT NOT NULL, at_ms INTEGER NOT NULL, reason TEXT NOT NULL, detail TEXT NOT NULL
) STRICT;
CREATE INDEX doc_quarantine_doc ON doc_quarantine (doc);
`,
  },
];
