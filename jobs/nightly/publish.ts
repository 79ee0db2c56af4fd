/**
 * The nightly job `publish` (发布报告): the reports that lie ready in the morning.
 *
 * A publication covers what the ledger holds of its date. When a city that had failed is resumed
 * later, the morning's pages are no longer the whole truth; therefore a run of this job is
 * identified by its edition, the number of answers of that date that it covers, and a new answer
 * makes a new edition due. Nothing new: the same edition, which is done.
 */
import type { Database } from '../../db/connect.ts';
import type { JobOutcome, NightlyJob, PlanContext, RunContext } from '../run/job.ts';

/** The job that writes the reports of a business date into `out/DATE/` of the home folder. */
export const publishJob: NightlyJob = {
  id: 'publish',
  title: '发布报告',
  side: 'nightly',
  menu: '数据统计',
  shardable: false,
  plan: async context => {
    const edition = await answersOf(context);
    return edition === 0 ? [] : [{ edition }];
  },
  identity: (scope, businessDate) => `publish|${businessDate}|${scope.edition ?? 1}`,
  // Of all dates: a reader of `out/` meets one writer.
  lock: () => 'publish',
  execute,
};

/** Identities of the date with their answers; repeating a refusal adds none. */
async function answersOf(context: PlanContext): Promise<number> {
  const [row] = await (context.database as Pick<Database, 'query'>).query<{ answers: number }>(
    `select count(distinct (identity, state))::integer as answers from runs
     where season = $1 and business_date = $2::date and job <> 'publish' and not on_demand
       and state in ('completed', 'refused', 'failed', 'stopped')`,
    [context.season, context.businessDate],
  );
  return row?.answers ?? 0;
}

async function execute(context: RunContext): Promise<JobOutcome> {
  const { publishNight } = await import('../../reports/runs/publish.ts');
  const { season, businessDate, actor, home, database } = context;
  const files = context.dryRun
    ? []
    : await publishNight({ database, season, actor, home, date: businessDate, now: context.now });
  return { counts: { files: files.length }, findings: [], files };
}
