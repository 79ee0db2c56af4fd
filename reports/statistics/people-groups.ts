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

type Codes = readonly (string | null)[];

/**
 * Groups: the codes of the dimensions `c1` …, and the measures; in no order. A plan has null where
 * the dimension is of people. The reader's scope must have been entered.
 */
export async function readPeopleGroups(
  session: Session,
  scope: ProgressScope,
  dimensions: readonly Dimension[],
): Promise<Row[]> {
  const { candidates, said } = await readAlong(session, () => meet(session, scope, dimensions));
  const groups = new Groups(dimensions.length);
  const kinds = candidates.kinds.texts().map(fieldsOf);
  const places = said.texts().map(fieldsOf);
  for (const [place, kind, n] of said.counted()) {
    const [city, state = null, ...codes] = places[place] ?? [];
    const [home, ...people] = kinds[kind] ?? [];
    if (city !== home) continue;
    const group = withPeople(codes, dimensions, people);
    for (const measure of measuresOf(state)) groups.add(group, measure, n);
  }
  for (const { planned, ...row } of await plannedBy(session, scope, dimensions)) {
    const codes = dimensions.map((_, at) => (row[`c${at + 1}`] as string | null) ?? null);
    groups.add(codes, 'planned', Number(planned));
  }
  return groups.rows();
}

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

/** Stands for the state where an item of a list is counted. */
const SENT = '';

function measuresOf(state: string | null): Measure[] {
  if (state === SENT) return ['sent'];
  const found = Object.entries(STATES).filter(([, states]) => states.includes(`'${state}'`));
  return found.map(([key]) => key as Measure);
}

/** The codes of places and those of people, in the order of the dimensions. */
function withPeople(places: Codes, dimensions: readonly Dimension[], people: Codes): Codes {
  let [place, person] = [0, 0];
  return dimensions.map(dimension => {
    const code = dimension.people === undefined ? places[place++] : people[person++];
    return code ?? null;
  });
}

/** Candidates, then their files and items: counted by what is said and who they are. */
async function meet(session: Session, scope: ProgressScope, dimensions: readonly Dimension[]) {
  const sql = statements(session, scope, dimensions);
  const candidates = new Candidates();
  await copyOutRaw(session, sql.candidates, (buffer, from, to) => {
    candidates.read(buffer, from, to - 1);
  });
  const said = new Meeting(candidates);
  for (const rows of [sql.files, sql.items]) {
    await copyOutRaw(session, rows, (buffer, from, to) => said.read(buffer, from, to - 1));
  }
  return { candidates, said };
}

/** COPY takes no parameters. Joins whose table no code is of, the planner leaves out. */
function statements(session: Session, scope: ProgressScope, dimensions: readonly Dimension[]) {
  const literal = (text: string) => session.client.escapeLiteral(text);
  const season = `${Number(scope.season)}::smallint`;
  const only = (of: string, ...columns: ('city' | 'school' | 'batch')[]) =>
    columns
      .map(key => (scope[key] === null ? '' : ` and ${of}.${key} = ${literal(scope[key])}`))
      .join('');
  const people = dimensions.map(({ people: sql }) => (sql === undefined ? '' : `, ${sql}`));
  const codes = dimensions.map(each => (each.people === undefined ? `, ${each.code}` : ''));
  const coded = (rows: string) =>
    `select w.file, w.city, w.state${codes.join('')} from (${rows}) w ${CODED}`.replaceAll(
      '$1::smallint',
      season,
    );
  return {
    candidates: `select c.file, c.city${people.join('')} from candidates c
      where c.season = ${season}${only('c', 'city')}`,
    files: coded(`select f.file, f.city, f.state, f.school, coalesce(f.major, '') as major,
        coalesce(f.batch, '') as batch
      from files f where f.season = ${season} and f.school is not null
      ${only('f', 'city', 'school', 'batch')}`),
    items: coded(`select i.file, i.city, '${SENT}' as state, l.school,
        coalesce(i.major, '') as major, l.batch
      from dispatch_lists l
      join list_items i on i.season = l.season and i.city = l.city and i.list = l.list
      where l.season = ${season} and l.state <> 'cancelled'
      ${only('l', 'city', 'school', 'batch')}`),
  };
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

/** What is said of each file, counted by the kind of its candidate. Rows: `FILE⇥CITY⇥…`. */
class Meeting {
  readonly #candidates: Candidates;
  readonly #said = new DistinctTexts();
  /** said × kinds + kind → how many; most pairs do not occur. */
  readonly #counts = new Map<number, number>();
  readonly #kinds: number;

  constructor(candidates: Candidates) {
    this.#candidates = candidates;
    this.#kinds = candidates.kinds.size;
  }

  read(buffer: Uint8Array, from: number, to: number): void {
    const tab = buffer.indexOf(TAB, from);
    const kind = this.#candidates.kindOf(fileOf(buffer, from, tab));
    if (kind < 0) return;
    const key = this.#said.numberOf(buffer, tab + 1, to) * this.#kinds + kind;
    this.#counts.set(key, (this.#counts.get(key) ?? 0) + 1);
  }

  texts(): string[] {
    return this.#said.texts();
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

/** Fields of a row in the COPY format. */
function fieldsOf(text: string): (string | null)[] {
  return text.split('\t').map(field => {
    if (field === '\\N') return null;
    return field.replace(/\\(.)/g, (_, meant) => ESCAPED[meant] ?? meant);
  });
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
