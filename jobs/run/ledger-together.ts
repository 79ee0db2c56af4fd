/** The ledger of runs that are completed together (quiet.ts): as ledger.ts, several at a time. */
import type { Session } from '../../db/connect.ts';
import type { Scope } from './job.ts';
import { type Attempt, recordFindings } from './ledger.ts';
import type { RunResult } from './result.ts';

/** Which of these identities somebody has tried before, however it ended. */
export async function attempted(
  session: Session,
  season: number,
  identities: readonly string[],
): Promise<Set<string>> {
  const rows = await session.query<{ identity: string }>(
    `select distinct identity from runs
     where season = $1::smallint and identity = any($2::text[])`,
    [season, identities],
  );
  return new Set(rows.map(({ identity }) => identity));
}

/** Records the first attempt of each identity. @returns the number of each run */
export async function recordTogether(
  session: Session,
  of: Omit<Attempt, 'identity' | 'scope' | 'fence' | 'onDemand'>,
  runs: readonly { readonly identity: string; readonly scope: Scope; readonly fence: number }[],
): Promise<Map<string, number>> {
  const rows = await session.query<{ identity: string; run: number }>(
    `insert into runs (season, job, identity, scope, business_date, attempt, state, fence, actor,
       host, pid, started_at, on_demand)
     select $1, $2, r.identity, r.scope, $3::date, 1, 'running', r.fence, $4, $5, $6, $7, false
     from unnest($8::text[], $9::jsonb[], $10::bigint[]) with ordinality
       r (identity, scope, fence, place)
     order by r.place
     returning identity, run`,
    [
      ...[of.season, of.job, of.businessDate, of.actor, of.host, of.pid, of.at],
      runs.map(({ identity }) => identity),
      runs.map(({ scope }) => JSON.stringify(scope)),
      runs.map(({ fence }) => fence),
    ],
  );
  return new Map(rows.map(({ identity, run }) => [identity, run]));
}

export interface TogetherRun {
  readonly run: number;
  readonly identity: string;
  readonly result: RunResult;
}

/** Writes findings, the last step and the completion of each. */
export async function completeTogether(
  session: Session,
  { season, step, at }: { readonly season: number; readonly step: string; readonly at: Date },
  runs: readonly TogetherRun[],
): Promise<void> {
  for (const { run, result } of runs) await recordFindings(session, season, run, result.findings);
  await session.query(
    `insert into run_steps (season, identity, step, run, effects, done_at)
     select $1, r.identity, $2, r.run, r.effects, $3
     from unnest($4::text[], $5::integer[], $6::jsonb[]) r (identity, run, effects)`,
    [
      ...[season, step, at],
      runs.map(({ identity }) => identity),
      runs.map(({ run }) => run),
      runs.map(({ result }) => JSON.stringify(result.counts)),
    ],
  );
  const rows = await session.query(
    `update runs u set state = 'completed', ended_at = $1, result = r.result, policy = r.policy,
       input_hash = r.result ->> 'inputHash', result_hash = r.result ->> 'resultHash'
     from unnest($2::integer[], $3::jsonb[], $4::integer[]) r (run, result, policy)
     where u.run = r.run and u.state = 'running' returning u.run`,
    [
      at,
      runs.map(({ run }) => run),
      runs.map(({ result }) => JSON.stringify(result)),
      runs.map(({ result }) => result.policy?.id ?? null),
    ],
  );
  if (rows.length !== runs.length) throw new Error('a run is not running any more');
}
