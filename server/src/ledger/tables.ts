import type { Migration } from '../db/migrations.ts';

/** Tables of the ledgers. Rows are added and never changed or deleted. */
export const LEDGER_MIGRATIONS: readonly Migration[] = [
  {
    version: 3,
    name: 'ledgers, participants, case numbers',
    sql: `
CREATE TABLE ledger_entry (
  n INTEGER PRIMARY KEY, case_id TEXT NOT NULL, case_seq INTEGER NOT NULL, id TEXT NOT NULL UNIQUE,
  text TEXT NOT NULL, payload TEXT, receipt TEXT NOT NULL, receipt_hash TEXT NOT NULL,
  UNIQUE (case_id, case_seq)
) STRICT;
CREATE TABLE ledger_participant (
  case_id TEXT NOT NULL, department TEXT NOT NULL, since_n INTEGER NOT NULL, PRIMARY KEY (case_id, department)
) STRICT, WITHOUT ROWID;
CREATE INDEX ledger_participant_department ON ledger_participant (department, since_n);
CREATE TABLE case_counter (home TEXT NOT NULL, year INTEGER NOT NULL, last INTEGER NOT NULL, PRIMARY KEY (home, year))
  STRICT, WITHOUT ROWID;
`,
  },
];
