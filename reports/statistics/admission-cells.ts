/**
 * Admissions 录取 counted once, by home city, school and major: every table of who was admitted adds
 * up these cells, and its median is that of the scores which they bear.
 *
 * Files and candidates are read side by side out of their indexes (migration 0024): a join that
 * hashes takes five times as long, and so does the server's own median, which sorts everybody by
 * each table's groups.
 */
import type { Session } from '../../db/connect.ts';
import type { Row, Rows } from '../report.ts';
import { readSideBySide, SORTED_SIDE_BY_SIDE, streamAfterCells } from '../row-stream.ts';
import { type ProgressScope, progressValues } from './progress.ts';

/** $1 season, $2 city, $3 school, $4 batch, $5 schools. */
const ASKED = `
where f.season = $1::smallint and f.state in ('admitted', 'registered', 'filed')
  and f.school is not null and ($2::text is null or f.city = $2)
  and ($3::text is null or f.school = $3) and ($4::text is null or f.batch = $4)
  and ($5::text[] is null or f.school = any ($5))`;

/** The columns of a cell. @param f the file's table @param c the candidate's, or the same one */
const cellColumns = (f: string, c: string) => `${f}.city, ${f}.school,
  coalesce(${f}.major, '') as major, count(*)::integer as admitted,
  count(*) filter (where ${f}.state <> 'admitted')::integer as registered,
  count(*) filter (where ${c}.sex = 'M')::integer as men,
  count(*) filter (where ${c}.sex = 'F')::integer as women,
  count(*) filter (where ${c}.origin = 'fresh')::integer as fresh,
  count(*) filter (where ${c}.origin <> 'fresh')::integer as other,
  coalesce(array_to_string(array_agg(${c}.total), ' '), '') as totals`;

const CELLS = `
select ${cellColumns('f', 'c')}
from files f
join candidates c on c.season = f.season and c.city = f.city and c.file = f.file ${ASKED}
group by 1, 2, 3`;

/**
 * Who was admitted, one row each, after their cells (streamAfterCells), in the order of school,
 * major, city and candidate. Parameters as progressValues.
 */
const STUDENTS = `
with students as materialized (
  select f.school, f.city, c.candidate_no, c.name, c.sex, c.origin, c.total, f.major, f.state,
    f.since::text as since
  from files f
  join candidates c on c.season = f.season and c.city = f.city and c.file = f.file ${ASKED})
select school, city, candidate_no as "candidateNo", name, sex, origin, total, major, state, since,
  cell
from (
  select null as cell, * from students
  union all
  select to_json(k)::text, '', null, null, null, null, null, null, null, null, null
  from (select ${cellColumns('s', 's')} from students s group by 1, 2, 3) k) x
order by school collate "C", major collate "C", city collate "C", candidate_no collate "C"`;

const ADMITTED = `select count(*)::integer as admitted from files f ${ASKED}`;

const ARTICULATED = `and (f.school, f.major) in (select m.school, m.code from majors m
  where m.season = $1::smallint and m.articulated)`;

const COUNTS = ['admitted', 'registered', 'men', 'women', 'fresh', 'other'] as const;

export interface AdmissionCell extends Readonly<Record<(typeof COUNTS)[number], number>> {
  readonly city: string;
  readonly school: string;
  /** '': none. */
  readonly major: string;
  /** Total scores, hundredths, in no order; who has none has none here. */
  readonly totals: Int32Array;
}

/** The cells of a scope; the reader's scope must have been entered, or left. */
export async function readAdmissionCells(
  session: Session,
  scope: ProgressScope,
): Promise<AdmissionCell[]> {
  const read = () => session.query<Found>(CELLS, progressValues(scope));
  const rows = await (scope.school === null ? readSideBySide(session, read) : read());
  return rows.map(cellOf);
}

/** The cells of a scope, and the students that they count as a stream. */
export async function readStudents(
  session: Session,
  scope: ProgressScope,
  wide: boolean,
): Promise<{ readonly cells: readonly AdmissionCell[]; readonly students: Rows }> {
  const wanted = wide ? SORTED_SIDE_BY_SIDE : {};
  const values = progressValues(scope);
  const { cells, rows } = await streamAfterCells<Found>(session, STUDENTS, values, wanted);
  return { cells: cells.map(cellOf), students: rows };
}

type Found = Omit<AdmissionCell, 'totals'> & { readonly totals: string };

function cellOf(row: Found): AdmissionCell {
  return { ...row, totals: numbersIn(row.totals) };
}

function numbersIn(text: string): Int32Array {
  return text === '' ? new Int32Array() : Int32Array.from(text.split(' '), Number);
}

/**
 * How many were admitted, counted without the candidates: a second way to the sum of the cells, and
 * the same number as the progress shows.
 *
 * @param articulated 3+2 majors alone
 */
export async function countAdmitted(
  session: Session,
  scope: ProgressScope,
  articulated = false,
): Promise<number> {
  const sql = articulated ? `${ADMITTED} ${ARTICULATED}` : ADMITTED;
  const [row] = await session.query<{ admitted: number }>(sql, progressValues(scope));
  return row?.admitted ?? 0;
}

/** Cells of one group together; quantiles are values that somebody has. */
export function sumCells(cells: readonly AdmissionCell[]): Row {
  const scores = new Int32Array(cells.reduce((sum, { totals }) => sum + totals.length, 0));
  let at = 0;
  for (const { totals } of cells) {
    scores.set(totals, at);
    at += totals.length;
  }
  scores.sort();
  return {
    ...Object.fromEntries(COUNTS.map(key => [key, cells.reduce((sum, c) => sum + c[key], 0)])),
    lowest: scores[0] ?? null,
    median: scores[Math.ceil(scores.length / 2) - 1] ?? null,
    highest: scores.at(-1) ?? null,
  };
}

/** Groups of cells in the order of their keys. */
export function groupCells(
  cells: readonly AdmissionCell[],
  keyOf: (cell: AdmissionCell) => string,
): readonly (readonly AdmissionCell[])[] {
  const groups = [...Map.groupBy(cells, keyOf)];
  return groups.toSorted(([a], [b]) => (a < b ? -1 : 1)).map(([, own]) => own);
}
