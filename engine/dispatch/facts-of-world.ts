/**
 * The facts of one run as columns, for the rules of the stages eligibility and special
 * (spec/policy.md "Facts"). A column is made when a rule first asks for it.
 *
 * Whether earlier batches are open, and what a city has completed, is settled by the start rules
 * before a run and is no part of its input; a rule of these stages that reads such a fact sees what
 * a run that may start has. Otherwise a run could not be done again from its files alone.
 */
import { ABSENT } from '../decimal.ts';
import type { Attribute, Batch, FactValue, Policy } from '../policy/types.ts';
import type { FactColumn, FactScope, FactSource } from '../rules/facts.ts';
import { textAt } from './bytes.ts';
import { fail } from './errors.ts';
import type { Places } from './places.ts';
import { keyOf } from './reference.ts';
import { ADJUSTMENTS, type CodedColumn, FILE_STATES, type World } from './world.ts';

const SUBJECT = 'candidate.subject.';
const CANDIDATE = 'candidate.';

/** What the facts are made of; bonus and score by candidate index, hundredths. */
export interface FactInput {
  readonly world: World;
  readonly policy: Policy;
  readonly batch: Batch;
  readonly places: Places;
  readonly bonus: Int32Array;
  readonly score: Int32Array;
  /** What plan.planned, used and free mean: the school's sums (§4), or the line's own (§6). */
  readonly plan: 'school' | 'line';
}

/** @throws unknown-fact, unknown-phase, bad-attribute, when a column is asked for */
export function factsOfWorld(input: FactInput): FactSource {
  return fact => {
    const column =
      candidateFact(input, fact) ??
      choiceFact(input, fact) ??
      schoolFact(input, fact) ??
      planFact(input, fact) ??
      runFact(input, fact);
    if (column === undefined) throw fail('unknown-fact', { fact });
    return column;
  };
}

function candidateFact(input: FactInput, fact: string): FactColumn | undefined {
  const { world, policy } = input;
  const { candidates } = world;
  const all = (value: FactValue) => column('candidate', candidates.count, () => value);
  switch (fact) {
    case 'candidate.no':
      return column('candidate', candidates.count, at => textAt(candidates.number, at));
    case 'candidate.sex':
      return recoded(candidates.sex, text => text);
    case 'candidate.age': {
      const day = firstDayOfPhase(input);
      return recoded(candidates.birthDate, text => (day === null ? null : fullYears(text, day)));
    }
    case 'candidate.origin':
      return recoded(candidates.origin, text => text);
    case 'candidate.city':
      return all(world.city);
    case 'candidate.county':
      return recoded(candidates.county, text => text);
    case 'candidate.total':
      return points(candidates.total);
    case 'candidate.bonus':
      return points(input.bonus);
    case 'candidate.score':
      return points(input.score);
    case 'file.state':
      return column('candidate', candidates.count, at => FILE_STATES[candidates.state[at]]);
    case 'file.open-applications':
      return column('candidate', candidates.count, at => candidates.openApplications[at]);
  }
  if (fact.startsWith(SUBJECT)) {
    const name = fact.slice(SUBJECT.length);
    const subject = world.subjects.findIndex(each => each.name === name);
    // A rule of the province may name a subject that this city does not examine: absent.
    return subject === -1 ? all(null) : points(candidates.marks[subject]);
  }
  if (!fact.startsWith(CANDIDATE)) return undefined;
  const attribute = policy.attributes.find(each => each.name === fact.slice(CANDIDATE.length));
  if (attribute === undefined) return undefined;
  const texts = candidates.attributes.get(attribute.name);
  return texts === undefined ? all(null) : recoded(texts, text => typed(attribute, text));
}

function choiceFact({ world }: FactInput, fact: string): FactColumn | undefined {
  const { choices } = world;
  if (fact === 'choice.ordinal') {
    return column('choice', choices.count, at => choices.ordinal[at]);
  }
  if (fact === 'choice.adjustment') {
    return column('choice', choices.count, at => ADJUSTMENTS[choices.adjustment[at]]);
  }
  return undefined;
}

function schoolFact(input: FactInput, fact: string): FactColumn | undefined {
  const { world, policy } = input;
  const { schools, city, batch } = world;
  switch (fact) {
    case 'school.code':
      return column('school', schools.length, at => schools[at].code);
    case 'school.kind':
      return column('school', schools.length, at => schools[at].kind || null);
    case 'school.owner':
      return column('school', schools.length, at => schools[at].owner || null);
    case 'school.region':
      return column('school', schools.length, at => schools[at].region || null);
    case 'school.status':
      return column('school', schools.length, at => schools[at].status);
    case 'line.region': {
      const set = policy.regionLines.find(line => line.region === city && line.batch === batch);
      return column('school', schools.length, () => (set === undefined ? null : set.line / 100));
    }
    case 'line.school': {
      const own = new Map(
        policy.schoolLines
          .filter(line => line.region === city && line.batch === batch)
          .map(line => [line.school, line.line / 100]),
      );
      return column('school', schools.length, at => own.get(schools[at].code) ?? null);
    }
  }
  return undefined;
}

function planFact({ world, places, plan }: FactInput, fact: string): FactColumn | undefined {
  const { schools, lines, majors } = world;
  if (fact === 'major.code') return column('major', lines.length, at => lines[at].major);
  if (fact === 'major.articulated') {
    const articulated = new Map(
      majors.map(each => [keyOf([each.school, each.code]), each.articulated]),
    );
    return column('major', lines.length, at => {
      return articulated.get(keyOf([lines[at].school, lines[at].major])) ?? null;
    });
  }
  if (fact === 'plan.flexible-free') {
    return column('school', schools.length, at => places.flexibleFree[at]);
  }
  if (plan === 'line') {
    const planned = (at: number) => lines[at].planned;
    const used = (at: number) => places.lineOccupied[at];
    return planColumn('major', lines.length, fact, planned, used);
  }
  const planned = (at: number) => places.planned[at];
  const used = (at: number) => places.occupied[at];
  return planColumn('school', schools.length, fact, planned, used);
}

function planColumn(
  scope: FactScope,
  count: number,
  fact: string,
  planned: (at: number) => number,
  used: (at: number) => number,
): FactColumn | undefined {
  if (fact === 'plan.planned') return column(scope, count, planned);
  if (fact === 'plan.used') return column(scope, count, used);
  if (fact === 'plan.free') return column(scope, count, at => planned(at) - used(at));
  return undefined;
}

function runFact({ world, policy, batch }: FactInput, fact: string): FactColumn | undefined {
  const constant = (value: FactValue) => column('run', 1, () => value);
  switch (fact) {
    case 'batch.id':
      return constant(batch.id);
    case 'batch.order':
      return constant(batch.order);
    case 'batch.round':
      return constant(world.round);
    case 'batch.window-open':
      return constant(isWithin(world.date, batch.window));
    case 'batch.earlier-open':
      return constant(false);
    case 'phase.id':
      return constant(batch.phase);
    case 'city.code':
      return constant(world.city);
    case 'city.senior-high-complete':
    case 'city.policy-adopted':
      return constant(true);
    case 'city.own-system':
      return constant(policy.ownSystem);
    case 'today':
      return constant(world.date);
  }
  return undefined;
}

/** Both days of a window are included. */
function isWithin(date: string, window: readonly [string, string] | null): boolean {
  return window !== null && window[0] <= date && date <= window[1];
}

function firstDayOfPhase({ policy, batch }: FactInput): string | null {
  const phase = policy.phases.find(each => each.id === batch.phase);
  if (phase === undefined) {
    throw fail('unknown-phase', { batch: batch.id, phase: batch.phase });
  }
  return phase.window === null ? null : phase.window[0];
}

/** Full years between two dates `YYYY-MM-DD`. Born on 02-29: a year older on 03-01. */
export function fullYears(birth: string, day: string): number {
  const years = Number(day.slice(0, 4)) - Number(birth.slice(0, 4));
  return day.slice(5) < birth.slice(5) ? years - 1 : years;
}

/** An attribute's value from its text. @throws bad-attribute */
export function typed(attribute: Attribute, text: string): FactValue {
  if (attribute.type === 'text' || attribute.type === 'date') return text;
  if (attribute.type === 'boolean' && text === 'yes') return true;
  if (attribute.type === 'boolean' && text === 'no') return false;
  if (attribute.type === 'number' && /^-?[0-9]{1,15}(\.[0-9]{1,15})?$/.test(text)) {
    return Number(text);
  }
  const detail = { attribute: attribute.name, value: text, type: attribute.type };
  throw fail('bad-attribute', detail);
}

/** A column of hundredths as points. */
function points(hundredths: Int32Array): FactColumn {
  return column(
    'candidate',
    hundredths.length,
    at => (hundredths[at] === ABSENT ? null : hundredths[at]),
    value => (value === null ? null : (value as number) / 100),
  );
}

/** A column of texts, each distinct one converted once. */
function recoded(column: CodedColumn, convert: (text: string) => FactValue): FactColumn {
  const values = column.values.map(text => (text === null ? null : convert(text)));
  return { scope: 'candidate', values, codes: column.codes };
}

/** Codes the values of all entities; the dictionary is in the order of first appearance. */
function column(
  scope: FactScope,
  count: number,
  valueAt: (entity: number) => FactValue,
  shown: (value: FactValue) => FactValue = value => value,
): FactColumn {
  const codes = new Uint32Array(count);
  const codeOf = new Map<FactValue, number>();
  for (let entity = 0; entity < count; entity += 1) {
    const value = valueAt(entity);
    let code = codeOf.get(value);
    if (code === undefined) {
      code = codeOf.size;
      codeOf.set(value, code);
    }
    codes[entity] = code;
  }
  return { scope, values: Array.from(codeOf.keys(), shown), codes: narrowed(codes, codeOf.size) };
}

function narrowed(codes: Uint32Array, distinct: number): FactColumn['codes'] {
  if (distinct <= 0x100) return Uint8Array.from(codes);
  return distinct <= 0x1_0000 ? Uint16Array.from(codes) : codes;
}
