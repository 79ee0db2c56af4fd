/**
 * The nightly job `vacancies` 院校空额核定: which schools a phase of the schools' own – phase 2, the
 * spring – is open to (calendar rule 17). Fixed on the first day of the phase, and again after the
 * sweep that reverts the unregistered of the phase before.
 *
 * A job of its own and no part of a city's sweep, because vacancies are counted over all cities: it
 * becomes due when the last of them is swept.
 */
import type { Session } from '../../db/connect.ts';
import { policyVersionId } from '../../db/policies.ts';
import { fixVacancies } from '../../db/season/vacancies.ts';
import { appendEvents, PROVINCE } from '../../db/trail.ts';
import { phaseOn } from '../../engine/policy/calendar.ts';
import type { FullPolicy, Phase } from '../../engine/policy/types.ts';
import { CityPolicies } from '../act/city-policies.ts';
import type { JobOutcome, NightlyJob, PlanContext, RunContext } from '../run/job.ts';
import { revertDay } from './sweep/facts.ts';

const JOB = 'vacancies';

export const vacanciesJob: NightlyJob = {
  id: JOB,
  title: '院校空额核定',
  side: 'nightly',
  menu: '投档控制',
  shardable: false,
  plan,
  identity: (_, businessDate) => `${JOB}|${businessDate}`,
  lock: () => JOB,
  execute,
};

/** The phases whose vacancies are fixed on a date. */
export function phasesToFix(policy: FullPolicy, date: string): Phase[] {
  const own = policy.phases.filter(phase =>
    policy.batches.every(batch => batch.phase !== phase.id),
  );
  const begins = own.filter(({ window }) => window !== null && window[0] === date);
  const reverted = policy.phases.filter(({ id }) => revertDay(policy, id) === date);
  const now = phaseOn(policy, date);
  const again = own.filter(({ id }) => id === now?.id && reverted.some(each => each.id !== id));
  return own.filter(phase => begins.includes(phase) || again.includes(phase));
}

async function plan({ database, season, businessDate }: PlanContext) {
  return database.session(async session => {
    const policy = await new CityPolicies(session, season).of(null);
    if (phasesToFix(policy, businessDate).length === 0) return [];
    const scheduled = policy.schedule.jobs.some(({ job }) => job === 'sweep');
    return scheduled && !(await allSwept(session, season, businessDate)) ? [] : [{}];
  });
}

async function allSwept(session: Session, season: number, date: string): Promise<boolean> {
  const [row] = await session.query<{ open: number }>(
    `select count(*)::integer as open from regions c
     where c.season = $1::smallint and c.level = 'city' and not exists (
       select from runs r where r.season = c.season and r.state = 'completed'
         and r.identity = 'sweep|' || c.code || '|' || $2)`,
    [season, date],
  );
  return row?.open === 0;
}

async function execute(context: RunContext): Promise<JobOutcome> {
  const done = await context.complete(JOB, ({ session }) => fix(context, session));
  return done ?? { counts: { schools: 0 }, findings: [] };
}

async function fix(context: RunContext, session: Session): Promise<JobOutcome> {
  const { season, businessDate, actor, now, run } = context;
  const policies = new CityPolicies(session, season);
  const policy = await policies.of(null);
  const { baseHash, overlayHash } = await policies.versionOf(null);
  const version = await policyVersionId(session, baseHash, overlayHash);
  const counts: Record<string, number> = { schools: 0 };
  const events = [];
  for (const { id } of phasesToFix(policy, businessDate)) {
    const schools = await fixVacancies(session, season, id, businessDate);
    counts['schools'] = (counts['schools'] ?? 0) + schools;
    counts[id] = schools;
    events.push({
      ...{ city: PROVINCE, file: null, name: JOB, actor, at: now(), businessDate, run },
      ...{ phase: id, policy: version, decision: JOB, note: { phase: id, schools } },
    });
  }
  await appendEvents(session, season, events);
  return { counts, findings: [], policy: version };
}
