/**
 * A row that shows a finding, as text. Audits and import checks name what they show by the columns
 * of the tables; the frequent ones are given in Chinese here, others stand as they are.
 */
import { formatHundredths } from '../../engine/decimal.ts';
import { EVENT_BY_NAME } from '../../engine/file/events.ts';
import { type FileState, isFileState, STATE_TITLES } from '../../engine/file/states.ts';

const TITLES: Readonly<Record<string, string>> = {
  city: '地市',
  batch: '批次',
  school: '院校',
  major: '专业',
  candidate_no: '考生号',
  file: '档案',
  ordinal: '志愿序号',
  list: '投档单',
  seq: '单内序号',
  state: '状态',
  event: '事件',
  last_event: '最后事件',
  block: '区块',
  run: '运行',
  planned: '计划',
  flexible: '机动',
  flexible_free: '机动余额',
  occupied: '已占用',
  used: '已用',
  room: '可投人数',
  sent: '投出',
  sent_recounted: '重新计数的投出',
  at_last: '末位同分',
  beyond: '超出',
  files: '档案数',
  position: '位次',
  score: '投档分',
  lowest_score: '最低分',
  line: '分数线',
  reason: '理由',
  rule: '规则',
  expected: '应为',
  recounted: '重新计算',
  business_date: '业务日期',
  fault: '情形',
  incomplete: '不完整',
  students: '人数',
  missing: '字库未收的字',
  day: '日期',
  typed: '填报',
  system: '系统',
};

const HUNDREDTHS: ReadonlySet<string> = new Set(['score', 'lowest_score', 'line']);

/** 院校 4401001，计划 60，已用 66 – keys in the order of the list above, unknown ones last. */
export function evidenceText(row: Readonly<Record<string, unknown>>): string {
  const order = Object.keys(TITLES);
  const rank = (key: string) => (order.includes(key) ? order.indexOf(key) : order.length);
  return Object.entries(row)
    .filter(([, value]) => value !== null)
    .sort(([a], [b]) => rank(a) - rank(b))
    .map(([key, value]) => `${TITLES[key] ?? key} ${valueText(key, value)}`)
    .join('，');
}

function valueText(key: string, value: unknown): string {
  if (HUNDREDTHS.has(key) && Number.isInteger(value)) return formatHundredths(Number(value));
  if (key === 'state' && isFileState(String(value))) return STATE_TITLES[value as FileState];
  if (key === 'event' || key === 'last_event') {
    return EVENT_BY_NAME.get(String(value))?.title ?? String(value);
  }
  if (typeof value === 'boolean') return value ? '是' : '否';
  return typeof value === 'object' ? JSON.stringify(value) : String(value);
}
