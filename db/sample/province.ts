/**
 * The synthetic province: what it is made of, from scale and seed alone, and its files as a data
 * package. The same options give the same bytes on any machine. db/sample/load.ts writes the same
 * rows straight into a database.
 */
import { ABSENT, formatHundredths } from '../../engine/decimal.ts';
import type { Attribute } from '../../engine/policy/types.ts';
import { CITIES } from './cities.ts';
import { People } from './people.ts';
import { apportion } from './random.ts';
import { makeReference, type Reference, type SmallTable } from './reference.ts';

export const SAMPLE_SEASON = 2016;
export const SAMPLE_BATCH = 'vocational';

/** Beside every made-up candidate; declared by the sample's policy as well. */
export const SAMPLE_ATTRIBUTES: readonly Attribute[] = [
  { name: 'height', type: 'number', title: '身高' },
  { name: 'vision', type: 'number', title: '裸眼视力' },
];

/** Junior graduates at scale 1: the sum of the cities. */
const GRADUATES = CITIES.reduce((sum, city) => sum + city.graduatesThousand * 1000, 0);
const PLACES = 560_000;
const STRESS_CANDIDATES = 1_300_000;
const STRESS_CHOICES = 8;
/** Of the stress size's candidates, so many find a place: nobody is held back by a senior high. */
const STRESS_PLACES_PER_CANDIDATE = 0.6;

export interface SampleOptions {
  /** Share of the full province; 1 unless told. */
  readonly scale?: number;
  readonly seed: number;
  /** stress: everybody takes part, with 8 choices; 1.3 million at scale 1. */
  readonly shape?: 'province' | 'stress';
  /** In all, instead of what scale and shape give. */
  readonly candidates?: number;
  /** Exactly so many for everybody, instead of what the shape gives. */
  readonly choicesPerCandidate?: number;
  /** Codes; all 22 unless told. */
  readonly cities?: readonly string[];
}

/** A province that is decided but not yet written down. */
export interface SampleProvince {
  readonly reference: Reference;
  /** By index of `reference.cities`. */
  readonly candidates: readonly number[];
  /** A maker of candidates, for one writer at a time. */
  people(): People;
}

/** Decides a sample: cities, schools, plan lines, and how many candidates. */
export function planProvince(options: SampleOptions): SampleProvince {
  const { seed, scale = 1, shape = 'province' } = options;
  const wanted = options.cities === undefined ? undefined : new Set(options.cities);
  const cities = CITIES.filter(city => wanted?.has(city.code) ?? true);
  const graduates = cities.map(city => city.graduatesThousand);
  const share = (graduates.reduce((sum, each) => sum + each, 0) * 1000) / GRADUATES;
  const stress = shape === 'stress';
  const total =
    options.candidates ??
    Math.round(stress ? STRESS_CANDIDATES * scale : GRADUATES * scale * share);
  const candidates = apportion(total, graduates);
  const size = total / (GRADUATES * share);
  const places = stress
    ? Math.round(total * STRESS_PLACES_PER_CANDIDATE)
    : Math.round(PLACES * size * share);
  const choices = options.choicesPerCandidate ?? (stress ? STRESS_CHOICES : undefined);
  const reference = makeReference(cities, size, places, seed, SAMPLE_BATCH);
  const people = () => new People(reference, { seed, candidates, choicesPerCandidate: choices });
  return { reference, candidates, people };
}

/** One CSV of the package, as db/package/write.ts takes it. */
export interface SampleFile {
  readonly name: string;
  readonly header: readonly string[];
  readonly rows: () => Iterable<Uint8Array>;
}

const HEADERS: Readonly<Record<string, string>> = {
  regions: 'code name parent level',
  offices: 'code name kind region school_kinds',
  schools: 'code name kind owner region supervisor roster',
  majors: 'code name school articulated college',
  subjects: 'city code name full order',
  plans: 'school major region batch planned',
  flexible: 'school region batch places',
  'school-status': 'school batch status region',
  candidates:
    'candidate_no name sex birth_date identity_no city county registration_point origin total ' +
    'height vision',
  scores: 'candidate_no subject score',
  preferences: 'candidate_no feature evidence confirmed_by',
  choices: 'candidate_no batch ordinal school majors adjustment',
  'senior-high': 'candidate_no school',
};

/** Text of this length becomes one chunk. */
const CHUNK_CHARACTERS = 1 << 17;

type PersonLines = (people: People) => string;

/**
 * The files of the package, in the order of their tables. Nothing in them needs quoting.
 *
 * @returns files whose rows are made when they are read, anew at each reading
 */
export function sampleFiles(province: SampleProvince): SampleFile[] {
  const { reference } = province;
  const small = [...reference.tables].map(([table, rows]) =>
    file(table, () => chunked(rows.map(row => `${row.join(',')}\n`))),
  );
  const big = Object.entries(PERSON_LINES).map(([table, lines]) =>
    file(table, () => chunked(eachPerson(province, lines))),
  );
  return [...small, ...big];
}

/** For the options of writePackage: this is made up, and every city has all senior-high data. */
export function sampleDescription(province: SampleProvince, name: string) {
  return {
    name,
    title: '示例省（全部数据均为虚构）',
    synthetic: true,
    season: SAMPLE_SEASON,
    seniorHighComplete: province.reference.cities.map(city => city.code),
    attributes: SAMPLE_ATTRIBUTES,
  };
}

function file(table: SmallTable | string, rows: () => Generator<Uint8Array>): SampleFile {
  const header = (HEADERS[table] ?? '').split(' ');
  return { name: `${table}.csv`, header, rows };
}

function* chunked(lines: Iterable<string>): Generator<Uint8Array> {
  let text = '';
  for (const line of lines) {
    text += line;
    if (text.length < CHUNK_CHARACTERS) continue;
    yield Buffer.from(text, 'utf8');
    text = '';
  }
  if (text !== '') yield Buffer.from(text, 'utf8');
}

function* eachPerson(province: SampleProvince, lines: PersonLines): Generator<string> {
  const people = province.people();
  for (const [c, count] of province.candidates.entries()) {
    for (let i = 0; i < count; i += 1) {
      people.go(c, i);
      const text = lines(people);
      if (text !== '') yield text;
    }
  }
}

const PERSON_LINES: Readonly<Record<string, PersonLines>> = {
  candidates: people => {
    people.score();
    const { name, birthDate, identity, county, point, height, vision } = people.person();
    const sex = people.male ? 'M' : 'F';
    const about = `${people.number},${name},${sex},${birthDate},${identity},${people.city.code}`;
    const total = formatHundredths(people.total);
    return `${about},${county},${point},${people.origin},${total},${height},${vision}\n`;
  },
  scores: people => {
    if (!people.examined) return '';
    people.score();
    const { number, marks } = people;
    let lines = '';
    for (const [s, subject] of people.city.subjects.entries()) {
      const mark = marks[s] === ABSENT ? '' : formatHundredths(marks[s]);
      lines += `${number},${subject.code},${mark}\n`;
    }
    return lines;
  },
  preferences: people => {
    if (!people.preference()) return '';
    const { number, feature, evidence, confirmedBy } = people;
    return `${number},${feature},${evidence},${confirmedBy}\n`;
  },
  choices: people => {
    people.choose();
    if (people.choiceCount === 0) return '';
    const head = `${people.number},${SAMPLE_BATCH},`;
    let lines = '';
    for (let n = 0; n < people.choiceCount; n += 1) {
      const { ordinal, school, majors, adjustment } = people.choices[n];
      lines += `${head}${ordinal},${school.code},${majors},${adjustment ? 'yes' : 'no'}\n`;
    }
    return lines;
  },
  'senior-high': people =>
    people.seniorHigh === '' ? '' : `${people.number},${people.seniorHigh}\n`,
};
