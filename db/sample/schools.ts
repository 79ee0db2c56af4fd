/**
 * The schools of the sample with their majors and plan lines, in the proportions of the spec's
 * table: about 630 with a plan at scale 1, 560 thousand places, 35 to 60 thousand plan lines.
 */
import { CITIES, type City, PROVINCE } from './cities.ts';
import { COLLEGE_WORDS, MAJOR_NAMES, schoolName } from './names.ts';
import { apportion, PARTS, Stream, Weighted } from './random.ts';

export interface SampleMajor {
  readonly code: string;
  readonly name: string;
  readonly college: string;
}

export interface SampleSchool {
  readonly code: string;
  readonly name: string;
  readonly kind: 'senior-high' | 'vocational' | 'technical';
  readonly owner: 'ministry' | 'province' | 'city' | 'county' | 'private' | 'out-of-province';
  readonly region: string;
  readonly supervisor: string;
  readonly roster: 'here' | 'external';
  readonly majors: readonly SampleMajor[];
}

export interface SampleLine {
  readonly school: SampleSchool;
  readonly major: SampleMajor;
  readonly city: City;
  readonly planned: number;
}

/** At scale 1, over the whole province. */
const GUANGZHOU = { code: '440100', vocational: 86, technical: 58 };
const OTHER_VOCATIONAL = 324;
const OTHER_TECHNICAL = 92;
const PROVINCIAL_VOCATIONAL = 40;
const PROVINCIAL_TECHNICAL = 10;
const OUT_OF_PROVINCE = 20;
const GRADUATES_PER_SENIOR_HIGH = 3_000;

const OWN_CITY_SHARE = 0.62;
/** Guangzhou has schools for half the province. */
const GUANGZHOU_OWN_SHARE = 0.4;
const ARTICULATED_SCHOOLS = 0.26;
const ZERO_LINE_KEPT = 0.05;

/** Prefixes of neighbouring provinces for the schools from outside. */
const OUTSIDE = [
  ['4500', '广西'],
  ['4300', '湖南'],
  ['3600', '江西'],
  ['3500', '福建'],
] as const;

interface Group {
  readonly share: number;
  readonly schools: SampleSchool[];
}

export interface SchoolPlan {
  readonly schools: readonly SampleSchool[];
  readonly seniorHighs: ReadonlyMap<string, readonly string[]>;
  readonly lines: readonly SampleLine[];
  /** By school code; what draws applicants, and what places follow. */
  readonly weight: ReadonlyMap<string, number>;
}

/**
 * @param size share of the full province: how many schools there are falls with its root, so that
 *   a small sample keeps schools large enough to compete for
 * @param places planned places in all
 */
export function makeSchools(
  cities: readonly City[],
  size: number,
  places: number,
  seed: number,
): SchoolPlan {
  const stream = new Stream(seed, PARTS.reference).seek(0, 0);
  const density = Math.sqrt(Math.min(1, size));
  const seat = cities.some(city => city.code === GUANGZHOU.code) ? GUANGZHOU : PROVINCE;
  const maker = new SchoolMaker(stream, seat.code);
  const city: Group = { share: 0.58, schools: [] };
  const technical: Group = { share: 0.36, schools: [] };
  const provincial: Group = { share: 0.05, schools: [] };
  const outside: Group = { share: 0.01, schools: [] };
  for (const { place, vocational, trades } of schoolCounts(density)) {
    if (!cities.includes(place)) continue;
    for (let n = 0; n < vocational; n += 1) city.schools.push(maker.cityVocational(place, n));
    for (let n = 0; n < trades; n += 1) technical.schools.push(maker.cityTechnical(place, n));
  }
  const some = (count: number, least: number) => Math.max(least, Math.round(count * density));
  for (let n = 0; n < some(PROVINCIAL_VOCATIONAL, 8); n += 1) {
    provincial.schools.push(maker.provincial('vocational', n));
  }
  for (let n = 0; n < some(PROVINCIAL_TECHNICAL, 1); n += 1) {
    provincial.schools.push(maker.provincial('technical', n));
  }
  for (let n = 0; n < some(OUT_OF_PROVINCE, 2); n += 1) outside.schools.push(maker.outside(n));
  const seniorHighs = new Map(
    cities.map(place => [place.code, maker.seniorHighs(place, size).map(school => school.code)]),
  );
  const groups = [city, technical, provincial, outside];
  const { lines, weight } = planLines(groups, cities, places, stream);
  return { schools: maker.schools, seniorHighs, lines, weight };
}

function schoolCounts(density: number) {
  const others = CITIES.filter(place => place.code !== GUANGZHOU.code);
  const graduates = others.map(place => place.graduatesThousand);
  const vocational = apportion(OTHER_VOCATIONAL, graduates);
  const technical = apportion(OTHER_TECHNICAL, graduates);
  return CITIES.map(place => {
    const index = others.indexOf(place);
    const full =
      index === -1 ? GUANGZHOU : { vocational: vocational[index], technical: technical[index] };
    return {
      place,
      vocational: Math.max(2, Math.round(full.vocational * density)),
      trades: Math.max(1, Math.round(full.technical * density)),
    };
  });
}

class SchoolMaker {
  readonly schools: SampleSchool[] = [];
  readonly #stream: Stream;
  /** The region of the provincial schools. */
  readonly #seat: string;

  constructor(stream: Stream, seat: string) {
    this.#stream = stream;
    this.#seat = seat;
  }

  cityVocational(place: City, n: number): SampleSchool {
    const draw = this.#stream.real();
    const owner = draw < 0.55 ? 'city' : draw < 0.85 ? 'county' : 'private';
    return this.#add({
      code: schoolCode(place, 'vocational', n),
      name: schoolName(shortName(place), n, '职业技术学校'),
      kind: 'vocational',
      owner,
      region: place.code,
      supervisor: `JY${place.code}`,
      roster: 'here',
      majors: this.#majors(true),
    });
  }

  cityTechnical(place: City, n: number): SampleSchool {
    return this.#add({
      code: schoolCode(place, 'technical', n),
      name: schoolName(shortName(place), n, '技工学校'),
      kind: 'technical',
      owner: this.#stream.chance(0.7) ? 'city' : 'private',
      region: place.code,
      supervisor: `JX${place.code}`,
      roster: 'external',
      majors: this.#majors(true),
    });
  }

  provincial(kind: 'vocational' | 'technical', n: number): SampleSchool {
    return this.#add({
      code: `4400${numbered(kind === 'vocational' ? 1 + n : 301 + n)}`,
      name: schoolName('广东省', n, kind === 'vocational' ? '中等职业学校' : '技师学院'),
      kind,
      owner: kind === 'vocational' && n < 2 ? 'ministry' : 'province',
      region: this.#seat,
      supervisor: `${kind === 'vocational' ? 'JY' : 'JX'}${PROVINCE.code}`,
      roster: kind === 'vocational' ? 'here' : 'external',
      majors: this.#majors(true),
    });
  }

  outside(n: number): SampleSchool {
    const [prefix, place] = OUTSIDE[n % OUTSIDE.length] as (typeof OUTSIDE)[number];
    return this.#add({
      code: `${prefix}${numbered(1 + Math.floor(n / OUTSIDE.length))}`,
      name: schoolName(place, n, '职业技术学校'),
      kind: 'vocational',
      owner: 'out-of-province',
      region: PROVINCE.code,
      supervisor: '',
      roster: 'here',
      majors: this.#majors(false),
    });
  }

  seniorHighs(place: City, size: number): SampleSchool[] {
    const graduates = place.graduatesThousand * 1000 * size;
    const count = Math.max(1, Math.min(90, Math.round(graduates / GRADUATES_PER_SENIOR_HIGH)));
    return Array.from({ length: count }, (_, n) =>
      this.#add({
        code: schoolCode(place, 'senior-high', n),
        name: schoolName(shortName(place), n, '中学'),
        kind: 'senior-high',
        owner: 'city',
        region: place.code,
        supervisor: `JY${place.code}`,
        roster: 'here',
        majors: [],
      }),
    );
  }

  #add(school: SampleSchool): SampleSchool {
    this.schools.push(school);
    return school;
  }

  /** About 11 majors a school; in some schools two or three are articulated 三二分段. */
  #majors(mayArticulate: boolean): SampleMajor[] {
    const stream = this.#stream;
    const count = 8 + stream.below(7);
    let articulated = 0;
    if (mayArticulate && stream.chance(ARTICULATED_SCHOOLS)) articulated = 2 + stream.below(2);
    const names = new Set<string>();
    while (names.size < count) names.add(MAJOR_NAMES[stream.below(MAJOR_NAMES.length)] as string);
    return [...names].map((name, i) => ({
      code: String(i + 1).padStart(2, '0'),
      name: i < articulated ? `${name}（三二分段）` : name,
      college: i < articulated ? collegeName(stream) : '',
    }));
  }
}

function collegeName(stream: Stream): string {
  const place = ['广东', '广州', '深圳', '佛山'][stream.below(4)];
  return `${place}${COLLEGE_WORDS[stream.below(COLLEGE_WORDS.length)]}职业技术学院（示例）`;
}

/** City's first four digits and a number; Foshan and Shunde share the digits, not the numbers. */
function schoolCode(place: City, kind: SampleSchool['kind'], n: number): string {
  const first =
    place.code === '440606'
      ? { vocational: 201, technical: 451, 'senior-high': 901 }
      : { vocational: 1, technical: 301, 'senior-high': 601 };
  return place.code.slice(0, 4) + numbered(first[kind] + n);
}

function numbered(n: number): string {
  return String(n).padStart(3, '0');
}

function shortName(place: City): string {
  return place.name.slice(0, -1);
}

function planLines(
  groups: readonly Group[],
  cities: readonly City[],
  places: number,
  stream: Stream,
): Pick<SchoolPlan, 'lines' | 'weight'> {
  const lines: SampleLine[] = [];
  const weight = new Map<string, number>();
  const byGraduates = new Weighted(cities.map(place => place.graduatesThousand));
  for (const { share, schools } of groups) {
    const weights = schools.map(() => Math.exp(0.6 * stream.normal()));
    const planned = apportion(Math.round(places * share), weights);
    for (const [index, school] of schools.entries()) {
      weight.set(school.code, weights[index]);
      const shares = sourceShares(school, cities, byGraduates, stream);
      const bySource = apportion(planned[index], [...shares.values()]);
      const popular = school.majors.map(() => Math.exp(0.5 * stream.normal()));
      for (const [source, city] of [...shares.keys()].entries()) {
        const byMajor = apportion(bySource[source], popular);
        for (const [m, major] of school.majors.entries()) {
          if (byMajor[m] === 0 && !stream.chance(ZERO_LINE_KEPT)) continue;
          lines.push({ school, major, city, planned: byMajor[m] });
        }
      }
    }
  }
  return { lines, weight };
}

/** Which cities a school takes from, and in which proportion. */
function sourceShares(
  school: SampleSchool,
  cities: readonly City[],
  byGraduates: Weighted,
  stream: Stream,
): Map<City, number> {
  if (school.code.startsWith('4400')) {
    return new Map(cities.map(city => [city, city.graduatesThousand]));
  }
  const own = cities.find(city => city.code === school.region);
  const shares = new Map<City, number>();
  const ownShare = school.region === GUANGZHOU.code ? GUANGZHOU_OWN_SHARE : OWN_CITY_SHARE;
  if (own !== undefined) shares.set(own, ownShare);
  const wanted = Math.min(cities.length, 5 + stream.below(4));
  const others: City[] = [];
  while (shares.size < wanted) {
    const city = cities[byGraduates.draw(stream)];
    if (shares.has(city)) continue;
    shares.set(city, 0);
    others.push(city);
  }
  for (const city of others) shares.set(city, (1 - ownShare) / others.length);
  return shares;
}
