import { newDeviceId, type DocPart } from '@lianban/model';
import { checkUpdate, DocState } from '@lianban/sync';
import { describe, expect, it } from 'vitest';
import { CASES } from './cases.ts';
import { writeFile, writeTalk, writeText, type Desk, type Paper } from './papers.ts';
import { seededRandom } from './seeded.ts';

const desk = (seed: string): Desk => {
  let nowMs = 1_790_000_000_000;
  return {
    random: seededRandom(seed),
    deviceOf: (account) => newDeviceId(seededRandom(account)),
    tick: () => (nowMs += 60_000),
  };
};

/** What the door would say to each update in turn. */
function verdicts({ rows }: Paper, part: DocPart): string[] {
  const state = new DocState();
  return rows.map(({ bytes }) => {
    const checked = checkUpdate(bytes, state, part);
    if (checked.ok && checked.value.kind === 'new') state.admit(checked.value.update);
    return checked.ok ? checked.value.kind : checked.code;
  });
}

describe('the papers of the demo', () => {
  it.each(CASES)('would be taken by the door: $applicant', (demo) => {
    const text = writeText(demo.opinion ?? [], desk('text'));
    const papers: [Paper, DocPart][] = [
      [writeFile(demo, desk('file')), 'file'],
      [text, 'doc'],
      [writeText(demo.minutes ?? [], desk('minutes')), 'doc'],
      [writeTalk(demo, text.doc, desk('talk')), 'talk'],
    ];
    for (const [paper, part] of papers) {
      expect(verdicts(paper, part).filter((verdict) => verdict !== 'new')).toEqual([]);
      expect(
        paper.rows.every(({ holder, person }) =>
          paper.bindings.some((one) => one.holder === holder && one.person === person),
        ),
      ).toBe(true);
      expect(new Set(paper.bindings.map(({ clientId }) => clientId)).size).toBe(paper.bindings.length);
    }
    expect(papers[0]?.[0].rows.length).toBeGreaterThan(2);
  });

  it('are the same bytes at every load', () => {
    for (const demo of CASES) {
      expect(writeFile(demo, desk('same')).rows).toEqual(writeFile(demo, desk('same')).rows);
      expect(writeFile(demo, desk('same')).rows).not.toEqual(writeFile(demo, desk('other')).rows);
    }
  });
});
