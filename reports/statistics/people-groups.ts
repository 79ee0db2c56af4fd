/**
 * The cells of progress.ts parted by what the candidates are, and grouped: by sex, origin, county
 * or score, of which plan lines say nothing.
 *
 * Every candidate meets a file and perhaps an item of a list. The server would hash a million
 * candidates for it, which takes two thirds of the time. So it streams each of the three tables
 * once, narrow and in bytes, while they meet here by the number of the file: four bytes are kept
 * for each candidate, and one number for each combination that occurs.
 */

import type { Session } from '../../db/connect.ts';
import { copyOutRaw } from '../../db/copy.ts';
import type { Row } from '../report.ts';
import { readAlong } from '../row-stream.ts';
import type { Dimension } from './dimensions.ts';
import { DistinctTexts } from './distinct-texts.ts';
import { type ProgressScope, progressValues, STATES } from './progress.ts';

const TAB = 9;
const ZERO = 48;
/** Candidates of a page: file numbers are the province's, and may begin anywhere. */
const PAGE_FILES = 1 << 16;

const MEASURES = ['planned', 'sent', 'reading', 'proposed', 'admitted', 'registered'] as const;
type Measure = (typeof MEASURES)[number];

/** Where somebody is, or was sent: a cell without the people. */
interface Place {
  readonly city: string;
  readonly school: string;
  readonly major: string;
  readonly batch: string;
  /** null: an item of a list. */
  readonly state: string | null;
}

/**
 * Groups: the codes of the dimensions `c1` …, and the measures; in no order. A plan has null where
 * the dimension is of people. The reader's scope must have been entered.
 *
 * @param majors false: no dimension asks for the major
 */
export async function readPeopleGroups(
  session: Session,
  scope: ProgressScope,
  dimensions: readonly Dimension[],
  majors: boolean,
): Promise<Row[]> {
  const { candidates, files, items, lists } = await readAlong(session, () =>
    meet(session, scope, dimensions, majors),
  );
  const groups = new Groups(dimensions.length);
  const kinds = candidates.kinds.texts().map(fieldsOf);
  const people = numbered(kinds, ([, ...values]) => values);
  for (const [meeting, placeOf] of [
    [files, placeOfFile],
    [items, (fields: readonly string[]) => placeOfItem(fields, lists)],
  ] as const) {
    const places = meeting.said.texts().map(text => placeOf(fieldsOf(text)));
    const codes = await codesOfPlaces(session, scope, dimensions, places);
    const own = numbered(places, (place, at) => [place?.state ?? null, ...(codes[at] ?? [])]);
    const counts = new Map<number, number>();
    for (const [said, kind, n] of meeting.counted()) {
      if (places[said] == null || places[said].city !== kinds[kind]?.[0]) continue;
      const key = own.numbers[said] * people.values.length + people.numbers[kind];
      counts.set(key, (counts.get(key) ?? 0) + n);
    }
    for (const [key, n] of counts) {
      const [state = null, ...values] = own.values[Math.floor(key / people.values.length)] ?? [];
      const found = people.values[key % people.values.length] ?? [];
      const group = withPeople(values, dimensions, found);
      for (const measure of measuresOf(state)) groups.add(group, measure, n);
    }
  }
  for (const { planned, ...row } of await plannedBy(session, scope, dimensions)) {
    const codes = dimensions.map((_, at) => (row[`c${at + 1}`] as string | null) ?? null);
    groups.add(codes, 'planned', Number(planned));
  }
  return groups.rows();
}

type Codes = readonly (string | null)[];

/** Measures by codes. */
class Groups {
  readonly #groups = new Map<string, Record<string, number | string | null>>();
  readonly #keys: readonly string[];

  constructor(dimensions: number) {
    this.#keys = Array.from({ length: dimensions }, (_, at) => `c${at + 1}`);
  }

  add(codes: Codes, measure: Measure, n: number): void {
    const name = JSON.stringify(codes);
    const group = this.#groups.get(name) ?? this.#empty(codes);
    this.#groups.set(name, group);
    group[measure] = Number(group[measure]) + n;
  }

  #empty(codes: Codes): Record<string, number | string | null> {
    return Object.fromEntries([
      ...this.#keys.map((key, at) => [key, codes[at] ?? null] as const),
      ...MEASURES.map(key => [key, 0] as const),
    ]);
  }

  rows(): Row[] {
    return [...this.#groups.values()];
  }
}

/** Distinct values of things, and the number of its value for each thing. */
function numbered<T>(
  things: readonly T[],
  codesOf: (thing: T, at: number) => Codes,
): { readonly values: readonly Codes[]; readonly numbers: Int32Array } {
  const known = new Map<string, number>();
  const values: Codes[] = [];
  const numbers = new Int32Array(things.length);
  for (const [at, thing] of things.entries()) {
    const value = codesOf(thing, at);
    const name = JSON.stringify(value);
    let number = known.get(name);
    if (number === undefined) {
      number = values.push(value) - 1;
      known.set(name, number);
    }
    numbers[at] = number;
  }
  return { values, numbers };
}

function measuresOf(state: string | null): Measure[] {
  if (state === null) return ['sent'];
  const found = Object.entries(STATES).filter(([, states]) => states.includes(`'${state}'`));
  return found.map(([key]) => key as Measure);
}

function withPeople(codes: Codes, dimensions: readonly Dimension[], people: Codes): Codes {
  let next = 0;
  return dimensions.map((dimension, at) => {
    if (dimension.people === undefined) return codes[at] ?? null;
    next += 1;
    return people[next - 1] ?? null;
  });
}

/** Candidates, then their files and items: counted by what is said and who they are. */
async function meet(
  session: Session,
  scope: ProgressScope,
  dimensions: readonly Dimension[],
  majors: boolean,
) {
  const { sql, lists } = await asked(session, scope, dimensions, majors);
  const candidates = new Candidates();
  await copyOutRaw(session, sql.candidates, (buffer, from, to) => {
    candidates.read(buffer, from, to - 1);
  });
  const files = new Meeting(candidates);
  await copyOutRaw(session, sql.files, (buffer, from, to) => files.read(buffer, from, to - 1));
  const items = new Meeting(candidates);
  await copyOutRaw(session, sql.items, (buffer, from, to) => items.read(buffer, from, to - 1));
  return { candidates, files, items, lists };
}

function placeOfFile(fields: readonly string[]): Place {
  const [city = '', school = '', major = '', batch = '', state = ''] = fields;
  return { city, school, major, batch, state };
}

/** null: the list is not asked for, or was cancelled. */
function placeOfItem(fields: readonly string[], lists: Lists): Place | null {
  const [city = '', list = '', major = ''] = fields;
  const found = lists.get(`${city} ${list}`);
  return found === undefined ? null : { city, ...found, major, state: null };
}

type Lists = ReadonlyMap<string, { readonly school: string; readonly batch: string }>;

/** COPY takes no parameters. */
async function asked(
  session: Session,
  scope: ProgressScope,
  dimensions: readonly Dimension[],
  majors: boolean,
) {
  const literal = (text: string) => session.client.escapeLiteral(text);
  const season = `season = ${Number(scope.season)}::smallint`;
  const city = (of: string) =>
    scope.city === null ? '' : `and ${of}.city = ${literal(scope.city)}`;
  const only = (column: 'school' | 'batch') =>
    scope[column] === null ? '' : `and f.${column} = ${literal(scope[column])}`;
  const people = dimensions.flatMap(({ people: sql }) => (sql === undefined ? [] : [`, ${sql}`]));
  const majorOf = (sql: string) => (majors ? `coalesce(${sql}, '')` : `''`);
  const sql = {
    candidates: `select c.file, c.city${people.join('')} from candidates c
      where c.${season} ${city('c')}`,
    files: `select f.file, f.city, f.school, ${majorOf('f.major')}, coalesce(f.batch, ''), f.state
      from files f where f.${season} and f.school is not null
      ${city('f')} ${only('school')} ${only('batch')}`,
    items: `select i.file, i.city, i.list, ${majorOf('i.major')} from list_items i
      where i.${season} ${city('i')}`,
  };
  return { sql, lists: await listsOf(session, scope) };
}

async function listsOf(session: Session, scope: ProgressScope): Promise<Lists> {
  const rows = await session.query<{ city: string; list: number; school: string; batch: string }>(
    `select l.city, l.list, l.school, l.batch from dispatch_lists l
     where l.season = $1::smallint and ($2::text is null or l.city = $2)
       and ($3::text is null or l.school = $3) and ($4::text is null or l.batch = $4)
       and ($5::text[] is null or l.school = any ($5)) and l.state <> 'cancelled'`,
    progressValues(scope),
  );
  return new Map(
    rows.map(({ city, list, school, batch }) => [`${city} ${list}`, { school, batch }]),
  );
}

/** Who is what, by the number of the file. Rows: `FILE⇥CITY⇥…`. */
class Candidates {
  /** City and what the candidate is. */
  readonly kinds = new DistinctTexts();
  /** Number of the kind + 1; 0: nobody. */
  readonly #pages: (Int32Array | undefined)[] = [];

  read(buffer: Uint8Array, from: number, to: number): void {
    const tab = buffer.indexOf(TAB, from);
    const file = fileOf(buffer, from, tab);
    const page = Math.floor(file / PAGE_FILES);
    const kinds = this.#pages[page] ?? new Int32Array(PAGE_FILES);
    this.#pages[page] = kinds;
    kinds[file % PAGE_FILES] = this.kinds.numberOf(buffer, tab + 1, to) + 1;
  }

  /** @returns -1: nobody has that file */
  kindOf(file: number): number {
    const kinds = this.#pages[Math.floor(file / PAGE_FILES)];
    return kinds === undefined ? -1 : (kinds[file % PAGE_FILES] as number) - 1;
  }
}

function fileOf(buffer: Uint8Array, from: number, to: number): number {
  let file = 0;
  for (let at = from; at < to; at += 1) file = file * 10 + (buffer[at] as number) - ZERO;
  return file;
}

/** What a table says of each file, counted by the kind of its candidate. Rows: `FILE⇥CITY⇥…`. */
class Meeting {
  readonly #candidates: Candidates;
  readonly said = new DistinctTexts();
  readonly #kinds: number;
  /** said × kinds + kind → how many. */
  readonly #counts = new Map<number, number>();

  constructor(candidates: Candidates) {
    this.#candidates = candidates;
    this.#kinds = candidates.kinds.size;
  }

  read(buffer: Uint8Array, from: number, to: number): void {
    const tab = buffer.indexOf(TAB, from);
    const kind = this.#candidates.kindOf(fileOf(buffer, from, tab));
    if (kind < 0) return;
    const key = this.said.numberOf(buffer, tab + 1, to) * this.#kinds + kind;
    this.#counts.set(key, (this.#counts.get(key) ?? 0) + 1);
  }

  /** What is said, of what kind, how often. */
  *counted(): Generator<readonly [said: number, kind: number, n: number]> {
    for (const [key, n] of this.#counts) {
      yield [Math.floor(key / this.#kinds), key % this.#kinds, n];
    }
  }
}

const ESCAPED: Readonly<Record<string, string>> = {
  ...{ b: '\b', f: '\f', n: '\n', r: '\r', t: '\t', v: '\v' },
};

/** Fields of a row in the COPY format, none of them null. */
function fieldsOf(text: string): string[] {
  const fields = text.split('\t');
  if (!text.includes('\\')) return fields;
  return fields.map(field => field.replace(/\\(.)/g, (_, meant) => ESCAPED[meant] ?? meant));
}

const CODED = `left join schools s on s.season = $1::smallint and s.code = w.school
  left join regions z on z.season = $1::smallint and z.code = s.region
  left join majors m on m.season = $1::smallint and m.school = w.school and m.code = w.major`;

/** Codes of the dimensions that are of places; null where one is of people. */
function codeColumns(dimensions: readonly Dimension[]): string {
  return dimensions
    .map(({ people, code }, at) => `${people === undefined ? code : 'null::text'} as c${at + 1}`)
    .join(', ');
}

/** In the order of the places; of null, none. */
async function codesOfPlaces(
  session: Session,
  { season }: ProgressScope,
  dimensions: readonly Dimension[],
  places: readonly (Place | null)[],
): Promise<Codes[]> {
  const { values, numbers } = numbered(places, place =>
    place === null ? [] : [place.city, place.school, place.major, place.batch],
  );
  const rows = await session.query<Row>(
    `select ${codeColumns(dimensions)}
     from unnest($2::text[], $3::text[], $4::text[], $5::text[])
       with ordinality w (city, school, major, batch, at) ${CODED} order by w.at`,
    [season, ...[0, 1, 2, 3].map(at => values.map(value => value[at] ?? null))],
  );
  const codes = rows.map(row => dimensions.map((_, at) => row[`c${at + 1}`] as string | null));
  return places.map((_, at) => codes[numbers[at] as number] ?? []);
}

function plannedBy(
  session: Session,
  scope: ProgressScope,
  dimensions: readonly Dimension[],
): Promise<Row[]> {
  return session.query<Row>(
    `select ${codeColumns(dimensions)}, sum(w.planned)::integer as planned
     from plan_lines w ${CODED}
     where w.season = $1::smallint and ($2::text is null or w.city = $2)
       and ($3::text is null or w.school = $3) and ($4::text is null or w.batch = $4)
       and ($5::text[] is null or w.school = any ($5))
     group by ${dimensions.map((_, at) => at + 1).join(', ')}`,
    progressValues(scope),
  );
}
