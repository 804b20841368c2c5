import type { DemoAccount } from './people.ts';

/** A field somebody filled in. Two of the same field are two people who had not seen each other. */
type Filled = readonly [account: DemoAccount, field: string, value: string | number];

/** One open case of the demo, as data: who did what, some days ago. */
export interface DemoCase {
  template: 'open-restaurant' | 'newborn' | 'civil-servant-transfer';
  applicant: string;
  openedBy: DemoAccount;
  /** Days before the load at which it was opened. */
  daysAgo: number;
  /** Departments that take part besides the lead, in order. */
  departments: readonly string[];
  fields: readonly Filled[];
  remarks?: readonly [DemoAccount, string][];
  ticks?: readonly [DemoAccount, string][];
  /** Opinion: `# ` and `## ` begin headings. */
  opinion?: readonly [DemoAccount, string][];
  minutes?: readonly [DemoAccount, string][];
  /** Comments: on a passage of document 1 where `quote` is found in it, else on the case. */
  threads?: readonly {
    quote?: string;
    comments: readonly [DemoAccount, string, ...DemoAccount[]][];
    resolved?: boolean;
  }[];
}

/** The cases, the oldest first. */
export const CASES: readonly DemoCase[] = [
  {
    template: 'civil-servant-transfer',
    applicant: '郭晓彤',
    openedBy: 'dingning',
    daysAgo: 19,
    departments: ['990221-staffing', '990200-insurance'],
    fields: [
      ['dingning', 'person', '郭晓彤'],
      ['dingning', 'from', '石桥县水利局'],
      ['dingning', 'to', '青原市水利局'],
      ['dingning', 'rank', '三级主任科员'],
      ['shaowen', 'effective', '2026-12-15'],
    ],
    ticks: [
      ['shaowen', 'post'],
      ['dingning', 'file'],
    ],
    opinion: [
      ['dingning', '# 一、基本情况'],
      ['dingning', '郭晓彤同志现任石桥县水利局三级主任科员，连续三年考核称职以上。'],
      ['shaowen', '# 二、编制情况'],
      ['shaowen', '拟任单位空编一名，符合调任条件。'],
    ],
  },
  {
    template: 'open-restaurant',
    applicant: '石桥羊汤馆',
    openedBy: 'yaoli',
    daysAgo: 15,
    departments: ['990200-fire', '990221-urban', '990221-tax'],
    fields: [
      ['yaoli', 'applicant', '石大勇'],
      ['yaoli', 'premises', '石桥县桥头街 31 号'],
      ['yaoli', 'area', 86],
      ['yaoli', 'seats', 40],
      ['hanmei', 'kitchen', 'bottled'],
    ],
    remarks: [['yaoli', '后厨使用瓶装液化气，气瓶间需与用餐区分隔。']],
    ticks: [['yaoli', 'lease']],
    opinion: [
      ['yaoli', '# 一、踏勘情况'],
      ['hanmei', '气瓶间设在室内，未设可燃气体报警装置。'],
      ['hanmei', '# 二、整改要求'],
      ['hanmei', '## （一）气瓶间'],
      ['hanmei', '移至室外独立设置，并加装可燃气体报警装置。'],
    ],
    threads: [
      {
        quote: '可燃气体报警装置',
        comments: [
          ['yaoli', '店主问能否先装报警，下周再移气瓶间。', 'hanmei'],
          ['hanmei', '两项都要在开业前完成。'],
        ],
      },
    ],
  },
  {
    template: 'newborn',
    applicant: '赵予安',
    openedBy: 'yuhang',
    daysAgo: 12,
    departments: ['990222-police', '990200-insurance'],
    fields: [
      ['yuhang', 'child', '赵予安'],
      ['yuhang', 'birth-date', '2026-11-02'],
      ['yuhang', 'sex', 'male'],
      ['yuhang', 'mother', '胡晓梅'],
      ['yuhang', 'father', '赵立军'],
      ['baixue', 'household', '南屏县屏山镇前进路 5 号'],
    ],
    ticks: [
      ['yuhang', 'certificate'],
      ['baixue', 'parents'],
      ['yuhang', 'vaccination'],
    ],
    opinion: [
      ['yuhang', '# 一、核对结果'],
      ['yuhang', '出生医学证明编号与接生机构登记一致。'],
      ['baixue', '父母身份证件与户籍信息一致，可以落户。'],
    ],
  },
  {
    template: 'open-restaurant',
    applicant: '老街面馆',
    openedBy: 'limin',
    daysAgo: 11,
    departments: ['990100-fire', '990121-urban', '990121-tax', '990100-service'],
    fields: [
      ['limin', 'applicant', '周建国'],
      ['limin', 'phone', '0990-5550127'],
      ['limin', 'premises', '永安县老街 12 号'],
      ['limin', 'area', 64],
      ['limin', 'seats', 32],
      ['limin', 'kitchen', 'piped'],
      ['zhaoqiang', 'opening-date', '2026-12-08'],
    ],
    remarks: [
      ['limin', '原为早点铺，经营者不变，扩大店面后重新申请。'],
      ['zhaoqiang', '门头沿用原尺寸。'],
    ],
    ticks: [
      ['limin', 'lease'],
      ['limin', 'floor-plan'],
      ['zhaoqiang', 'sign'],
      ['limin', 'visit'],
    ],
    opinion: [
      ['limin', '# 一、踏勘情况'],
      ['limin', '三部门到场，店面布局与图纸一致，食品处理区与用餐区分隔清楚。'],
      ['wanglei', '# 二、消防意见'],
      ['wanglei', '## （一）疏散'],
      ['wanglei', '疏散通道净宽 1.2 米，符合要求。'],
      ['wanglei', '## （二）设施'],
      ['wanglei', '配置灭火器四具，位置合理。'],
      ['zhaoqiang', '# 三、门头招牌'],
      ['zhaoqiang', '不突出相邻建筑，同意设置。'],
    ],
    threads: [
      {
        quote: '净宽 1.2 米',
        comments: [
          ['xuwei', '图纸上写的是 1.1 米，以哪个为准？', 'wanglei'],
          ['wanglei', '以现场实测 1.2 米为准，图纸已请店主更正。'],
        ],
        resolved: true,
      },
      { comments: [['gaoyuan', '本周五前请各部门把意见补齐。', 'limin', 'wanglei', 'zhaoqiang']] },
    ],
  },
  {
    template: 'civil-servant-transfer',
    applicant: '刘思远',
    openedBy: 'zhengli',
    daysAgo: 9,
    departments: ['990121-staffing', '990100-insurance'],
    fields: [
      ['zhengli', 'person', '刘思远'],
      ['zhengli', 'from', '永安县教育局'],
      ['zhengli', 'to', '永安县政务服务中心'],
      ['zhengli', 'rank', '一级科员'],
      ['fengbo', 'effective', '2027-01-04'],
    ],
    ticks: [['fengbo', 'post']],
    opinion: [
      ['zhengli', '# 一、调任理由'],
      ['zhengli', '政务服务中心综合窗口缺员，刘思远同志熟悉窗口业务。'],
      ['fengbo', '# 二、编制核准'],
      ['fengbo', '政务服务中心现有空编两名，同意使用一名。'],
    ],
    minutes: [
      ['zhengli', '# 议定事项'],
      ['zhengli', '同意刘思远同志调任，工资基数由社保经办机构复核。'],
    ],
    threads: [{ comments: [['linfang', '缴费年限需要原单位补一份证明。', 'zhengli']] }],
  },
  {
    template: 'open-restaurant',
    applicant: '云上火锅',
    openedBy: 'majun',
    daysAgo: 8,
    departments: ['990100-fire', '990122-urban', '990122-tax'],
    fields: [
      ['majun', 'applicant', '罗海波'],
      ['majun', 'phone', '0990-5550188'],
      ['majun', 'premises', '清溪县文化广场二层'],
      ['majun', 'area', 320],
      ['wanglei', 'area', 298],
      ['majun', 'seats', 150],
      ['majun', 'kitchen', 'electric'],
    ],
    remarks: [['majun', '位于商场二层，与影院共用疏散楼梯。']],
    ticks: [
      ['majun', 'lease'],
      ['majun', 'floor-plan'],
    ],
    opinion: [
      ['wanglei', '# 一、踏勘情况'],
      ['wanglei', '与影院共用疏散楼梯，散场时段人流叠加，需重新核算疏散宽度。'],
    ],
    threads: [
      { quote: '重新核算疏散宽度', comments: [['majun', '商场物业已提供散场人流数据，放在材料里。', 'wanglei']] },
    ],
  },
  {
    template: 'newborn',
    applicant: '何知夏',
    openedBy: 'luoyan',
    daysAgo: 6,
    departments: ['990122-police', '990100-insurance'],
    fields: [
      ['luoyan', 'child', '何知夏'],
      ['luoyan', 'birth-date', '2026-11-14'],
      ['luoyan', 'sex', 'female'],
      ['luoyan', 'mother', '孟佳'],
      ['luoyan', 'phone', '0990-5550142'],
    ],
    ticks: [['luoyan', 'certificate']],
    opinion: [
      ['luoyan', '# 一、核对结果'],
      ['luoyan', '父亲信息待补，出生医学证明已核对。'],
    ],
    threads: [{ comments: [['xiaobin', '父亲身份证件请家属补传。', 'luoyan']] }],
  },
  {
    template: 'newborn',
    applicant: '刘沐阳',
    openedBy: 'zhoulan',
    daysAgo: 5,
    departments: ['990121-police', '990100-insurance', '990121-service'],
    fields: [
      ['zhoulan', 'child', '刘沐阳'],
      ['zhoulan', 'birth-date', '2026-11-16'],
      ['zhoulan', 'sex', 'male'],
      ['zhoulan', 'mother', '杨帆'],
      ['zhoulan', 'father', '刘涛'],
      ['chenjing', 'phone', '0990-5550163'],
      ['wujun', 'household', '永安县城关镇滨河路 27 号 3 单元 402'],
    ],
    remarks: [['chenjing', '家属希望户口簿与社保卡一并邮寄。']],
    ticks: [
      ['zhoulan', 'certificate'],
      ['wujun', 'parents'],
    ],
    opinion: [
      ['zhoulan', '# 一、出生信息'],
      ['zhoulan', '出生医学证明编号已核对，首针乙肝疫苗尚未登记。'],
      ['wujun', '# 二、落户意见'],
      ['wujun', '父母一方为本县户籍，同意随父落户。'],
    ],
    threads: [{ quote: '尚未登记', comments: [['chenjing', '已联系妇幼保健院今天补登。', 'zhoulan']] }],
  },
  {
    template: 'open-restaurant',
    applicant: '青禾素食',
    openedBy: 'limin',
    daysAgo: 4,
    departments: ['990100-fire', '990121-urban'],
    fields: [
      ['limin', 'applicant', '苏婉'],
      ['limin', 'premises', '永安县滨河路 88 号'],
      ['limin', 'area', 140],
      ['limin', 'seats', 60],
    ],
    remarks: [['limin', '申请人计划春节前开业。']],
    ticks: [['limin', 'lease']],
    opinion: [
      ['limin', '# 一、踏勘情况'],
      ['limin', '尚未踏勘，约在下周二。'],
    ],
  },
  {
    template: 'civil-servant-transfer',
    applicant: '张伟民',
    openedBy: 'zhengli',
    daysAgo: 3,
    departments: ['990121-staffing', '990100-insurance'],
    fields: [
      ['zhengli', 'person', '张伟民'],
      ['zhengli', 'from', '清溪县农业农村局'],
      ['zhengli', 'to', '永安县农业农村局'],
    ],
    opinion: [
      ['zhengli', '# 一、基本情况'],
      ['zhengli', '档案已调取，正在审核。'],
    ],
  },
  {
    template: 'newborn',
    applicant: '陈一诺',
    openedBy: 'zhoulan',
    daysAgo: 2,
    departments: ['990121-police', '990100-insurance'],
    fields: [
      ['zhoulan', 'child', '陈一诺'],
      ['zhoulan', 'birth-date', '2026-11-20'],
      ['zhoulan', 'sex', 'female'],
      ['zhoulan', 'mother', '李雪'],
      ['zhoulan', 'father', '陈凯'],
    ],
    ticks: [['zhoulan', 'vaccination']],
  },
  {
    template: 'open-restaurant',
    applicant: '江畔小馆',
    openedBy: 'limin',
    daysAgo: 1,
    departments: ['990100-fire', '990121-urban', '990121-tax', '990121-service'],
    fields: [
      ['limin', 'applicant', '何婷'],
      ['limin', 'phone', '0990-5550119'],
      ['limin', 'premises', '永安县江滨路 6 号'],
      ['limin', 'area', 120],
      ['zhaoqiang', 'area', 126],
      ['limin', 'seats', 48],
      ['limin', 'kitchen', 'piped'],
      ['chenjing', 'opening-date', '2026-12-20'],
    ],
    remarks: [
      ['limin', '经营者何婷，此前在临江市经营同名小吃店三年，无处罚记录。'],
      ['chenjing', '申请人可在工作日下午配合踏勘。'],
    ],
    ticks: [
      ['limin', 'lease'],
      ['chenjing', 'floor-plan'],
    ],
    opinion: [
      ['limin', '# 一、踏勘情况'],
      ['limin', '店面一层，面积待测绘确认；后厨与用餐区以实墙分隔，管道天然气已通。'],
      ['wanglei', '# 二、消防意见'],
      ['wanglei', '## （一）疏散通道'],
      ['wanglei', '后门外堆放建筑材料，开业前须清理，保证净宽不小于 1.1 米。'],
      ['wanglei', '## （二）燃气安全'],
      ['wanglei', '燃气报警装置与自动切断阀联动测试合格。'],
      ['zhaoqiang', '# 三、门头招牌'],
      ['zhaoqiang', '效果图待申请人补交。'],
    ],
    threads: [
      {
        quote: '面积待测绘确认',
        comments: [
          ['zhaoqiang', '我这边量的是 126 平方米，含外摆区。', 'limin'],
          ['limin', '租赁合同写 120，外摆区是否计入请城管局确认。', 'zhaoqiang'],
        ],
      },
      { quote: '开业前须清理', comments: [['chenjing', '已电话告知申请人，明天上午清理。', 'wanglei']] },
      { comments: [['hexin', '税务信息采集可以先做，不必等踏勘。', 'sunqian']] },
    ],
  },
];
