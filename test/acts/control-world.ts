/** What the tests of 投档控制 ask of the small province. */
import type { Test } from 'tap';
import { readPolicy } from '../../db/policies.ts';
import { policyFromStored } from '../../engine/policy/load.ts';
import type { FullPolicy } from '../../engine/policy/types.ts';
import type { RunReport } from '../../jobs/run/run.ts';
import { SEASON } from '../jobs/night-world.ts';
import type { ActWorld } from './act-world.ts';

export const BATCH = 'vocational';
/** Before any dispatch: users prepare. */
export const BEFORE = '2016-07-18T09:00';
export const NIGHT = '2016-07-20';
export const PAPER = { principles_hash: 'a'.repeat(64), principles_reference: '档案室 2016-07' };

/** The policy in effect for a city. */
export async function policyOf(world: ActWorld, city: string): Promise<FullPolicy> {
  const stored = await world.database.session(session => readPolicy(session, SEASON));
  if (stored === null) throw new Error('no policy');
  return policyFromStored(stored.base.documents, stored.overlays.get(city)?.document ?? null);
}

export interface Version {
  readonly version: number;
  readonly hash: string;
  readonly adopted_by: string;
}

export async function versions(world: ActWorld, city: string): Promise<Version[]> {
  return world.query<Version>(
    `select version, hash, adopted_by from policy_overlays where city = $1 order by version`,
    [city],
  );
}

/** Two officers of the city sign its latest settings, with principles where none are filed. */
export async function sign(world: ActWorld, city: string, paper: object = PAPER): Promise<void> {
  const version = (await versions(world, city)).at(-1)?.version;
  const input = { city, version, ...paper };
  await world.both(`city-${city}`, `city-${city}-2`, 'adopt-city-settings', input);
}

/** The run of a city on a night; the others' go on beside it. */
export async function dispatched(world: ActWorld, city: string, date = NIGHT): Promise<RunReport> {
  const at = world.at;
  world.at = `${date}T19:35`;
  const reports = await world.nightly('dispatch', date);
  world.at = at;
  const report = reports.find(each => each.scope.city === city);
  if (report === undefined) throw new Error(`${city} was not due on ${date}`);
  return report;
}

export async function lastEvent(world: ActWorld, city: string) {
  const [event] = await world.query<{
    name: string;
    actor: string;
    note: Record<string, unknown>;
    decision: string;
    school: string | null;
    batch: string | null;
  }>(
    `select name, actor, note, decision, school, batch from events where city = $1
     order by event desc limit 1`,
    [city],
  );
  return event;
}

/** Lists as if schools and reviewers had done their work. */
export async function closeLists(world: ActWorld, city: string): Promise<void> {
  await world.query(`update files set state = 'admitted' where city = $1 and list is not null`, [
    city,
  ]);
  await world.query(`update dispatch_lists set state = 'closed' where city = $1`, [city]);
}

/** Reasons of a run by candidate: ordinal → code. */
export async function reasonsOf(world: ActWorld, run: number) {
  const rows = await world.query<{ candidate_no: string; reasons: string; score: number | null }>(
    'select candidate_no, reasons, score from decisions where run = $1',
    [run],
  );
  return rows.map(row => ({
    candidate: row.candidate_no,
    score: row.score,
    reasons: new Map(
      row.reasons.split(';').map(part => {
        const [ordinal = '', code = ''] = part.split(':');
        return [Number(ordinal), code] as const;
      }),
    ),
  }));
}

/** Schools of the city's choices, the most wanted first. */
export async function wantedSchools(world: ActWorld, city: string): Promise<string[]> {
  const rows = await world.query<{ school: string }>(
    `select c.school from choices c join plan_lines p
       on p.season = c.season and p.city = c.city and p.school = c.school and p.batch = c.batch
     where c.city = $1 group by c.school order by count(*) desc, c.school limit 20`,
    [city],
  );
  return rows.map(row => row.school);
}

/** Every choice of a school, with the reason that the run gave it. */
export async function verdicts(
  t: Test,
  world: ActWorld,
  run: number,
  city: string,
  school: string,
): Promise<string[]> {
  const reasons = await reasonsOf(world, run);
  const choices = await world.query<{ candidate_no: string; ordinal: number }>(
    `select n.candidate_no, c.ordinal from choices c
     join candidate_numbers n on n.season = c.season and n.city = c.city and n.file = c.file
     where c.city = $1 and c.school = $2 and c.round = 1`,
    [city, school],
  );
  const byCandidate = new Map(reasons.map(each => [each.candidate, each.reasons]));
  const found = choices
    .map(choice => byCandidate.get(choice.candidate_no)?.get(choice.ordinal))
    .filter(code => code !== undefined);
  t.not(found.length, 0, `somebody wants ${school}`);
  return found;
}
