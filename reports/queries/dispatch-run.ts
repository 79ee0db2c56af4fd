/**
 * Which dispatch run a query means: city, batch and round, the last one run unless told. A run for
 * one school in a round that was dispatched before is a later run of that round.
 */
import type { Session } from '../../db/connect.ts';
import { reportError } from '../errors.ts';
import { policyInForce, wordsOf } from '../policy-words.ts';
import type { Parameters } from '../report.ts';
import { DISPATCH_JOBS } from '../runs/night.ts';

export interface DispatchRunKey {
  readonly run: number;
  readonly city: string;
  readonly batch: string;
  readonly round: number;
  readonly businessDate: string;
  readonly policy: number | null;
}

const COMPLETED = `
select r.run, r.scope ->> 'city' as city, r.scope ->> 'batch' as batch,
  (r.scope ->> 'round')::integer as round, r.business_date as "businessDate", r.policy
from runs r
where r.season = $1::smallint and r.job = any($2::text[]) and r.state = 'completed'
  and ($3::text is null or r.scope ->> 'city' = $3)
  and ($4::text is null or r.scope ->> 'batch' = $4)
  and ($5::integer is null or (r.scope ->> 'round')::integer = $5)`;

/**
 * The last completed run of city × batch, of the round asked for, else of its last round.
 *
 * @throws CodedError no-dispatch-run
 */
export async function lastDispatchRun(
  session: Session,
  season: number,
  parameters: Parameters,
): Promise<DispatchRunKey> {
  const { city, batch, round } = parameters;
  const id = await batchId(session, season, batch);
  const [found] = await session.query<DispatchRunKey>(
    `${COMPLETED} order by round desc, r.run desc limit 1`,
    [season, DISPATCH_JOBS, city ?? null, id, round ?? null],
  );
  if (found !== undefined) return found;
  const scope = `${city ?? ''} ${batch ?? ''}${round === undefined ? '' : ` 第${round}轮`}`;
  throw reportError('no-dispatch-run', { scope: scope.trim() });
}

/** The last completed run of every city × batch (and round, where one is asked for). */
export async function lastDispatchRuns(
  session: Session,
  season: number,
  parameters: Parameters,
): Promise<DispatchRunKey[]> {
  const { city, batch, round } = parameters;
  const id = await batchId(session, season, batch);
  return session.query<DispatchRunKey>(
    `select distinct on (city collate "C", batch collate "C") * from (${COMPLETED}) as completed
     order by city collate "C", batch collate "C", round desc, run desc`,
    [season, DISPATCH_JOBS, city ?? null, id, round ?? null],
  );
}

/** Reports show a batch by its title, and their rows lead here: it may be asked for by either. */
async function batchId(session: Session, season: number, batch: unknown): Promise<string | null> {
  if (batch === undefined) return null;
  const policy = await policyInForce(session, season);
  const { batches } = wordsOf(policy?.base ?? null);
  const [id] = [...batches].find(([, title]) => title === batch) ?? [String(batch)];
  return id;
}

/** One run by its number. @throws CodedError unknown-run */
export async function dispatchRun(
  session: Session,
  season: number,
  run: number,
): Promise<DispatchRunKey> {
  const [found] = await session.query<DispatchRunKey>(`${COMPLETED} and r.run = $6`, [
    season,
    DISPATCH_JOBS,
    null,
    null,
    null,
    run,
  ]);
  if (found === undefined) throw reportError('unknown-run', { run });
  return found;
}
