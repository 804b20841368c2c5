import type { Clock, JurisdictionCode } from '@lianban/model';
import type { Logger } from 'pino';
import type { Registry } from 'prom-client';
import type { CaseDirectory } from './ledger/case-directory.ts';
import type { Ledger } from './ledger/ledger.ts';
import type { LedgerLog } from './ledger/ledger-log.ts';
import type { Org } from './org/org.ts';
import type { Sessions } from './org/sessions.ts';
import type { Setup } from './org/setup.ts';
import type { createSignIn } from './org/sign-in.ts';

/** Who a relay is. */
export interface RelayIdentity {
  /** 16 hex digits, drawn once per data folder; names its cookie. */
  id: string;
  /** Changes when a data folder was restored from a backup, and never else. */
  incarnation: string;
  /** The place it serves; null until it has been set up. */
  jurisdiction: JurisdictionCode | null;
}

/** Everything the application is built from. Tests give memory stores and a clock of their own. */
export interface Deps {
  version: string;
  log: Logger;
  clock: Clock;
  relay: () => RelayIdentity;
  org: Org;
  sessions: Sessions;
  signIn: ReturnType<typeof createSignIn>;
  setup: Setup;
  ledger: Ledger;
  ledgerLog: LedgerLog;
  cases: CaseDirectory;
  /** `ready`, or `read-only` once a commit has failed. */
  storage: () => 'ready' | 'read-only';
  /** Password of every account when the relay is a demo. */
  demoPassword: string | null;
  metrics: Registry;
  /** Folder with the built pages; nothing is served while it is missing. */
  webRoot: string;
}
