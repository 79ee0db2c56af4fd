/**
 * The oracle's reading of a package and of rules: facts, conditions, verdicts, and who may go where
 * (spec/dispatch.md §4, spec/policy.md). See dispatch-oracle.ts.
 */
import type { Batch, Condition, Policy, Requirement } from '../../engine/policy/types.ts';

export type Row = Readonly<Record<string, string>>;
/** File name without .csv → rows. */
export type Package = Readonly<Record<string, readonly Row[]>>;
export interface OracleScope {
  readonly city: string;
  readonly batch: string;
  readonly round: number;
  readonly date: string;
  readonly school?: string;
}

export interface Choice {
  readonly ordinal: number;
  readonly school: string;
  readonly majors: readonly string[];
  /** null: not said. */
  readonly adjustment: boolean | null;
  /** The code of §4, or empty. */
  barred: string;
  reason: string;
}

export interface Person {
  readonly row: Row;
  readonly no: string;
  readonly total: number | null;
  readonly bonus: number;
  readonly score: number | null;
  readonly keys: readonly (number | null)[];
  readonly digest: string;
  readonly choices: readonly Choice[];
  placed: Choice | null;
  position: number | null;
  major: string;
  suggestionReason: string;
  passed: boolean;
}

export interface Line {
  readonly code: string;
  readonly planned: number;
  readonly used: number;
}

export interface Site {
  readonly code: string;
  readonly row: Row;
  readonly planned: number;
  readonly occupied: number;
  readonly before: number;
  readonly lines: readonly Line[];
  readonly flexibleFree: number;
  room: number;
  closed: boolean;
}

export type Fact = number | string | boolean | null;

/** What everything is asked about. */
export class Question {
  readonly data: Package;
  readonly policy: Policy;
  readonly scope: OracleScope;
  readonly batch: Batch;

  constructor(data: Package, policy: Policy, scope: OracleScope) {
    this.data = data;
    this.policy = policy;
    this.scope = scope;
    this.batch = policy.batches.find(each => each.id === scope.batch)!;
  }

  rows(name: string): readonly Row[] {
    return this.data[name] ?? [];
  }

  /** Is the row of this city and batch? */
  isHere = (row: Row): boolean =>
    row['region'] === this.scope.city && row['batch'] === this.scope.batch;

  fileOf(no: string): Row | undefined {
    return this.rows('files').find(row => row['candidate_no'] === no);
  }

  stateOf(no: string): string {
    const file = this.fileOf(no);
    if (file) return file['state'];
    const senior = this.rows('senior-high').some(row => row['candidate_no'] === no);
    return senior ? 'senior-high' : 'in-pool';
  }

  statusOf(code: string): string {
    const all = this.rows('school-status').filter(
      row => row['school'] === code && row['batch'] === this.scope.batch,
    );
    const mine = all.find(row => row['region'] === this.scope.city);
    return (mine ?? all.find(row => !row['region']))?.['status'] ?? 'open';
  }

  /** Subject by name → the mark's text, or empty. */
  markOf(no: string, name: string): string {
    const subject = this.rows('subjects').find(
      row => row['city'] === this.scope.city && row['name'] === name,
    );
    const score = this.rows('scores').find(
      row => row['candidate_no'] === no && row['subject'] === subject?.['code'],
    );
    return score?.['score'] ?? '';
  }
}

/** The code of §4, step 1 to 4; empty: allowed. */
export function barOf(
  question: Question,
  person: Person,
  choice: Choice,
  site: Site | undefined,
): string {
  const { batch, policy } = question;
  if (!site) return 'not-in-batch';
  const kind = site.row['kind'];
  const belongs = batch.schools ? batch.schools.includes(site.code) : batch.kinds!.includes(kind);
  if (!belongs) return 'not-in-batch';
  if (question.statusOf(site.code) !== 'open') return 'school-suspended';
  const returned = (question.fileOf(person.no)?.['returned_by'] ?? '').split(' ');
  if (returned.includes(site.code)) return 'returned-before';
  if (site.lines.length === 0) return 'no-plan';
  if (batch.dispatch.mode !== 'lottery' && person.total === null) return 'missing-data';
  const special = policy.special.filter(rule => rule.school === site.code && rule.major === null);
  const facts = factsOf(question, person, choice, site, null);
  return verdict(question, [...policy.eligibility, ...special], facts);
}

/** Does the major's own condition refuse the person, or lack a fact? */
export function isMajorRefused(
  question: Question,
  person: Person,
  site: Site,
  line: Line,
): boolean {
  const rules = question.policy.special.filter(
    rule => rule.school === site.code && rule.major === line.code,
  );
  const facts = factsOf(question, person, person.placed!, site, line);
  return verdict(question, rules, facts) !== '';
}

function verdict(
  { policy, scope }: Question,
  rules: readonly Requirement[],
  facts: Readonly<Record<string, Fact>>,
): string {
  const look = (fact: string): Fact => {
    if (!(fact in facts)) throw new Error(`the oracle does not know ${fact}`);
    return facts[fact];
  };
  for (const rule of rules) {
    const [from, to] = rule.valid ?? [null, null];
    if ((from !== null && scope.date < from) || (to !== null && scope.date >= to)) continue;
    const read = [rule.applies, rule.requires].flatMap(each =>
      each === null ? [] : namesIn(each, policy),
    );
    if (read.some(fact => look(fact) === null)) {
      if (rule.missing === 'refuse') return 'missing-data';
      continue;
    }
    if (rule.applies && !holds(rule.applies, policy, look)) continue;
    if (!holds(rule.requires, policy, look)) return rule.refuse;
  }
  return '';
}

function linked(value: unknown): string | null {
  const isFact = typeof value === 'object' && value !== null && 'fact' in value;
  return isFact ? (value as { fact: string }).fact : null;
}

function namesIn(condition: Condition, policy: Policy): string[] {
  if ('all' in condition) return condition.all.flatMap(each => namesIn(each, policy));
  if ('any' in condition) return condition.any.flatMap(each => namesIn(each, policy));
  if ('not' in condition) return namesIn(condition.not, policy);
  if ('condition' in condition) return namesIn(policy.conditions[condition.condition], policy);
  const other = linked(condition.value);
  return other === null ? [condition.fact] : [condition.fact, other];
}

function holds(condition: Condition, policy: Policy, look: (fact: string) => Fact): boolean {
  if ('all' in condition) return condition.all.every(each => holds(each, policy, look));
  if ('any' in condition) return condition.any.some(each => holds(each, policy, look));
  if ('not' in condition) return !holds(condition.not, policy, look);
  if ('condition' in condition) return holds(policy.conditions[condition.condition], policy, look);
  const { operator, value } = condition;
  const left = look(condition.fact) as number;
  const other = linked(value);
  const right = (other === null ? value : look(other)) as number;
  if (operator === 'equal') return left === right;
  if (operator === 'notEqual') return left !== right;
  if (operator === 'in') return (value as Fact[]).includes(left);
  if (operator === 'notIn') return !(value as Fact[]).includes(left);
  if (operator === 'lessThan') return left < right;
  if (operator === 'lessThanInclusive') return left <= right;
  if (operator === 'greaterThan') return left > right;
  return left >= right;
}

function factsOf(
  question: Question,
  person: Person,
  choice: Choice,
  site: Site,
  line: Line | null,
): Record<string, Fact> {
  const { scope, batch } = question;
  return {
    ...personFacts(question, person),
    ...siteFacts(question, site, line),
    'choice.ordinal': choice.ordinal,
    'choice.adjustment': choice.adjustment,
    'batch.id': scope.batch,
    'batch.order': batch.order,
    'batch.round': scope.round,
    'phase.id': batch.phase,
    'city.code': scope.city,
    today: scope.date,
  };
}

function personFacts(question: Question, person: Person): Record<string, Fact> {
  const { policy, batch, scope } = question;
  const text = (name: string) => person.row[name] || null;
  const number = (value: string | null) => (value ? Number(value) : null);
  const facts: Record<string, Fact> = {
    'candidate.no': person.no,
    'candidate.sex': text('sex'),
    'candidate.origin': text('origin'),
    'candidate.city': scope.city,
    'candidate.county': text('county'),
    'candidate.total': person.total === null ? null : person.total / 100,
    'candidate.bonus': person.bonus / 100,
    'candidate.score': person.score === null ? null : person.score / 100,
  };
  const first = policy.phases.find(each => each.id === batch.phase)?.window?.[0];
  const birth = text('birth_date');
  const day = (date: string) => Number(date.replaceAll('-', ''));
  facts['candidate.age'] =
    birth === null || first === undefined ? null : Math.floor((day(first) - day(birth)) / 10_000);
  for (const { name, type } of policy.attributes) {
    const value = text(name);
    facts[`candidate.${name}`] = type === 'number' ? number(value) : value;
    if (type === 'boolean' && value !== null) facts[`candidate.${name}`] = value === 'yes';
  }
  for (const subject of question.rows('subjects')) {
    const mark = question.markOf(person.no, subject['name']);
    facts[`candidate.subject.${subject['name']}`] = number(mark);
  }
  return facts;
}

/** A yes or no; null where the cell is empty or there is none. */
export function yesOf(text: string | undefined): boolean | null {
  return text ? text === 'yes' : null;
}

function siteFacts(question: Question, site: Site, line: Line | null): Record<string, Fact> {
  const { policy, scope } = question;
  const set = (each: { region: string; batch: string }) =>
    each.region === scope.city && each.batch === scope.batch;
  const region = policy.regionLines.find(set);
  const own = policy.schoolLines.find(each => set(each) && each.school === site.code);
  const planned = line ? line.planned : site.planned;
  const used = line ? line.used : site.occupied;
  const facts: Record<string, Fact> = {
    'school.code': site.code,
    'school.kind': site.row['kind'] || null,
    'school.owner': site.row['owner'] || null,
    'school.region': site.row['region'] || null,
    'school.status': question.statusOf(site.code),
    'line.region': region ? region.line / 100 : null,
    'line.school': own ? own.line / 100 : null,
    'plan.planned': planned,
    'plan.used': used,
    'plan.free': planned - used,
    'plan.flexible-free': site.flexibleFree,
  };
  if (line === null) return facts;
  const major = question
    .rows('majors')
    .find(each => each['school'] === site.code && each['code'] === line.code);
  const articulated = yesOf(major?.['articulated']);
  return { ...facts, 'major.code': line.code, 'major.articulated': articulated };
}
