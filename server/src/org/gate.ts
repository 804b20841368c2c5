import { accept, authorize, refuse, type DocId, type Result } from '@lianban/model';
import type { DoorGate, DoorPass } from '../docs/door-gate.ts';
import { sha256Hex } from '../host.ts';
import type { CaseDirectory } from '../ledger/case-directory.ts';
import type { Devices } from './devices.ts';
import type { Org } from './org.ts';
import type { Sessions } from './sessions.ts';

/** What the gate asks. */
export interface GateParts {
  sessions: Sessions;
  org: Org;
  cases: CaseDirectory;
  devices: Devices;
}

/** The stock door's gate: a door token, its session, and `authorize` over the case's ledger, each time anew. */
export function createGate({ sessions, org, cases, devices }: GateParts): DoorGate {
  // what a pass was made from; its holder has no use for it
  const papers = new WeakMap<DoorPass, { tokenHash: string; docId: DocId }>();

  async function passFor(tokenHash: string, docId: DocId): Promise<Result<DoorPass>> {
    const found = await sessions.doorByHash(tokenHash);
    if (found === undefined) return refuse('login-needed', 'no such door token');
    if (found.doorToken.docId !== docId) return refuse('no-such-doc', 'a door token for another document');
    const { person } = found.session;
    const subject = org.subject(person);
    const known = org.person(person);
    const state = await cases.mayUse(subject, 'read', docId);
    if (!state.ok) return state;
    const post = subject.posts.find(
      ({ department }) =>
        authorize(subject, 'see', { kind: 'case', participants: [department] }).ok &&
        state.value.participants.includes(department),
    );
    if (known === undefined || post === undefined) return refuse('no-such-doc', 'nobody of the directory');
    const pass: DoorPass = {
      sessionId: found.session.id,
      person,
      name: known.name,
      department: post.department,
      canWrite: (await cases.mayUse(subject, 'write', docId)).ok,
      bindDevice: (device) => devices.bind(device, person),
    };
    papers.set(pass, { tokenHash, docId });
    return accept(pass);
  }

  return {
    enter: (token, docId) =>
      token === '' ? Promise.resolve(refuse('login-needed', 'no door token')) : passFor(sha256Hex(token), docId),
    recheck: async (pass) => {
      const from = papers.get(pass);
      return from === undefined
        ? refuse('login-needed', 'a pass of another gate')
        : passFor(from.tokenHash, from.docId);
    },
    onRevoked: (listener) =>
      sessions.onRevoked(({ session, doorToken }) => {
        if (doorToken === undefined) listener(session);
      }),
    onChanged: (listener) =>
      sessions.onRevoked(({ session, doorToken }) => {
        if (doorToken !== undefined) listener(session);
      }),
  };
}
