import { Department, Jurisdiction, type Level, type Wording } from '@lianban/model';
import * as z from 'zod';

/** A fictional province, two cities and four counties. Codes that begin with 99 belong to no real place. */
export const PLACES: readonly Jurisdiction[] = z.array(Jurisdiction).parse([
  { code: '990000', level: 'province', parent: null, name: { zh: '云岭省', en: 'Yunling Province' } },
  { code: '990100', level: 'city', parent: '990000', name: { zh: '临江市', en: 'Linjiang City' } },
  { code: '990200', level: 'city', parent: '990000', name: { zh: '青原市', en: 'Qingyuan City' } },
  { code: '990121', level: 'county', parent: '990100', name: { zh: '永安县', en: 'Yong’an County' } },
  { code: '990122', level: 'county', parent: '990100', name: { zh: '清溪县', en: 'Qingxi County' } },
  { code: '990221', level: 'county', parent: '990200', name: { zh: '石桥县', en: 'Shiqiao County' } },
  { code: '990222', level: 'county', parent: '990200', name: { zh: '南屏县', en: 'Nanping County' } },
]);

/** What a kind of department is called behind the name of its place, in full and in a row. */
interface KindNames {
  kind: string;
  levels: readonly Level[];
  name: Wording | Record<Level, Wording>;
  short: Wording;
}

const EVERYWHERE = ['province', 'city', 'county'] as const;
const BELOW = ['city', 'county'] as const;

const KINDS: readonly KindNames[] = [
  {
    kind: 'service',
    levels: EVERYWHERE,
    name: { zh: '政务服务中心', en: 'Government Service Center' },
    short: { zh: '政务中心', en: 'Service Center' },
  },
  {
    kind: 'market',
    levels: EVERYWHERE,
    name: { zh: '市场监督管理局', en: 'Administration for Market Regulation' },
    short: { zh: '市监局', en: 'Market Regulation' },
  },
  {
    kind: 'fire',
    levels: BELOW,
    name: {
      province: { zh: '消防救援总队', en: 'Fire and Rescue Corps' },
      city: { zh: '消防救援支队', en: 'Fire and Rescue Division' },
      county: { zh: '消防救援大队', en: 'Fire and Rescue Brigade' },
    },
    short: { zh: '消防', en: 'Fire and Rescue' },
  },
  {
    kind: 'urban',
    levels: BELOW,
    name: { zh: '城市管理局', en: 'Urban Management Bureau' },
    short: { zh: '城管局', en: 'Urban Management' },
  },
  { kind: 'tax', levels: BELOW, name: { zh: '税务局', en: 'Tax Bureau' }, short: { zh: '税务局', en: 'Tax' } },
  {
    kind: 'health',
    levels: EVERYWHERE,
    name: {
      province: { zh: '卫生健康委员会', en: 'Health Commission' },
      city: { zh: '卫生健康委员会', en: 'Health Commission' },
      county: { zh: '卫生健康局', en: 'Health Bureau' },
    },
    short: { zh: '卫健', en: 'Health' },
  },
  {
    kind: 'police',
    levels: BELOW,
    name: { zh: '公安局', en: 'Public Security Bureau' },
    short: { zh: '公安局', en: 'Public Security' },
  },
  {
    kind: 'insurance',
    levels: BELOW,
    name: { zh: '社会保险事业管理中心', en: 'Social Insurance Center' },
    short: { zh: '社保中心', en: 'Social Insurance' },
  },
  {
    kind: 'personnel',
    levels: EVERYWHERE,
    name: {
      province: { zh: '人力资源和社会保障厅', en: 'Department of Human Resources' },
      city: { zh: '人力资源和社会保障局', en: 'Human Resources Bureau' },
      county: { zh: '人力资源和社会保障局', en: 'Human Resources Bureau' },
    },
    short: { zh: '人社', en: 'Human Resources' },
  },
  {
    kind: 'staffing',
    levels: BELOW,
    name: { zh: '机构编制委员会办公室', en: 'Office of the Staffing Commission' },
    short: { zh: '编办', en: 'Staffing Office' },
  },
];

/** The departments of every place: the same kinds, named after it. */
export const DEPARTMENTS: readonly Department[] = PLACES.flatMap((place) =>
  KINDS.filter(({ levels }) => levels.includes(place.level)).map(({ kind, name, short }) => {
    const full = 'zh' in name ? name : name[place.level];
    return Department.parse({
      id: `${place.code}-${kind}`,
      jurisdiction: place.code,
      kind,
      name: { zh: place.name.zh + full.zh, en: `${place.name.en} ${full.en}` },
      short: { zh: place.name.zh + short.zh, en: `${placeWord(place.name.en)} ${short.en}` },
    });
  }),
);

/** `Yong’an` of `Yong’an County`. */
function placeWord(name: string): string {
  return name.replace(/ (?:Province|City|County)$/, '');
}
