/** The situations that completed runs have recorded, summed over runs of one policy and city. */
import type { Session } from '../connect.ts';

type Queryable = Pick<Session, 'query'>;

export interface RecordedSituation {
  readonly city: string;
  readonly stage: string;
  readonly rule: string;
  readonly situation: string;
  /** Files and pairs that were in it. */
  readonly count: number;
  /** Number of the policy version of the runs; null: the run names none. */
  readonly policy: number | null;
}

/**
 * @param runs their numbers; null: all of the season
 */
export function recordedSituations(
  session: Queryable,
  season: number,
  runs: readonly number[] | null,
): Promise<RecordedSituation[]> {
  return session.query<RecordedSituation>(
    `select s.city, s.stage, s.rule, s.situation, sum(s.pairs)::float8 as count, r.policy
     from situations s join runs r on r.run = s.run
     where s.season = $1::smallint and r.state = 'completed'
       and ($2::integer[] is null or s.run = any ($2::integer[]))
     group by s.city, s.stage, s.rule, s.situation, r.policy
     order by s.city, s.stage, s.rule, s.situation, r.policy`,
    [season, runs],
  );
}

/** Those of the numbers that are completed runs of the season. */
export async function completedRuns(
  session: Queryable,
  season: number,
  runs: readonly number[],
): Promise<number[]> {
  const rows = await session.query<{ run: number }>(
    `select run from runs
     where season = $1::smallint and state = 'completed' and run = any ($2::integer[])
     order by run`,
    [season, runs],
  );
  return rows.map(({ run }) => run);
}
