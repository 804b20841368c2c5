import { describe, expect, it } from 'vitest';
import { firstRunOf, wrongFields, type SetUpForm } from './set-up.ts';

const form: SetUpForm = {
  place: ' 510181 ',
  placeName: '都江堰市',
  placeNameEn: '',
  level: 'county',
  department: 'market',
  departmentName: '市场监督管理局',
  departmentNameEn: 'Market Regulation Bureau',
  personName: '王磊',
  account: 'wanglei',
  password: 'a long first password',
};

describe('the form of a first run', () => {
  it('is right when everything is there, with or without English names', () => {
    expect(wrongFields(form)).toEqual([]);
    expect(firstRunOf(form, 'c')).toEqual({
      code: 'c',
      jurisdiction: { code: '510181', name: { zh: '都江堰市', en: '都江堰市' }, level: 'county' },
      department: {
        id: 'market',
        kind: 'market',
        name: { zh: '市场监督管理局', en: 'Market Regulation Bureau' },
        short: { zh: '市场监督管理局', en: 'Market Regulation Bureau' },
      },
      person: { account: 'wanglei', name: { zh: '王磊', en: '王磊' } },
      password: 'a long first password',
    });
  });

  it('names what is wrong in the order of the page', () => {
    const wrong = { ...form, place: '51018', department: 'Market!', account: 'Wang Lei', password: 'short' };
    expect(wrongFields(wrong)).toEqual(['place', 'department', 'account', 'password']);
    expect(wrongFields({ ...form, placeName: ' ', departmentName: '', personName: '' })).toEqual([
      'placeName',
      'departmentName',
      'personName',
    ]);
  });
});
