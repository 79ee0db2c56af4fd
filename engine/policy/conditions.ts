/**
 * Checks of conditions. json-rules-engine shows an unknown fact or operator only when evaluation
 * reaches it, takes `any: []` for true, ignores `all` beside `any`, and never ends on a cycle of
 * named conditions; so everything is checked here, at load.
 */
import {
  type FactEntry,
  type FactType,
  factNames,
  findFact,
  LIST_OPERATORS,
  OPERATORS_BY_TYPE,
} from '../rules/catalogue.ts';
import type { StageId } from '../rules/stage.ts';
import { isRealDate } from './dates.ts';
import type { FaultCode, FaultDetail, Nearest } from './faults.ts';
import { isList, isObject, type Json, type JsonObject, own, type Path } from './json.ts';
import { nearestName } from './nearest.ts';
import { display, titleOf } from './schema-faults.ts';
import type { Attribute } from './types.ts';

/** A rule of more is a table that should be data. */
const COMPARISONS_MAX_COUNT = 500;
/** A reference through more names is not followed; the schema refuses a policy with more. */
const NAMED_MAX_COUNT = 200;

const FORMS = ['all', 'any', 'not', 'condition', 'fact'] as const;
const TYPE_TITLES: Readonly<Record<FactType, string>> = {
  number: '数字',
  text: '文字',
  boolean: '是否',
  date: '日期',
};
const LITERAL_TITLES: Readonly<Record<FactType, string>> = {
  number: '不加引号的数字',
  text: '加引号的文字',
  boolean: 'true 或 false',
  date: '日期，如 2016-07-20',
};
const STAGE_TITLES: Readonly<Record<StageId, string>> = {
  start: '判断可否开始投档',
  eligibility: '检查投档资格',
  special: '检查特殊条件',
  quota: '检查计划与名额',
  review: '审核',
  deadline: '处理到期事项',
};
const OPERATORS = OPERATORS_BY_TYPE.number;

export type Report = (
  code: FaultCode,
  path: Path,
  detail?: FaultDetail,
  more?: { readonly nearest?: Nearest; readonly at?: 'key' | 'value' },
) => void;

/** What conditions are checked against. */
export interface ConditionContext {
  readonly attributes: readonly Attribute[];
  readonly subjects: readonly string[] | null;
  readonly named: NamedConditions;
  /** Known ids that a literal beside a fact must be one of: `batch.id` → the batches. */
  readonly ids: Readonly<Record<string, ReadonlySet<string>>>;
}

/** Where a condition stands; a null stage is that of a named condition, which has none. */
export interface Position {
  readonly stage: StageId | null;
  readonly ofMajor: boolean;
}

/** The named conditions of policy.yaml, with what each reads, followed through once. */
export class NamedConditions {
  readonly #conditions: ReadonlyMap<string, Json>;
  readonly #reads = new Map<string, { facts: ReadonlySet<string>; comparisons: number }>();
  /** Names that stand on a cycle, each with the way round. */
  readonly cycles = new Map<string, string>();

  constructor(conditions: Json | undefined) {
    this.#conditions = new Map(isObject(conditions) ? Object.entries(conditions) : []);
    for (const name of this.names.slice(0, NAMED_MAX_COUNT)) this.#follow(name, []);
  }

  get names(): readonly string[] {
    return [...this.#conditions.keys()];
  }

  has(name: string): boolean {
    return this.#conditions.has(name);
  }

  /** The facts that a named condition reads, and how many comparisons it comes to, expanded. */
  reads(name: string): { facts: ReadonlySet<string>; comparisons: number } {
    return this.#reads.get(name) ?? { facts: new Set(), comparisons: 0 };
  }

  #follow(name: string, above: readonly string[]): void {
    if (this.#reads.has(name) || !this.#conditions.has(name)) return;
    if (above.length > NAMED_MAX_COUNT) return;
    const start = above.indexOf(name);
    if (start !== -1) {
      const way = [...above.slice(start), name];
      for (const each of way) {
        if (!this.cycles.has(each)) this.cycles.set(each, way.join(' → '));
      }
      return;
    }
    const facts = new Set<string>();
    let comparisons = 0;
    for (const atom of atomsOf(this.#conditions.get(name) as Json)) {
      for (const fact of atom.facts) facts.add(fact);
      comparisons += atom.facts.length > 0 ? 1 : 0;
      if (atom.named === null) continue;
      this.#follow(atom.named, [...above, name]);
      const below = this.reads(atom.named);
      for (const fact of below.facts) facts.add(fact);
      comparisons += below.comparisons;
    }
    this.#reads.set(name, { facts, comparisons });
  }
}

/** The comparisons and references of a condition, wherever they stand in it. */
function* atomsOf(condition: Json): Generator<{ facts: string[]; named: string | null }> {
  if (!isObject(condition)) return;
  for (const key of ['all', 'any']) {
    const list = own(condition, key);
    if (isList(list)) for (const each of list) yield* atomsOf(each);
  }
  const negated = own(condition, 'not');
  if (negated !== undefined) yield* atomsOf(negated);
  const named = own(condition, 'condition');
  if (typeof named === 'string') yield { facts: [], named };
  const fact = own(condition, 'fact');
  if (typeof fact !== 'string') return;
  const other = valueFactOf(condition);
  yield { facts: other === null ? [fact] : [fact, other], named: null };
}

function valueFactOf(atom: JsonObject): string | null {
  const value = own(atom, 'value');
  const fact = isObject(value) ? own(value, 'fact') : undefined;
  return typeof fact === 'string' ? fact : null;
}

/** Checks the whole condition of a rule or of a name: its outermost form, size and every part. */
export function checkCondition(
  condition: Json | undefined,
  path: Path,
  position: Position,
  context: ConditionContext,
  report: Report,
): void {
  if (!isObject(condition)) return;
  if (own(condition, 'fact') !== undefined) report('bare-condition', path);
  let comparisons = 0;
  for (const atom of atomsOf(condition)) {
    comparisons += atom.named === null ? 1 : context.named.reads(atom.named).comparisons;
  }
  if (comparisons > COMPARISONS_MAX_COUNT) {
    report('condition-too-large', path, { limit: COMPARISONS_MAX_COUNT });
  }
  new Walk(position, context, report).check(condition, path);
}

class Walk {
  readonly #position: Position;
  readonly #context: ConditionContext;
  readonly #report: Report;

  constructor(position: Position, context: ConditionContext, report: Report) {
    this.#position = position;
    this.#context = context;
    this.#report = report;
  }

  check(condition: Json, path: Path): void {
    if (!isObject(condition)) return;
    this.#checkForm(condition, path);
    for (const key of ['all', 'any'] as const) {
      const list = own(condition, key);
      if (!isList(list)) continue;
      if (list.length === 0) this.#report(`empty-${key}`, [...path, key], {}, { at: 'key' });
      list.forEach((each, index) => {
        this.check(each, [...path, key, index]);
      });
    }
    const negated = own(condition, 'not');
    if (negated !== undefined) this.check(negated, [...path, 'not']);
    const named = own(condition, 'condition');
    if (typeof named === 'string') this.#checkReference(named, [...path, 'condition']);
    if (own(condition, 'fact') !== undefined) this.#checkComparison(condition, path);
  }

  #checkForm(condition: JsonObject, path: Path): void {
    const forms = FORMS.filter(form => own(condition, form) !== undefined);
    if (forms.length === 0) {
      const stray = ['operator', 'value'].some(key => own(condition, key) !== undefined);
      if (stray) this.#report('incomplete-condition', path, { names: 'fact' });
      else if (Object.keys(condition).length === 0) this.#report('empty-condition', path);
      return;
    }
    const at = { at: 'key' } as const;
    if (forms.length > 1) {
      const both = forms.includes('all') && forms.includes('any');
      const code = both ? 'all-beside-any' : 'mixed-condition';
      this.#report(code, [...path, forms[1]], { names: forms.join('、') }, at);
    } else if (forms[0] !== 'fact') {
      const stray = ['operator', 'value'].find(key => own(condition, key) !== undefined);
      if (stray === undefined) return;
      this.#report('mixed-condition', [...path, stray], { names: `${forms[0]}、${stray}` }, at);
    }
  }

  #checkReference(name: string, path: Path): void {
    const { named, attributes, subjects } = this.#context;
    if (!named.has(name)) {
      const nearest = () => nearestName(name, named.names);
      this.#report('unknown-condition', path, { name }, { nearest });
      return;
    }
    // A name has no stage of its own: its facts are held against the stage of each use.
    for (const fact of named.reads(name).facts) {
      const entry = findFact(fact, attributes, subjects);
      if (entry !== undefined) this.#checkStage(entry, path);
    }
  }

  #checkComparison(condition: JsonObject, path: Path): void {
    const missing = ['operator', 'value'].filter(key => own(condition, key) === undefined);
    if (missing.length > 0) {
      this.#report('incomplete-condition', path, { names: missing.join('、') });
    }
    const name = own(condition, 'fact');
    const fact = typeof name === 'string' ? this.#fact(name, [...path, 'fact']) : undefined;
    const operator = own(condition, 'operator');
    if (typeof operator === 'string') this.#checkOperator(operator, fact, [...path, 'operator']);
    const value = own(condition, 'value');
    // Whether a list is right depends on the operator: beside an unknown one nothing is said.
    const known = typeof operator !== 'string' || OPERATORS.includes(operator);
    if (fact === undefined || value === undefined || !known) return;
    const isListOperator = typeof operator === 'string' && LIST_OPERATORS.includes(operator);
    this.#checkValue(value, fact, isListOperator, [...path, 'value'], String(operator));
  }

  #fact(name: string, path: Path): FactEntry | undefined {
    const { attributes, subjects } = this.#context;
    const fact = findFact(name, attributes, subjects);
    if (fact === undefined) {
      const nearest = () =>
        nearestName(name, factNames(this.#position.stage, attributes, subjects));
      this.#report('unknown-fact', path, { name }, { nearest });
      return undefined;
    }
    this.#checkStage(fact, path);
    return fact;
  }

  #checkStage({ name, title, stages, scope }: FactEntry, path: Path): void {
    const { stage, ofMajor } = this.#position;
    if (stage === null) return;
    if (!stages.includes(stage)) {
      this.#report('fact-not-in-stage', path, { name, title, stage: STAGE_TITLES[stage] });
    } else if (stage === 'special' && scope === 'major' && !ofMajor) {
      this.#report('fact-needs-major', path, { name, title });
    }
  }

  #checkOperator(name: string, fact: FactEntry | undefined, path: Path): void {
    if (!OPERATORS.includes(name)) {
      const nearest = () => nearestName(name, OPERATORS);
      this.#report('unknown-operator', path, { name }, { nearest });
      return;
    }
    if (fact === undefined) return;
    const allowed = OPERATORS_BY_TYPE[fact.type];
    if (allowed.includes(name)) return;
    const type = TYPE_TITLES[fact.type];
    this.#report('operator-mismatch', path, {
      fact: fact.name,
      type,
      name,
      allowed: allowed.join('、'),
    });
  }

  #checkValue(value: Json, fact: FactEntry, many: boolean, path: Path, operator: string): void {
    const type = TYPE_TITLES[fact.type];
    const mismatch = (expected: string) =>
      this.#report('value-type-mismatch', path, {
        fact: fact.name,
        type,
        expected,
        actual: titleOf(value),
      });
    if (many) {
      if (!isList(value)) mismatch('列表');
      else if (value.length === 0) this.#report('empty-list', path, { name: operator });
      else {
        value.forEach((each, index) => {
          this.#checkLiteral(each, fact, [...path, index]);
        });
      }
      return;
    }
    if (isList(value)) mismatch(LITERAL_TITLES[fact.type]);
    else if (isObject(value)) this.#checkValueFact(value, fact, path);
    else this.#checkLiteral(value, fact, path);
  }

  #checkValueFact(value: JsonObject, fact: FactEntry, path: Path): void {
    for (const key of Object.keys(value)) {
      if (key === 'fact') continue;
      const code = key === 'path' || key === 'params' ? 'forbidden-key' : 'unknown-key';
      this.#report(code, [...path, key], { name: key }, { at: 'key' });
    }
    const name = own(value, 'fact');
    if (typeof name !== 'string') {
      this.#report('incomplete-condition', path, { names: 'value 中的 fact' });
      return;
    }
    const other = this.#fact(name, [...path, 'fact']);
    if (other === undefined || other.type === fact.type) return;
    this.#report('value-fact-mismatch', [...path, 'fact'], {
      fact: fact.name,
      type: TYPE_TITLES[fact.type],
      name,
      other: TYPE_TITLES[other.type],
    });
  }

  #checkLiteral(value: Json, fact: FactEntry, path: Path): void {
    if (!fits(value, fact.type)) {
      const text = fact.type === 'text' || fact.type === 'date';
      if (text && typeof value === 'number') {
        this.#report('number-not-quoted', path, { title: fact.title, value });
      } else {
        const expected = LITERAL_TITLES[fact.type];
        const detail = { fact: fact.name, type: TYPE_TITLES[fact.type], expected };
        this.#report('value-type-mismatch', path, { ...detail, actual: titleOf(value) });
      }
      return;
    }
    if (fact.type === 'date' && !isRealDate(String(value))) {
      this.#report('bad-date', path, { name: String(value) });
    }
    if (fact.type === 'text') this.#checkName(String(value), fact, path);
    if (typeof value === 'number' && !hasTwoDecimals(value)) {
      this.#report('too-many-decimals', path, { value: display(value) });
    }
  }

  /** Texts that can only be one of some: a state, a kind of school, a batch. */
  #checkName(value: string, fact: FactEntry, path: Path): void {
    const known = fact.values ?? [...(this.#context.ids[fact.name] ?? [])];
    if (known.length === 0 || known.includes(value)) return;
    const nearest = () => nearestName(value, known);
    const allowed = known.slice(0, 15).join('、');
    const detail = { title: fact.title, value, allowed };
    this.#report('unknown-value', path, detail, { nearest });
  }
}

function fits(value: Json, type: FactType): boolean {
  if (type === 'number') return typeof value === 'number' && Number.isFinite(value);
  return typeof value === (type === 'boolean' ? 'boolean' : 'string');
}

function hasTwoDecimals(value: number): boolean {
  return /^-?[0-9]+(\.[0-9]{1,2})?$/.test(String(value));
}
