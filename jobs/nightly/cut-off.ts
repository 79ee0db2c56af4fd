/**
 * The nightly job `cut-off` 自有系统快照截止 (n66 三（一）5): at the hour by which the day's admissions
 * of a city with its own system must be there. What lies in the inbox has come in time and is
 * taken; a city of which nothing has come is late, and is found.
 *
 * Whether a package came in time is told by which job has taken it, and by no clock: a file's own
 * time is its sender's to set, and the night of a missed date runs long after its hour.
 */
import { snapshotOfDay } from '../../db/season/snapshots.ts';
import { phaseOn } from '../../engine/policy/calendar.ts';
import { CityPolicies } from '../act/city-policies.ts';
import type { Finding, JobOutcome, NightlyJob, PlanContext, RunContext } from '../run/job.ts';
import { takeSnapshots } from './import/snapshots.ts';

const JOB = 'cut-off';

export const cutOffJob: NightlyJob = {
  id: JOB,
  title: '自有系统快照截止',
  side: 'nightly',
  menu: '基本资料',
  shardable: true,
  plan,
  identity: (scope, businessDate) => `${JOB}|${scope.city}|${businessDate}`,
  // One at a time takes from a city's inbox.
  lock: scope => `import|${scope.city}`,
  execute,
};

/** Cities with their own system, on the days of a phase. */
async function plan({ database, season, businessDate }: PlanContext) {
  return database.session(async session => {
    const cities = await session.query<{ city: string }>(
      `select code as city from regions
       where season = $1::smallint and level = 'city' order by code collate "C"`,
      [season],
    );
    const policies = new CityPolicies(session, season);
    const due: { city: string }[] = [];
    for (const { city } of cities) {
      const policy = await policies.of(city);
      if (policy.ownSystem && phaseOn(policy, businessDate) !== null) due.push({ city });
    }
    return due;
  });
}

async function execute(context: RunContext): Promise<JobOutcome> {
  const { database, season, businessDate, scope } = context;
  const city = scope.city as string;
  const { counts, findings } = await takeSnapshots(context, city, date => date < businessDate);
  const arrived = await snapshotOfDay(database, season, city, businessDate);
  const late: Finding[] = arrived === null ? [lateFinding(city, businessDate)] : [];
  const outcome: JobOutcome = {
    counts: { ...counts, late: late.length },
    findings: [...late, ...findings],
  };
  await context.complete(JOB, async () => outcome);
  return outcome;
}

function lateFinding(city: string, date: string): Finding {
  return {
    property: 'snapshot-missing',
    severity: 'warning',
    city,
    stops: 'nothing',
    sentence: `${city}：${date} 的录取快照到截止时刻还没有送达，仍用前一份；请该市尽快送来。`,
    rows: [],
    rowCount: 0,
  };
}
