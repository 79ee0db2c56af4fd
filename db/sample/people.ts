/**
 * The candidates of the sample, made one at a time into fields that are used again: part by part,
 * each part from a random stream of its own, so that a writer makes only what it writes.
 */
import { ABSENT } from '../../engine/decimal.ts';
import type { City } from './cities.ts';
import { personName } from './names.ts';
import { PARTS, Stream } from './random.ts';
import type { Choosable, ChoosableSchool, Reference } from './reference.ts';

export interface PeopleOptions {
  readonly seed: number;
  /** Everybody takes part with exactly this many choices; undefined: as the spec's table says. */
  readonly choicesPerCandidate?: number;
  /** By index of the reference's cities. */
  readonly candidates: readonly number[];
}

export type Origin = 'fresh' | 'junior-graduate' | 'senior-graduate' | 'veteran' | 'migrant-worker';

/** Of a hundred candidates: how many list n schools, among those whom no senior high took … */
const CHOICES_FREE = [10, 13.8, 13.8, 16.6, 11.1, 6.9, 27.8];
/** … and among those whom one took: with 51 of 100 taken, 35 of 100 list none in all. */
const CHOICES_TAKEN = [52, 7.4, 7.4, 8.9, 5.9, 3.7, 14.7];
/** Majors per choice, 1 … 6: mean 2.5. */
const MAJORS_PER_CHOICE = [25, 33, 22, 11, 6, 3];
const CHOICES_MAX = 6;
/** Draws for one choice before it is left to chance elsewhere. */
const DRAWS_MAX = 8;

const OWN_CITY = 0.7;
const ADJUSTMENT = 0.8;
const ZERO_MARK = 0.003;
const ABSENT_IN_SOME = 0.02;
/** Correlation of a subject with ability 0.85 gives 0.72 between two subjects. */
const SUBJECT_LOADING = 0.85;

const FEATURES = ['minority', 'military-child', 'overseas-chinese', 'martyr-child'] as const;
const FEATURE_SHARES = [0.016, 0.007, 0.006, 0.001];
const EVIDENCE: Readonly<Record<string, string>> = {
  minority: '户口簿',
  'military-child': '部队政治机关证明',
  'overseas-chinese': '侨务部门证明',
  'martyr-child': '烈士证明书',
};

/** Birth dates of one school year; others are the same days of earlier years. */
const BIRTH_DAYS = 365;
const SEQUENCES = 500;
const NUMBERS_PER_PLACE = BIRTH_DAYS * SEQUENCES;
/** Coprime to NUMBERS_PER_PLACE: spreads neighbours over days and sequences without repeating. */
const SPREAD = 73_363;
/** A birth-place code that is not in use; the last two digits count up. */
const PLACE = '4499';

const WEIGHTS = [7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2];
const CHECK = '10X98765432';

export interface SampleChoice {
  ordinal: number;
  school: ChoosableSchool;
  majors: string;
  adjustment: boolean;
}

export class People {
  // Of the core part.
  cityIndex = 0;
  index = 0;
  origin: Origin = 'fresh';
  male = false;
  examined = false;
  seniorHigh = '';
  // Of the marks part: hundredths, by the city's subjects.
  total = ABSENT;
  readonly marks = new Int32Array(16);
  // Of the preferences part.
  feature = '';
  evidence = '';
  confirmedBy = '';
  // Of the choices part: the first `choiceCount` of them.
  choiceCount = 0;
  readonly choices: SampleChoice[] = [];

  readonly #reference: Reference;
  readonly #options: PeopleOptions;
  readonly #core: Stream;
  readonly #person: Stream;
  readonly #marks: Stream;
  readonly #choices: Stream;
  readonly #preferences: Stream;
  readonly #firstPlace: number[] = [];
  readonly #firstSerial: number[] = [];
  #city!: City;
  #choosable!: Choosable;
  #seniorHighs: readonly string[] = [];
  #ability = 0;

  constructor(reference: Reference, options: PeopleOptions) {
    this.#reference = reference;
    this.#options = options;
    const stream = (part: number) => new Stream(options.seed, part);
    this.#core = stream(PARTS.core);
    this.#person = stream(PARTS.person);
    this.#marks = stream(PARTS.marks);
    this.#choices = stream(PARTS.choices);
    this.#preferences = stream(PARTS.preferences);
    let place = 0;
    const serials = new Map<string, number>();
    for (const [c, city] of reference.cities.entries()) {
      const count = options.candidates[c];
      this.#firstPlace.push(place);
      place += Math.max(1, Math.ceil(count / NUMBERS_PER_PLACE));
      // Serials count per printed prefix, which Foshan and Shunde share.
      const prefix = city.code.slice(0, 4);
      this.#firstSerial.push(serials.get(prefix) ?? 1);
      serials.set(prefix, (serials.get(prefix) ?? 1) + count);
    }
  }

  /** Goes to a candidate and makes the core; every other part is made when called for. */
  go(cityIndex: number, index: number): void {
    if (this.#city === undefined || cityIndex !== this.cityIndex) {
      this.#city = this.#reference.cities[cityIndex];
      this.#choosable = this.#reference.choosable.get(this.#city.code) as Choosable;
      this.#seniorHighs = this.#reference.plan.seniorHighs.get(this.#city.code) ?? [];
    }
    this.cityIndex = cityIndex;
    this.index = index;
    const stream = this.#core.seek(cityIndex, index);
    this.#ability = stream.normal();
    this.male = stream.chance(0.53);
    const stress = this.#options.choicesPerCandidate !== undefined;
    const draw = stream.real();
    if (stress || draw < 0.965) this.origin = 'fresh';
    else if (draw < 0.992) this.origin = 'junior-graduate';
    else if (draw < 0.996) this.origin = 'senior-graduate';
    else this.origin = draw < 0.998 ? 'veteran' : 'migrant-worker';
    this.examined = stress || stream.chance(this.#city.examined);
    const taken = this.#ability + 0.5 * stream.normal() > -0.155;
    const school = this.#seniorHighs[stream.below(this.#seniorHighs.length)];
    const admitted = !stress && this.examined && taken && this.origin === 'fresh';
    this.seniorHigh = admitted ? (school ?? '') : '';
  }

  get city(): City {
    return this.#city;
  }

  /** `16` + the city's four digits + the serial: the policy's pattern. */
  get number(): string {
    const serial = this.#firstSerial[this.cityIndex] + this.index;
    return `16${this.#city.code.slice(0, 4)}${String(serial).padStart(8, '0')}`;
  }

  /** Name, birth date, identity number, county, point, attributes. */
  person(): Person {
    const stream = this.#person.seek(this.cityIndex, this.index);
    const name = personName(stream);
    const { counties } = this.#city;
    const county = counties[stream.below(counties.length)];
    const point = 1 + stream.below(20);
    const older = this.origin === 'fresh' ? 0 : 1 + stream.below(this.origin === 'veteran' ? 8 : 4);
    const block = Math.floor(this.index / NUMBERS_PER_PLACE);
    const spread = ((this.index % NUMBERS_PER_PLACE) * SPREAD) % NUMBERS_PER_PLACE;
    const birthDate = dateOf(spread % BIRTH_DAYS, older);
    const sequence = 2 * Math.floor(spread / BIRTH_DAYS) + (this.male ? 1 : 0);
    const place = PLACE + String(this.#firstPlace[this.cityIndex] + block).padStart(2, '0');
    const digits = place + birthDate.replaceAll('-', '') + String(sequence).padStart(3, '0');
    const measured = stream.chance(0.9);
    const height = (this.male ? 167 : 158) + Math.round(stream.normal() * 13) / 2;
    const vision = 40 + Math.min(13, Math.max(0, Math.round(8.5 + 3 * stream.normal())));
    return {
      name,
      birthDate,
      identity: digits + checkCharacter(digits),
      county: county?.code ?? '',
      point: `${county?.code ?? this.#city.code}${String(point).padStart(2, '0')}`,
      height: measured ? String(height) : '',
      vision: measured ? (vision % 10 === 0 ? String(vision / 10) : (vision / 10).toFixed(1)) : '',
    };
  }

  /** Marks in half points and their sum; the sum is absent for who was not examined. */
  score(): void {
    const { subjects } = this.#city;
    if (!this.examined) {
      this.marks.fill(ABSENT, 0, subjects.length);
      this.total = ABSENT;
      return;
    }
    const stream = this.#marks.seek(this.cityIndex, this.index);
    const odd = stream.real();
    const missed = odd < ABSENT_IN_SOME ? stream.below(subjects.length) : -1;
    const zero = odd > 1 - ZERO_MARK ? stream.below(subjects.length) : -1;
    const rest = Math.sqrt(1 - SUBJECT_LOADING * SUBJECT_LOADING);
    let total = 0;
    for (let s = 0; s < subjects.length; s += 1) {
      const z = SUBJECT_LOADING * this.#ability + rest * stream.normal();
      // The square makes the lower tail the longer one.
      const share = 0.64 + 0.18 * z - 0.033 * (z * z - 1);
      const halves = Math.round(Math.min(1, Math.max(0.02, share)) * subjects[s].full * 2);
      const mark = s === zero ? 0 : halves * 50;
      this.marks[s] = s === missed ? ABSENT : mark;
      if (s !== missed) total += mark;
    }
    this.total = total;
  }

  /** @returns whether the candidate has a preference feature */
  preference(): boolean {
    const stream = this.#preferences.seek(this.cityIndex, this.index);
    let draw = stream.real();
    for (const [f, share] of FEATURE_SHARES.entries()) {
      if (draw < share) {
        this.feature = FEATURES[f] as string;
        this.evidence = EVIDENCE[this.feature] ?? '';
        this.confirmedBy = stream.chance(0.95) ? `city-${this.#city.code}-2` : '';
        return true;
      }
      draw -= share;
    }
    return false;
  }

  /** The list of choices, each school once. */
  choose(): void {
    const stream = this.#choices.seek(this.cityIndex, this.index);
    const fixed = this.#options.choicesPerCandidate;
    const taken = this.seniorHigh !== '' || !this.examined;
    const wanted = fixed ?? drawSmall(stream, taken ? CHOICES_TAKEN : CHOICES_FREE);
    this.choiceCount = 0;
    for (let tries = 0; this.choiceCount < wanted && tries < wanted * 2; tries += 1) {
      this.#addOne(stream);
    }
    this.#fill(wanted);
    // Most put the school that is hardest to get into first.
    if (stream.chance(0.6)) this.#sort();
    const gap =
      fixed === undefined && this.choiceCount < CHOICES_MAX && stream.chance(0.02) ? 1 : 0;
    for (let i = 0; i < this.choiceCount; i += 1) {
      const choice = this.choices[i];
      choice.ordinal = i + 1 + (i > 0 ? gap : 0);
      choice.adjustment = stream.chance(ADJUSTMENT);
      choice.majors = majorsOf(choice.school, stream);
    }
  }

  /** Settles own city or away first, so that a school drawn twice does not push people away. */
  #addOne(stream: Stream): void {
    const { own, ownDraw, away, awayDraw } = this.#choosable;
    const stays = away.length === 0 || (own.length > 0 && stream.chance(OWN_CITY));
    for (let tries = 0; tries < DRAWS_MAX; tries += 1) {
      const school = stays ? own[ownDraw.draw(stream)] : away[awayDraw.draw(stream)];
      if (this.#add(school)) return;
    }
  }

  #add(school: ChoosableSchool): boolean {
    for (let i = 0; i < this.choiceCount; i += 1) {
      if (this.choices[i].school === school) return false;
    }
    const choice = this.choices[this.choiceCount];
    if (choice === undefined) {
      this.choices.push({ ordinal: 0, school, majors: '', adjustment: false });
    } else choice.school = school;
    this.choiceCount += 1;
    return true;
  }

  /** Where luck ran out of schools: the most popular ones that are not listed yet. */
  #fill(wanted: number): void {
    const { own, away } = this.#choosable;
    for (let i = 0; this.choiceCount < wanted && i < own.length; i += 1) this.#add(own[i]);
    for (let i = 0; this.choiceCount < wanted && i < away.length; i += 1) this.#add(away[i]);
  }

  #sort(): void {
    const { choices } = this;
    for (let i = 1; i < this.choiceCount; i += 1) {
      const { school } = choices[i];
      let at = i;
      for (; at > 0 && choices[at - 1].school.popularity > school.popularity; at -= 1) {
        choices[at].school = choices[at - 1].school;
      }
      choices[at].school = school;
    }
  }
}

export interface Person {
  readonly name: string;
  readonly birthDate: string;
  readonly identity: string;
  readonly county: string;
  readonly point: string;
  /** Centimetres; empty: not measured. */
  readonly height: string;
  readonly vision: string;
}

/** Draws from a handful of percentages. */
function drawSmall(stream: Stream, percent: readonly number[]): number {
  let draw = stream.real() * 100;
  for (let i = 0; i < percent.length; i += 1) {
    draw -= percent[i];
    if (draw < 0) return i;
  }
  return percent.length - 1;
}

function majorsOf(school: ChoosableSchool, stream: Stream): string {
  const from = stream.chance(0.05) ? school.allMajors : school.majors;
  const count = Math.min(from.length, 1 + drawSmall(stream, MAJORS_PER_CHOICE));
  // A walk round the list with a random beginning and step lists none twice.
  let at = stream.below(from.length);
  let majors = from[at];
  const step = 1 + stream.below(3);
  const seen = from.length % step === 0 && step > 1 ? 1 : step;
  for (let n = 1; n < count; n += 1) {
    at = (at + seen) % from.length;
    majors += ` ${from[at]}`;
  }
  return majors;
}

const DATES = Array.from({ length: BIRTH_DAYS }, (_, day) => {
  const date = new Date(Date.UTC(2000, 8, 1 + day));
  return { year: date.getUTCFullYear(), rest: date.toISOString().slice(4, 10) };
});

/** The n-th day from 2000-09-01, or of an earlier year. */
function dateOf(day: number, older: number): string {
  const { year, rest } = DATES[day];
  return `${year - older}${rest}`;
}

/** The last character of an identity number (GB 11643), from its first 17 digits. */
function checkCharacter(digits: string): string {
  let sum = 0;
  for (let i = 0; i < 17; i += 1) sum += (digits.charCodeAt(i) - 48) * WEIGHTS[i];
  return CHECK[sum % 11];
}
