/**
 * The small tables of a run – regions, schools, majors, plan lines, flexible quota, subjects – in
 * the order that everything else relies on (by the bytes of their codes), and checked.
 */
import { compareText } from './bytes.ts';
import { fail } from './errors.ts';
import type { Major, PlanLine, Region, School, Subject } from './world.ts';

/** School indexes are 16 bits; 0xffff stands for an unknown school. */
export const SCHOOLS_MAX = 0xfffe;
/** Far above any plan; keeps `planned × ratio` an exact integer by a wide margin. */
export const PLACES_MAX = 1_000_000;

export type SchoolRow = Omit<School, 'status'>;

/** A row of school-status.csv for this batch; region '' is every city, and a city's row wins. */
export interface SchoolStatusRow {
  readonly school: string;
  readonly region: string;
  readonly status: School['status'];
}

/** What CityBuilder is made with: the run's scope, and the tables that are small. Any row order. */
export interface CityInput {
  readonly season: number;
  readonly city: string;
  readonly batch: string;
  readonly round: number;
  /** The run's business date, `YYYY-MM-DD`. */
  readonly date: string;
  /** Whole tables. */
  readonly regions: readonly Region[];
  readonly schools: readonly SchoolRow[];
  readonly majors: readonly Major[];
  /** Rows of this batch; those of other cities are passed over. */
  readonly statuses: readonly SchoolStatusRow[];
  /** Rows of this city and batch only. */
  readonly lines: readonly PlanLine[];
  readonly flexible: readonly { readonly school: string; readonly places: number }[];
  /** Of this city, in any order: a subject's position here is its slot in `mark`. */
  readonly subjects: readonly Subject[];
  /** Names of the attributes that the policy declares, in its order. */
  readonly attributes: readonly string[];
}

export interface Reference {
  readonly regions: readonly Region[];
  readonly schools: readonly School[];
  readonly majors: readonly Major[];
  readonly lines: readonly PlanLine[];
  readonly flexible: ReadonlyMap<string, number>;
  readonly subjects: readonly Subject[];
}

/**
 * Sorts and checks the small tables. Each fault here is one that an import reports with its place;
 * it is looked for again because a run on a doubled plan line would place too many.
 *
 * @throws too-many-schools, duplicate-code, unknown-code, count-out-of-range
 */
export function referenceOf(input: CityInput): Reference {
  if (input.schools.length > SCHOOLS_MAX) {
    throw fail('too-many-schools', { count: input.schools.length, limit: SCHOOLS_MAX });
  }
  const status = statusesOf(input);
  const schools = sorted(
    'schools.csv',
    input.schools.map(school => ({ ...school, status: status.get(school.code) ?? 'open' })),
    school => [school.code],
  );
  const known = new Set(schools.map(school => school.code));
  const majors = sorted('majors.csv', input.majors, major => [major.school, major.code]);
  const taught = new Set(majors.map(major => keyOf([major.school, major.code])));
  const lines = sorted('plans.csv', input.lines, line => [line.school, line.major]);
  for (const line of lines) {
    const code = `${line.school} ${line.major}`;
    if (!known.has(line.school) || !taught.has(keyOf([line.school, line.major]))) {
      throw fail('unknown-code', { table: 'plans.csv', code });
    }
    requireCount('plans.csv', code, line.planned);
  }
  const flexible = sorted('flexible.csv', input.flexible, row => [row.school]);
  for (const row of flexible) {
    if (!known.has(row.school)) {
      throw fail('unknown-code', { table: 'flexible.csv', code: row.school });
    }
    requireCount('flexible.csv', row.school, row.places);
  }
  return {
    regions: sorted('regions.csv', input.regions, region => [region.code]),
    schools,
    majors,
    lines,
    flexible: new Map(flexible.map(row => [row.school, row.places])),
    subjects: sorted('subjects.csv', input.subjects, subject => [subject.code]),
  };
}

/** Two codes as one key: no code holds a NUL, and none is longer for being joined. */
export function keyOf(codes: readonly string[]): string {
  return codes.join('\u0000');
}

function statusesOf(input: CityInput): Map<string, School['status']> {
  const status = new Map<string, School['status']>();
  for (const wanted of ['', input.city]) {
    for (const row of input.statuses) {
      if (row.region === wanted) status.set(row.school, row.status);
    }
  }
  return status;
}

function sorted<T>(
  table: string,
  rows: readonly T[],
  codesOf: (row: T) => readonly string[],
): readonly T[] {
  const keyed = rows.map(row => ({ row, key: keyOf(codesOf(row)) }));
  keyed.sort((a, b) => compareText(a.key, b.key));
  keyed.forEach((entry, at) => {
    if (at > 0 && entry.key === keyed[at - 1].key) {
      throw fail('duplicate-code', { table, code: codesOf(entry.row).join(' ') });
    }
  });
  return Object.freeze(keyed.map(entry => entry.row));
}

function requireCount(table: string, code: string, count: number): void {
  if (!Number.isInteger(count) || count < 0 || count > PLACES_MAX) {
    throw fail('count-out-of-range', { table, code, count, limit: PLACES_MAX });
  }
}
