import { PersonId } from '@lianban/model';
import { describe, expect, it } from 'vitest';
import { matchingPeople, mentionAt, mentionsIn, withMention } from './mentions.ts';

const person = (account: string, zh: string, en: string) => ({
  id: PersonId.parse(`${account}@350481`),
  account,
  name: { zh, en },
});
const zhao = person('zhaoqiang', '赵强', 'Zhao Qiang');
const wang = person('wanglei', '王磊', 'Wang Lei');

describe('mentioning a colleague', () => {
  it.each([
    ['请@', '', 2],
    ['请 @赵', '赵', 4],
    ['请＠赵', '赵', 3],
    ['请@赵强 看', null, 6],
    ['没有', null, 2],
  ])('%j', (text, typed, caret) => {
    expect(mentionAt(text, caret)).toBe(typed);
  });

  it('finds by name in either language and by account', () => {
    expect(matchingPeople([zhao, wang], '强')).toEqual([zhao]);
    expect(matchingPeople([zhao, wang], 'wang')).toEqual([wang]);
    expect(matchingPeople([zhao, wang], '')).toHaveLength(2);
  });

  it('writes the name in place of what was typed', () => {
    expect(withMention('请@赵复核', 3, '赵强')).toEqual({ text: '请@赵强 复核', caret: 5 });
  });

  it('counts only names that still stand in the text, each once', () => {
    const chosen = [
      { id: zhao.id, name: '赵强' },
      { id: zhao.id, name: '赵强' },
      { id: wang.id, name: '王磊' },
    ];
    expect(mentionsIn('@赵强 请看', chosen)).toEqual([zhao.id]);
  });
});
