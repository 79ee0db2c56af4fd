/** How a difference is worded: titles of documents, keys and entries, and values as people read. */
import {
  comparisonText,
  conditionText,
  factTitle,
  factValueTitle,
  type WordsContext,
} from '../../rules/condition-words.ts';
import { isRealMoment } from '../dates.ts';
import {
  basisWords,
  CHOICE_TITLES,
  choiceText,
  cityPathText,
  dateText,
  eventText,
  type Titles,
  validityText,
  windowText,
} from '../handbook/words.ts';
import { isList, isObject, type Json, type JsonObject, listOf, own, textOf } from '../json.ts';
import type { Condition, FactValue, FullPolicy } from '../types.ts';

/** One side of a comparison: the policy in effect there, in whose titles its values are worded. */
export interface Side {
  readonly policy: FullPolicy;
  readonly context: WordsContext;
  readonly titles: Titles;
}

const KEY_TITLES: Readonly<Record<string, string>> = {
  id: '标识',
  title: '名称',
  basis: '依据',
  season: '年度',
  jurisdiction: '地区',
  'time-zone': '时区',
  extends: '由何修订而来',
  attributes: '附加属性',
  conditions: '命名条件',
  numbers: '编号',
  candidate_no: '考生号样式',
  'city-may-set': '各市可自定的内容',
  name: '列名',
  type: '类型',
  unit: '单位',
  phases: '阶段',
  windows: '时间段',
  deadlines: '日期',
  values: '取值',
  date: '日期',
  value: '取值',
  batches: '批次',
  start: '投档前的要求',
  order: '投档次序',
  phase: '阶段',
  choices: '志愿',
  max: '院校志愿数',
  majors: '专业志愿数',
  dispatch: '投档办法',
  mode: '投档模式',
  bands: '分段下限',
  ratio: '投档比例',
  rounding: '比例的余数',
  ties: '同分处理',
  keys: '同分依次比较',
  ending: '仍相同的',
  seed: '抽签种子',
  gap: '专业级差',
  release: '发档',
  kinds: '院校类别',
  schools: '院校',
  window: '时间',
  regions: '区域分数线',
  region: '地区',
  batch: '批次',
  school: '院校',
  major: '专业',
  line: '分数线',
  rules: '规则',
  applies: '适用于',
  requires: '须满足',
  when: '成立条件',
  refuse: '不满足时的拒绝代码',
  missing: '缺数据时',
  valid: '有效期',
  at: '起算时刻',
  then: '处理',
  event: '处理',
  reason: '理由',
  combine: '合并办法',
  cap: '加分上限',
  features: '照顾特征',
  kind: '种类',
  points: '分值',
  rank: '优先次序',
  'return-reasons': '退档理由',
  'plan-changes': '计划变更是否审核',
  files: '录取与退档是否审核',
  findings: '核查项',
  property: '编号',
  severity: '严重程度',
  stops: '停止范围',
  duties: '职能',
  side: '端',
  functions: '功能',
  'catch-up-window-days': '补做期限',
  'keep-seasons': '运行数据保留年数',
  jobs: '作业',
  job: '作业',
  cron: '时刻',
  after: '在其后',
  tests: '样例',
  city: '地市',
  stage: '环节',
  facts: '给定的事实',
  expect: '应有的结果',
  outcome: '结果',
  rule: '规则',
  code: '代码',
  provinces: '小型数据样例',
  province: '小型数据',
  candidates: '考生',
  candidate: '考生',
  placements: '应有的去向',
  plan: '计划',
  places: '计划数',
  articulated: '三二分段',
  flexible: '机动计划数',
  total: '总分',
  marks: '各科分数',
  adjustment: '服从调剂',
  ordinal: '志愿序号',
  refused: '未投出',
  sex: '性别',
  origin: '考生类别',
  'own-system': '采用本市录取系统',
  approved: '是否批准',
};

const POINTS_KEYS: ReadonlySet<string> = new Set(['line', 'points', 'cap', 'gap', 'bands']);
const CONDITION_KEYS: ReadonlySet<string> = new Set(['applies', 'requires', 'when']);
const DATED = /^[0-9]{4}-[0-9]{2}-[0-9]{2}$/;

const NULL_WORDS: Readonly<Record<string, string>> = { window: '未定：不开放', date: '未定' };

/** What is not written. */
export const NOTHING = '没有写明';

/** The Chinese title of a key; of a fact its own. */
export function keyTitle(keys: readonly string[], side: Side): string {
  const key = keys.at(-1) ?? '';
  const above = keys.at(-2);
  if (above === 'facts') return factTitle(key, side.context);
  if (key === 'conditions' && above === 'special-conditions') return '特殊条件';
  if (isNamedCondition(keys)) return `命名条件 ${key}${usesText(key, side)}`;
  if (above === 'choices' && key === 'majors' && keys.includes('provinces')) return '专业';
  if (above === 'majors' && key === 'mode') return '专业安排';
  if (above === 'dispatch' && key === 'majors') return '专业安排';
  if (above === 'expect' && key === 'event') return '事件';
  return KEY_TITLES[key] ?? key;
}

/** `conditions:` of policy.yaml. */
function isNamedCondition(keys: readonly string[]): boolean {
  return keys.length === 3 && keys[0] === 'policy' && keys[1] === 'conditions';
}

/** Rules do not change by their text when a condition that they name does: who bears it is said. */
function usesText(name: string, { policy }: Side): string {
  const { start, eligibility, special, quotas, reviews, deadlineRules } = policy;
  const rules = [start, eligibility, special, quotas, reviews, deadlineRules].flat();
  const uses = rules.filter(rule => JSON.stringify(rule).includes(`{"condition":"${name}"}`));
  return uses.length === 0 ? '' : `（用于：${uses.map(({ title }) => title).join('、')}）`;
}

/** Whether a value at these keys is a condition, which is compared and worded as one. */
export function isConditionKey(keys: readonly string[]): boolean {
  const key = keys.at(-1) ?? '';
  return CONDITION_KEYS.has(key) || isNamedCondition(keys);
}

/** A value in words; `keys` are those that lead to it, from the document on, without entries. */
export function valueWords(value: Json | undefined, keys: readonly string[], side: Side): string {
  const key = keys.at(-1) ?? '';
  if (value === undefined) return NOTHING;
  if (value === null) return NULL_WORDS[key] ?? '清除（null）';
  if (isConditionKey(keys)) return conditionWords(value, side);
  if (isList(value)) return listWords(value, keys, side);
  if (isObject(value)) return objectWords(value, keys, side);
  return scalarWords(value, keys, side);
}

function conditionWords(value: Json, { context }: Side): string {
  const condition = value as unknown as Condition;
  return 'fact' in (condition as object)
    ? comparisonText(condition as never, context)
    : conditionText(condition, context);
}

function listWords(value: readonly Json[], keys: readonly string[], side: Side): string {
  const key = keys.at(-1) ?? '';
  if (key === 'window') return windowText(value.map(String));
  if (key === 'valid') return validityText(value as (string | null)[]) || '不限';
  if (value.length === 0) return '没有';
  if (key === 'placements') return `${value.length} 名考生`;
  const separator = value.some(isObject) ? '；' : '、';
  return value.map(each => valueWords(each, keys, side)).join(separator);
}

/** An entry or a group of settings: each key with its value. */
function objectWords(value: Json, keys: readonly string[], side: Side): string {
  if (!isObject(value)) return '';
  // Whoever wants all of a small province reads it in the chapter of examples.
  if (keys.at(-1) === 'province') return provinceWords(value);
  const tie = keys.at(-1) === 'keys' ? tieWords(value) : null;
  if (tie !== null) return tie;
  return Object.entries(value)
    .filter(([name, each]) => each !== null && !(name === 'title' || name === 'id'))
    .map(([name, each]) => {
      const below = [...keys, name];
      const words = valueWords(each, below, side);
      const group = isObject(each) && !isConditionKey(below);
      return `${keyTitle(below, side)}：${group ? `（${words}）` : words}`;
    })
    .join('；');
}

function provinceWords(value: JsonObject): string {
  const [schools, candidates] = [listOf(value, 'schools'), listOf(value, 'candidates')];
  return `${schools.length} 所院校、${candidates.length} 名考生`;
}

function tieWords(value: Json): string | null {
  if (!isObject(value)) return null;
  const subjects = own(value, 'subjects');
  if (isList(subjects)) return `${subjects.join('、')}的总分`;
  const subject = textOf(value, 'subject');
  if (subject !== undefined) return `${subject}的分数`;
  return own(value, 'priority') === true ? '同分优先的照顾特征' : null;
}

function scalarWords(value: string | number | boolean, keys: readonly string[], side: Side) {
  const key = keys.at(-1) ?? '';
  if (keys.at(-2) === 'facts') return factValueTitle(key, value as FactValue, side.context);
  if (typeof value === 'boolean') return value ? '是' : '否';
  if (typeof value === 'number') return POINTS_KEYS.has(key) ? `${value} 分` : String(value);
  return textWords(value, keys, side);
}

function textWords(value: string, keys: readonly string[], { policy, titles }: Side): string {
  const key = keys.at(-1) ?? '';
  if (DATED.test(value)) return dateText(value);
  if (isRealMoment(value)) return `${dateText(value.slice(0, 10))} ${value.slice(11)}`;
  if (key === 'basis') return basisWords(policy, value);
  if (key === 'event') return eventText(value);
  if (key === 'city-may-set') return cityPathText(value);
  const functions = key === 'functions' ? titles.functions.get(value) : undefined;
  const named = functions ?? titleById(value, key, policy) ?? regionTitle(value, key, titles);
  if (named !== undefined) return `${named}（${value}）`;
  const choices = key === 'mode' && keys.at(-2) === 'majors' ? 'majors' : key;
  return CHOICE_TITLES[choices] === undefined ? value : choiceText(choices, value);
}

function titleById(value: string, key: string, policy: FullPolicy): string | undefined {
  if (key === 'phase') return policy.phases.find(each => each.id === value)?.title;
  if (key === 'batch' || key === 'batches') {
    return policy.batches.find(each => each.id === value)?.title;
  }
  return undefined;
}

function regionTitle(value: string, key: string, { regions }: Titles): string | undefined {
  const isRegion = key === 'region' || key === 'city' || key === 'jurisdiction';
  return isRegion ? regions.get(value) : undefined;
}

/** Up to so many values a list is shown whole; of a longer one what was put in and taken out. */
const LIST_SHOWN_MAX_COUNT = 4;

/** Both sides of a changed value in words. */
export function changeWords(
  [was, before]: readonly [Json | undefined, Side],
  [is, after]: readonly [Json | undefined, Side],
  keys: readonly string[],
): { readonly before: string | null; readonly after: string | null } {
  const lost = lostValues(was, is);
  const gained = lostValues(is, was);
  if (lost.length + gained.length === 0 || !isLong(was) || !isLong(is)) {
    return {
      before: was === undefined ? null : valueWords(was, keys, before),
      after: is === undefined ? null : valueWords(is, keys, after),
    };
  }
  return {
    before: lost.length === 0 ? '其余各项相同' : `去掉 ${valueWords(lost, keys, before)}`,
    after: gained.length === 0 ? '其余各项相同' : `加上 ${valueWords(gained, keys, after)}`,
  };
}

function isLong(value: Json | undefined): boolean {
  return isList(value) && value.length > LIST_SHOWN_MAX_COUNT && !value.some(isObject);
}

function lostValues(was: Json | undefined, is: Json | undefined): Json[] {
  if (!isList(was) || !isList(is)) return [];
  return was.filter(each => !is.includes(each));
}

/** What an entry is called; of a line, where and for whom it is. */
export function entryTitle(entry: Json, name: string, key: string, side: Side): string {
  const title = textOf(entry, 'title');
  if (key === 'findings') return title === undefined ? name : `${name} ${title}`;
  if (title !== undefined) return title;
  const at = (part: string) => textOf(entry, part) ?? '';
  const region = side.titles.regions.get(at('region')) ?? at('region');
  const school = at('school') === '' ? '' : `院校 ${at('school')}`;
  const batch = titleById(at('batch'), 'batch', side.policy) ?? at('batch');
  if (region !== '' || school !== '') {
    return [region, school, batch].filter(text => text !== '').join(' ');
  }
  return ruleTitle(name, side) ?? titleById(name, 'batch', side.policy) ?? name;
}

/** An overlay's entry may only add to the province's, and then has no title of its own. */
function ruleTitle(id: string, { policy }: Side): string | undefined {
  const rules = [...policy.start, ...policy.special, ...policy.reviews];
  return rules.find(rule => rule.id === id)?.title;
}
