import { describe, expect, it } from 'vitest';
import { DepartmentId, templateById, type Directory, type Template } from '@lianban/model';
import { findDepartments, leadChoices, preselect } from './new-case.ts';

const id = (text: string): DepartmentId => DepartmentId.parse(text);
const place = (code: string, level: string, parent: string | null, zh: string): unknown => ({
  code,
  level,
  parent,
  name: { zh, en: zh },
});
const department = (text: string, zh: string): unknown => ({
  id: text,
  jurisdiction: text.slice(0, 6),
  kind: text.slice(7),
  name: { zh, en: text },
  short: { zh, en: text },
});
const directory = {
  version: 1,
  jurisdictions: [
    place('350000', 'province', null, '闽原省'),
    place('350700', 'city', '350000', '延州市'),
    place('350722', 'county', '350700', '永安县'),
    place('350723', 'county', '350700', '清溪县'),
  ],
  departments: [
    department('350723-market', '清溪县市监局'),
    department('350700-market', '延州市市监局'),
    department('350722-market', '永安县市监局'),
    department('350700-fire', '延州市消防支队'),
    department('350722-fire', '永安县消防大队'),
    department('350722-urban', '永安县城管局'),
    department('350700-tax', '延州市税务局'),
  ],
  people: [],
  posts: [],
} as unknown as Directory;
const restaurant = templateById('open-restaurant') as Template;

describe('a new case', () => {
  it('is led by the department of its kind here, and takes the others from the level the template names', () => {
    expect(preselect(restaurant, directory, id('350722-urban'))).toEqual({
      lead: id('350722-market'),
      // no county tax office here: the nearest above
      joint: [id('350700-fire'), id('350722-urban'), id('350700-tax')],
    });
  });

  it('offers mine first, then here, then above, then elsewhere', () => {
    expect(leadChoices(restaurant, directory, id('350700-market')).map((one) => one.id)).toEqual([
      '350700-market',
      '350722-market',
      '350723-market',
    ]);
    expect(leadChoices(restaurant, directory, id('350722-urban')).map((one) => one.id)).toEqual([
      '350722-market',
      '350700-market',
      '350723-market',
    ]);
  });

  it('finds departments by part of their name or place, near ones first', () => {
    expect(findDepartments(directory, id('350722-urban'), '市监').map((one) => one.id)).toEqual([
      '350722-market',
      '350700-market',
      '350723-market',
    ]);
    expect(findDepartments(directory, id('350722-urban'), '清溪').map((one) => one.id)).toEqual(['350723-market']);
    expect(findDepartments(directory, id('350722-urban'), ' ')).toEqual([]);
  });
});
