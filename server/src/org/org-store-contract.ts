import { Department, Jurisdiction, Person, Post } from '@lianban/model';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { OrgStore } from './org-store.ts';

const place = (code: string, en: string, parent: string | null = null): Jurisdiction =>
  Jurisdiction.parse({ code, level: 'county', parent, name: { zh: '县', en } });
const department = (id: string, en: string): Department =>
  Department.parse({ id, jurisdiction: id.slice(0, 6), kind: 'tax', name: { zh: '局', en }, short: { zh: '局', en } });
const person = (account: string, en: string): Person =>
  Person.parse({ id: `${account}@990121`, account, name: { zh: '人', en } });
const post = (account: string, id: string, role = 'officer'): Post =>
  Post.parse({ person: `${account}@990121`, department: id, role });

/** What every org store keeps. */
export function describeOrgStore(name: string, make: () => { store: OrgStore; close: () => Promise<void> }): void {
  describe(`org store: ${name}`, () => {
    let made: ReturnType<typeof make>;
    let store: OrgStore;
    beforeEach(() => {
      made = make();
      store = made.store;
    });
    afterEach(() => made.close());

    const begin = () =>
      store.change({
        jurisdictions: [place('990121', 'Y'), place('990122', 'Q', '990121')],
        departments: [department('990121-tax', 'Tax'), department('990122-fire', 'Fire')],
        people: [person('li', 'Li'), person('an', 'An')],
        posts: [post('li', '990121-tax'), post('an', '990122-fire', 'reader')],
        accounts: [{ account: 'li', person: person('li', '').id, hash: 'h1' }],
      });

    it('is empty at version 0', async () => {
      expect(await store.directory()).toEqual({
        version: 0,
        jurisdictions: [],
        departments: [],
        people: [],
        posts: [],
      });
      expect(await store.account('li')).toBeUndefined();
    });

    it('gives back what was put in, in order, one version up', async () => {
      const directory = await begin();
      expect(await store.directory()).toEqual(directory);
      expect(directory.version).toBe(1);
      expect(directory.jurisdictions).toEqual([place('990121', 'Y'), place('990122', 'Q', '990121')]);
      expect(directory.departments.map(({ id }) => id)).toEqual(['990121-tax', '990122-fire']);
      expect(directory.people.map(({ account }) => account)).toEqual(['li', 'an']);
      expect(directory.posts).toEqual([post('li', '990121-tax'), post('an', '990122-fire', 'reader')]);
      expect(await store.account('li')).toEqual({ account: 'li', person: 'li@990121', hash: 'h1' });
    });

    it('replaces rows by their key and leaves their place', async () => {
      await begin();
      const directory = await store.change({ departments: [department('990121-tax', 'Revenue')] });
      expect(directory.version).toBe(2);
      expect(directory.departments.map(({ name }) => name.en)).toEqual(['Revenue', 'Fire']);
      expect(directory.posts).toHaveLength(2);
    });

    it('replaces the posts of a named person as a whole', async () => {
      await begin();
      const directory = await store.change({ posts: [post('li', '990122-fire', 'clerk')] });
      expect(directory.posts.filter((row) => row.person === 'li@990121')).toEqual([post('li', '990122-fire', 'clerk')]);
      expect(directory.posts).toHaveLength(2);
      expect((await store.change({ people: [person('an', 'An')] })).posts.map((row) => row.person)).toEqual([
        'li@990121',
      ]);
    });

    it('replaces the hash of an account', async () => {
      await begin();
      await store.change({ accounts: [{ account: 'li', person: person('li', '').id, hash: 'h2' }] });
      expect((await store.account('li'))?.hash).toBe('h2');
    });

    it('changes nothing when a row names what is not there', async () => {
      const before = await begin();
      await expect(
        store.change({ people: [person('new', 'New')], posts: [post('new', '990199-none')] }),
      ).rejects.toThrow();
      await expect(store.change({ departments: [department('990777-tax', 'Nowhere')] })).rejects.toThrow();
      expect(await store.directory()).toEqual(before);
    });
  });
}
