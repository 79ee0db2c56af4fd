/**
 * Representative values 代表值 of facts: every range that the thresholds of some rules cut the
 * values of a fact into gives one, so that a question about all cases is answered by finitely many
 * cells.
 *
 * Values of a fact lie on a grid (scores: 0.01 points; people, days, times: 1), within what the
 * fact can be at all. Facts that are compared with each other share their thresholds, and get as
 * many values in each gap as there are such facts: then every order among them occurs.
 */
import { type Atom, atomKey, type RuleReading, valueFact } from '../../rules/atoms.ts';
import { type FactEntry, findFact } from '../../rules/catalogue.ts';
import { atomOutcome } from '../../rules/keys.ts';
import { daysAfter } from '../calendar.ts';
import type { FactValue, FullPolicy } from '../types.ts';

/** What is known of the values that facts can take. */
export interface Vocabulary {
  readonly attributes: FullPolicy['attributes'];
  /** Facts with a closed list of values that the policy gives, or that are fixed here. */
  readonly closed: ReadonlyMap<string, readonly FactValue[]>;
}

/** Days, as a fact of every dated rule, beside the facts of its conditions. */
export const TODAY = 'today';

/** Thresholds of more decimals than this are met on no grid. */
const DECIMALS_MAX = 6;
const DAY_MS = 24 * 3_600_000;

/** Facts that may be negative; all other numbers begin at 0, these two lists apart. */
const MAY_BE_NEGATIVE: ReadonlySet<string> = new Set(['plan.free', 'plan.flexible-free']);
const FROM_ONE: ReadonlySet<string> = new Set(['choice.ordinal', 'batch.round']);
/** Where nothing but another fact is compared with: around what people would expect to read. */
const USUAL_POINTS = 300;
const USUAL_COUNT = 2;
const USUAL_DAY = '2016-07-20';

/** What a policy itself says of facts' values; of one city where it is the policy of a city. */
export function vocabularyOf(
  policy: FullPolicy,
  fixed: Readonly<Record<string, string | null>> = {},
): Vocabulary {
  const phases = policy.phases.map(phase => phase.id);
  const closed = new Map<string, readonly FactValue[]>([
    ['phase.id', phases],
    ['file.phase', phases],
    ['batch.id', policy.batches.map(batch => batch.id)],
    ['batch.order', [...new Set(policy.batches.map(batch => batch.order))]],
  ]);
  const most = Math.max(1, ...policy.batches.map(batch => batch.choices.max ?? 1));
  closed.set(
    'choice.ordinal',
    Array.from({ length: most }, (_, at) => at + 1),
  );
  for (const [fact, value] of Object.entries(fixed)) {
    if (value !== null) closed.set(fact, [value]);
  }
  return { attributes: policy.attributes, closed };
}

/**
 * The representative values of every fact that the rules read, by its name. Values that no
 * comparison tells apart are given once.
 *
 * @param dates days at which rules begin or cease to be in force; none: no rule is dated
 */
export function domainsOf(
  readings: readonly RuleReading[],
  dates: readonly string[],
  vocabulary: Vocabulary,
): Map<string, readonly FactValue[]> {
  const atoms = [...new Map(readings.flatMap(r => r.atoms).map(a => [atomKey(a), a])).values()];
  const facts = [...new Set(readings.flatMap(reading => reading.facts))];
  if (dates.length > 0 && !facts.includes(TODAY)) facts.push(TODAY);
  const domains = new Map<string, readonly FactValue[]>();
  for (const linked of linkedFacts(facts, atoms)) {
    const entries = linked.flatMap(fact => findFact(fact, vocabulary.attributes, null) ?? []);
    const literals = atoms.filter(a => linked.includes(a.fact) && valueFact(a.value) === null);
    for (const [fact, values] of valuesOfLinked(entries, literals, dates, vocabulary)) {
      const known = linked.length > 1 ? values : told(values, literals, fact, dates);
      const entry = entries.find(each => each.name === fact);
      domains.set(fact, entry?.optional === true ? [...known, null] : known);
    }
  }
  return domains;
}

/** Facts that are compared with each other, directly or through others, in groups. */
function linkedFacts(facts: readonly string[], atoms: readonly Atom[]): string[][] {
  const groups = new Map(facts.map(fact => [fact, [fact]]));
  for (const { fact, value } of atoms) {
    const other = valueFact(value);
    const [left, right] = [groups.get(fact), other === null ? undefined : groups.get(other)];
    if (left === undefined || right === undefined || left === right) continue;
    left.push(...right);
    for (const each of right) groups.set(each, left);
  }
  return [...new Set(groups.values())];
}

function valuesOfLinked(
  entries: readonly FactEntry[],
  literals: readonly Atom[],
  dates: readonly string[],
  { closed }: Vocabulary,
): Map<string, readonly FactValue[]> {
  const given = literals.flatMap(({ value }) => (Array.isArray(value) ? value : [value]));
  const result = new Map<string, readonly FactValue[]>();
  const texts: FactEntry[] = [];
  const grids: Grid[] = [];
  const shift = decimalsOf(given);
  for (const entry of entries) {
    const list = closed.get(entry.name) ?? entry.values;
    if (list !== null && list !== undefined) result.set(entry.name, list);
    else if (entry.type === 'boolean') result.set(entry.name, [true, false]);
    else if (entry.type === 'text') texts.push(entry);
    else grids.push(gridOf(entry, shift));
  }
  const named = given.filter(each => typeof each === 'string');
  const others = texts.map((_, at) => `other-${at + 1}`);
  for (const { name } of texts) result.set(name, [...new Set([...named, ...others])]);
  const marks = [...given, ...(entries.some(({ name }) => name === TODAY) ? dates : [])];
  for (const [name, values] of onGrids(grids, marks)) result.set(name, values);
  return result;
}

/** Where the values of a number or of a date lie, as whole numbers of a common unit. */
interface Grid {
  readonly name: string;
  readonly step: number;
  readonly min: number | null;
  readonly usual: number;
  read(value: unknown): number | null;
  write(at: number): FactValue;
}

function gridOf(entry: FactEntry, shift: number): Grid {
  const { name, type, unit } = entry;
  if (type === 'date') {
    const read = (value: unknown) => (typeof value === 'string' ? dayOf(value) : null);
    const usual = dayOf(USUAL_DAY) as number;
    return { name, step: 1, min: null, usual, read, write: at => daysAfter('1970-01-01', at) };
  }
  const scale = 10 ** shift;
  // Attributes and scores may have two decimals; what is counted has none.
  const fine = unit === '分' || !FINE_STAGES.has(name.split('.')[0] as string);
  const declared = name.startsWith('candidate.') && name !== 'candidate.age';
  const step = fine || declared ? scale / 100 : scale;
  const min = MAY_BE_NEGATIVE.has(name) ? null : FROM_ONE.has(name) ? scale : 0;
  const read = (value: unknown) => (typeof value === 'number' ? Math.round(value * scale) : null);
  const usual = (unit === '分' ? USUAL_POINTS : USUAL_COUNT) * scale;
  return { name, step, min, usual, read, write: at => at / scale };
}

/** Of these nothing is finer than one, scores apart. */
const FINE_STAGES: ReadonlySet<string> = new Set(
  'candidate choice plan batch file list application'.split(' '),
);

function dayOf(text: string): number | null {
  const at = Date.parse(`${text}T00:00:00Z`);
  return Number.isNaN(at) ? null : at / DAY_MS;
}

function decimalsOf(values: readonly unknown[]): number {
  const most = values.map(value =>
    typeof value === 'number' ? (String(value).split('.')[1]?.length ?? 0) : 0,
  );
  return Math.min(DECIMALS_MAX, Math.max(2, ...most));
}

/** The coarsest first: where its values lie, finer ones must lie too, and between them. */
function onGrids(grids: readonly Grid[], marks: readonly unknown[]): [string, FactValue[]][] {
  const [first] = grids;
  if (first === undefined) return [];
  let cuts = marks.flatMap(mark => first.read(mark) ?? []);
  if (cuts.length === 0) cuts = [first.usual];
  const steps = [...new Set(grids.map(grid => grid.step))].sort((a, b) => b - a);
  const found: [string, FactValue[]][] = [];
  for (const step of steps) {
    const sorted = [...new Set(cuts)].sort((a, b) => a - b);
    for (const grid of grids.filter(each => each.step === step)) {
      const values = gridValues(sorted, step, grids.length, grid.min);
      cuts.push(...values);
      found.push([grid.name, values.map(value => grid.write(value))]);
    }
  }
  return found;
}

/**
 * Each cut that lies on the grid, and of each gap beside the cuts the first values.
 *
 * @param count how many values of a gap
 */
export function gridValues(
  cuts: readonly number[],
  step: number,
  count: number,
  min: number | null,
): number[] {
  const found = new Set<number>();
  const add = (value: number) => {
    if (min === null || value >= min) found.add(value);
  };
  cuts.forEach((cut, index) => {
    const next = cuts[index + 1] ?? Number.POSITIVE_INFINITY;
    if (cut % step === 0) add(cut);
    for (let at = 1; at <= count; at += 1) {
      if (index === 0) add((Math.ceil(cut / step) - at) * step);
      const above = (Math.floor(cut / step) + at) * step;
      if (above < next) add(above);
    }
  });
  // Below zero there may be no value, and the first cut may lie below zero altogether.
  if (found.size === 0) add(min ?? 0);
  return [...found].sort((a, b) => a - b);
}

/** Of values that all comparisons and dates take alike, the first. */
function told(
  values: readonly FactValue[],
  atoms: readonly Atom[],
  fact: string,
  dates: readonly string[],
): FactValue[] {
  const outcomes = atoms
    .filter(atom => atom.fact === fact)
    .map(atom => ({ atom, evaluate: atomOutcome(atom, fact) }));
  const seen = new Map<string, FactValue>();
  for (const value of values) {
    const said = outcomes.map(({ atom, evaluate }) => evaluate(value, atom.value));
    const day = fact === TODAY ? dates.map(date => (date <= String(value) ? 1 : 0)) : [];
    const key = [...said, ...day].join('');
    if (!seen.has(key)) seen.set(key, value);
  }
  return [...seen.values()];
}
