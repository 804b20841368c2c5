import { describe, expect, it } from 'vitest';
import { authorize, type Resource, type Subject, type Verb } from './access.ts';
import { DepartmentId, PersonId, type DocPart } from './ids.ts';
import type { Role } from './org.ts';

const inside = DepartmentId.parse('990101-market');
const joint = DepartmentId.parse('990100-fire');
const outside = DepartmentId.parse('990102-tax');
const person = PersonId.parse('limin@990101');
const participants = [inside, joint];
const roles: Role[] = ['officer', 'clerk', 'coordinator', 'commenter', 'reader'];
const parts: DocPart[] = ['file', 'talk', 'doc', 'private'];
const works: Role[] = ['officer', 'clerk', 'coordinator'];

const holding = (role: Role, department: DepartmentId): Subject => ({ person, posts: [{ role, department }] });
const answer = (subject: Subject, verb: Verb, resource: Resource): string => {
  const result = authorize(subject, verb, resource);
  return result.ok ? 'yes' : result.code;
};

describe('authorize', () => {
  for (const role of roles) {
    it(`${role}: every document, inside and outside`, () => {
      for (const part of parts) {
        const resource: Resource = {
          kind: 'doc',
          part,
          participants,
          ...(part === 'private' ? { owner: inside } : {}),
        };
        expect(answer(holding(role, inside), 'read', resource)).toBe('yes');
        const writes = works.includes(role) || (part === 'talk' && role === 'commenter');
        expect(answer(holding(role, inside), 'write', resource)).toBe(writes ? 'yes' : 'read-only');
        for (const verb of ['read', 'write'] as const) {
          expect(answer(holding(role, outside), verb, resource)).toBe('no-such-doc');
          // another department of the same case has no part in a private document
          if (part === 'private') expect(answer(holding(role, joint), verb, resource)).toBe('no-such-doc');
        }
      }
    });

    it(`${role}: the case itself`, () => {
      const resource: Resource = { kind: 'case', participants };
      expect(answer(holding(role, inside), 'see', resource)).toBe('yes');
      for (const verb of ['add-department', 'add-document'] as const) {
        expect(answer(holding(role, inside), verb, resource)).toBe(works.includes(role) ? 'yes' : 'forbidden');
        // in the name of a department whose post they do not hold, or that does not take part
        expect(answer(holding(role, inside), verb, { ...resource, department: joint })).toBe('forbidden');
        expect(answer(holding(role, inside), verb, { ...resource, department: outside })).toBe('forbidden');
      }
      for (const verb of ['see', 'add-department', 'add-document'] as const) {
        expect(answer(holding(role, outside), verb, resource)).toBe('no-such-case');
      }
      const opening: Resource = { kind: 'new-case', lead: inside, department: inside };
      expect(answer(holding(role, inside), 'open', opening)).toBe(works.includes(role) ? 'yes' : 'forbidden');
      expect(answer(holding(role, outside), 'open', opening)).toBe('forbidden');
    });
  }

  it('denies verbs that do not fit, and everything to somebody without a post', () => {
    const nobody: Subject = { person, posts: [] };
    expect(answer(nobody, 'see', { kind: 'directory' })).toBe('forbidden');
    expect(answer(nobody, 'see', { kind: 'case', participants })).toBe('no-such-case');
    expect(answer(holding('officer', inside), 'write', { kind: 'case', participants })).toBe('forbidden');
    expect(answer(holding('officer', inside), 'open', { kind: 'doc', part: 'doc', participants })).toBe('forbidden');
    expect(answer(holding('officer', inside), 'write', { kind: 'directory' })).toBe('forbidden');
    // a private document without a named owner has no audience
    expect(answer(holding('officer', inside), 'read', { kind: 'doc', part: 'private', participants })).toBe(
      'no-such-doc',
    );
  });
});
