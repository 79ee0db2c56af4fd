/**
 * Rosters 录取名册: the registered students of a school and phase, frozen under a number and a hash;
 * of a senior high school, which has no phases, whom the cities have imported as admitted there.
 *
 * The hash is SHA-256 over the canonical JSON of season, number, school, phase, version and rows in
 * their order: whoever holds the printed roster can tell whether it is this one.
 */
import { canonicalJson, sha256 } from '../../engine/policy/canonical.ts';
import type { Json } from '../../engine/policy/json.ts';
import type { Session } from '../connect.ts';

type Reader = Pick<Session, 'query'>;

export type RosterState = 'issued' | 'refused' | 'reviewed' | 'filed' | 'amended' | 'superseded';

/** Chinese. */
export const ROSTER_STATES: Readonly<Record<RosterState, string>> = {
  issued: '已发布待审核',
  refused: '审核未通过',
  reviewed: '已审核待备案',
  filed: '已备案',
  amended: '已变更',
  superseded: '已作废',
};

export interface Roster {
  readonly roster: number;
  /** Of the office that files it; '': the province. */
  readonly city: string;
  readonly school: string;
  readonly phase: string;
  readonly version: number;
  readonly state: RosterState;
  readonly rowCount: number;
  readonly hash: string;
  readonly issuedBy: string;
  readonly reviewedBy: string | null;
}

export interface RosterRow {
  readonly city: string;
  readonly file: number;
  readonly candidateNo: string;
  readonly name: string;
  readonly sex: string;
  readonly birthDate: string | null;
  readonly identityNo: string;
  readonly county: string;
  readonly origin: string;
  readonly major: string;
  readonly majorName: string;
  readonly articulated: boolean;
  /** hundredths */
  readonly total: number | null;
}

/** What stands for the phase on the rosters of senior high schools. */
export const SENIOR_HIGH = 'senior-high';

/** `2016-0003`, and from the second version on `2016-0003（变更1）`. */
export function rosterLabel(season: number, roster: Pick<Roster, 'roster' | 'version'>): string {
  const number = `${season}-${String(roster.roster).padStart(4, '0')}`;
  return roster.version === 1 ? number : `${number}（变更${roster.version - 1}）`;
}

export function rosterHash(
  season: number,
  roster: Pick<Roster, 'roster' | 'school' | 'phase' | 'version'>,
  rows: readonly RosterRow[],
): string {
  const { roster: number, school, phase, version } = roster;
  const whole = { season, roster: number, school, phase, version, rows };
  return sha256(canonicalJson(whole as unknown as Json));
}

/** Whom a roster of the school and phase would list now. As the runner. */
export function rosterStudents(
  session: Reader,
  season: number,
  school: string,
  phase: string,
): Promise<RosterRow[]> {
  return phase === SENIOR_HIGH
    ? seniorHighStudents(session, season, school)
    : registeredStudents(session, season, school, phase);
}

/** By city and candidate number; without those whom a city has released. */
function seniorHighStudents(session: Reader, season: number, school: string): Promise<RosterRow[]> {
  return session.query<RosterRow>(
    `select h.city, h.file, c.candidate_no as "candidateNo", c.name, c.sex,
            c.birth_date::text as "birthDate", c.identity_no as "identityNo", c.county, c.origin,
            '' as major, '' as "majorName", false as articulated, c.total
       from senior_high_admissions h
       join candidates c on c.season = h.season and c.city = h.city and c.file = h.file
       left join files f on f.season = h.season and f.city = h.city and f.file = h.file
      where h.season = $1::smallint and h.school = $2
        and coalesce(f.state, 'senior-high') = 'senior-high'
      order by h.city collate "C", c.candidate_no collate "C"`,
    [season, school],
  );
}

/**
 * The students of a school and phase who are registered now, in the order of the roster: major,
 * candidate number. As the runner: they come from many cities.
 */
async function registeredStudents(
  session: Reader,
  season: number,
  school: string,
  phase: string,
): Promise<RosterRow[]> {
  return session.query<RosterRow>(
    `select f.city, f.file, c.candidate_no as "candidateNo", c.name, c.sex,
            c.birth_date::text as "birthDate", c.identity_no as "identityNo", c.county, c.origin,
            coalesce(f.major, '') as major, coalesce(m.name, '') as "majorName",
            coalesce(m.articulated, false) as articulated, c.total
       from files f
       join candidates c on c.season = f.season and c.city = f.city and c.file = f.file
       left join majors m on m.season = f.season and m.school = f.school and m.code = f.major
      where f.season = $1::smallint and f.school = $2 and f.phase = $3 and f.state = 'registered'
      order by coalesce(f.major, '') collate "C", c.candidate_no collate "C"`,
    [season, school, phase],
  );
}

/** Home cities of whoever a roster of the school and phase concerns. As the runner. */
export async function citiesOfStudents(
  session: Reader,
  season: number,
  school: string,
  phase: string,
): Promise<string[]> {
  const rows =
    phase === SENIOR_HIGH
      ? await session.query<{ city: string }>(
          `select distinct city from senior_high_admissions
            where season = $1::smallint and school = $2 order by 1`,
          [season, school],
        )
      : await session.query<{ city: string }>(
          `select distinct city from files
            where season = $1::smallint and school = $2 and phase = $3
              and state in ('admitted', 'registered', 'filed')
            order by 1`,
          [season, school, phase],
        );
  return rows.map(row => row.city);
}

/**
 * Files of the school and phase that wait for somebody's review, and students with an open
 * application: a roster that is issued before these are settled is wrong tomorrow.
 *
 * @param batches ids of the phase's batches: a proposed file has its batch and no phase yet
 */
export async function unreviewedFiles(
  session: Reader,
  season: number,
  about: { readonly school: string; readonly phase: string; readonly batches: readonly string[] },
): Promise<number> {
  const [row] = await session.query<{ count: number }>(
    // Two halves, each with a partial index of its own: of both states at once, none serves.
    `select (
       select count(*) from files
        where season = $1::smallint and school = $2
          and (phase = $3 or phase is null and batch = any($4::text[]))
          and state in ('proposed', 'return-proposed', 'pending-review'))::integer
      + (select count(*) from files
        where season = $1::smallint and school = $2
          and (phase = $3 or phase is null and batch = any($4::text[]))
          and state in ('admitted', 'registered') and open_applications > 0)::integer as count`,
    [season, about.school, about.phase, about.batches],
  );
  return row?.count ?? 0;
}

const COLUMNS = `roster, city, school, phase, version, state, row_count as "rowCount", hash,
  issued_by as "issuedBy", reviewed_by as "reviewedBy"`;

export async function readRoster(
  session: Reader,
  season: number,
  roster: number,
): Promise<Roster | null> {
  const [row] = await session.query<Roster>(
    `select ${COLUMNS} from rosters where season = $1::smallint and roster = $2`,
    [season, roster],
  );
  return row ?? null;
}

/** All of a school and phase, the earliest first. */
export async function rostersOf(
  session: Reader,
  season: number,
  school: string,
  phase: string,
): Promise<Roster[]> {
  return session.query<Roster>(
    `select ${COLUMNS} from rosters
      where season = $1::smallint and school = $2 and phase = $3 order by roster`,
    [season, school, phase],
  );
}

export async function rosterRows(
  session: Reader,
  season: number,
  roster: number,
): Promise<RosterRow[]> {
  return session.query<RosterRow>(
    `select city, file, candidate_no as "candidateNo", name, sex, birth_date::text as "birthDate",
            identity_no as "identityNo", county, origin, major, major_name as "majorName",
            articulated, total
       from roster_rows where season = $1::smallint and roster = $2 order by seq`,
    [season, roster],
  );
}

export async function insertRoster(
  session: Reader,
  season: number,
  roster: Omit<Roster, 'state' | 'reviewedBy'>,
  issued: { readonly at: Date; readonly on: string },
): Promise<void> {
  const { city, school, phase, version, hash, issuedBy } = roster;
  await session.query(
    `insert into rosters (season, roster, city, school, phase, version, row_count, hash, issued_by,
       issued_at, issued_on)
     values ($1::smallint, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11::date)`,
    [
      season,
      roster.roster,
      city,
      school,
      phase,
      version,
      roster.rowCount,
      hash,
      issuedBy,
      issued.at,
      issued.on,
    ],
  );
}

/** Writes the rows of a roster, once and for all. As the runner: nobody else may. */
export async function insertRosterRows(
  session: Reader,
  season: number,
  roster: number,
  rows: readonly RosterRow[],
): Promise<void> {
  await session.query(
    `insert into roster_rows (season, roster, seq, city, file, candidate_no, name, sex, birth_date,
       identity_no, county, origin, major, major_name, articulated, total)
     select $1::smallint, $2, r.seq, r.value ->> 'city', (r.value ->> 'file')::integer,
       r.value ->> 'candidateNo', r.value ->> 'name', r.value ->> 'sex',
       (r.value ->> 'birthDate')::date, r.value ->> 'identityNo', r.value ->> 'county',
       r.value ->> 'origin', r.value ->> 'major', r.value ->> 'majorName',
       (r.value ->> 'articulated')::boolean, (r.value ->> 'total')::integer
     from jsonb_array_elements($3::jsonb) with ordinality r (value, seq)`,
    [season, roster, JSON.stringify(rows)],
  );
}

/** Takes a roster to its next state, with who did it where the state says so. */
export async function moveRoster(
  session: Reader,
  season: number,
  roster: number,
  to: Exclude<RosterState, 'issued'>,
  done: {
    readonly by: string;
    readonly at: Date;
    readonly on: string;
    readonly reason?: string | undefined;
  },
): Promise<void> {
  const sets: Record<typeof to, string> = {
    superseded: '',
    refused: ', reviewed_by = $4, reviewed_at = $5, review_reason = $7',
    reviewed: ', reviewed_by = $4, reviewed_at = $5, review_reason = $7',
    filed: ', filed_by = $4, filed_at = $5, filed_on = $6::date',
    amended: ', amended_by = $4, amended_at = $5, amended_reason = $7',
  };
  await session.query(
    `with done (by_user, at, day, reason) as (
       values ($4::text, $5::timestamptz, $6::date, $7::text))
     update rosters set state = $3${sets[to]} from done
      where season = $1::smallint and roster = $2`,
    [season, roster, to, done.by, done.at, done.on, done.reason ?? null],
  );
}

/** How many are on one side only, or with another name, number or major. */
export function differences(rows: readonly RosterRow[], now: readonly RosterRow[]): number {
  const text = (row: RosterRow) => JSON.stringify(Object.entries(row).toSorted());
  const listed = new Map(rows.map(row => [row.file, text(row)]));
  const there = new Map(now.map(row => [row.file, text(row)]));
  const files = new Set([...listed.keys(), ...there.keys()]);
  return [...files].filter(file => listed.get(file) !== there.get(file)).length;
}
