/**
 * The nightly job `season-audit` 全程核查: recounts what the acts of officers, schools and sweeps
 * have made of a city, and of the province, by the properties of file-life.md. The `audit` of a
 * dispatch speaks of that run; this one of everything since the import.
 *
 * A job of its own and not a step of `audit`: a city is also changed on days without a dispatch,
 * and most of the season has none. It runs before the dispatch of the night, so that what is broken
 * is known before anything is built on it, and only where something beside imports and dispatches
 * has happened since it last completed: a first night costs nothing.
 */
import type { Database, Session } from '../../db/connect.ts';
import type { Finding, JobOutcome, NightlyJob, RunContext, Scope } from '../run/job.ts';
import { recountSeason } from './season-audit/properties.ts';
import { openSeasonCase } from './season-audit/season-case.ts';

/** How long a recount goes on before it asks again whether somebody wants it to stop. */
const STOP_ASKED_EVERY_MS = 1_000;

export const seasonAuditJob: NightlyJob = {
  id: 'season-audit',
  title: '全程核查',
  side: 'nightly',
  menu: '档案管理',
  shardable: true,
  plan: async ({ database, season, businessDate }) => {
    const rows = await database.query<{ city: string }>(
      `with cities as (
         select code as city from regions where season = $1::smallint and level = 'city'
         union all select '')
       select c.city from cities c
       cross join lateral (select coalesce(max(a.run), 0) as run from runs a
         where a.season = $1::smallint and a.job = 'season-audit' and a.state = 'completed'
           and coalesce(a.scope ->> 'city', '') = c.city) audited
       where exists (select from blocks b join runs r on r.run = b.run
         where b.season = $1::smallint and b.city = c.city and b.run > audited.run
           and r.job not in ('import', 'dispatch', 'audit') and r.business_date <= $2::date)
       order by c.city collate "C"`,
      [season, businessDate],
    );
    if (rows.length === 0) return [];
    // What touches several cities shows in the province alone, whose own chain may be silent.
    const cities = rows.map(row => row.city).filter(city => city !== '');
    return [...cities.map((city): Scope => ({ city })), {}];
  },
  identity: (scope, businessDate) => `season-audit|${scope.city ?? ''}|${businessDate}`,
  lock: scope => `season-audit|${scope.city ?? ''}`,
  execute,
};

async function execute(context: RunContext): Promise<JobOutcome> {
  const { database, season, scope, businessDate } = context;
  const city = scope.city ?? '';
  let asked = 0;
  const findings = await auditSeason(database, { season, city, businessDate }, async property => {
    context.log.debug({ city, property }, 'recounting');
    // Most properties of most cities are recounted in less time than the question takes.
    if (performance.now() - asked < STOP_ASKED_EVERY_MS) return;
    await context.checkStop();
    asked = performance.now();
  });
  const outcome: JobOutcome = { counts: { findings: findings.length }, findings };
  return (await context.complete('season-audited', async () => outcome)) ?? outcome;
}

/** Recounts one moment of the database; city '' is the province. */
export async function auditSeason(
  database: Database,
  what: { readonly season: number; readonly city: string; readonly businessDate: string },
  onProperty?: (id: string) => Promise<void>,
): Promise<Finding[]> {
  return database.transaction(async (session: Session) => {
    await session.query('set transaction isolation level repeatable read');
    await session.query('set local jit = off');
    return recountSeason(await openSeasonCase(session, what), onProperty);
  });
}
