/**
 * The nightly job `season-audit` 全程核查: recounts what the acts of officers, schools and sweeps
 * have made of a city, and of the province, by the properties of file-life.md. The `audit` of a
 * dispatch speaks of that run; this one of everything since the import.
 *
 * A job of its own and not a step of `audit`: a city is also changed on days without a dispatch,
 * and most of the season has none. It runs before the dispatch of the night, so that what is broken
 * is known before anything is built on it, and only where something beside imports and dispatches
 * has happened since it last completed: a first night costs nothing. Once a week it goes through
 * everything; on the days between, through what has moved since.
 */
import type { Database, Session } from '../../db/connect.ts';
import { FEW_ROWS } from '../../db/kept-statements.ts';
import { withReaders } from '../../db/snapshot-readers.ts';
import type {
  Finding,
  JobOutcome,
  NightlyJob,
  QuietContext,
  QuietScope,
  QuietScopes,
  RunContext,
  Scope,
} from '../run/job.ts';
import { type AuditHead, auditHeads, FULL_EVERY_DAYS } from './season-audit/heads.ts';
import { recountSeason, suspectCities } from './season-audit/properties.ts';
import { openManyCase, openSeasonCase, type Recounted } from './season-audit/season-case.ts';

/** How long a recount goes on before it asks again whether somebody wants it to stop. */
const STOP_ASKED_EVERY_MS = 1_000;

export const seasonAuditJob: NightlyJob = {
  id: 'season-audit',
  title: '全程核查',
  side: 'nightly',
  menu: '档案管理',
  shardable: true,
  readsOnly: true,
  plan: async ({ database, season, businessDate }) => {
    const rows = await database.query<{ city: string }>(
      `with cities as (
         select code as city from regions where season = $1::smallint and level = 'city'
         union all select '')
       select c.city from cities c
       left join lateral (
         select a.run, a.business_date, to_date(a.result #>> '{counts,full}', 'YYYYMMDD') as whole
         from runs a where a.season = $1::smallint and a.job = 'season-audit'
           and a.state = 'completed' and coalesce(a.scope ->> 'city', '') = c.city
         order by a.run desc limit 1) audited on true
       where exists (select from blocks b join runs r on r.run = b.run
           where b.season = $1::smallint and b.city = c.city and b.run > coalesce(audited.run, 0)
             and r.job not in ('import', 'dispatch', 'audit') and r.business_date <= $2::date)
         -- Where nothing follows any more, the last one has to be whole.
         or audited.whole < audited.business_date and audited.whole + $3::integer <= $2::date
       order by c.city collate "C"`,
      [season, businessDate, FULL_EVERY_DAYS],
    );
    if (rows.length === 0) return [];
    // What touches several cities shows in the province alone, whose own chain may be silent.
    const cities = rows.map(row => row.city).filter(city => city !== '');
    return [...cities.map((city): Scope => ({ city })), {}];
  },
  identity: (scope, businessDate) => `season-audit|${scope.city ?? ''}|${businessDate}`,
  lock: scope => `season-audit|${scope.city ?? ''}`,
  quiet,
  neverQuiet: ({ city }) => city === undefined,
  execute,
};

/** Events since the last recount, up to which a city's recount is one of many in a transaction. */
const TOGETHER_EVENTS = 5_000;

/**
 * Cities that a recount from where the last one ended finds to be right. Questions about a few
 * files each: what takes longer – everything is due, or a whole batch has been decided – and what
 * finds something is a run of its own.
 */
async function quiet(
  { database, session, season, businessDate }: QuietContext,
  scopes: readonly Scope[],
): Promise<QuietScopes> {
  const cities = scopes.map(({ city }) => city ?? '');
  const heads = await auditHeads(session, { season, businessDate }, cities);
  await session.query(LATELY);
  const few = cities.flatMap(city => {
    const { since, now } = heads.get(city) as AuditHead;
    // Of the province other things are asked.
    if (city === '' || since === null || !movedLittle({ since, now })) return [];
    return [{ season, city, businessDate, since }];
  });
  if (few.length === 0) return { step: STEP, scopes: [] };
  const audit = await openManyCase(session, few);
  const suspects = await withReadersOf(database, session, LATELY, readers =>
    suspectCities(audit, readers),
  );
  const right = few.filter(({ city }) => !suspects.has(city));
  return {
    step: STEP,
    scopes: right.map(({ city }): QuietScope => {
      return { scope: { city }, outcome: outcomeOf(heads.get(city) as AuditHead, []) };
    }),
  };
}

function movedLittle({ since, now }: Pick<AuditHead, 'since' | 'now'>): boolean {
  return since !== null && now.event - since.event <= TOGETHER_EVENTS;
}

const STEP = 'season-audited';

/** Settings of a recount: the planner reckons with more than there is to compile. */
const WHOLE = `select set_config('jit', 'off', true)`;
/** Of one that looks up the little that has moved since the last. */
const LATELY = `${WHOLE}, ${FEW_ROWS}`;

async function execute(context: RunContext): Promise<JobOutcome> {
  const { database, season, scope, businessDate } = context;
  const city = scope.city ?? '';
  let asked = 0;
  const onProperty = async (property: string) => {
    context.log.debug({ city, property }, 'recounting');
    // Most properties of most cities are recounted in less time than the question takes.
    if (performance.now() - asked < STOP_ASKED_EVERY_MS) return;
    await context.checkStop();
    asked = performance.now();
  };
  const outcome = await inOneMoment(database, async session => {
    const heads = await auditHeads(session, { season, businessDate }, [city]);
    const head = heads.get(city) as AuditHead;
    const { since, lately } = head;
    const settings = movedLittle(head) ? LATELY : WHOLE;
    await session.query(settings);
    const audit = await openSeasonCase(session, { season, city, businessDate, since, lately });
    if (city !== '') return outcomeOf(head, await recountSeason(audit, onProperty));
    const findings = await withReadersOf(database, session, settings, readers =>
      recountSeason(audit, onProperty, readers),
    );
    return outcomeOf(head, findings);
  });
  return (await context.complete(STEP, async () => outcome)) ?? outcome;
}

/** What is kept for the next recount stands among the counts (season-audit/heads.ts). */
function outcomeOf({ now, full, policy }: AuditHead, findings: Finding[]): JobOutcome {
  const { block, event } = now;
  return { counts: { findings: findings.length, block, event, full }, findings, policy };
}

/** Recounts at one moment of the database; city '' is the province. */
export async function auditSeason(database: Database, what: Recounted): Promise<Finding[]> {
  return inOneMoment(database, async session => {
    await session.query(what.since == null ? WHOLE : LATELY);
    return recountSeason(await openSeasonCase(session, what));
  });
}

/**
 * What is asked about the province, or about all cities at once, is asked by two: cities are
 * recounted two at a time as they are.
 */
function withReadersOf<T>(
  database: Database | null,
  session: Session,
  settings: string,
  work: (readers: readonly Session[]) => Promise<T>,
): Promise<T> {
  if (database === null) return work([]);
  return withReaders(database, session, 1, async readers => {
    for (const reader of readers) await reader.query(settings);
    return work(readers);
  });
}

function inOneMoment<T>(database: Database, work: (session: Session) => Promise<T>): Promise<T> {
  return database.transaction(async session => {
    await session.query('set transaction isolation level repeatable read');
    return work(session);
  });
}
