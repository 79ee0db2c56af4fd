/**
 * The fact catalogue 事实目录: everything that a condition may read, and nothing else may it read.
 * The loader of policies checks conditions against it; the stages take their facts from it. A
 * policy adds candidate attributes 考生属性, and a city's subjects give `candidate.subject.NAME`.
 */
import type { Attribute } from '../policy/types.ts';
import type { FactScope } from './facts.ts';
import type { StageId } from './stage.ts';

/** Dates are text `YYYY-MM-DD`: json-rules-engine's order operators compare them as they stand. */
export type FactType = 'number' | 'text' | 'boolean' | 'date';

export interface FactEntry {
  readonly name: string;
  /** Chinese, as shown in explanations: `总分`. */
  readonly title: string;
  readonly type: FactType;
  /** Chinese unit, `分`, `岁`, `人`, …; empty where there is none. */
  readonly unit: string;
  /** It may be absent (null); the rule's `missing:` then settles the rule. */
  readonly optional: boolean;
  readonly stages: readonly StageId[];
  /**
   * What it belongs to in the stages of a dispatch (start, eligibility, special); null where no
   * stage of a dispatch has it. See `scopeOfFact` for plan.*, which a major's rule reads by line.
   */
  readonly scope: FactScope | null;
  /** All values it can take, where formats.md fixes them; a literal beside them is a slip. */
  readonly values: readonly string[] | null;
}

/** json-rules-engine's own operators, by the type of fact that they fit. */
export const OPERATORS_BY_TYPE: Readonly<Record<FactType, readonly string[]>> = Object.freeze({
  number: [
    'equal',
    'notEqual',
    'lessThan',
    'lessThanInclusive',
    'greaterThan',
    'greaterThanInclusive',
    'in',
    'notIn',
  ],
  // No order on text: '98' >= '600' is true there.
  text: ['equal', 'notEqual', 'in', 'notIn'],
  boolean: ['equal', 'notEqual'],
  date: [
    'equal',
    'notEqual',
    'lessThan',
    'lessThanInclusive',
    'greaterThan',
    'greaterThanInclusive',
    'in',
    'notIn',
  ],
});

/** Operators whose value is a list. */
export const LIST_OPERATORS: readonly string[] = Object.freeze(['in', 'notIn']);

/** How an explanation words an operator: `总分 562.5 不低于 区域分数线 560`. */
export const OPERATOR_TITLES: Readonly<Record<string, string>> = Object.freeze({
  equal: '等于',
  notEqual: '不等于',
  lessThan: '低于',
  lessThanInclusive: '不高于',
  greaterThan: '高于',
  greaterThanInclusive: '不低于',
  in: '属于',
  notIn: '不属于',
});

const ALL: readonly StageId[] = ['start', 'eligibility', 'special', 'quota', 'review', 'deadline'];
/** One file and one school: a dispatch, or an act of an officer on a single file. */
const PAIR: readonly StageId[] = ['eligibility', 'special', 'quota', 'review'];
const FILE: readonly StageId[] = ['eligibility', 'special', 'quota', 'review', 'deadline'];
const DECISION: readonly StageId[] = ['quota', 'review', 'deadline'];

const ORIGINS = [
  'fresh',
  'junior-graduate',
  'senior-graduate',
  'veteran',
  'migrant-worker',
  'other',
];
const KINDS = ['senior-high', 'vocational', 'technical'];
const OWNERS = ['ministry', 'province', 'city', 'county', 'private', 'out-of-province'];
const STATUSES = ['open', 'suspended', 'finished'];
const STATES = [
  'in-pool',
  'unnumbered',
  'senior-high',
  'dispatched',
  'reading',
  'proposed',
  'return-proposed',
  'pending-review',
  'admitted',
  'registered',
  'held',
  'cancelled',
  'filed',
];
const PRINCIPLES = ['none', 'filed', 'acknowledged', 'objected'];
/** What is asked for: the kinds of applications, and acts that need a place without one. */
const MATTERS = [
  'withdrawal',
  'approval-paper',
  'plan-change',
  'flexible',
  'region-move',
  'transfer',
  'supplement',
  'admission',
  'entry',
  'major-change',
];

type Row = readonly [
  name: string,
  title: string,
  type: FactType,
  unit: string,
  presence: 'always' | 'may-be-absent',
  stages: readonly StageId[],
  scope: FactScope | null,
  values?: readonly string[],
];

const ROWS: readonly Row[] = [
  ['candidate.no', '考生号', 'text', '', 'may-be-absent', FILE, 'candidate'],
  ['candidate.sex', '性别', 'text', '', 'may-be-absent', FILE, 'candidate', ['M', 'F']],
  ['candidate.age', '年龄（阶段首日周岁）', 'number', '岁', 'may-be-absent', FILE, 'candidate'],
  ['candidate.origin', '考生类别', 'text', '', 'may-be-absent', FILE, 'candidate', ORIGINS],
  ['candidate.city', '生源地市', 'text', '', 'always', FILE, 'candidate'],
  ['candidate.county', '生源县区', 'text', '', 'may-be-absent', FILE, 'candidate'],
  ['candidate.total', '总分', 'number', '分', 'may-be-absent', FILE, 'candidate'],
  ['candidate.bonus', '照顾加分', 'number', '分', 'always', FILE, 'candidate'],
  ['candidate.score', '投档分', 'number', '分', 'may-be-absent', FILE, 'candidate'],
  ['choice.ordinal', '志愿序号', 'number', '', 'always', ['eligibility', 'special'], 'choice'],
  [
    'choice.adjustment',
    '服从调剂',
    'boolean',
    '',
    'may-be-absent',
    ['eligibility', 'special'],
    'choice',
  ],
  ['school.code', '院校代码', 'text', '', 'always', PAIR, 'school'],
  ['school.kind', '院校类别', 'text', '', 'may-be-absent', PAIR, 'school', KINDS],
  ['school.owner', '院校隶属', 'text', '', 'may-be-absent', PAIR, 'school', OWNERS],
  ['school.region', '院校所在地区', 'text', '', 'may-be-absent', PAIR, 'school'],
  ['school.status', '院校状态', 'text', '', 'always', PAIR, 'school', STATUSES],
  ['major.code', '专业代码', 'text', '', 'always', ['special', 'quota', 'review'], 'major'],
  [
    'major.articulated',
    '三二分段',
    'boolean',
    '',
    'may-be-absent',
    ['special', 'quota', 'review'],
    'major',
  ],
  ['line.region', '区域分数线', 'number', '分', 'may-be-absent', PAIR, 'school'],
  ['line.school', '院校区域分数线', 'number', '分', 'may-be-absent', PAIR, 'school'],
  ['plan.planned', '计划数', 'number', '人', 'always', PAIR, 'school'],
  ['plan.used', '已用计划数', 'number', '人', 'always', PAIR, 'school'],
  ['plan.free', '剩余计划数', 'number', '人', 'always', PAIR, 'school'],
  ['plan.flexible-free', '剩余机动计划数', 'number', '人', 'always', PAIR, 'school'],
  ['batch.id', '批次', 'text', '', 'always', ALL, 'run'],
  ['batch.order', '批次次序', 'number', '', 'always', ALL, 'run'],
  ['batch.earlier-open', '前面批次未结束', 'boolean', '', 'always', ALL, 'run'],
  ['batch.window-open', '在批次时间内', 'boolean', '', 'always', ALL, 'run'],
  ['batch.round', '轮次', 'number', '', 'always', ALL, 'run'],
  ['phase.id', '阶段', 'text', '', 'always', ALL, 'run'],
  ['city.code', '地市代码', 'text', '', 'always', ALL, 'run'],
  ['city.senior-high-complete', '普高录取数据已导入完成', 'boolean', '', 'always', ALL, 'run'],
  ['city.policy-adopted', '本市设置已生效', 'boolean', '', 'always', ALL, 'run'],
  ['city.own-system', '采用本市录取系统', 'boolean', '', 'always', ALL, 'run'],
  ['city.principles', '录取原则备案', 'text', '', 'always', ['start'], 'run', PRINCIPLES],
  ['city.principles-required', '投档前须已备案录取原则', 'boolean', '', 'always', ['start'], 'run'],
  ['batch.choices-awaited', '本轮新志愿尚未导入', 'boolean', '', 'always', ['start'], 'run'],
  ['today', '业务日期', 'date', '', 'always', ALL, 'run'],
  ['file.state', '档案状态', 'text', '', 'always', FILE, 'candidate', STATES],
  ['file.open-applications', '未结申请数', 'number', '件', 'always', FILE, 'candidate'],
  ['file.phase', '录取所属阶段', 'text', '', 'may-be-absent', DECISION, null],
  ['file.school', '档案所在院校', 'text', '', 'may-be-absent', DECISION, null],
  ['file.transfers', '已转录次数', 'number', '次', 'always', DECISION, null],
  ['file.age-days', '处于现状态的天数', 'number', '天', 'always', DECISION, null],
  ['file.hold-expired', '挂起已到期', 'boolean', '', 'always', DECISION, null],
  ['file.below-line', '未达分数线', 'boolean', '', 'always', DECISION, null],
  ['file.register-by-passed', '已过注册期限', 'boolean', '', 'always', DECISION, null],
  ['file.grace-over', '已过审核宽限期', 'boolean', '', 'always', DECISION, null],
  ['return.reason', '退档理由', 'text', '', 'may-be-absent', ['review'], null],
  ['return.listed', '退档理由属规定理由', 'boolean', '', 'always', ['review'], null],
  ['list.sent', '投档单人数', 'number', '人', 'always', ['review'], null],
  ['list.planned', '投档单计划数', 'number', '人', 'always', ['review'], null],
  ['application.kind', '事项', 'text', '', 'may-be-absent', DECISION, null, MATTERS],
  ['application.by', '申请人', 'text', '', 'may-be-absent', DECISION, null],
  ['application.places', '申请计划数', 'number', '人', 'may-be-absent', DECISION, null],
  // Places that the line (of flexible: the quota) loses by it; 0 where it loses none.
  ['application.reduction', '减少的计划数', 'number', '人', 'always', DECISION, null],
  ['application.age-days', '申请已过天数', 'number', '天', 'may-be-absent', DECISION, null],
  ['application.signed', '有签字申请', 'boolean', '', 'always', DECISION, null],
];

/** All facts that need no policy and no city to be known. */
export const FACTS: readonly FactEntry[] = Object.freeze(
  ROWS.map(([name, title, type, unit, presence, stages, scope, values]) =>
    Object.freeze({
      name,
      title,
      type,
      unit,
      optional: presence === 'may-be-absent',
      stages,
      scope,
      values: values ?? null,
    }),
  ),
);

const BY_NAME: ReadonlyMap<string, FactEntry> = new Map(FACTS.map(fact => [fact.name, fact]));

/** What the name of a subject's mark begins with: `candidate.subject.数学`. */
export const SUBJECT_PREFIX = 'candidate.subject.';
const CANDIDATE_PREFIX = 'candidate.';

/**
 * Finds a fact by its name.
 *
 * @param attributes what the policy declares; each becomes `candidate.NAME`
 * @param subjects the names of the city's subjects; null: not known, so any name is taken
 * @returns the entry, or undefined: no such fact
 */
export function findFact(
  name: string,
  attributes: readonly Attribute[],
  subjects: readonly string[] | null,
): FactEntry | undefined {
  const known = BY_NAME.get(name);
  if (known !== undefined) return known;
  if (name.startsWith(SUBJECT_PREFIX)) {
    const subject = name.slice(SUBJECT_PREFIX.length);
    const exists = subjects === null ? subject !== '' : subjects.includes(subject);
    return exists ? candidateFact(name, `${subject}成绩`, 'number', '分') : undefined;
  }
  if (!name.startsWith(CANDIDATE_PREFIX)) return undefined;
  const attribute = attributes.find(each => each.name === name.slice(CANDIDATE_PREFIX.length));
  if (attribute === undefined) return undefined;
  return candidateFact(name, attribute.title, attribute.type, attribute.unit ?? '');
}

/** Marks and attributes: of the candidate, absent where the cell is empty, known wherever he is. */
function candidateFact(name: string, title: string, type: FactType, unit: string): FactEntry {
  return {
    name,
    title,
    type,
    unit,
    optional: true,
    stages: FILE,
    scope: 'candidate',
    values: null,
  };
}

/**
 * Every name that a condition of this stage could use, for the nearest-name hint and for editors.
 */
export function factNames(
  stage: StageId | null,
  attributes: readonly Attribute[],
  subjects: readonly string[] | null,
): string[] {
  const names = FACTS.filter(fact => stage === null || fact.stages.includes(stage)).map(
    fact => fact.name,
  );
  if (stage === 'start') return names;
  names.push(...attributes.map(attribute => `${CANDIDATE_PREFIX}${attribute.name}`));
  names.push(...(subjects ?? []).map(subject => `${SUBJECT_PREFIX}${subject}`));
  return names;
}

/**
 * The scope by which a rule reads a fact. plan.planned, used and free are the school's sums in
 * dispatch.md §4 and the line's own in §6, so for the rule of a major they belong to the line.
 *
 * @param ofMajor the rule is a special condition that names a major
 */
export function scopeOfFact(fact: FactEntry, ofMajor: boolean): FactScope | null {
  return ofMajor && PLAN_BY_LINE.has(fact.name) ? 'major' : fact.scope;
}

const PLAN_BY_LINE: ReadonlySet<string> = new Set(['plan.planned', 'plan.used', 'plan.free']);
