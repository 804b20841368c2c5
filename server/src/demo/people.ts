import { Person, PersonId, Post } from '@lianban/model';
import * as z from 'zod';

/** Account, Chinese name, English name, department, role. */
const ROSTER = [
  ['limin', '李敏', 'Li Min', '990121-market', 'officer'],
  ['wanglei', '王磊', 'Wang Lei', '990100-fire', 'officer'],
  ['chenjing', '陈静', 'Chen Jing', '990121-service', 'clerk'],
  ['gaoyuan', '高远', 'Gao Yuan', '990100-service', 'coordinator'],
  ['zhaoqiang', '赵强', 'Zhao Qiang', '990121-urban', 'officer'],
  ['sunqian', '孙倩', 'Sun Qian', '990121-tax', 'officer'],
  ['zhoulan', '周兰', 'Zhou Lan', '990121-health', 'officer'],
  ['wujun', '吴军', 'Wu Jun', '990121-police', 'officer'],
  ['zhengli', '郑莉', 'Zheng Li', '990121-personnel', 'officer'],
  ['fengbo', '冯博', 'Feng Bo', '990121-staffing', 'officer'],
  ['hexin', '何欣', 'He Xin', '990121-service', 'coordinator'],
  ['tangyue', '唐悦', 'Tang Yue', '990121-market', 'reader'],
  ['xuwei', '徐伟', 'Xu Wei', '990121-market', 'commenter'],
  ['linfang', '林芳', 'Lin Fang', '990100-insurance', 'officer'],
  ['songjie', '宋杰', 'Song Jie', '990100-market', 'commenter'],
  ['majun', '马骏', 'Ma Jun', '990122-market', 'officer'],
  ['luoyan', '罗燕', 'Luo Yan', '990122-health', 'officer'],
  ['dengke', '邓可', 'Deng Ke', '990122-urban', 'officer'],
  ['xiaobin', '肖斌', 'Xiao Bin', '990122-police', 'officer'],
  ['hanmei', '韩梅', 'Han Mei', '990200-fire', 'officer'],
  ['caoyi', '曹毅', 'Cao Yi', '990200-service', 'coordinator'],
  ['pengtao', '彭涛', 'Peng Tao', '990200-insurance', 'officer'],
  ['yaoli', '姚丽', 'Yao Li', '990221-market', 'officer'],
  ['dingning', '丁宁', 'Ding Ning', '990221-personnel', 'officer'],
  ['shaowen', '邵文', 'Shao Wen', '990221-staffing', 'officer'],
  ['yuhang', '于航', 'Yu Hang', '990222-health', 'officer'],
  ['baixue', '白雪', 'Bai Xue', '990222-police', 'officer'],
  ['fanghong', '方宏', 'Fang Hong', '990000-service', 'coordinator'],
  ['jiangtao', '蒋涛', 'Jiang Tao', '990000-market', 'reader'],
] as const;

/** An account of the demo. */
export type DemoAccount = (typeof ROSTER)[number][0];

/** The people of the demo. */
export const PEOPLE: readonly Person[] = z
  .array(Person)
  .parse(ROSTER.map(([account, zh, en]) => ({ id: personOf(account), account, name: { zh, en } })));

/** One post each. */
export const POSTS: readonly Post[] = z
  .array(Post)
  .parse(ROSTER.map(([account, , , department, role]) => ({ person: personOf(account), department, role })));

/** The person of an account. */
export function personOf(account: DemoAccount): PersonId {
  const department = ROSTER.find(([name]) => name === account)?.[3] ?? '';
  return PersonId.parse(`${account}@${department.slice(0, 6)}`);
}
