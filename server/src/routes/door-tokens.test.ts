import type { DocId } from '@lianban/model';
import { beforeEach, describe, expect, it } from 'vitest';
import type { DoorGate } from '../docs/door-gate.ts';
import { added, caseId, chain, opened } from '../ledger/entries-for-tests.ts';
import { createDevices } from '../org/devices.ts';
import { createGate } from '../org/gate.ts';
import { SESSION_MS } from '../org/sessions.ts';
import { fileOf, ORIGIN, relayForTests, type RelayForTests } from './relay-for-tests.ts';

describe('/api/door-tokens', () => {
  let relay: RelayForTests;
  let gate: DoorGate;
  let limin: string;
  let docId: DocId;
  beforeEach(async () => {
    relay = await relayForTests();
    gate = createGate({ ...relay.deps, devices: createDevices([], () => Promise.resolve()) });
    limin = await relay.signIn('limin');
    docId = fileOf(await relay.openCase('limin', ['990100-fire']));
  });
  const grant = (as: string, of: string) =>
    relay.ask({ method: 'POST', url: '/api/door-tokens', payload: { docId: of }, as });
  const tokenFor = async (as: string, of = docId): Promise<string> =>
    (await grant(as, of)).json<{ token: string }>().token;
  const codeAt = async (token: string, of = docId): Promise<string> => {
    const pass = await gate.enter(token, of);
    return pass.ok ? 'in' : pass.code;
  };

  it('gives a token that opens this document alone and ends with the session', async () => {
    const response = await grant(limin, docId);
    expect(response.json()).toEqual({
      token: expect.stringMatching(/^[A-Za-z0-9_-]{43}$/) as string,
      expiresAt: new Date(relay.deps.clock.nowMs() + SESSION_MS).toISOString(),
    });
    const { token } = response.json<{ token: string }>();
    const pass = await gate.enter(token, docId);
    expect(pass).toMatchObject({
      ok: true,
      value: {
        person: 'limin@990121',
        department: '990121-market',
        canWrite: true,
        name: { zh: '李敏', en: 'Li Min' },
      },
    });
    expect(await codeAt(token, docId.replace('/file', '/talk') as DocId)).toBe('no-such-doc');
    expect(await codeAt('')).toBe('login-needed');
    expect(await codeAt('nonsense')).toBe('login-needed');
    // the session's own token is no door token
    expect(await codeAt(limin)).toBe('login-needed');
    relay.pass(SESSION_MS);
    expect(await codeAt(token)).toBe('login-needed');
  });

  it('lets readers in to read and commenters to write the talk', async () => {
    const reader = await gate.enter(await tokenFor(await relay.signIn('tangyue')), docId);
    expect(reader).toMatchObject({ value: { canWrite: false } });
    const talk = docId.replace('/file', '/talk') as DocId;
    const commenter = await gate.enter(await tokenFor(await relay.signIn('xuwei'), talk), talk);
    expect(commenter).toMatchObject({ value: { canWrite: true } });
  });

  it('takes one back, by its own session alone', async () => {
    const [token, kept] = [await tokenFor(limin), await tokenFor(limin)];
    const other = await relay.signIn('wanglei');
    const revoked: unknown[] = [];
    relay.deps.sessions.onRevoked((what) => revoked.push(what));
    const drop = (as: string, payload: object) => relay.ask({ method: 'DELETE', url: '/api/door-tokens', payload, as });
    expect((await drop(other, { token })).statusCode).toBe(204);
    expect(await codeAt(token)).toBe('in');
    expect((await drop(limin, { token })).statusCode).toBe(204);
    expect(await codeAt(token)).toBe('login-needed');
    expect(await codeAt(kept)).toBe('in');
    expect((await drop(limin, { token })).statusCode).toBe(204);
    expect(revoked).toHaveLength(1);
    expect((await drop(limin, {})).statusCode).toBe(400);
  });

  it('ends with the session, at once and for passes already given', async () => {
    const token = await tokenFor(limin);
    const pass = await gate.enter(token, docId);
    const told: string[] = [];
    gate.onRevoked((session) => told.push(session));
    await relay.ask({ method: 'DELETE', url: '/api/session', as: limin, headers: { origin: ORIGIN } });
    expect(await codeAt(token)).toBe('login-needed');
    if (!pass.ok) throw new Error('not let in');
    expect(told).toEqual([pass.value.sessionId]);
    expect(await gate.recheck(pass.value)).toMatchObject({ code: 'login-needed' });
  });

  it('follows the directory: a post that is gone opens nothing any more', async () => {
    const pass = await gate.enter(await tokenFor(limin), docId);
    if (!pass.ok) throw new Error('not let in');
    const person = relay.deps.org.person(pass.value.person);
    await relay.deps.org.change({ people: person === undefined ? [] : [person] });
    expect(await gate.recheck(pass.value)).toMatchObject({ code: 'no-such-doc' });
  });

  it('keeps a device with its first person', async () => {
    const [mine, theirs] = [
      await gate.enter(await tokenFor(limin), docId),
      await gate.enter(await tokenFor(await relay.signIn('wanglei')), docId),
    ];
    if (!mine.ok || !theirs.ok) throw new Error('not let in');
    const { device } = relay.author('limin');
    expect(await mine.value.bindDevice(device)).toMatchObject({ ok: true });
    expect(await theirs.value.bindDevice(device)).toMatchObject({ code: 'forbidden' });
  });

  it('answers what is not the caller’s like what is absent, byte for byte', async () => {
    const majun = await relay.signIn('majun');
    const foreign = await grant(majun, docId);
    expect(foreign.json()).toMatchObject({ code: 'no-such-doc', status: 404 });
    const absent = [
      fileOf(caseId(9)),
      docId.replace('/file', '/doc/9'),
      docId.replace('/file', '/private/990122-market'),
      'case:x',
      '',
    ];
    for (const of of absent) expect((await grant(majun, of)).body).toBe(foreign.body);
    // to a participant, a document that no entry names is absent too
    expect((await grant(limin, docId.replace('/file', '/doc/9'))).body).toBe(foreign.body);
    // and so is the paper of another department of the same case
    expect((await grant(limin, docId.replace('/file', '/private/990100-fire'))).body).toBe(foreign.body);
    expect((await grant(limin, docId.replace('/file', '/private/990121-market'))).statusCode).toBe(200);
  });

  it('serves a department that joined later', async () => {
    const zhaoqiang = await relay.signIn('zhaoqiang');
    expect((await grant(zhaoqiang, docId)).statusCode).toBe(404);
    const by = relay.author('limin');
    const of = docId.slice(5, -5) as never;
    const mine = chain(of, by);
    await mine.seal(opened(by.department));
    await mine.seal(added('990100-fire'));
    const { sealed } = await mine.seal(added('990121-urban'));
    await relay.ask({
      method: 'POST',
      url: `/api/cases/${of as string}/entries`,
      payload: { entries: [sealed] },
      as: limin,
    });
    expect((await grant(zhaoqiang, docId)).statusCode).toBe(200);
  });
});
