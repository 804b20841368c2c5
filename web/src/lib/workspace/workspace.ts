import type {
  CaseId,
  CaseState,
  Code,
  DepartmentId,
  Directory,
  DocId,
  DocumentKind,
  Level,
  PersonId,
  Post,
  Role,
  Wording,
} from '@lianban/model';
import type { Awareness } from 'y-protocols/awareness';
import type * as Y from 'yjs';

/** A value that changes: `current` is an immutable snapshot, the same object until something changed (style 9). */
export interface Live<T> {
  readonly current: T;
}

/** Who works here now. Kept on the device: an expired session takes away sending, not reading or writing (ux B.9). */
export interface SignedIn {
  person: PersonId;
  account: string;
  name: Wording;
  posts: Post[];
  /** The department this person acts for; the first post. */
  department: DepartmentId;
}

/** Where the line stands (ux B.2), from pings, never from `navigator.onLine` alone. */
export type SyncState =
  | 'live'
  | 'sending'
  | 'weak'
  | 'reconnecting'
  | 'offline'
  | 'returning'
  | 'attention'
  | 'signin'
  | 'update'
  | 'full'
  | 'broken';

/** Everything the sync line says. */
export interface SyncView {
  state: SyncState;
  /** Changes and entries of this account that no relay has acknowledged. */
  unsent: number;
  /** Of these, how many the relay refused. */
  refused: number;
  /** Wall clock ms since which the relay is out of reach; null while it is in reach. */
  lostSinceMs: number | null;
  /** While catching up: how many of how many; null otherwise. */
  catchingUp: { done: number; total: number } | null;
  /** When the last thing of this device was acknowledged, ms; null if never. */
  lastSentAtMs: number | null;
  /** When the next attempt to reach the relay is due, ms; null while it is in reach. */
  nextTryAtMs: number | null;
  /** What stands in the way in `broken` and `full`. */
  storage: { freeBytes: number | null; fault: Code | null };
}

/** Where a change or an entry has got to (ux B.3). */
export type Delivery = 'here' | 'relay' | 'refused';

/** One row of a list of cases. */
export interface CaseRow {
  state: CaseState;
  /** `0412`, or the short code while the home relay has not numbered it. */
  label: string;
  numbered: boolean;
  /** `here` while anything of the case waits on this device. */
  delivery: Delivery;
  /** Last change known here: ledger time, or this device's own last edit, ms. */
  lastHeardMs: number;
}

/** One unsent thing on this device, in words a person can check. */
export interface OutboxRow {
  /** Document or entry; rows of one document are one row. */
  key: string;
  caseId: CaseId;
  label: string;
  /** `text` a rich-text document, `form` the form and checklist, `talk` comments, `entry` a fact of the ledger. */
  kind: 'text' | 'form' | 'talk' | 'private' | 'entry';
  /** Title of the document, or the type of the entry. */
  title: string | null;
  changes: number;
  bytes: number;
  /** Oldest unsent change, device time ms. */
  sinceMs: number;
  refusedCode: string | null;
}

/** What this device keeps (ux B.7, D.10). */
export interface DeviceView {
  /** True: kept until removed; false: the browser may clear it; null: not asked yet. */
  persisted: boolean | null;
  usedBytes: number | null;
  quotaBytes: number | null;
  /** Cases with every document here, and those with something missing. */
  casesComplete: number;
  casesIncomplete: { caseId: CaseId; label: string; missing: number }[];
  /** When the relay last confirmed that everything is here, ms; null if never. */
  refreshedAtMs: number | null;
  /** Other accounts of this browser that have unsent work: how much, never what. */
  othersWaiting: { account: string; unsent: number }[];
  version: string;
  updateReady: boolean;
  relay: string;
  device: string;
}

/** An account that has worked on this device before. */
export interface KnownAccount {
  account: string;
  name: Wording;
  unsent: number;
}

/** A demo account offered on the sign-in page. */
export interface DemoAccount {
  account: string;
  name: Wording;
  department: { id: DepartmentId; name: Wording };
  jurisdiction: { code: string; name: Wording };
  level: Level;
  roles: Role[];
}

/** What the new-case page hands over. */
export interface NewCase {
  template: string;
  applicant: string;
  lead: DepartmentId;
  /** Departments that take part besides the lead. */
  joint: DepartmentId[];
}

/** Somebody present in a document. */
export interface Present {
  clientId: number;
  person: PersonId;
  name: Wording;
  department: DepartmentId;
  /** Wall clock ms when last heard; grey from 30 s on. */
  lastHeardMs: number;
  self: boolean;
}

/** A document that is open in this tab. The editor and the form bind to `doc` directly, never through Svelte state. */
export interface OpenDoc {
  readonly docId: DocId;
  readonly doc: Y.Doc;
  readonly awareness: Awareness;
  /** False for a role that only reads, and while `broken` or a newer schema blocks editing. */
  readonly canWrite: Live<boolean>;
  /** `newer` when the document names a schema this code does not know: show read-only, bind no editor. */
  readonly schema: Live<'known' | 'newer'>;
  /** Changes of this document made here and not acknowledged. */
  readonly unsent: Live<number>;
  /** True once the relay has answered in this session, or the store held something. */
  readonly loaded: Live<boolean>;
  readonly present: Live<Present[]>;
  close(): void;
}

/** Why signing in did not work. */
export type SignInFailure = 'wrong' | 'locked' | 'offline' | 'unexpected';

/**
 * The workspace of one tab: what screens read and the commands they give. Every list comes from the device's own store
 * and is there offline. Made once by the composition root; components get it from the context.
 */
export interface Workspace {
  /** Undefined until the store has been read, null when nobody is signed in. */
  readonly me: Live<SignedIn | null | undefined>;
  readonly sync: Live<SyncView>;
  /** Undefined until known; stays the last known one offline. */
  readonly directory: Live<Directory | undefined>;
  /** Every case this person's departments take part in, newest first; undefined until the store has been read. */
  readonly cases: Live<CaseRow[] | undefined>;
  readonly outbox: Live<OutboxRow[]>;
  readonly device: Live<DeviceView>;
  readonly knownAccounts: Live<KnownAccount[]>;
  /** Null where the relay is no demo or out of reach. */
  readonly demoAccounts: Live<{ password: string; accounts: DemoAccount[] } | null>;
  /** Wall clock ms, refreshed every 10 s and on focus, for "5 minutes ago". */
  readonly nowMs: Live<number>;

  signIn(account: string, password: string): Promise<SignInFailure | null>;
  /** Takes the account back up without the relay: for an account known here, to read and write locally. */
  resume(account: string): Promise<void>;
  /** Ends the session. Unsent work stays here, bound to its account. */
  signOut(): Promise<void>;

  /** Starts a case here and now, offline too. */
  startCase(input: NewCase): Promise<CaseId>;
  addDepartment(caseId: CaseId, department: DepartmentId): Promise<void>;
  addDocument(caseId: CaseId, kind: DocumentKind, title: string): Promise<DocId>;

  openDoc(docId: DocId): Promise<OpenDoc>;
  /** Tries the line at once. */
  tryNow(): void;
  /** Asks the browser to keep the store; called after the first real edit. */
  askToKeep(): Promise<void>;
  /** Everything unsent of this account as a file to keep (JSON, base64 updates); the way out of `broken`. */
  exportUnsent(): Promise<Blob>;
  close(): void;
}
