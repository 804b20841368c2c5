import type { DocumentKind } from './events.ts';
import type { DepartmentKind, Level, Wording } from './org.ts';

/** One field of a form. Text, number, date, choice and phone are set whole; long text is typed together. */
export interface FormField {
  id: string;
  label: Wording;
  kind: 'text' | 'number' | 'date' | 'choice' | 'phone' | 'long-text';
  /** Unit behind a number. */
  unit?: Wording;
  options?: readonly { id: string; label: Wording }[];
}

/** One thing to check before the work can go on; anybody who works on the case ticks it. */
export interface ChecklistItem {
  id: string;
  label: Wording;
}

/** A document that every case of the template starts with. */
export interface TemplateDocument {
  number: string;
  kind: DocumentKind;
  title: Wording;
}

/** What a case starts from. A case names the version it was opened under and keeps it. */
export interface Template {
  id: string;
  version: number;
  name: Wording;
  /** One sentence for the person who chooses. */
  about: Wording;
  /** What the applicant of such a case is called. */
  applicant: Wording;
  lead: DepartmentKind;
  /** Departments that usually take part, at the level they sit at. */
  joint: readonly { kind: DepartmentKind; level: Level }[];
  fields: readonly FormField[];
  checklist: readonly ChecklistItem[];
  documents: readonly TemplateDocument[];
}

/** The built-in templates, until the catalogue of matters takes their place. */
export const TEMPLATES: readonly Template[] = [
  {
    id: 'open-restaurant',
    version: 1,
    name: { zh: '开餐馆一件事', en: 'Open a restaurant' },
    about: {
      zh: '营业执照、食品经营许可、消防安全意见与门头招牌，一次申请、联合踏勘。',
      en: 'Licence, food permit, fire safety and shop sign in one application, with one joint visit.',
    },
    applicant: { zh: '店名', en: 'Name of the restaurant' },
    lead: 'market',
    joint: [
      { kind: 'fire', level: 'city' },
      { kind: 'urban', level: 'county' },
      { kind: 'tax', level: 'county' },
    ],
    fields: [
      { id: 'applicant', label: { zh: '申请人', en: 'Applicant' }, kind: 'text' },
      { id: 'phone', label: { zh: '联系电话', en: 'Phone' }, kind: 'phone' },
      { id: 'premises', label: { zh: '经营场所', en: 'Premises' }, kind: 'text' },
      { id: 'area', label: { zh: '面积', en: 'Floor area' }, kind: 'number', unit: { zh: '平方米', en: 'm²' } },
      { id: 'seats', label: { zh: '座位', en: 'Seats' }, kind: 'number', unit: { zh: '席', en: 'seats' } },
      {
        id: 'kitchen',
        label: { zh: '后厨燃料', en: 'Kitchen fuel' },
        kind: 'choice',
        options: [
          { id: 'piped', label: { zh: '管道天然气', en: 'Piped gas' } },
          { id: 'bottled', label: { zh: '瓶装液化气', en: 'Bottled gas' } },
          { id: 'electric', label: { zh: '用电', en: 'Electricity' } },
        ],
      },
      { id: 'opening-date', label: { zh: '拟开业日期', en: 'Planned opening' }, kind: 'date' },
      { id: 'remarks', label: { zh: '情况说明', en: 'Remarks' }, kind: 'long-text' },
    ],
    checklist: [
      { id: 'lease', label: { zh: '租赁合同页码齐全', en: 'The lease is complete' } },
      { id: 'floor-plan', label: { zh: '平面布局与设备流程图已收', en: 'Floor plan and equipment flow received' } },
      { id: 'visit', label: { zh: '联合踏勘已完成', en: 'Joint visit done' } },
      { id: 'sign', label: { zh: '门头效果图已收', en: 'Picture of the shop sign received' } },
    ],
    documents: [{ number: '1', kind: 'opinion', title: { zh: '联合踏勘意见', en: 'Joint inspection opinion' } }],
  },
  {
    id: 'newborn',
    version: 1,
    name: { zh: '新生儿出生一件事', en: 'Register a newborn' },
    about: {
      zh: '出生医学证明、预防接种、户口登记、医保参保与社保卡，一张表办完。',
      en: 'Birth certificate, vaccination record, household entry, health insurance and card on one form.',
    },
    applicant: { zh: '新生儿姓名', en: 'Name of the child' },
    lead: 'health',
    joint: [
      { kind: 'police', level: 'county' },
      { kind: 'insurance', level: 'city' },
    ],
    fields: [
      { id: 'child', label: { zh: '新生儿姓名', en: 'Name of the child' }, kind: 'text' },
      { id: 'birth-date', label: { zh: '出生日期', en: 'Date of birth' }, kind: 'date' },
      {
        id: 'sex',
        label: { zh: '性别', en: 'Sex' },
        kind: 'choice',
        options: [
          { id: 'female', label: { zh: '女', en: 'Female' } },
          { id: 'male', label: { zh: '男', en: 'Male' } },
        ],
      },
      { id: 'mother', label: { zh: '母亲', en: 'Mother' }, kind: 'text' },
      { id: 'father', label: { zh: '父亲', en: 'Father' }, kind: 'text' },
      { id: 'phone', label: { zh: '联系电话', en: 'Phone' }, kind: 'phone' },
      { id: 'household', label: { zh: '拟落户地址', en: 'Household address' }, kind: 'text' },
      { id: 'remarks', label: { zh: '情况说明', en: 'Remarks' }, kind: 'long-text' },
    ],
    checklist: [
      { id: 'certificate', label: { zh: '出生医学证明编号已核对', en: 'Number of the birth certificate checked' } },
      { id: 'parents', label: { zh: '父母身份证件一致', en: 'Identity of both parents matches' } },
      { id: 'vaccination', label: { zh: '首针接种已登记', en: 'First vaccination recorded' } },
    ],
    documents: [{ number: '1', kind: 'opinion', title: { zh: '核对意见', en: 'Review opinion' } }],
  },
  {
    id: 'civil-servant-transfer',
    version: 1,
    name: { zh: '公务员调任一件事', en: 'Transfer a civil servant' },
    about: {
      zh: '编制核准、调任审批、工资核定与社保转移，部门之间一次流转。',
      en: 'Post approval, transfer, pay and social insurance, passed once between departments.',
    },
    applicant: { zh: '调任人员', en: 'Person to be transferred' },
    lead: 'personnel',
    joint: [
      { kind: 'staffing', level: 'county' },
      { kind: 'insurance', level: 'city' },
    ],
    fields: [
      { id: 'person', label: { zh: '姓名', en: 'Name' }, kind: 'text' },
      { id: 'from', label: { zh: '现任单位', en: 'Present department' }, kind: 'text' },
      { id: 'to', label: { zh: '拟任单位', en: 'Future department' }, kind: 'text' },
      { id: 'rank', label: { zh: '职级', en: 'Rank' }, kind: 'text' },
      { id: 'effective', label: { zh: '拟到任日期', en: 'Planned start' }, kind: 'date' },
      { id: 'remarks', label: { zh: '情况说明', en: 'Remarks' }, kind: 'long-text' },
    ],
    checklist: [
      { id: 'post', label: { zh: '空编已核', en: 'A vacant post is confirmed' } },
      { id: 'file', label: { zh: '人事档案已审', en: 'Personnel file reviewed' } },
      { id: 'pay', label: { zh: '工资基数已核定', en: 'Pay basis fixed' } },
    ],
    documents: [
      { number: '1', kind: 'opinion', title: { zh: '调任审核意见', en: 'Opinion on the transfer' } },
      { number: '2', kind: 'minutes', title: { zh: '联席会议纪要', en: 'Minutes of the joint meeting' } },
    ],
  },
];

/** The built-in template of this id, or undefined: a case may name one that this version does not have. */
export function templateById(id: string): Template | undefined {
  return TEMPLATES.find((template) => template.id === id);
}
