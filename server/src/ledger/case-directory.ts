import {
  accept,
  authorize,
  docIdOf,
  docParts,
  refuse,
  type CaseId,
  type CaseState,
  type DocId,
  type Result,
  type Subject,
  type Verb,
} from '@lianban/model';
import type { Ledger } from './ledger.ts';

/** What the ledgers say about who may do what with cases and their documents. */
export interface CaseDirectory {
  /** A case the subject may see. Refuses with `no-such-case`, absent or not theirs. */
  see(subject: Subject, caseId: CaseId): Promise<Result<CaseState>>;
  /**
   * The case of a document that its ledger names and the subject may read or write. Refuses with `no-such-doc`, absent
   * or not theirs, and with `read-only`.
   */
  mayUse(subject: Subject, verb: Extract<Verb, 'read' | 'write'>, docId: DocId): Promise<Result<CaseState>>;
}

/** The one place where ledgers and `authorize` meet; every door asks here. */
export function createCaseDirectory(ledger: Pick<Ledger, 'state'>): CaseDirectory {
  return {
    see: async (subject, caseId) => {
      const state = await ledger.state(caseId);
      if (state === null) return refuse('no-such-case', 'absent');
      const allowed = authorize(subject, 'see', { kind: 'case', participants: state.participants });
      return allowed.ok ? accept(state) : allowed;
    },
    mayUse: async (subject, verb, docId) => {
      const parts = docParts(docId);
      const state = await ledger.state(parts.caseId);
      if (state === null || !exists(state, docId)) return refuse('no-such-doc', 'absent');
      const { participants } = state;
      const owner = parts.part === 'private' ? { owner: parts.department } : {};
      const allowed = authorize(subject, verb, { kind: 'doc', part: parts.part, participants, ...owner });
      return allowed.ok ? accept(state) : allowed;
    },
  };
}

/** The documents every case has, whatever its ledger adds: the file and the talk. */
export function standingDocs(caseId: CaseId): { file: DocId; talk: DocId } {
  return { file: docIdOf({ caseId, part: 'file' }), talk: docIdOf({ caseId, part: 'talk' }) };
}

function exists(state: CaseState, docId: DocId): boolean {
  const parts = docParts(docId);
  switch (parts.part) {
    case 'file':
    case 'talk':
      return true;
    case 'doc':
      return state.documents.some((document) => document.id === docId);
    case 'private':
      return state.participants.includes(parts.department);
  }
}
