/**
 * Files as acts see them: one row per candidate, whether or not `files` has one (no row means
 * in-pool). Read under the city's chain, so that what is read stays true until the commit.
 */
import type { FileState } from '../../engine/file/states.ts';
import type { Session } from '../connect.ts';

type Reader = Pick<Session, 'query'>;

/** A candidate's file with what the season has written on it; no personal data. */
export interface StandingFile {
  readonly city: string;
  readonly file: number;
  /** null: not numbered yet. */
  readonly candidateNo: string | null;
  readonly origin: string;
  readonly county: string;
  readonly state: FileState;
  readonly school: string | null;
  readonly major: string | null;
  readonly batch: string | null;
  readonly list: number | null;
  readonly returnedBy: readonly string[];
  readonly openApplications: number;
  readonly phase: string | null;
  readonly transfers: number;
  /** Business date of the event that gave the state; null: since the import. */
  readonly since: string | null;
  readonly reason: string | null;
  readonly decidedBy: string | null;
  readonly holdUntil: string | null;
  readonly holdLevel: 'county' | 'city' | 'province' | null;
  readonly registerBy: string | null;
  readonly reopenedUntil: string | null;
  readonly letter: number | null;
  readonly reopenedForReview: boolean;
}

/** What an act may change of a file beside its state. */
export type FileChange = Partial<
  Omit<StandingFile, 'city' | 'file' | 'candidateNo' | 'origin' | 'county' | 'state' | 'since'>
>;

/** What a file that is back in the pool no longer carries. */
export const BACK_IN_POOL: FileChange = Object.freeze({
  school: null,
  major: null,
  batch: null,
  list: null,
  phase: null,
  reason: null,
  decidedBy: null,
  registerBy: null,
  reopenedUntil: null,
  reopenedForReview: false,
});

const COLUMNS = `
  c.city, c.file, c.candidate_no as "candidateNo", c.origin, c.county,
  coalesce(f.state, 'in-pool') as state, f.school, f.major, f.batch, f.list,
  coalesce(f.returned_by, '{}') as "returnedBy",
  coalesce(f.open_applications, 0) as "openApplications", f.phase,
  coalesce(f.transfers, 0) as transfers, f.since::text as since, f.reason,
  f.decided_by as "decidedBy", f.hold_until::text as "holdUntil", f.hold_level as "holdLevel",
  f.register_by::text as "registerBy", f.reopened_until::text as "reopenedUntil", f.letter,
  coalesce(f.reopened_for_review, false) as "reopenedForReview"`;

const FROM = `
  from candidates c
  left join files f on f.season = c.season and f.city = c.city and f.file = c.file`;

/** Home city and file of candidate numbers; numbers that nobody has are left out. */
export async function locateCandidates(
  session: Reader,
  season: number,
  numbers: readonly string[],
): Promise<Map<string, { readonly city: string; readonly file: number }>> {
  const rows = await session.query<{ candidate_no: string; city: string; file: number }>(
    `select candidate_no, city, file from candidate_numbers
     where season = $1::smallint and candidate_no = any($2::text[])`,
    [season, numbers],
  );
  return new Map(rows.map(row => [row.candidate_no, { city: row.city, file: row.file }]));
}

/** The files of a city by number, in the order of the numbers; unknown numbers are left out. */
export async function readFiles(
  session: Reader,
  season: number,
  city: string,
  files: readonly number[],
): Promise<StandingFile[]> {
  return session.query<StandingFile>(
    `select ${COLUMNS} ${FROM}
     where c.season = $1::smallint and c.city = $2 and c.file = any($3::integer[])
     order by c.file`,
    [season, city, files],
  );
}

/** The files on dispatch lists of a city that are still on them, in the order of the lists. */
export async function filesOnLists(
  session: Reader,
  season: number,
  city: string,
  lists: readonly number[],
): Promise<StandingFile[]> {
  return session.query<StandingFile>(
    `select ${COLUMNS} ${FROM}
     join list_items i on i.season = c.season and i.city = c.city and i.file = c.file
     where c.season = $1::smallint and c.city = $2 and i.list = any($3::integer[])
       and f.list = i.list
     order by i.list, i.seq`,
    [season, city, lists],
  );
}

const WRITTEN = [
  ['city', 'text', 'city'],
  ['file', 'integer', 'file'],
  ['state', 'text', 'state'],
  ['school', 'text', 'school'],
  ['major', 'text', 'major'],
  ['batch', 'text', 'batch'],
  ['list', 'integer', 'list'],
  ['open_applications', 'smallint', 'openApplications'],
  ['phase', 'text', 'phase'],
  ['transfers', 'smallint', 'transfers'],
  ['since', 'date', 'since'],
  ['reason', 'text', 'reason'],
  ['decided_by', 'text', 'decidedBy'],
  ['hold_until', 'date', 'holdUntil'],
  ['hold_level', 'text', 'holdLevel'],
  ['register_by', 'date', 'registerBy'],
  ['reopened_until', 'date', 'reopenedUntil'],
  ['letter', 'integer', 'letter'],
  ['reopened_for_review', 'boolean', 'reopenedForReview'],
] as const satisfies readonly (readonly [string, string, keyof StandingFile])[];

/** A file as it is to stand, with the number of its last event. */
export interface FileToWrite {
  readonly file: StandingFile;
  readonly event: number;
}

/**
 * Writes files as they now stand, all in one statement: those without a row get one. COPY is not
 * used: PostgreSQL refuses it under row-level security, which acts are written under.
 */
export async function writeStandingFiles(
  session: Reader,
  season: number,
  rows: readonly FileToWrite[],
): Promise<void> {
  if (rows.length === 0) return;
  const names = WRITTEN.map(([column]) => column);
  const arrays = WRITTEN.map(([, type], index) => `$${index + 4}::${type}[]`);
  const updates = [...names.slice(2), 'returned_by', 'event'].map(
    name => `${name} = excluded.${name}`,
  );
  await session.query(
    `insert into files (season, event, returned_by, ${names.join(', ')})
     select $1::smallint, w.event, nullif(string_to_array(w.returned_by, ' '), '{}'),
       ${names.map(name => `w.${name}`).join(', ')}
     from unnest($2::integer[], $3::text[], ${arrays.join(', ')})
       as w(event, returned_by, ${names.join(', ')})
     on conflict (season, city, file) do update set ${updates.join(', ')}`,
    [
      season,
      rows.map(row => row.event),
      rows.map(row => row.file.returnedBy.join(' ')),
      ...WRITTEN.map(([, , key]) => rows.map(row => row.file[key])),
    ],
  );
}
