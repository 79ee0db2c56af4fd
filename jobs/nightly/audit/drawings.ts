/**
 * P13 of 指定派位录取: each lottery for direct admission in the city and batch is drawn again from the
 * input that was kept of it and the seed of its policy version, and what it admitted is what the
 * trail says. That the order is the one of the seed is counted with node's HMAC alone.
 */
import { createHmac } from 'node:crypto';
import { join } from 'node:path';
import { recompute } from '../../../db/package/recompute.ts';
import { withDispatch } from '../../../engine/dispatch/by-hand.ts';
import {
  drawAdmissions,
  drawingHash,
  lotteryRules,
} from '../../../engine/dispatch/draw-admissions.ts';
import { CodedError } from '../../../engine/errors.ts';
import { policyOfVersion } from '../dispatch/policy.ts';
import type { AuditCase } from './case.ts';
import type { Fault } from './property.ts';

/** A lottery as the ledger tells it. */
interface DrawnRun {
  readonly run: number;
  readonly city: string;
  readonly school: string;
  readonly policy: number;
  readonly inputHash: string;
  readonly resultHash: string;
  readonly seed: string;
  /** Candidate number, outcome and major, in the order of the lottery. */
  readonly order: readonly (readonly [string, string, string | null])[];
}

const DRAWN_RUNS = `
select run, scope ->> 'city' as city, scope ->> 'school' as school, policy,
  input_hash as "inputHash", result_hash as "resultHash", result #>> '{answer,values,seed}' as seed,
  result #> '{answer,values,order}' as "order"
from runs
where season = $1::smallint and job = 'lottery-admission' and state = 'completed'
  and scope ->> 'city' = any($2::text[]) and ($3::text is null or scope ->> 'batch' = $3)
  and result_hash is not null
order by run`;

/** What does not come out as it was told. */
export async function drawingFaults(audit: AuditCase): Promise<Fault[]> {
  const { season, city, batch } = audit.audited;
  const runs = await audit.session.query<DrawnRun>(DRAWN_RUNS, [season, [city], batch]);
  const faults: Fault[] = [];
  for (const run of runs) {
    for (const what of [
      seedFault(run),
      await drawnFault(audit, run),
      await trailFault({ ...audit.audited, session: audit.session }, run),
    ]) {
      if (what !== null) faults.push(faultOf(run, what));
    }
  }
  return faults;
}

/**
 * What the trail and the order alone show, for all batches of a city and without the kept input: an
 * audit that follows no dispatch.
 */
export async function orderFaults(place: {
  readonly session: AuditCase['session'];
  readonly season: number;
  readonly city: string;
}): Promise<Fault[]> {
  const { session, season, city } = place;
  const faults: Fault[] = [];
  for (const run of await drawnRuns(session, season, [city])) {
    for (const what of [seedFault(run), await trailFault(place, run)]) {
      if (what !== null) faults.push(faultOf(run, what));
    }
  }
  return faults;
}

/** Of many cities, those of which orderFaults would tell something. */
export async function orderSuspects(
  session: AuditCase['session'],
  season: number,
  cities: readonly string[],
): Promise<Set<string>> {
  const suspects = new Set<string>();
  for (const run of await drawnRuns(session, season, cities)) {
    const { city } = run;
    const wrong = seedFault(run) ?? (await trailFault({ session, season, city }, run));
    if (wrong !== null) suspects.add(city);
  }
  return suspects;
}

function drawnRuns(
  session: AuditCase['session'],
  season: number,
  cities: readonly string[],
): Promise<DrawnRun[]> {
  return session.query<DrawnRun>(DRAWN_RUNS, [season, cities, null]);
}

interface Wrong {
  readonly sentence: string;
  readonly row: Readonly<Record<string, unknown>>;
}

function faultOf({ run, school }: DrawnRun, { sentence, row }: Wrong): Fault {
  const told = `第 ${run} 次运行（派位录取）：${sentence}`;
  return {
    fault: 'drawing',
    sentence: told,
    schools: [school],
    rows: [{ run, ...row }],
    rowCount: 1,
  };
}

/** In the order told, the digests rise. */
function seedFault({ seed, order }: DrawnRun): Wrong | null {
  const digest = (candidate: string) =>
    createHmac('sha256', Buffer.from(seed, 'utf8')).update(candidate, 'utf8').digest();
  for (let at = 1; at < order.length; at += 1) {
    const [former] = order[at - 1] as DrawnRun['order'][number];
    const [own] = order[at] as DrawnRun['order'][number];
    if (Buffer.compare(digest(former), digest(own)) >= 0) {
      return { sentence: '次序不是由种子得出的次序。', row: { position: at + 1 } };
    }
  }
  return null;
}

/** From the kept input, with the same rules. */
async function drawnFault(audit: AuditCase, told: DrawnRun): Promise<Wrong | null> {
  const { session, home, random } = audit;
  const { batch } = audit.audited;
  const { policy } = await policyOfVersion(session, told.policy);
  if (policy.batches.find(each => each.id === batch)?.dispatch.seed !== told.seed) {
    return { sentence: '所记种子与政策中抽取的种子不同。', row: {} };
  }
  try {
    const folder = join(home, await audit.packageOfDrawing(told.run));
    const byLot = withDispatch(policy, batch, lotteryRules);
    const { run, problems } = await recompute(folder, () => byLot, { random });
    if (run === undefined) {
      return { sentence: '保存的输入读不出来，无法重新派位。', row: { errors: problems.errors } };
    }
    if (run.inputHash !== told.inputHash) {
      return { sentence: '保存的输入与所记校验值不符。', row: { found: run.inputHash } };
    }
    const { order } = await drawAdmissions(run.world, policy, told.school, {
      random,
      recheckSample: 0,
    });
    const found = drawingHash(order);
    if (found === told.resultHash) return null;
    return { sentence: '用保存的输入和种子重新派位，结果不同。', row: { found } };
  } catch (error) {
    if (!(error instanceof CodedError)) throw error;
    return { sentence: `无法重新派位：${error.message}`, row: { code: error.code } };
  }
}

/** Admitted by its events are those whom the draw admitted, with their majors. */
async function trailFault(
  { session, season, city }: Parameters<typeof orderFaults>[0],
  told: DrawnRun,
): Promise<Wrong | null> {
  const rows = await session.query<{ candidate: string; major: string | null }>(
    `select k.candidate_no as candidate, e.major from events e
     join candidates k on k.season = e.season and k.city = e.city and k.file = e.file
     where e.season = $1::smallint and e.city = $2 and e.run = $3 and e.name = 'admit-directly'`,
    [season, city, told.run],
  );
  const admitted = new Map(
    told.order.filter(([, outcome]) => outcome === 'admitted').map(([no, , major]) => [no, major]),
  );
  const same =
    rows.length === admitted.size &&
    rows.every(({ candidate, major }) => admitted.get(candidate) === major);
  if (same) return null;
  const row = { drawn: admitted.size, admitted: rows.length };
  return { sentence: '录取的考生与派位的结果不符。', row };
}
