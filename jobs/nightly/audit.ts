/**
 * The job `audit` 核查: recounts the properties P1–P8, P11, P13, P14 and P16 of file-life.md for
 * one completed dispatch run, from the database, by SQL and by code that shares nothing with the
 * dispatch (P14 excepted, which repeats it), before anything becomes visible to a school.
 *
 * What is broken is kept back – the schools shown and those connected with them, or the city ×
 * batch – and everything else goes on. `runs.released` of the dispatch run becomes true only where
 * nothing at all bars its lists; `barredLists` (audit/release.ts) tells which lists of a run may
 * be released where something does.
 *
 * One audit completes per dispatch, under the dispatch's identity; whatever frees that identity
 * (cancel-run) frees the audit's with it, run and steps. Until then the audit of a cancelled run
 * stays without effect, because an audit counts only for a run with a lower number.
 */
import type { Database, Session } from '../../db/connect.ts';
import type { Finding, JobOutcome, NightlyJob, RunContext, Scope } from '../run/job.ts';
import { type AuditCase, type AuditedRun, openCase, type Surroundings } from './audit/case.ts';
import { fail } from './audit/errors.ts';
import { findingOf, PROPERTIES } from './audit/properties.ts';
import { recount } from './audit/recount.ts';
import { barredBy, releaseLists } from './audit/release.ts';
import { refreshStatistics } from './audit/statistics.ts';
import { dispatchedRun, ensurePackage } from './dispatch/keep-package.ts';
import { policyOfVersion } from './dispatch/policy.ts';
import { dispatchJob } from './dispatch.ts';

export const auditJob: NightlyJob = {
  id: 'audit',
  title: '核查',
  side: 'nightly',
  menu: '投档',
  shardable: true,
  plan: async ({ database, season, businessDate }) => {
    const rows = await database.query<{ scope: Scope }>(
      `select d.scope from runs d
        where d.season = $1::smallint and d.business_date = $2::date and d.job = 'dispatch'
          and d.state = 'completed' and not exists (
            select from runs a where a.season = d.season and a.job = 'audit'
              and a.identity = 'audit|' || d.identity and a.state = 'completed')
        order by d.run`,
      [season, businessDate],
    );
    return rows.map(row => row.scope);
  },
  identity: (scope, businessDate) => `audit|${dispatchIdentity(scope, businessDate)}`,
  lock: scope => dispatchJob.lock(scope),
  execute,
};

function dispatchIdentity(scope: Scope, businessDate: string): string {
  if (scope.city === undefined || scope.batch === undefined) throw fail('scope-incomplete');
  return dispatchJob.identity(scope, businessDate);
}

async function execute(context: RunContext): Promise<JobOutcome> {
  const audited = await auditedRun(context);
  await refreshStatistics(context.database, context.season);
  const around = await surroundings(context, audited);
  const counts: Record<string, number> = { properties: PROPERTIES.length };
  const findings = await inSnapshot(context.database, async session => {
    const audit = await openCase(session, audited, around);
    return recountAll(context, audit, counts);
  });
  const barred = barredBy(findings);
  const { policy } = around;
  if (
    policy.batches.find(batch => batch.id === audited.batch)?.dispatch.release === 'after-audit'
  ) {
    const released = await context.step('release', async ({ session, run }) => {
      const audit = await openCase(session, audited, around);
      const { actor, businessDate } = context;
      return releaseLists(audit, barred, { actor, at: context.now(), businessDate, run });
    });
    Object.assign(counts, {
      listsReleased: released?.lists ?? 0,
      filesReleased: released?.files ?? 0,
    });
  }
  counts['schoolsBarred'] = barred.schools.size;
  const outcome: JobOutcome = {
    counts,
    findings,
    ...(audited.policyVersion === null ? {} : { policy: audited.policyVersion }),
  };
  const written = await context.complete('audited', async ({ session }) => {
    const clear = !barred.all && barred.schools.size === 0;
    await session.query('update runs set released = $2 where run = $1', [audited.run, clear]);
    return outcome;
  });
  return written ?? outcome;
}

/** The completed dispatch run of the scope. @throws nothing-to-audit */
async function auditedRun(context: RunContext): Promise<AuditedRun> {
  const { database, season, scope, businessDate } = context;
  const { city = '', batch = '', round = 1 } = scope;
  const [found] = await database.query<AuditedRun>(
    `select run, season, scope ->> 'city' as city, scope ->> 'batch' as batch,
       coalesce((scope ->> 'round')::integer, 1) as round, scope ->> 'school' as school,
       business_date::text as "businessDate", policy as "policyVersion",
       input_hash as "inputHash", result_hash as "resultHash"
     from runs where season = $1::smallint and identity = $2 and state = 'completed'`,
    [season, dispatchIdentity(scope, businessDate)],
  );
  if (found === undefined) throw fail('nothing-to-audit', { city, batch, round });
  return found;
}

async function surroundings(
  { database, home, random }: RunContext,
  audited: AuditedRun,
): Promise<Surroundings> {
  const { policy } = await policyOfVersion(database, audited.policyVersion ?? 0);
  const packageOf = async (number: number, job?: string) => {
    const run = await dispatchedRun(database, number, job);
    if (run === null) throw new Error(`run ${number} has left the ledger`);
    return ensurePackage(database, home, run);
  };
  return {
    policy,
    home,
    packageOf: () => packageOf(audited.run),
    packageOfDrawing: run => packageOf(run, 'lottery-admission'),
    random,
  };
}

async function recountAll(
  context: RunContext,
  audit: AuditCase,
  counts: Record<string, number>,
): Promise<Finding[]> {
  const findings: Finding[] = [];
  const begun = performance.now();
  const rules = await recount(audit);
  counts['rulesRecounted'] = rules.recounted.length;
  counts['rulesTaken'] = rules.taken.length;
  context.log.info({ elapsedMs: Math.round(performance.now() - begun) }, 'audit tables made');
  for (const [at, property] of PROPERTIES.entries()) {
    await context.checkStop();
    context.progress(`核查 ${property.id}`, at, PROPERTIES.length);
    const from = performance.now();
    const faults = await property.find(audit);
    for (const fault of faults) findings.push(await findingOf(audit, property, fault));
    const elapsedMs = Math.round(performance.now() - from);
    context.log.info(
      { property: property.id, faults: faults.length, elapsedMs },
      'property recounted',
    );
  }
  return findings;
}

/** One moment of the database; the working tables vanish with it. */
function inSnapshot<T>(database: Database, work: (session: Session) => Promise<T>): Promise<T> {
  return database.transaction(async session => {
    await session.query('set transaction isolation level repeatable read');
    return work(session);
  });
}
