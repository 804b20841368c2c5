import { createHash } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { canonicalText, parseCanonical } from './canonical.ts';
import { chainPlace, headsOf } from './chain.ts';
import type { Receipt } from './entry.ts';
import type { CaseEvent } from './events.ts';
import { CaseId, DepartmentId, DeviceId, JurisdictionCode, PersonId, newCaseId, shortCode } from './ids.ts';
import { mayAppend } from './moves.ts';
import type { Digest } from './ports.ts';
import { reduceCase, type LedgerFact } from './reduce.ts';
import { seal, verify, type SealContext, type VerifiedEntry } from './seal.ts';

const digest: Digest = { sha256: (data) => Promise.resolve(createHash('sha256').update(data).digest()) };
const county = JurisdictionCode.parse('990101');
const market = DepartmentId.parse('990101-market');
const fire = DepartmentId.parse('990100-fire');
const tax = DepartmentId.parse('990101-tax');
const li = PersonId.parse('limin@990101');
const device = DeviceId.parse('0123456789abcdef0123456789abcdef');
const other = DeviceId.parse('ffffffffffffffffffffffffffffffff');
let ms = 1_700_000_000_000;
const caseId = newCaseId(
  county,
  { nowMs: () => ms, monotonicMs: () => 0 },
  { bytes: (n) => new Uint8Array(n).fill(7) },
);

const opened: CaseEvent = {
  type: 'case.opened',
  body: { template: 'open-restaurant', templateVersion: 1, lead: market, secrecy: 'internal' },
  payload: { applicant: '张记面馆' },
};
const added = (department: DepartmentId): CaseEvent => ({
  type: 'department.added',
  body: { department },
  payload: null,
});
const document: CaseEvent = {
  type: 'document.added',
  body: { number: '1' as never, kind: 'opinion' },
  payload: { title: '联合踏勘意见' },
};

async function chain(events: CaseEvent[], over: Partial<SealContext> = {}): Promise<VerifiedEntry[]> {
  const entries: VerifiedEntry[] = [];
  for (const event of events) {
    const last = entries.at(-1);
    entries.push(
      await seal(
        event,
        {
          caseId,
          person: li,
          department: market,
          device,
          dseq: entries.length + 1,
          ...(last ? { prev: last.id } : {}),
          deps: headsOf(entries),
          hlc: { ms: ms++, counter: 0 },
          clockSuspect: false,
          ...over,
        },
        digest,
      ),
    );
  }
  return entries;
}

const confirmed = (entry: VerifiedEntry, caseSeq: number, number?: string): LedgerFact => ({
  entry,
  receipt: {
    relay: county,
    incarnation: 'i',
    n: caseSeq,
    ev: entry.id,
    kind: 'home',
    time: 1_800_000_000_000 + caseSeq,
    aclEpoch: 0,
    verdict: 'ok',
    caseSeq,
    ...(number ? { number } : {}),
    alg: 'none',
  } satisfies Receipt,
});

describe('canonical text', () => {
  it('sorts by code unit and leaves nothing out that was said', () => {
    expect(canonicalText({ b: [true, 1], a: '😀', '\u20ac': -1, skip: undefined })).toEqual({
      ok: true,
      value: '{"a":"😀","b":[true,1],"€":-1}',
    });
  });

  it.each([
    [1.5],
    [2 ** 53],
    [-0],
    [null],
    ['\ud800'],
    [() => 1],
    [{ a: { a: { a: { a: { a: { a: { a: { a: {} } } } } } } } }],
  ])('refuses %j', (value) => {
    expect(canonicalText(value).ok).toBe(false);
  });

  it('refuses text that is JSON but not canonical', () => {
    for (const text of ['{"b":1,"a":2}', '{ "a":1}', '{"a":1,"a":1}', '{"a":1.0}', '"\\u0041"', '{']) {
      expect(parseCanonical(text).ok).toBe(false);
    }
    expect(parseCanonical('{"a":1}').ok).toBe(true);
  });
});

describe('a sealed entry', () => {
  it('verifies, and one changed byte of text, id or payload does not', async () => {
    const [entry] = await chain([opened]);
    const { sealed } = entry as VerifiedEntry;
    expect((await verify(sealed, digest)).ok).toBe(true);
    for (let i = 0; i < sealed.text.length; i += 7) {
      const text = sealed.text.slice(0, i) + (sealed.text[i] === '1' ? '2' : '1') + sealed.text.slice(i + 1);
      expect((await verify({ ...sealed, text }, digest)).ok).toBe(false);
    }
    // of another length, and of the same
    for (const applicant of ['李记', '李记面馆']) {
      expect((await verify({ ...sealed, payload: JSON.stringify({ applicant }) }, digest)).ok).toBe(false);
    }
    expect((await verify({ ...sealed, id: sealed.id.replace(/^./, (c) => (c === '0' ? '1' : '0')) }, digest)).ok).toBe(
      false,
    );
    expect((await verify({ ...sealed, extra: 1 }, digest)).ok).toBe(false);
  });

  it('verifies without its payload, which was withheld, and shows no applicant', async () => {
    const [entry] = await chain([opened]);
    const { payload, ...bare } = (entry as VerifiedEntry).sealed;
    expect(payload).toContain('张记面馆');
    const result = await verify(bare, digest);
    if (!result.ok) throw new Error(result.detail);
    expect(reduceCase([{ entry: result.value }])?.applicant).toBeNull();
  });
});

describe('a device chain', () => {
  it('tells next, known, gap and fork apart', async () => {
    const [one, two, three] = (await chain([opened, added(fire), added(tax)])) as [
      VerifiedEntry,
      VerifiedEntry,
      VerifiedEntry,
    ];
    const [rival] = await chain([added(tax)], { dseq: 2, prev: one.id });
    const stored = (dev: DeviceId, dseq: number) => (dev === device ? [one, two][dseq - 1]?.id : undefined);
    const head = { dseq: 2, id: two.id };
    expect(chainPlace(three, head, stored)).toBe('next');
    expect(chainPlace(one, head, stored)).toBe('known');
    expect(chainPlace(rival as VerifiedEntry, head, stored)).toBe('fork');
    expect(chainPlace(three, { dseq: 1, id: one.id }, stored)).toBe('gap');
    expect(chainPlace(three, { dseq: 2, id: one.id }, stored)).toBe('fork');
  });
});

describe('the reducer', () => {
  it('folds to one state whatever the order of arrival, at every stage of confirmation', async () => {
    const entries = await chain([opened, added(fire), document, added(tax), added(fire)]);
    for (let seq = 0; seq <= entries.length; seq++) {
      const facts = entries.map((entry, i) =>
        i < seq ? confirmed(entry, i + 1, i === 0 ? '990101-2026-0412' : undefined) : { entry },
      );
      const expected = reduceCase(facts);
      expect(expected?.participants).toEqual([market, fire, tax]);
      expect(expected?.documents.map(({ title }) => title)).toEqual(['联合踏勘意见']);
      expect(expected?.number).toBe(seq > 0 ? '990101-2026-0412' : null);
      expect(expected?.caseSeq).toBe(seq);
      for (let shift = 1; shift < facts.length; shift++) {
        expect(reduceCase([...facts.slice(shift), ...facts.slice(0, shift)])).toEqual(expected);
        expect(reduceCase(facts.toReversed())).toEqual(expected);
      }
    }
  });

  it('folds what two devices did at the same time by device time, whichever arrived first', async () => {
    const [first] = (await chain([opened])) as [VerifiedEntry];
    const [earlier] = (await chain([added(tax)], { deps: [first.id] })) as [VerifiedEntry];
    const [later] = (await chain([added(fire)], { deps: [first.id], device: other })) as [VerifiedEntry];
    const facts = [first, later, earlier].map((entry) => ({ entry }));
    expect(reduceCase(facts)?.participants).toEqual([market, tax, fire]);
    expect(reduceCase(facts.toReversed())).toEqual(reduceCase(facts));
  });

  it('opens nothing without the opening, or with a lead of another jurisdiction', async () => {
    const [, second] = await chain([opened, added(fire)]);
    expect(reduceCase([{ entry: second as VerifiedEntry }])).toBeNull();
    const [foreign] = await chain([{ ...opened, body: { ...opened.body, lead: fire } }]);
    expect(reduceCase([{ entry: foreign as VerifiedEntry }])).toBeNull();
  });

  it('gives a short code until there is a number', () => {
    expect(shortCode(caseId)).toMatch(/^[0-9A-Z]{4}$/);
    expect(CaseId.safeParse(`${caseId}x`).success).toBe(false);
  });
});

describe('what may be appended', () => {
  const subject = { person: li, posts: [{ department: market, role: 'officer' as const }] };
  const knowsDepartment = (id: DepartmentId) => [market, fire, tax].includes(id);

  it('takes an opening once, and additions by who takes part', async () => {
    const [first, second] = (await chain([opened, added(fire)])) as [VerifiedEntry, VerifiedEntry];
    expect(mayAppend(first, { state: null, subject, knowsDepartment }).ok).toBe(true);
    const state = reduceCase([{ entry: first }]);
    expect(mayAppend(first, { state, subject, knowsDepartment })).toMatchObject({ code: 'fork' });
    expect(mayAppend(second, { state, subject, knowsDepartment }).ok).toBe(true);
    expect(mayAppend(second, { state: null, subject, knowsDepartment })).toMatchObject({ code: 'no-such-case' });
    expect(mayAppend(second, { state, subject, knowsDepartment: () => false })).toMatchObject({ code: 'bad-entry' });
    const stranger = { person: li, posts: [{ department: tax, role: 'officer' as const }] };
    expect(mayAppend(second, { state, subject: stranger, knowsDepartment })).toMatchObject({ code: 'no-such-case' });
    const reader = { person: li, posts: [{ department: market, role: 'reader' as const }] };
    expect(mayAppend(second, { state, subject: reader, knowsDepartment })).toMatchObject({ code: 'forbidden' });
  });

  it('refuses an entry in the name of another person or from a post that is not theirs', async () => {
    const [alien] = await chain([opened], { person: PersonId.parse('zhao@990101') });
    expect(mayAppend(alien as VerifiedEntry, { state: null, subject, knowsDepartment })).toMatchObject({
      code: 'forbidden',
    });
    const [first] = await chain([opened]);
    const state = reduceCase([{ entry: first as VerifiedEntry }]);
    const [borrowed] = await chain([added(tax)], { department: fire, device: other });
    expect(mayAppend(borrowed as VerifiedEntry, { state, subject, knowsDepartment })).toMatchObject({
      code: 'forbidden',
    });
  });
});
