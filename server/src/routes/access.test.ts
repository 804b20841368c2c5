import { authorize, DepartmentId, docIdOf, docParts, type DocId, type Role, type Subject } from '@lianban/model';
import { beforeAll, describe, expect, it } from 'vitest';
import { added, author, caseId, chain, documentAdded, opened } from '../ledger/entries-for-tests.ts';
import { createDevices } from '../org/devices.ts';
import { createGate } from '../org/gate.ts';
import { fileOf, relayForTests, type RelayForTests } from './relay-for-tests.ts';

const ROLES: readonly Role[] = ['officer', 'clerk', 'coordinator', 'commenter', 'reader'];
const RELATIONS = ['lead', 'joint', 'outsider', 'no post'] as const;
const DEPARTMENT = { lead: '990121-market', joint: '990100-fire', outsider: '990122-market', 'no post': '' };
const PARTICIPANTS = [DEPARTMENT.lead, DEPARTMENT.joint].map((id) => DepartmentId.parse(id));

/** Every caller there can be, against every door: the model says what has to come out. */
const CELLS = RELATIONS.flatMap((relation) => ROLES.map((role) => ({ relation, role })));

describe.each(CELLS)('a $role of: $relation', ({ relation, role }) => {
  let relay: RelayForTests;
  let token: string;
  let subject: Subject;
  let there: DocId;
  const absent = fileOf(caseId(99));

  beforeAll(async () => {
    relay = await relayForTests();
    const id = await relay.openCase('limin', ['990100-fire']);
    const mine = chain(id, relay.author('limin'));
    await mine.seal(opened(DEPARTMENT.lead));
    await mine.seal(added('990100-fire'));
    const asker = { subject: relay.deps.org.subject(relay.author('limin').person), knowsDepartment: () => true };
    await relay.deps.ledger.append(id, [(await mine.seal(documentAdded('1'))).sealed], asker);
    there = fileOf(id);
    // the caller is somebody who had no part in any of this
    const { person } = relay.author('jiangtao');
    const department = DepartmentId.safeParse(DEPARTMENT[relation]);
    await relay.deps.org.change({
      people: relay.deps.org.directory.people.filter((row) => row.id === person),
      posts: department.success ? [{ person, department: department.data, role }] : [],
    });
    subject = relay.deps.org.subject(person);
    token = await relay.signIn('jiangtao');
  });

  const caseOf = (docId: DocId) => docParts(docId).caseId;
  const visible = relation === 'lead' || relation === 'joint';

  it('GET /api/cases/:id', async () => {
    const [mine, none] = await Promise.all(
      [there, absent].map((docId) => relay.ask({ url: `/api/cases/${caseOf(docId)}`, as: token })),
    );
    const allowed = authorize(subject, 'see', { kind: 'case', participants: PARTICIPANTS }).ok;
    expect(allowed).toBe(visible);
    expect(mine?.statusCode).toBe(allowed ? 200 : 404);
    if (!allowed) expect(mine?.body).toBe(none?.body);
  });

  it('GET /api/cases and /api/feed', async () => {
    const cases = (await relay.ask({ url: '/api/cases', as: token })).json<{ cases: unknown[] }>().cases;
    const { items } = (await relay.ask({ url: '/api/feed', as: token })).json<{ items: unknown[] }>();
    expect([cases.length, items.length]).toEqual(visible ? [1, 3] : [0, 0]);
  });

  it('GET /api/directory', async () => {
    const { statusCode } = await relay.ask({ url: '/api/directory', as: token });
    expect(statusCode).toBe(authorize(subject, 'see', { kind: 'directory' }).ok ? 200 : 403);
  });

  it.each(['file', 'talk', 'doc', 'private of the lead', 'private of its own'] as const)(
    'POST /api/door-tokens and the gate: %s',
    async (which) => {
      const id = caseOf(there);
      const owner = which === 'private of the lead' ? DEPARTMENT.lead : DEPARTMENT[relation] || DEPARTMENT.outsider;
      const docId =
        which === 'file' || which === 'talk'
          ? docIdOf({ caseId: id, part: which })
          : which === 'doc'
            ? docIdOf({ caseId: id, part: 'doc', number: '1' as never })
            : docIdOf({ caseId: id, part: 'private', department: DepartmentId.parse(owner) });
      const { part } = docParts(docId);
      const resource = {
        kind: 'doc',
        part,
        participants: PARTICIPANTS,
        ...(part === 'private' ? { owner: DepartmentId.parse(owner) } : {}),
      } as const;
      const mayRead = authorize(subject, 'read', resource).ok;
      const grant = (of: DocId) =>
        relay.ask({ method: 'POST', url: '/api/door-tokens', payload: { docId: of }, as: token });
      const [mine, none] = [await grant(docId), await grant(absent)];
      expect(mine.statusCode).toBe(mayRead ? 200 : 404);
      if (!mayRead) return expect(mine.body).toBe(none.body);
      const gate = createGate({ ...relay.deps, devices: createDevices([], () => Promise.resolve()) });
      const pass = await gate.enter(mine.json<{ token: string }>().token, docId);
      expect(pass).toMatchObject({ ok: true, value: { canWrite: authorize(subject, 'write', resource).ok } });
    },
  );

  it.each([added('990121-urban'), documentAdded('2')])('POST /api/cases/:id/entries: $type', async (event) => {
    // a device of its own for each act, so that the chain is never what is refused
    const by = author(
      subject.person,
      DEPARTMENT[relation] || DEPARTMENT.outsider,
      event.type === 'department.added' ? '1' : '2',
    );
    const code = async (docId: DocId): Promise<string> => {
      const id = caseOf(docId);
      const { sealed } = await chain(id, by).seal(event);
      const url = `/api/cases/${id}/entries`;
      const response = await relay.ask({ method: 'POST', url, payload: { entries: [sealed] }, as: token });
      expect(response.statusCode).toBe(200);
      return response.json<{ results: { code?: string }[] }>().results[0]?.code ?? 'ok';
    };
    const works = role === 'officer' || role === 'clerk' || role === 'coordinator';
    expect(await code(there)).toBe(!visible ? 'no-such-case' : works ? 'ok' : 'forbidden');
    expect(await code(absent)).toBe('no-such-case');
  });
});
