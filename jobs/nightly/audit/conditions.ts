/**
 * The rules of eligibility and the special conditions of schools, said once more in SQL: what the
 * audit recounts P5 with, and whether a refusal was deserved. It knows nothing of the rules engine
 * and of situations; only the wording of a condition (spec/policy.md) is read.
 *
 * Candidates' facts become columns of audit_ranked, so that each is made once per candidate; the
 * others are taken from the choice and its school. A rule that reads what neither table has is left
 * out, and its code is then taken as given.
 */
import type { Condition, FactValue, Policy, Requirement } from '../../../engine/policy/types.ts';
import type { AuditCase } from './case.ts';

/** A fact as SQL. Candidates' facts are written over candidates k, scores m and audit_bonus b. */
interface FactSql {
  readonly scope: 'candidate' | 'pair';
  readonly sql: string;
  readonly type: 'number' | 'text' | 'boolean';
}

export interface RulesSql {
  /** Columns for audit_ranked: name and expression. */
  readonly columns: readonly { readonly name: string; readonly sql: string }[];
  /**
   * The code of the first rule that refuses the pair, or null; over ranked r, choices c, schools
   * s.
   */
  readonly refusal: string;
  /** Codes of rules that could not be said in SQL. */
  readonly taken: readonly string[];
  /** Ids of the rules that are recounted. */
  readonly recounted: readonly string[];
}

/** Says every rule in force in SQL, as far as that goes. */
export function rulesAsSql(audit: AuditCase): RulesSql {
  const { policy } = audit;
  const writer = new RuleWriter(audit);
  const date = audit.audited.businessDate;
  const inForce = (rule: Requirement) =>
    rule.valid === null ||
    ((rule.valid[0] === null || rule.valid[0] <= date) &&
      (rule.valid[1] === null || date < rule.valid[1]));
  const common = policy.eligibility.filter(inForce).map(rule => writer.clause(rule, null));
  const special = policy.special
    .filter(rule => inForce(rule) && rule.major === null)
    .map(rule => writer.clause(rule, rule.school));
  const clauses = [...common, ...special].filter(clause => clause !== '');
  return {
    columns: writer.columns(),
    refusal: clauses.length === 0 ? 'null::text' : `case ${clauses.join('\n      ')} end`,
    taken: [...writer.taken],
    recounted: writer.recounted,
  };
}

class RuleWriter {
  readonly taken = new Set<string>();
  readonly recounted: string[] = [];
  readonly #audit: AuditCase;
  readonly #columns = new Map<string, { name: string; fact: FactSql }>();

  constructor(audit: AuditCase) {
    this.#audit = audit;
  }

  columns(): { name: string; sql: string }[] {
    return [...this.#columns.values()].map(({ name, fact }) => ({ name, sql: fact.sql }));
  }

  /** `when … then code` for a rule that does not let the pair pass; empty: left out. */
  clause(rule: Requirement, school: string | null): string {
    const { conditions } = this.#audit.policy;
    const names = new Set<string>();
    collectFacts(rule.requires, conditions, names);
    if (rule.applies !== null) collectFacts(rule.applies, conditions, names);
    const facts = new Map<string, FactSql>();
    for (const name of names) {
      const fact = this.#fact(name);
      if (fact === undefined) {
        this.taken.add(rule.refuse);
        this.taken.add('missing-data');
        return '';
      }
      facts.set(name, fact);
    }
    this.recounted.push(rule.id);
    const { literal } = this.#audit.sql;
    const write = (condition: Condition) => conditionSql(condition, conditions, facts, literal);
    const absent = [...facts.values()].map(({ sql }) => `${sql} is null`).join(' or ') || 'false';
    const refused =
      rule.applies === null
        ? `not (${write(rule.requires)})`
        : `(${write(rule.applies)}) and not (${write(rule.requires)})`;
    const here = school === null ? '' : `c.school = ${literal(school)} and `;
    const code = literal(rule.refuse);
    if (rule.missing === 'pass') return `when ${here}not (${absent}) and ${refused} then ${code}`;
    return `when ${here}(${absent}) then 'missing-data' when ${here}${refused} then ${code}`;
  }

  #fact(name: string): FactSql | undefined {
    const known = this.#columns.get(name);
    if (known !== undefined) return { ...known.fact, sql: `r.${known.name}` };
    const fact = factSql(this.#audit, name);
    if (fact === undefined || fact.scope === 'pair') return fact;
    const column = `fact_${this.#columns.size + 1}`;
    this.#columns.set(name, { name: column, fact });
    return { ...fact, sql: `r.${column}` };
  }
}

function collectFacts(condition: Condition, named: Policy['conditions'], found: Set<string>): void {
  if ('all' in condition) for (const one of condition.all) collectFacts(one, named, found);
  else if ('any' in condition) for (const one of condition.any) collectFacts(one, named, found);
  else if ('not' in condition) collectFacts(condition.not, named, found);
  else if ('condition' in condition)
    collectFacts(namedOf(condition.condition, named), named, found);
  else {
    found.add(condition.fact);
    const { value } = condition;
    if (typeof value === 'object' && value !== null && 'fact' in value) found.add(value.fact);
  }
}

function namedOf(name: string, named: Policy['conditions']): Condition {
  const condition = named[name];
  if (condition === undefined) throw new Error(`no condition ${name} in an adopted policy`);
  return condition;
}

type Literal = (text: string) => string;

function conditionSql(
  condition: Condition,
  named: Policy['conditions'],
  facts: ReadonlyMap<string, FactSql>,
  literal: Literal,
): string {
  const write = (one: Condition) => conditionSql(one, named, facts, literal);
  const join = (all: readonly Condition[], word: string) =>
    all.length === 0 ? 'true' : all.map(one => `(${write(one)})`).join(` ${word} `);
  if ('all' in condition) return join(condition.all, 'and');
  if ('any' in condition) return join(condition.any, 'or');
  if ('not' in condition) return `not (${write(condition.not)})`;
  if ('condition' in condition) return write(namedOf(condition.condition, named));
  return atomSql(condition, facts, literal);
}

const COMPARISONS: Readonly<Record<string, string>> = {
  equal: '=',
  notEqual: '<>',
  lessThan: '<',
  lessThanInclusive: '<=',
  greaterThan: '>',
  greaterThanInclusive: '>=',
  in: 'in',
  notIn: 'not in',
};

function atomSql(
  atom: Extract<Condition, { fact: string }>,
  facts: ReadonlyMap<string, FactSql>,
  literal: Literal,
): string {
  const fact = facts.get(atom.fact) as FactSql;
  const comparison = COMPARISONS[atom.operator];
  if (comparison === undefined) throw new Error(`operator ${atom.operator} in an adopted policy`);
  // Dates are compared as text, in byte order; so is every other text, whatever the database's own.
  const left = fact.type === 'text' ? `${fact.sql} collate "C"` : fact.sql;
  const { value } = atom;
  if (typeof value === 'object' && value !== null && 'fact' in value) {
    return `${left} ${comparison} ${(facts.get(value.fact) as FactSql).sql}`;
  }
  if (Array.isArray(value)) {
    if (value.length === 0) return comparison === 'in' ? 'false' : 'true';
    return `${left} ${comparison} (${value.map(one => valueSql(one, literal)).join(', ')})`;
  }
  return `${left} ${comparison} ${valueSql(value as FactValue, literal)}`;
}

function valueSql(value: FactValue, literal: Literal): string {
  if (typeof value === 'number') return `${value}::float8`;
  if (typeof value === 'boolean') return String(value);
  return value === null ? 'null' : `${literal(value)}::text`;
}

const number = (scope: FactSql['scope'], sql: string): FactSql => ({ scope, sql, type: 'number' });
const flag = (value: boolean): FactSql => ({ scope: 'pair', sql: String(value), type: 'boolean' });
const text = (scope: FactSql['scope'], sql: string): FactSql => ({ scope, sql, type: 'text' });

/** Facts in points are hundredths ÷ 100 in binary floating point, as the engine sees them. */
function factSql(audit: AuditCase, name: string): FactSql | undefined {
  return candidateFact(audit, name) ?? pairFact(audit, name) ?? runFact(audit, name);
}

function candidateFact(audit: AuditCase, name: string): FactSql | undefined {
  const { sql, policy, batch } = audit;
  const simple: Readonly<Record<string, FactSql>> = {
    'candidate.no': text('candidate', 'k.candidate_no'),
    'candidate.sex': text('candidate', 'k.sex'),
    'candidate.origin': text('candidate', 'k.origin'),
    'candidate.county': text('candidate', "nullif(k.county, '')"),
    'candidate.city': text('candidate', 'k.city'),
    'candidate.total': number('candidate', 'k.total / 100::float8'),
    'candidate.bonus': number('candidate', 'coalesce(b.bonus, 0) / 100::float8'),
    'candidate.score': number('candidate', '(k.total + coalesce(b.bonus, 0)) / 100::float8'),
  };
  if (simple[name] !== undefined) return simple[name];
  if (name === 'candidate.age') {
    const day = policy.phases.find(phase => phase.id === batch.phase)?.window?.[0];
    if (day === undefined) return number('candidate', 'null::float8');
    const years = `${Number(day.slice(0, 4))} - extract(year from k.birth_date)`;
    const early = `to_char(k.birth_date, 'MM-DD') > ${sql.literal(day.slice(5))}`;
    return number('candidate', `(${years} - case when ${early} then 1 else 0 end)::float8`);
  }
  const subject = /^candidate\.subject\.(.+)$/.exec(name)?.[1];
  if (subject !== undefined) {
    const slot = `(select slot from subjects where ${sql.here} and name = ${sql.literal(subject)})`;
    return number('candidate', `m.marks[${slot}] / 100::float8`);
  }
  const attribute = policy.attributes.find(each => `candidate.${each.name}` === name);
  if (attribute === undefined) return undefined;
  const value = `nullif(k.attributes ->> ${sql.literal(attribute.name)}, '')`;
  if (attribute.type === 'number') return number('candidate', `(${value})::float8`);
  if (attribute.type !== 'boolean') return text('candidate', value);
  return { scope: 'candidate', type: 'boolean', sql: `(${value} = 'yes')` };
}

function pairFact({ policy, audited }: AuditCase, name: string): FactSql | undefined {
  const simple: Readonly<Record<string, FactSql>> = {
    'choice.ordinal': number('pair', 'c.ordinal::float8'),
    'choice.adjustment': { scope: 'pair', type: 'boolean', sql: 'c.adjustment' },
    'school.code': text('pair', 's.school'),
    'school.kind': text('pair', 's.kind'),
    'school.owner': text('pair', 's.owner'),
    'school.region': text('pair', 's.region'),
    'school.status': text('pair', 's.status'),
    'line.school': number('pair', 's.line / 100::float8'),
    'plan.planned': number('pair', 's.planned::float8'),
    'plan.used': number('pair', 's.occupied::float8'),
    'plan.free': number('pair', '(s.planned - s.occupied)::float8'),
    'plan.flexible-free': number('pair', 's.flexible_free::float8'),
  };
  if (simple[name] !== undefined) return simple[name];
  if (name !== 'line.region') return undefined;
  const line = policy.regionLines.find(
    each => each.region === audited.city && each.batch === audited.batch,
  );
  return number('pair', line === undefined ? 'null::float8' : `${line.line} / 100::float8`);
}

function runFact({ sql, batch, audited, policy }: AuditCase, name: string): FactSql | undefined {
  const constants: Readonly<Record<string, FactSql>> = {
    'batch.id': text('pair', `${sql.batch}::text`),
    'batch.order': number('pair', `${batch.order}::float8`),
    'batch.round': number('pair', `${audited.round}::float8`),
    'phase.id': text('pair', `${sql.literal(batch.phase)}::text`),
    'city.code': text('pair', `${sql.city}::text`),
    today: text('pair', `${sql.literal(audited.businessDate)}::text`),
    // Whoever takes part is in the pool without an open application, in a run that may start:
    // P5 and P7 hold the one, the start rules the other (dispatch.md §1).
    'file.state': text('pair', `'in-pool'::text`),
    'file.open-applications': number('pair', '0::float8'),
    'batch.earlier-open': flag(false),
    'city.senior-high-complete': flag(true),
    'city.policy-adopted': flag(true),
    'city.own-system': flag(policy.ownSystem),
  };
  return constants[name];
}
