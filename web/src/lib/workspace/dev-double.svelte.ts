// Stands in until the composition root exists; deleted with it.
import {
  CaseId,
  DepartmentId,
  type CaseState,
  type Directory,
  docIdOf,
  EntryId,
  JurisdictionCode,
  PersonId,
  TEMPLATES,
  type Role,
  type TimelineLine,
} from '@lianban/model';
import { Awareness } from 'y-protocols/awareness';
import * as Y from 'yjs';
import type { CaseRow, DeviceView, OutboxRow, SignedIn, SyncState, SyncView, Workspace } from './workspace.ts';

const PLACES = [
  ['350000', '闽原省', 'Minyuan', 'province', null],
  ['350700', '延州市', 'Yanzhou', 'city', '350000'],
  ['350800', '龙江市', 'Longjiang', 'city', '350000'],
  ['350722', '永安县', 'Yong’an', 'county', '350700'],
  ['350723', '清溪县', 'Qingxi', 'county', '350700'],
  ['350822', '平和县', 'Pinghe', 'county', '350800'],
  ['350823', '上杭县', 'Shanghang', 'county', '350800'],
] as const;
const KINDS = [
  ['market', '市场监督管理局', '市监局', 'Market Regulation'],
  ['fire', '消防救援大队', '消防大队', 'Fire Brigade'],
  ['urban', '城市管理局', '城管局', 'Urban Management'],
  ['tax', '税务局', '税务局', 'Tax'],
  ['health', '卫生健康局', '卫健局', 'Health'],
  ['police', '公安局', '公安局', 'Public Security'],
  ['insurance', '医疗保障局', '医保局', 'Health Insurance'],
  ['personnel', '人力资源和社会保障局', '人社局', 'Personnel'],
  ['staffing', '机构编制委员会办公室', '编办', 'Staffing'],
] as const;
const NAMES = [
  ['李敏', 'Li Min'], ['陈静', 'Chen Jing'], ['王磊', 'Wang Lei'], ['赵强', 'Zhao Qiang'], ['孙倩', 'Sun Qian'],
  ['何芳', 'He Fang'], ['高远', 'Gao Yuan'], ['林芳', 'Lin Fang'], ['许静', 'Xu Jing'], ['方平', 'Fang Ping'],
  ['马骏', 'Ma Jun'], ['钱进', 'Qian Jin'], ['丁勇', 'Ding Yong'], ['罗平', 'Luo Ping'],
] as const;
const APPLICANTS = ['张记面馆', '好邻居便利店', '青禾农产品', '仁和大药房', '孙明', '刘佳、周宁之女', '老城烧烤', '康民药房', '黄志远', '郑秀英', '吴桂兰', '顺达物流有限责任公司永安分公司'];

function directoryOf(): Directory {
  const jurisdictions = PLACES.map(([code, zh, en, level, parent]) => ({
    code: JurisdictionCode.parse(code), name: { zh, en }, level, parent: parent === null ? null : JurisdictionCode.parse(parent),
  }));
  const departments = PLACES.flatMap(([code, zh, en]) =>
    KINDS.map(([kind, name, short, english]) => ({
      id: DepartmentId.parse(`${code}-${kind}`), jurisdiction: JurisdictionCode.parse(code), kind,
      name: { zh: zh + name, en: `${en} ${english}` },
      short: { zh: zh.slice(-1) + short, en: `${english}, ${en}` },
    })),
  );
  const people: Directory['people'] = [];
  const posts: Directory['posts'] = [];
  const roles: Role[] = ['officer', 'clerk', 'coordinator', 'reader'];
  departments.forEach((department, at) => {
    if (at % 3 === 2) return;
    const [zh, en] = NAMES[at % NAMES.length]!;
    const account = `${department.kind}${at}`;
    const id = PersonId.parse(`${account}@${department.jurisdiction}`);
    people.push({ id, account, name: { zh, en } });
    posts.push({ person: id, department: department.id, role: roles[at % 3]! });
  });
  return { version: 1, jurisdictions, departments, people, posts };
}

export function createWorkspace(): Workspace {
  const params = new URLSearchParams(location.search);
  const asked = (key: string): string | null => params.get(key) ?? sessionStorage.getItem(`double:${key}`);
  for (const key of ['state', 'count', 'me']) {
    const value = params.get(key);
    if (value !== null) sessionStorage.setItem(`double:${key}`, value);
  }
  const directory = directoryOf();
  const mine = DepartmentId.parse('350722-market');
  const meId = directory.posts.find((post) => post.department === mine)!.person;
  const signed: SignedIn = {
    person: meId, account: 'limin', name: directory.people.find((person) => person.id === meId)!.name,
    posts: directory.posts.filter((post) => post.person === meId), department: mine,
  };
  const count = Number(asked('count') ?? 40);
  const now = Date.now();
  const letters = '0123456789abcdefghjkmnpqrstvwxyz';
  const caseIdOf = (n: number): string => {
    let tail = '';
    for (let i = 0; i < 6; i++) tail = letters.charAt(Math.floor(n / 32 ** i) % 32) + tail;
    return `0${'h'.repeat(19)}${tail}`;
  };
  const rowOf = (n: number): CaseRow => {
    const template = TEMPLATES[n % TEMPLATES.length]!;
    const lead = n % 4 === 0 ? directory.departments.find((d) => d.kind === template.lead && d.jurisdiction === '350700')!.id : mine;
    const id = CaseId.parse(`${lead.slice(0, 6)}-${caseIdOf(n)}`);
    const openedBy = n % 3 === 0 ? meId : directory.people[n % directory.people.length]!.id;
    const openedAtMs = now - n * 47 * 60_000 - 60_000;
    const postOf = directory.posts.find((post) => post.person === openedBy)!.department;
    const joint = directory.departments.filter((d, i) => (i + n) % 17 === 0).slice(0, 3).map((d) => d.id);
    const line = (type: string, person: PersonId, subject: string | null, atMs: number): TimelineLine => ({
      id: EntryId.parse((n.toString(16) + type.length.toString(16)).padStart(64, '0')), type, person, department: postOf,
      atMs, deviceAtMs: atMs, confirmed: n % 7 !== 0, subject,
    });
    const timeline = [line('case.opened', openedBy, null, openedAtMs)];
    if (n % 5 === 1) timeline.push(line('department.added', openedBy, mine, openedAtMs + 60_000));
    if (n % 5 === 2) timeline.push(line('document.added', directory.people[3]!.id, '联合踏勘意见', openedAtMs + 120_000));
    const delivery = n % 7 === 0 ? 'here' : n % 23 === 5 ? 'refused' : 'relay';
    const state: CaseState = {
      id, template: template.id, templateVersion: 1, secrecy: 'internal', lead, applicant: APPLICANTS[n % APPLICANTS.length]!,
      number: n % 7 === 0 ? null : String(5000 - n).padStart(4, '0'), openedBy, openedAtMs, confirmed: n % 7 !== 0,
      participants: [...new Set([lead, mine, ...joint])],
      documents: template.documents.map((d) => ({ id: docIdOf({ caseId: id, part: 'doc', number: d.number as never }), kind: d.kind, title: d.title.zh, confirmed: true })),
      timeline, caseSeq: 1,
    };
    return { state, label: state.number ?? id.slice(-4).toUpperCase(), numbered: state.number !== null, delivery, lastHeardMs: openedAtMs + 180_000 };
  };
  const line = (asked('state') ?? 'live') as SyncState;
  const away = line === 'offline' || line === 'reconnecting';
  let me = $state.raw<SignedIn | null>(asked('me') === 'none' ? null : signed);
  let cases = $state.raw<CaseRow[]>(Array.from({ length: count }, (_, n) => rowOf(n)));
  const outbox: OutboxRow[] = line === 'live' ? [] : [
    { key: 'a', caseId: cases[0]?.state.id ?? CaseId.parse(`350722-${caseIdOf(1)}`), label: '0412', kind: 'entry', title: 'case.opened', changes: 1, bytes: 2100, sinceMs: now - 3_600_000, refusedCode: null },
    { key: 'b', caseId: cases[1]?.state.id ?? CaseId.parse(`350722-${caseIdOf(1)}`), label: '0412', kind: 'text', title: '联合踏勘意见', changes: 31, bytes: 41_200, sinceMs: now - 3_000_000, refusedCode: null },
    { key: 'c', caseId: cases[2]?.state.id ?? CaseId.parse(`350722-${caseIdOf(1)}`), label: '0420', kind: 'form', title: null, changes: 4, bytes: 900, sinceMs: now - 2_000_000, refusedCode: null },
    { key: 'd', caseId: cases[3]?.state.id ?? CaseId.parse(`350722-${caseIdOf(1)}`), label: '0391', kind: 'talk', title: null, changes: 1, bytes: 300, sinceMs: now - 90_000_000, refusedCode: line === 'attention' ? 'read-only' : null },
  ];
  const sync: SyncView = {
    state: line, unsent: outbox.length === 0 ? 0 : 12, refused: line === 'attention' ? 1 : 0, lostSinceMs: away ? now - 3_600_000 : null,
    catchingUp: line === 'returning' ? { done: 9, total: 14 } : null, lastSentAtMs: now - 600_000,
    nextTryAtMs: away ? now + 8000 : null, storage: { freeBytes: 112e6, fault: null },
  };
  const device: DeviceView = {
    persisted: false, usedBytes: 214e6, quotaBytes: 1.4e9, casesComplete: 24,
    casesIncomplete: [{ caseId: cases[0]?.state.id ?? CaseId.parse(`350722-${caseIdOf(1)}`), label: '0391', missing: 2 }],
    refreshedAtMs: now - 800_000, othersWaiting: [{ account: 'chenjing', unsent: 3 }], version: '0.0.0', updateReady: asked('state') === 'live',
    relay: location.host, device: '0123456789abcdef0123456789abcdef',
  };
  return {
    me: { get current() { return me; } },
    sync: { current: sync },
    directory: { current: directory },
    cases: { get current() { return cases; } },
    outbox: { current: outbox },
    device: { current: device },
    knownAccounts: { current: [{ account: 'limin', name: signed.name, unsent: 0 }, { account: 'chenjing', name: { zh: '陈静', en: 'Chen Jing' }, unsent: 3 }] },
    demoAccounts: { current: away ? null : { password: 'lianban-demo', accounts: directory.people.slice(0, 30).map((person) => {
      const post = directory.posts.find((p) => p.person === person.id)!;
      const department = directory.departments.find((d) => d.id === post.department)!;
      const place = directory.jurisdictions.find((j) => j.code === department.jurisdiction)!;
      return { account: person.account, name: person.name, department: { id: department.id, name: department.name }, jurisdiction: { code: place.code, name: place.name }, level: place.level, roles: [post.role] };
    }) } },
    nowMs: { current: now },
    async signIn(_account, password) {
      if (away) return 'offline';
      if (password !== 'lianban-demo') return 'wrong';
      me = signed;
      return null;
    },
    async resume() { me = signed; },
    async signOut() { me = null; },
    async startCase(input) {
      const row = rowOf(cases.length * 7);
      row.state.applicant = input.applicant;
      cases = [row, ...cases];
      return row.state.id;
    },
    async addDepartment() {},
    async addDocument(caseId) { return docIdOf({ caseId, part: 'file' }); },
    async openDoc(docId) {
      const doc = new Y.Doc();
      return { docId, doc, awareness: new Awareness(doc), canWrite: { current: true }, schema: { current: 'known' }, unsent: { current: 0 }, loaded: { current: true }, present: { current: [] }, close() {} };
    },
    tryNow() {},
    async askToKeep() {},
    async exportUnsent() { return new Blob(['{}']); },
    close() {},
  };
}
