/**
 * What a report's head shows beside its data: the seal of the trail that the data stands under, and
 * how far the report itself is signed.
 */
import type { Session } from '../db/connect.ts';
import type { Parameters, SignMark, TrailMark } from './report.ts';

type Queryable = Pick<Session, 'query'>;

/** The last seal of the season: what is older than it can't be changed unseen; null: none yet. */
export async function readTrailMark(session: Queryable, season: number): Promise<TrailMark | null> {
  const [row] = await session.query<TrailMark>(
    `select seal, business_date::text as "businessDate", hash from seals
     where season = $1::smallint order by seal desc limit 1`,
    [season],
  );
  return row ?? null;
}

interface Signed {
  readonly version: number;
  readonly state: SignMark['state'];
  readonly hash: string | null;
  readonly prepared: string | null;
  readonly reviewed: string | null;
  readonly approved: string | null;
  readonly published: string | null;
  readonly withdrawn: string | null;
  readonly reason: string | null;
}

const STEPS = ['prepared', 'reviewed', 'approved', 'published', 'withdrawn'] as const;

/** The latest version of the report as it is signed; null: it is not, or has no date to sign. */
export async function readSignMark(
  session: Queryable,
  season: number,
  report: string,
  { date, city }: Parameters,
): Promise<SignMark | null> {
  if (typeof date !== 'string') return null;
  const step = (name: string) =>
    `${name}_by || '　' || to_char(${name}_at at time zone 'Asia/Shanghai',
       'YYYY-MM-DD HH24:MI:SS') as ${name}`;
  const [row] = await session.query<Signed>(
    `select version, state, hash, ${STEPS.map(step).join(', ')}, withdrawn_reason as reason
     from signed_reports
     where season = $1::smallint and report = $2 and city = $3 and day = $4::date
     order by version desc limit 1`,
    [season, report, typeof city === 'string' ? city : '', date],
  );
  if (row === undefined) return null;
  const { version, state, hash, reason } = row;
  const steps = STEPS.flatMap(name => {
    const by = row[name];
    return by === null ? [] : [{ step: name, by }];
  });
  return { version, state, hash, reason, steps };
}
