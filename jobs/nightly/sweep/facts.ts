/**
 * The facts of the stage deadline (spec/policy.md "Facts"), made of the columns that the database
 * groups by. Each fact names the columns it is made of, so that files are told apart by what the
 * rules in force read and by nothing else: the shipped rules leave a city with a few dozen
 * situations, whatever its size.
 */
import { type CityStanding, earlierBatchOpen } from '../../../db/dispatch/standing.ts';
import type { SweepColumn, SweepValues } from '../../../db/season/sweep-rows.ts';
import { fullYears, typed } from '../../../engine/dispatch/facts-of-world.ts';
import { bonusOf } from '../../../engine/dispatch/preference-points.ts';
import {
  confirmationDay,
  daysAfter,
  graceOver,
  phaseBegunBy,
  registerByPassed,
  valueById,
} from '../../../engine/policy/calendar.ts';
import { isInWindow, linesOf } from '../../../engine/policy/lookup.ts';
import type { Attribute, FactValue, FullPolicy } from '../../../engine/policy/types.ts';
import { stageFacts } from '../../../engine/rules/stage-facts.ts';

/** What is the same for all files of a city in one sweep. */
export interface SweepCity {
  readonly city: string;
  /** Business date. */
  readonly date: string;
  readonly policy: FullPolicy;
  /** undefined: no rule reads what only the city's standing tells. */
  readonly standing: CityStanding | undefined;
}

interface Source {
  readonly columns: readonly SweepColumn[];
  value(values: SweepValues, place: SweepCity): FactValue;
}

const SUBJECT = 'candidate.subject.';
const CANDIDATE = 'candidate.';

/** Facts that only the city's standing tells (db/dispatch/standing.ts). */
const OF_STANDING: ReadonlySet<string> = new Set([
  'batch.earlier-open',
  'city.senior-high-complete',
  'city.policy-adopted',
]);

const SCORE: readonly SweepColumn[] = ['total', 'features', 'batch'];

const SOURCES: Readonly<Record<string, Source>> = {
  'file.state': column('state'),
  'file.phase': column('phase'),
  'file.school': column('school'),
  'file.transfers': column('transfers'),
  'file.age-days': days('since'),
  'file.open-applications': {
    columns: ['opened', 'state', 'phase', 'registerBy', 'reopenedUntil'],
    value: countingApplications,
  },
  'file.hold-expired': source(['holdUntil'], (values, { date }) => {
    const until = textOf(values.holdUntil);
    return until !== null && until < date;
  }),
  'file.register-by-passed': source(
    ['phase', 'registerBy', 'reopenedUntil'],
    (values, { policy, date }) => registerByPassed(policy, termOf(values), date),
  ),
  'file.grace-over': source(['phase'], (values, { policy, date }) =>
    graceOver(policy, textOf(values.phase), date),
  ),
  'file.below-line': source([...SCORE, 'school'], belowLine),
  'candidate.no': column('candidateNo'),
  'candidate.sex': column('sex'),
  'candidate.origin': column('origin'),
  'candidate.city': source([], (_, { city }) => city),
  'candidate.county': source(['county'], ({ county }) => (county === '' ? null : textOf(county))),
  'candidate.age': source(['birthDate', 'phase', 'batch'], ageOf),
  'candidate.total': source(['total'], ({ total }) => points(numberOf(total))),
  'candidate.bonus': source(['features', 'batch'], (values, { policy }) =>
    points(bonus(values, policy)),
  ),
  'candidate.score': source(SCORE, (values, { policy }) => points(scoreOf(values, policy))),
  'batch.id': column('batch'),
  'batch.order': source(['batch'], (values, place) => batchOf(values, place)?.order ?? null),
  'batch.window-open': source(['batch'], (values, place) => {
    const batch = batchOf(values, place);
    return batch === undefined ? null : isInWindow(batch.window, place.date);
  }),
  'batch.earlier-open': source(['batch'], (values, place) => {
    const batch = batchOf(values, place);
    const { standing, policy, date } = place;
    if (batch === undefined || standing === undefined) return null;
    return earlierBatchOpen(policy.batches, batch, standing, date);
  }),
  'batch.round': column('round'),
  'phase.id': source([], (_, { policy, date }) => phaseBegunBy(policy, date)?.id ?? null),
  'city.code': source([], (_, { city }) => city),
  'city.senior-high-complete': source(
    [],
    (_, { standing }) => standing?.seniorHighComplete ?? null,
  ),
  'city.policy-adopted': source([], (_, { standing }) => standing?.policyAdopted ?? null),
  'city.own-system': source([], (_, { policy }) => policy.ownSystem),
  today: source([], (_, { date }) => date),
};

/** Of an application alone; a file by itself has none of them. */
const APPLICATION_SOURCES: Readonly<Record<string, Source>> = {
  'application.kind': column('kind'),
  // Schools apply, for themselves or for a candidate.
  'application.by': source([], () => 'school'),
  'application.places': column('places'),
  // Of a move it is the receiving city's sweep that looks: that line loses nothing.
  'application.reduction': source(['places'], ({ places }) =>
    Math.max(0, -(numberOf(places) ?? 0)),
  ),
  'application.age-days': days('openedOn'),
  'application.signed': column('signed'),
};

/** What the sweep asks about. */
export type SweepSubject = 'file' | 'application';

/** The columns that a set of facts is made of, in a fixed order. */
export function columnsOf(
  names: readonly string[],
  subject: SweepSubject,
  attributes: readonly Attribute[],
): SweepColumn[] {
  const found = names.flatMap(name => sourceOf(name, subject, attributes)?.columns ?? []);
  return [...new Set(found)].toSorted();
}

/** Does a rule ask for what only the city's standing tells. */
export function needsStanding(names: readonly string[]): boolean {
  return names.some(name => OF_STANDING.has(name));
}

/**
 * Facts of one group, complete for the stage: what is not told is absent, and no rule acts on what
 * is absent.
 *
 * @param names those that the rules in force read
 */
export function factsOf(
  values: SweepValues,
  names: readonly string[],
  subject: SweepSubject,
  place: SweepCity,
): Record<string, FactValue> {
  return factReader(names, subject, place)(values);
}

/** The same for many groups of one place: what lies in one text alone is made once for it. */
export function factReader(
  names: readonly string[],
  subject: SweepSubject,
  place: SweepCity,
): (values: SweepValues) => Record<string, FactValue> {
  const { attributes } = place.policy;
  const subjects = names
    .filter(name => name.startsWith(SUBJECT))
    .map(name => name.slice(SUBJECT.length));
  const sources = names.flatMap(name => {
    const known = sourceOf(name, subject, attributes);
    return known === undefined ? [] : [{ name, value: onceForEachText(known) }];
  });
  return values => {
    const given: Record<string, FactValue> = {};
    for (const { name, value } of sources) given[name] = value(values, place);
    return stageFacts('deadline', given, attributes, subjects);
  };
}

/** A source of one column; the place is the same for as long as what is made here is used. */
function onceForEachText({ columns, value }: Source): Source['value'] {
  const [only] = columns;
  if (only === undefined || columns.length > 1) return value;
  const made = new Map<string, FactValue>();
  return (values, place) => {
    const text = values[only];
    if (typeof text !== 'string') return value(values, place);
    const known = made.get(text);
    if (known !== undefined) return known;
    const fact = value(values, place);
    made.set(text, fact);
    return fact;
  };
}

function sourceOf(
  name: string,
  subject: SweepSubject,
  attributes: readonly Attribute[],
): Source | undefined {
  const known =
    SOURCES[name] ?? (subject === 'application' ? APPLICATION_SOURCES[name] : undefined);
  if (known !== undefined) return known;
  if (name.startsWith(SUBJECT)) return mark(name.slice(SUBJECT.length));
  const attribute = attributes.find(each => `${CANDIDATE}${each.name}` === name);
  return attribute === undefined ? undefined : attributeSource(attribute);
}

function source(columns: readonly SweepColumn[], value: Source['value']): Source {
  return { columns, value };
}

/** The column as it is. */
function column(name: SweepColumn): Source {
  return source([name], values => (values[name] ?? null) as FactValue);
}

/** Days from the column's date to the business date. */
function days(name: SweepColumn): Source {
  return source([name], (values, { date }) => {
    const from = textOf(values[name]);
    return from === null ? null : (Date.parse(date) - Date.parse(from)) / 86_400_000;
  });
}

function mark(subject: string): Source {
  return source(['marks'], ({ marks }) => {
    const found = (marks as Record<string, number | null> | null | undefined)?.[subject];
    return points(numberOf(found));
  });
}

function attributeSource(attribute: Attribute): Source {
  return source(['attributes'], ({ attributes }) => {
    const text = (attributes as Record<string, string> | null | undefined)?.[attribute.name];
    return text === undefined || text === '' ? null : typed(attribute, text);
  });
}

/**
 * Open applications that hold the file up: those opened before its deadline (file-life.md, revert).
 * The deadline is the day on which the phase's unregistered are reverted, or, where that is later
 * or not announced, the day after the file's own last day. A file that is not admitted has none,
 * and every open application counts.
 */
function countingApplications(values: SweepValues, { policy }: SweepCity): number {
  const opened = values.opened as readonly string[];
  const { phase, ownDay, reopenedUntil } = termOf(values);
  if (values.state !== 'admitted' || phase === null) return opened.length;
  const own = [ownDay ?? confirmationDay(policy, phase), reopenedUntil].filter(day => day !== null);
  const ends = own.map(day => daysAfter(day, 1));
  const revert = revertDay(policy, phase);
  const deadline = [...ends, ...(revert === null ? [] : [revert])].toSorted().at(-1);
  return opened.filter(day => deadline === undefined || day < deadline).length;
}

/** The first day on which a phase's unregistered are reverted already; null: not announced. */
export function revertDay(policy: FullPolicy, phase: string): string | null {
  const date = policy.deadlines.find(({ id }) => id === `${phase}-revert`)?.date ?? null;
  if (date === null) return null;
  const moment = valueById(policy, 'revert-moment', 'text').value;
  return moment === 'end' ? daysAfter(date, 1) : date;
}

function termOf(values: SweepValues) {
  return {
    phase: textOf(values.phase),
    ownDay: textOf(values.registerBy),
    reopenedUntil: textOf(values.reopenedUntil),
  };
}

function batchOf(values: SweepValues, { policy }: SweepCity) {
  return policy.batches.find(batch => batch.id === values.batch);
}

/** On the first day of the phase: of the admission, of the batch, or the latest begun. */
function ageOf(values: SweepValues, place: SweepCity): number | null {
  const { policy, date } = place;
  const birth = textOf(values.birthDate);
  const id =
    textOf(values.phase) ?? batchOf(values, place)?.phase ?? phaseBegunBy(policy, date)?.id;
  const day = policy.phases.find(phase => phase.id === id)?.window?.[0];
  return birth === null || day === undefined ? null : fullYears(birth, day);
}

/** Hundredths. */
function bonus(values: SweepValues, { preferences }: FullPolicy): number {
  return bonusOf(preferences, textOf(values.batch) ?? '', values.features as readonly string[]);
}

/** Hundredths; null: without a total. */
function scoreOf(values: SweepValues, policy: FullPolicy): number | null {
  const total = numberOf(values.total);
  return total === null ? null : total + bonus(values, policy);
}

/** null: without a score or a line of the region nobody can tell. */
function belowLine(values: SweepValues, { policy, city }: SweepCity): boolean | null {
  const batch = textOf(values.batch);
  const score = scoreOf(values, policy);
  if (batch === null || score === null) return null;
  const { region, schools } = linesOf(policy, city, batch);
  if (region === null) return null;
  return score < Math.max(region, schools.get(textOf(values.school) ?? '') ?? region);
}

function points(hundredths: number | null): number | null {
  return hundredths === null ? null : hundredths / 100;
}

function textOf(value: unknown): string | null {
  return typeof value === 'string' ? value : null;
}

function numberOf(value: unknown): number | null {
  return typeof value === 'number' ? value : null;
}
