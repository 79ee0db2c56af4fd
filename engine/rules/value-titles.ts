/** How explanations word the values that formats.md fixes: a family reads 女, not F. */
import { STATE_TITLES } from '../file/states.ts';
import type { FactValue } from '../policy/types.ts';

/** By fact, then by value. A fact whose catalogue entry lists its values has a row here. */
export const VALUE_TITLES: Readonly<Record<string, Readonly<Record<string, string>>>> = {
  'candidate.sex': { M: '男', F: '女' },
  'candidate.origin': {
    fresh: '应届初中毕业生',
    'junior-graduate': '往届初中毕业生',
    'senior-graduate': '高中毕业生',
    veteran: '退役士兵',
    'migrant-worker': '进城务工人员',
    other: '其他',
  },
  'school.kind': { 'senior-high': '普通高中', vocational: '中等职业学校', technical: '技工学校' },
  'school.owner': {
    ministry: '部属',
    province: '省属',
    city: '市属',
    county: '县属',
    private: '民办',
    'out-of-province': '外省',
  },
  'school.status': { open: '开放', suspended: '暂停', finished: '结束' },
  'city.principles': {
    none: '没有上报',
    filed: '已上报待答复',
    acknowledged: '已备案',
    objected: '省里有异议',
  },
  'file.state': STATE_TITLES,
  'application.kind': {
    withdrawal: '录后退',
    'approval-paper': '批件投档',
    'plan-change': '增减计划数',
    flexible: '机动计划数',
    'region-move': '调整区域间计划',
    transfer: '转学',
    supplement: '补录',
    admission: '录取',
    entry: '录取在库考生',
    'major-change': '修改专业',
  },
};

/** A value in Chinese: titles where there are any, 是 and 否, numbers and other text as they are. */
export function valueTitle(fact: string, value: FactValue): string {
  if (value === null) return '（无）';
  if (typeof value === 'boolean') return value ? '是' : '否';
  const text = String(value);
  const titles = VALUE_TITLES[fact];
  return titles !== undefined && Object.hasOwn(titles, text) ? (titles[text] as string) : text;
}
