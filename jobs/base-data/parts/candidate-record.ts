/** A candidate's record as an edit finds it. */
import type { Session } from '../../../db/connect.ts';
import type { StandingFile } from '../../../db/season/files.ts';
import { runsOfFile } from './dispatched.ts';

export interface Subject {
  readonly code: string;
  readonly name: string;
  /** Hundredths. */
  readonly full: number;
  /** Place in the marks, 1-based. */
  readonly slot: number;
}

export interface CandidateRecord {
  readonly file: StandingFile;
  /** The columns of the row that may be edited, as text. */
  readonly columns: Readonly<Record<string, string>>;
  readonly attributes: Readonly<Record<string, string>>;
  /** Hundredths; null: none. */
  readonly total: number | null;
  /** By slot, hundredths; null: absent. Empty: no scores. */
  readonly marks: readonly (number | null)[];
  /** Completed dispatch runs that the candidate took part in. */
  readonly runs: readonly number[];
}

const COLUMNS = [
  ...['name', 'sex', 'identity_no', 'identity_type', 'county', 'registration_point', 'origin'],
  ...['household', 'address', 'postcode', 'phone', 'guardian'],
];

/** @param session of the runner */
export async function readRecord(
  session: Session,
  season: number,
  file: StandingFile,
): Promise<CandidateRecord> {
  const [row] = await session.query<{
    columns: Record<string, string>;
    attributes: Record<string, string> | null;
    total: number | null;
    marks: (number | null)[] | null;
  }>(
    `select jsonb_build_object('birth_date', coalesce(c.birth_date::text, ''),
         ${COLUMNS.map(name => `'${name}', c.${name}`).join(', ')}) as columns,
       c.attributes, c.total, s.marks
     from candidates c left join scores s using (season, city, file)
     where c.season = $1::smallint and c.city = $2 and c.file = $3`,
    [season, file.city, file.file],
  );
  if (row === undefined) throw new Error('a located candidate has no record');
  return {
    file,
    columns: row.columns,
    attributes: row.attributes ?? {},
    total: row.total,
    marks: row.marks ?? [],
    runs: await runsOfFile(session, season, file.city, file.file),
  };
}

/** The subjects of a city, by code. */
export async function readSubjects(
  session: Session,
  season: number,
  city: string,
): Promise<ReadonlyMap<string, Subject>> {
  const rows = await session.query<Subject>(
    `select code, name, full_mark as full, slot from subjects
     where season = $1::smallint and city = $2 order by slot`,
    [season, city],
  );
  return new Map(rows.map(row => [row.code, row]));
}
