/**
 * Everything of the sample that is not about people: the small tables of the data package, as rows
 * of cells in the order of their columns (db/package/schema.ts), and what candidates choose from.
 */
import { type City, PROVINCE } from './cities.ts';
import { PARTS, Stream, Weighted } from './random.ts';
import { makeSchools, type SampleSchool, type SchoolPlan } from './schools.ts';

export type SmallTable =
  | 'regions'
  | 'offices'
  | 'schools'
  | 'majors'
  | 'subjects'
  | 'plans'
  | 'flexible'
  | 'school-status';

export type Rows = readonly (readonly string[])[];

/** Chosen by own city's schools and by schools from elsewhere apart; most popular first. */
export interface Choosable {
  readonly own: readonly ChoosableSchool[];
  readonly ownDraw: Weighted;
  readonly away: readonly ChoosableSchool[];
  readonly awayDraw: Weighted;
}

export interface ChoosableSchool {
  readonly code: string;
  /** Place in the city's order of popularity. */
  readonly popularity: number;
  /** Codes of the majors with places for the city. */
  readonly majors: readonly string[];
  /** Codes of all its majors: a few candidates list one that takes nobody from their city. */
  readonly allMajors: readonly string[];
}

export interface Reference {
  readonly cities: readonly City[];
  readonly batch: string;
  readonly plan: SchoolPlan;
  readonly tables: ReadonlyMap<SmallTable, Rows>;
  /** By city code. */
  readonly choosable: ReadonlyMap<string, Choosable>;
}

const ZIPF_EXPONENT = 0.9;
const FLEXIBLE_SHARE = 0.02;
const CLOSED_SCHOOLS = 0.01;

/** The reference data of a sample; see makeSchools for size and places. */
export function makeReference(
  cities: readonly City[],
  size: number,
  places: number,
  seed: number,
  batch: string,
): Reference {
  const plan = makeSchools(cities, size, places, seed);
  const stream = new Stream(seed, PARTS.reference).seek(0, 1);
  const admitting = plan.schools.filter(school => school.kind !== 'senior-high');
  const tables = new Map<SmallTable, Rows>([
    ['regions', regions(cities)],
    ['offices', offices(cities)],
    ['schools', plan.schools.map(schoolRow)],
    ['majors', admitting.flatMap(majorRows)],
    ['subjects', cities.flatMap(subjectRows)],
    [
      'plans',
      plan.lines.map(line => [
        line.school.code,
        line.major.code,
        line.city.code,
        batch,
        String(line.planned),
      ]),
    ],
    ['flexible', flexible(plan, batch, stream)],
    ['school-status', statuses(admitting, batch, stream)],
  ]);
  const choosable = new Map(cities.map(city => [city.code, choosableIn(city, plan, stream)]));
  return { cities, batch, plan, tables, choosable };
}

function regions(cities: readonly City[]): Rows {
  return [
    [PROVINCE.code, PROVINCE.name, '', 'province'],
    ...cities.flatMap(city => [
      [city.code, city.name, PROVINCE.code, 'city'],
      ...city.counties.map(county => [county.code, county.name, city.code, 'county']),
    ]),
  ];
}

function offices(cities: readonly City[]): Rows {
  const places = [PROVINCE, ...cities];
  const rows = places.flatMap(({ code, name }) => [
    [`ZB${code}`, `${name}招生委员会办公室`, 'admission', code, 'vocational'],
    [`JY${code}`, `${name}教育局`, 'education', code, 'vocational'],
    [`JX${code}`, `${name}技工学校招生办公室`, 'technical-admission', code, 'technical'],
  ]);
  const counties = cities.flatMap(city => city.counties);
  const below = counties.map(({ code, name }) => [
    `ZB${code}`,
    `${name}招生办公室`,
    'admission',
    code,
    'vocational',
  ]);
  return [...rows, ...below];
}

function schoolRow(school: SampleSchool): string[] {
  const { code, name, kind, owner, region, supervisor, roster } = school;
  return [code, name, kind, owner, region, supervisor, roster];
}

function majorRows(school: SampleSchool): string[][] {
  return school.majors.map(major => [
    major.code,
    major.name,
    school.code,
    major.college === '' ? 'no' : 'yes',
    major.college,
  ]);
}

function subjectRows(city: City): string[][] {
  return city.subjects.map(({ code, name, full }, i) => [
    city.code,
    code,
    name,
    String(full),
    String(i + 1),
  ]);
}

/** About half of the schools hold places in their own city that are bound to no major. */
function flexible(plan: SchoolPlan, batch: string, stream: Stream): Rows {
  const own = plan.lines.filter(line => line.school.region === line.city.code);
  const bySchool = Map.groupBy(own, line => line.school);
  return [...bySchool].flatMap(([school, lines]) => {
    const planned = lines.reduce((sum, line) => sum + line.planned, 0);
    if (!stream.chance(0.5)) return [];
    const places = Math.max(1, Math.round(planned * FLEXIBLE_SHARE));
    return [[school.code, school.region, batch, String(places)]];
  });
}

/**
 * One school in a hundred is suspended or finished; the columns are school, batch, status, region.
 */
function statuses(schools: readonly SampleSchool[], batch: string, stream: Stream): Rows {
  return schools.flatMap(school => {
    if (!stream.chance(CLOSED_SCHOOLS)) return [];
    return [[school.code, batch, stream.chance(0.5) ? 'suspended' : 'finished', '']];
  });
}

function choosableIn(city: City, plan: SchoolPlan, stream: Stream): Choosable {
  const lines = plan.lines.filter(line => line.city === city && line.planned > 0);
  const ranked = [...Map.groupBy(lines, line => line.school)]
    .map(([school, own]) => ({
      school,
      majors: own.map(line => line.major.code),
      // What is large is known, but fame goes its own ways as well.
      fame: (plan.weight.get(school.code) ?? 1) * Math.exp(0.5 * stream.normal()),
    }))
    .sort((a, b) => b.fame - a.fame)
    .map(({ school, majors }, popularity) => ({
      code: school.code,
      popularity,
      majors,
      allMajors: school.majors.map(major => major.code),
      own: school.region === city.code && !school.code.startsWith('4400'),
    }));
  const own = ranked.filter(school => school.own);
  const away = ranked.filter(school => !school.own);
  const zipf = (schools: readonly unknown[]) =>
    new Weighted(schools.map((_, rank) => (rank + 1) ** -ZIPF_EXPONENT));
  return { own, ownDraw: zipf(own), away, awayDraw: zipf(away) };
}
