/**
 * The cells of progress.ts parted by what the candidates are, and grouped: by sex, origin, county
 * or score, of which plan lines say nothing.
 *
 * Every candidate meets a file and perhaps an item of a list. The server would hash a million
 * candidates for it, which takes two thirds of the time, and to hand a row of each to this process
 * takes as long. So it groups each of the three tables by itself, on all its processors, and hands
 * on the numbers of the files of each group as bytes. They meet here: four bytes are kept for each
 * candidate, and one number for each combination that occurs.
 */

import type { Session } from '../../db/connect.ts';
import type { Row } from '../report.ts';
import { groupAtOnce } from '../row-stream.ts';
import type { Dimension } from './dimensions.ts';
import { type ProgressScope, progressValues, STATES } from './progress.ts';

/** Of a file's number, as int4send writes it. */
const FILE_BYTES = 4;
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
  const groups = new Groups(dimensions.length);
  await groupAtOnce(session, () => meet(session, scope, dimensions, groups));
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

function measuresOf(state: string): Measure[] {
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
async function meet(
  session: Session,
  scope: ProgressScope,
  dimensions: readonly Dimension[],
  groups: Groups,
): Promise<void> {
  const sql = statements(dimensions);
  const values = [scope.season, scope.city, scope.school, scope.batch];
  const people = dimensions.filter(dimension => dimension.people !== undefined);
  const candidates = new Candidates();
  for (const row of await session.query<Grouped>(sql.candidates, values.slice(0, 2))) {
    candidates.add(row.city, codesOf(row, people.length), row.files);
  }
  for (const rows of [sql.files, sql.items]) {
    for (const row of await session.query<Grouped>(rows, values)) {
      const codes = codesOf(row, dimensions.length - people.length);
      const measures = measuresOf(row.state);
      for (const [kind, n] of candidates.counted(row.city, row.files)) {
        const group = withPeople(codes, dimensions, kind);
        for (const measure of measures) groups.add(group, measure, n);
      }
    }
  }
}

/** A group of candidates, files or items, with its codes `k1` … and the numbers of its files. */
interface Grouped extends Readonly<Record<`k${number}`, string | null>> {
  readonly city: string;
  readonly state: string;
  readonly files: Buffer;
}

function codesOf(row: Grouped, count: number): Codes {
  return Array.from({ length: count }, (_, at) => row[`k${at + 1}`] ?? null);
}

const numbered = (keys: readonly string[]) => keys.map((key, at) => `${key} as k${at + 1}`);

/** $1 season, $2 city, $3 school, $4 batch. Joins that no code needs, the planner leaves out. */
function statements(dimensions: readonly Dimension[]) {
  const parted = dimensions.filter(dimension => dimension.people !== undefined);
  const people = numbered(parted.map(each => each.people as string));
  const asCodes = parted.map(({ asCode }, at) => (asCode ?? String)(`k${at + 1}`));
  const places = dimensions.flatMap(each => (each.people === undefined ? each.code : []));
  const grouped = (keys: readonly string[], of: string) =>
    `select ${keys.join(', ')}, string_agg(int4send(${of}.file), '') as files`;
  const by = (keys: number) =>
    `group by ${Array.from({ length: keys }, (_, at) => at + 1).join(', ')}`;
  const coded = (rows: string) =>
    `${grouped(['w.city', 'w.state', ...numbered(places)], 'w')} from (${rows}) w ${CODED}
     ${by(places.length + 2)}`;
  const asked = (of: string) => `${of}.season = $1::smallint
      and ($2::text is null or ${of}.city = $2) and ($3::text is null or ${of}.school = $3)
      and ($4::text is null or ${of}.batch = $4)`;
  return {
    candidates: `select ${['city', ...numbered(asCodes), 'files'].join(', ')} from (
      ${grouped(['c.city', ...people], 'c')} from candidates c
      where c.season = $1::smallint and ($2::text is null or c.city = $2)
      ${by(people.length + 1)}) g`,
    files: coded(`select f.file, f.city, f.state, f.school, coalesce(f.major, '') as major,
        coalesce(f.batch, '') as batch
      from files f where ${asked('f')} and f.school is not null`),
    items: coded(`select i.file, i.city, '${SENT}' as state, l.school,
        coalesce(i.major, '') as major, l.batch
      from dispatch_lists l
      join list_items i on i.season = l.season and i.city = l.city and i.list = l.list
      where ${asked('l')} and l.state <> 'cancelled'`),
  };
}

/** What several candidates are alike. */
interface Kind {
  readonly city: string;
  readonly codes: Codes;
}

/** Who is what, by the number of the file. */
class Candidates {
  readonly #kinds: Kind[] = [];
  /** Number of the kind + 1; 0: nobody. */
  readonly #pages: (Int32Array | undefined)[] = [];
  /** How many of each kind a group has; all 0 between two groups. */
  #counts = new Int32Array(0);

  add(city: string, codes: Codes, files: Buffer): void {
    this.#kinds.push({ city, codes });
    for (let at = 0; at < files.length; at += FILE_BYTES) {
      const file = files.readInt32BE(at);
      const page = Math.floor(file / PAGE_FILES);
      const kinds = this.#pages[page] ?? new Int32Array(PAGE_FILES);
      this.#pages[page] = kinds;
      kinds[file % PAGE_FILES] = this.#kinds.length;
    }
  }

  /** What the candidates of the files are, and how many are that; of another city are none. */
  *counted(city: string, files: Buffer): Generator<readonly [codes: Codes, n: number]> {
    const kinds = this.#kinds.length;
    if (this.#counts.length < kinds) this.#counts = new Int32Array(kinds);
    const counts = this.#counts;
    const met: number[] = [];
    for (let at = 0; at < files.length; at += FILE_BYTES) {
      const kind = this.#kindOf(files.readInt32BE(at));
      if (kind < 0) continue;
      if (counts[kind] === 0) met.push(kind);
      counts[kind] = (counts[kind] as number) + 1;
    }
    for (const kind of met) {
      const n = counts[kind] as number;
      counts[kind] = 0;
      const { city: home, codes } = this.#kinds[kind] as Kind;
      if (home === city) yield [codes, n];
    }
  }

  /** @returns -1: nobody has that file */
  #kindOf(file: number): number {
    const kinds = this.#pages[Math.floor(file / PAGE_FILES)];
    return kinds === undefined ? -1 : (kinds[file % PAGE_FILES] as number) - 1;
  }
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
