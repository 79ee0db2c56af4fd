/**
 * The nightly job `import` (导入): per city it takes what has arrived in the inbox – packages, and
 * snapshots that came after the hour of the day –, and looks whether the city's data are ready for
 * the dispatch that follows.
 *
 * One run per city and date, so that one city's broken package keeps nobody else's dispatch back.
 * A package with faults is no failure of the run: it goes to `rejected` with its rejects.csv, and
 * the finding tells whom to call.
 */
import type {
  JobOutcome,
  NightlyJob,
  QuietContext,
  QuietScopes,
  RunContext,
  Scope,
} from '../run/job.ts';
import { arrivedPackages, INBOX_JOBS } from './import/inbox.ts';
import { takePackages } from './import/packages.ts';
import { cityReadiness, type Readiness, readinessOf } from './import/readiness.ts';
import { takeSnapshots } from './import/snapshots.ts';

/** The job that takes packages from the inbox and checks what has come. */
export const importJob: NightlyJob = {
  id: 'import',
  title: '导入与检查',
  side: 'nightly',
  menu: '信息交流',
  shardable: true,
  plan: async ({ database, season }) =>
    database.query<{ city: string }>(
      `select code as city from regions
       where season = $1 and level = 'city' order by code collate "C"`,
      [season],
    ),
  identity: (scope, businessDate) => `import|${scope.city}|${businessDate}`,
  lock: scope => `import|${scope.city}`,
  quiet,
  execute,
};

const STEP = 'checked';

/** Cities of which nothing has arrived: their data are counted all the same. */
async function quiet(
  { session, season, businessDate, home }: QuietContext,
  scopes: readonly Scope[],
): Promise<QuietScopes> {
  const idle: { readonly scope: Scope; readonly city: string }[] = [];
  for (const scope of scopes) {
    const city = scope.city as string;
    const lists = INBOX_JOBS.map(job => arrivedPackages(home, city, businessDate, job));
    const arrived = (await Promise.all(lists)).flat();
    if (arrived.length === 0) idle.push({ scope, city });
  }
  const cities = idle.map(({ city }) => city);
  const found = await readinessOf(session, { season, businessDate }, cities);
  return {
    step: STEP,
    scopes: idle.map(({ scope, city }) => {
      const { counts, findings } = found.get(city) as Readiness;
      const none = { packages: 0, rejected: 0, snapshots: 0, snapshotsRejected: 0 };
      return { scope, outcome: { counts: { ...none, ...counts }, findings } };
    }),
  };
}

async function execute(context: RunContext): Promise<JobOutcome> {
  const city = context.scope.city as string;
  const packages = await takePackages(context, city);
  // The cut-off of the day has taken what was there in time: what lies here came after it.
  const snapshots = await takeSnapshots(context, city, () => true);
  const readiness = await cityReadiness(context.database, {
    season: context.season,
    city,
    businessDate: context.businessDate,
  });
  const { accepted, rejected } = packages;
  const outcome: JobOutcome = {
    counts: { packages: accepted, rejected, ...snapshots.counts, ...readiness.counts },
    findings: [...packages.findings, ...snapshots.findings, ...readiness.findings],
  };
  await context.complete(STEP, async () => outcome);
  return outcome;
}
