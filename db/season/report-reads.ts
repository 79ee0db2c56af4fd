/** 查阅记录: who has read whose personal data, by which report and for what. */
import type { Session } from '../connect.ts';

export interface ReportRead {
  readonly reader: string;
  readonly report: string;
  readonly parameters: Readonly<Record<string, unknown>>;
  /** Rows with personal data that were given out. */
  readonly people: number;
  /** Names and numbers in full, not masked. */
  readonly inFull: boolean;
  readonly purpose: string;
  readonly at: Date;
}

/** Writes one line of it. */
export async function recordRead(
  session: Pick<Session, 'query'>,
  season: number,
  read: ReportRead,
): Promise<void> {
  const { parameters } = read;
  await session.query(
    `insert into report_reads (season, reader, report, parameters, candidate_no, people, in_full,
       purpose, read_at)
     values ($1::smallint, $2, $3, $4::jsonb, $5, $6, $7, $8, $9)`,
    [
      season,
      read.reader,
      read.report,
      JSON.stringify(parameters),
      parameters['candidate_no'] ?? null,
      read.people,
      read.inFull,
      read.purpose,
      read.at,
    ],
  );
}

/** A line as reports show it. */
export interface ReadLine {
  /** `YYYY-MM-DD HH:MM:SS`, Asia/Shanghai. */
  readonly at: string;
  readonly reader: string;
  readonly report: string;
  readonly inFull: boolean;
  readonly purpose: string;
}

/** Who has asked for this candidate, latest first. */
export async function readsOfCandidate(
  session: Pick<Session, 'query'>,
  season: number,
  candidateNo: string,
  limit: number,
): Promise<ReadLine[]> {
  return session.query<ReadLine>(
    `select to_char(read_at at time zone 'Asia/Shanghai', 'YYYY-MM-DD HH24:MI:SS') as at, reader,
       report, in_full as "inFull", purpose
     from report_reads where season = $1::smallint and candidate_no = $2
     order by read desc limit $3`,
    [season, candidateNo, limit],
  );
}
