/** How the handbook words what the documents abbreviate. */
import { FILE_EVENTS } from '../../file/events.ts';
import type { WordsContext } from '../../rules/condition-words.ts';
import { isRealDate } from '../dates.ts';
import type { FactValue, FullPolicy, Policy } from '../types.ts';
import { SAMPLE_MARK } from './book.ts';

/** Titles of what the policy names but does not define; a name without one stands as it is. */
export interface Titles {
  /** Functions 功能 and reports, by id. */
  readonly functions: ReadonlyMap<string, string>;
  /** Regions, by code. */
  readonly regions: ReadonlyMap<string, string>;
}

/** By key of the documents, then by value. */
export const CHOICE_TITLES: Readonly<Record<string, Readonly<Record<string, string>>>> = {
  mode: {
    'score-first': '平行志愿：按投档分从高到低，依次看各人的志愿',
    'choice-first': '顺序志愿：先投第一志愿，再投第二志愿，依此类推',
    banded: '梯度志愿：按分数分段，段内先看志愿次序',
    lottery: '派位：按公布的种子抽签排定次序',
  },
  rounding: { floor: '不足一人的舍去', ceil: '不足一人的进为一人', 'half-up': '四舍五入' },
  ending: {
    follow: '同分跟进：同分的都投出',
    'reject-all': '同分不进：同分的都不投出',
    lottery: '抽签',
    'candidate-no': '按考生号从小到大',
  },
  majors: {
    'score-first': '分数优先：按位次依次看各人的专业志愿',
    'major-first': '专业优先：先满足各人的第一专业志愿',
    gap: '专业级差：后一专业志愿按级差减分后比较',
  },
  release: {
    'by-officer': '由第二名工作人员发档',
    'after-audit': '核查通过后自动发档',
  },
  kinds: { 'senior-high': '普通高中', vocational: '中等职业学校', technical: '技工学校' },
  combine: { max: '取最高的一项', sum: '各项相加' },
  kind: { bonus: '加分', priority: '同分优先' },
  severity: { error: '错误', warning: '提示' },
  stops: {
    schools: '停止所涉院校及与其志愿相连的院校发档',
    city: '停止该市该批次',
    nothing: '只报告，不停止',
  },
  side: { office: '招办', school: '院校' },
  type: { number: '数字', text: '文字', boolean: '是否', date: '日期' },
  missing: { refuse: '缺少所需数据时拒绝', pass: '缺少所需数据时视为符合' },
  outcome: { pass: '通过', refuse: '拒绝', act: '处理', none: '不处理' },
  stage: {
    start: '开始投档',
    eligibility: '投档资格',
    special: '特殊条件',
    quota: '计划与名额',
    review: '审核',
    deadline: '到期处理',
  },
};

/** What an action may order beside the events of a file. */
const ACT_TITLES: Readonly<Record<string, string>> = {
  wait: '留给审核人员',
  'approve-plan-change': '通过计划变更',
  'expire-application': '申请失效',
  remind: '列入提醒名单',
};

/** The Chinese title of what an action does, with its name. */
export function eventText(name: string): string {
  const title = FILE_EVENTS.find(event => event.name === name)?.title ?? ACT_TITLES[name];
  return title === undefined ? name : `${title}（${name}）`;
}

/** What a city may set, by the path in policy.yaml. */
const CITY_PATH_TITLES: Readonly<Record<string, string>> = {
  'batches.batches': '批次及其投档办法、时间',
  'score-lines.regions': '区域分数线',
  'score-lines.schools': '院校区域分数线',
  'special-conditions.conditions': '院校和专业的特殊条件',
  preferences: '照顾特征',
  'reviews.rules': '自动审核的规则',
  'reviews.schools': '院校是否审核',
};

/** `区域分数线（score-lines.regions）`. */
export function cityPathText(path: string): string {
  const title = CITY_PATH_TITLES[path];
  return title === undefined ? path : `${title}（${path}）`;
}

/** `平行志愿…（score-first）`: words for people, the value for whoever edits it. */
export function choiceText(key: string, value: string): string {
  const title = CHOICE_TITLES[key]?.[value];
  return title === undefined ? value : `${title}（${value}）`;
}

const WEEKDAYS = ['日', '一', '二', '三', '四', '五', '六'];

/** `2016-07-20（周三）`: a swapped month and day falls on another weekday, and is seen. */
export function dateText(date: string): string {
  if (!isRealDate(date)) return date;
  return `${date}（周${WEEKDAYS[new Date(`${date}T00:00:00Z`).getUTCDay()]}）`;
}

/** Both days included; empty: closed. */
export function windowText(days: readonly string[]): string {
  const [from, to] = days;
  if (from === undefined || to === undefined) return '未定：不开放';
  return `${dateText(from)} 至 ${dateText(to)}`;
}

/** `[from, to)`, as a rule's `valid`. */
export function validityText(valid: readonly (string | null)[] | null): string {
  if (valid === null || valid.length === 0) return '';
  const [from, to] = valid;
  const start = from == null ? '' : `自 ${dateText(from)} 起`;
  const end = to == null ? '' : `至 ${dateText(to)} 前一日止`;
  return `${start}${end}`;
}

/** `n66 一（二）` → 粤招办普〔2016〕66号 一（二）: the number of a document is its name here. */
export function basisWords(policy: Pick<Policy, 'bases'> | null, basis: string): string {
  if (basis === '') return '';
  if (basis === 'sample') return SAMPLE_MARK;
  const [id = '', ...article] = basis.split(' ');
  const title = policy?.bases.find(each => each.id === id)?.title ?? id;
  return [title.split(' ')[0], ...article].join(' ');
}

/** Titles of ids that the policy gives itself. */
export function wordsContext(policy: FullPolicy, titles: Titles): WordsContext {
  const phases = new Map(policy.phases.map(phase => [phase.id, phase.title]));
  const batches = new Map(policy.batches.map(batch => [batch.id, batch.title]));
  const reasons = new Map(policy.returnReasons.map(reason => [reason.id, reason.title]));
  const byFact = new Map<string, ReadonlyMap<string, string>>([
    ['phase.id', phases],
    ['file.phase', phases],
    ['batch.id', batches],
    ['return.reason', reasons],
    ['city.code', titles.regions],
    ['candidate.city', titles.regions],
    ['school.region', titles.regions],
  ]);
  return {
    attributes: policy.attributes,
    named: policy.conditions,
    titleOf: (fact: string, value: FactValue) => byFact.get(fact)?.get(String(value)) ?? null,
  };
}

/** Titles of a policy's documents, by name without `.yaml`. */
export const DOCUMENT_TITLES: Readonly<Record<string, string>> = {
  policy: '概要',
  calendar: '日程',
  batches: '批次',
  'score-lines': '分数线',
  eligibility: '投档资格',
  'special-conditions': '特殊条件',
  preferences: '照顾特征',
  quotas: '计划与名额',
  reviews: '审核',
  deadlines: '到期处理',
  findings: '核查',
  duties: '职能',
  schedule: '夜间作业',
  tests: '样例',
  'own-system': '本市录取系统',
};
