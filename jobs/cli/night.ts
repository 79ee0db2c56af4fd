/** `zhongzhao night` and `zhongzhao run`: what the schedule does by itself, by hand. */
import { nearestName } from '../../engine/policy/nearest.ts';
import { nightlyJobs } from '../nightly/registry.ts';
import { assertDate, shanghaiDate } from '../run/calendar.ts';
import { runError } from '../run/errors.ts';
import type { NightlyJob, Scope } from '../run/job.ts';
import { recentRuns } from '../run/ledger.ts';
import { type NightEnvironment, type NightReport, night } from '../run/night.ts';
import { exitCodeOf, type RunReport, runJob } from '../run/run.ts';
import type { Registry } from '../run/schedule.ts';
import type { Invocation, Options } from './command.ts';
import { type Outcome, table } from './output.ts';
import {
  currentSeason,
  type Province,
  runEnvironment,
  SCHEDULE_ACTOR,
  withProvince,
} from './province.ts';
import { STATES } from './runs.ts';
import { scheduleOf } from './schedule-in-force.ts';

/** Runs of one date that an answer "done already" lists. */
const DONE_LISTED_MAX = 1000;

/** Names of jobs and cities, for the progress line and the summary. */
export async function cityNames(province: Province, season: number): Promise<Map<string, string>> {
  const rows = await province.database.query<{ code: string; name: string }>(
    "select code, name from regions where season = $1 and level = 'city'",
    [season],
  );
  return new Map(rows.map(row => [row.code, row.name]));
}

/** What a night needs, from what the command has opened. */
export async function nightEnvironment(province: Province): Promise<NightEnvironment> {
  const season = await currentSeason(province.database);
  const names = await cityNames(province, season);
  const registry = await nightlyJobs();
  return {
    ...runEnvironment(province, season, SCHEDULE_ACTOR),
    registry: named(registry, names, province),
    schedule: await scheduleOf(province.database, season),
    at: province.at,
  };
}

/** The same jobs, announcing themselves on the progress line. */
export function named(
  registry: Registry,
  names: ReadonlyMap<string, string>,
  province: Pick<Province, 'progress'>,
): Registry {
  const announced = [...registry.values()].map((job): [string, NightlyJob] => [
    job.id,
    {
      ...job,
      execute: context => {
        const city = context.scope.city ?? '';
        const title = `${job.title} ${names.get(city) ?? city}`.trim();
        province.progress.title(title);
        const progress: typeof context.progress = (stage, done, total) => {
          // Cities run side by side: the line names the one that speaks.
          province.progress.title(title);
          context.progress(stage, done, total);
        };
        return job.execute({ ...context, progress });
      },
    },
  ]);
  return new Map(announced);
}

/** `zhongzhao night` */
export async function nightly(invocation: Invocation, options: Options): Promise<Outcome> {
  return withProvince(invocation, options, async province => {
    const date = dateOption(options, 'date') ?? shanghaiDate(province.now());
    const until = dateOption(options, 'until') ?? date;
    if (until < date) throw runError('date-malformed', { value: `--until ${until}` });
    const report = await night(await nightEnvironment(province), date, until);
    return { exitCode: report.exitCode, json: nightJson(report), lines: nightLines(report) };
  });
}

/** `zhongzhao run JOB` */
export async function runOne(
  invocation: Invocation,
  options: Options,
  [id = '']: readonly string[],
): Promise<Outcome> {
  const registry = await nightlyJobs();
  const job = registry.get(id);
  if (job === undefined) {
    const nearest = nearestName(id, registry.keys()) ?? [...registry.keys()].join('、');
    throw runError('unknown-job', { job: id, nearest });
  }
  return withProvince(invocation, options, async province => {
    const season = await currentSeason(province.database);
    const date = dateOption(options, 'date') ?? shanghaiDate(province.now());
    const dryRun = options['dryRun'] === true;
    const environment = { ...runEnvironment(province, season, SCHEDULE_ACTOR), dryRun };
    const planned = await job.plan({ database: province.database, season, businessDate: date });
    const scopes = planned.filter(
      scope => matches(scope.city, options['city']) && matches(scope.batch, options['batch']),
    );
    const reports: RunReport[] = [];
    for (const scope of scopes) {
      if (province.signal.aborted) break;
      reports.push(await runJob(job, scope, date, environment));
    }
    if (reports.length === 0) reports.push(...(await alreadyDone(province, job, date, options)));
    const exitCode = province.signal.aborted ? 5 : Math.max(0, ...reports.map(exitCodeOf));
    const nothing = `${date} 没有要运行的 ${job.title}（${scopeText(options)}）。`;
    return {
      exitCode,
      json: { runs: reports.map(reportJson) },
      lines: reports.length === 0 ? [nothing] : reports.flatMap(runLine),
    };
  });
}

/** Nothing is due, perhaps because it has been done: then that is the answer, with its result. */
async function alreadyDone(
  province: Province,
  job: NightlyJob,
  date: string,
  options: Options,
): Promise<RunReport[]> {
  const done = await completedRuns(province, date, job.id);
  return done.filter(
    ({ scope }) => matches(scope.city, options['city']) && matches(scope.batch, options['batch']),
  );
}

/** What the ledger has completed of a date's night, in the order of the runs; without acts. */
export async function completedRuns(
  province: Province,
  date: string,
  job?: string,
): Promise<RunReport[]> {
  const rows = await recentRuns(province.database, {
    job,
    date,
    limit: DONE_LISTED_MAX,
    scheduled: true,
  });
  return rows
    .filter(row => row.state === 'completed')
    .toSorted((one, other) => one.run - other.run)
    .map(({ scope, businessDate, identity, run, result, job: id }) => ({
      job: id,
      scope,
      businessDate,
      identity,
      state: 'already-done',
      run,
      result,
      error: null,
    }));
}

function matches(value: string | undefined, wanted: Options[string]): boolean {
  return wanted === undefined || value === wanted;
}

function scopeText(options: Options): string {
  const city = options['city'] ?? '各市';
  return options['batch'] === undefined ? String(city) : `${city}，${options['batch']}`;
}

export function dateOption(options: Options, name: string): string | undefined {
  const value = options[name];
  return typeof value === 'string' ? assertDate(value) : undefined;
}

export function reportJson(report: RunReport) {
  const { error, ...rest } = report;
  return {
    ...rest,
    exitCode: exitCodeOf(report),
    error:
      error === null ? null : { code: error.code, sentence: error.message, advice: error.advice },
  };
}

export function nightJson(report: NightReport) {
  return { ...report, runs: report.runs.map(reportJson) };
}

function runLine(report: RunReport): string[] {
  const { result, error } = report;
  const scope: Scope = report.scope;
  const counts = Object.entries(result?.counts ?? {})
    .map(([name, count]) => `${name} ${count}`)
    .join('，');
  const state = STATES[report.state] ?? report.state;
  const head = `${report.job} ${Object.values(scope).join(' ')}：${state}`;
  const lines = [counts === '' ? head : `${head}（${counts}）`];
  if (result?.resultHash) lines.push(`  结果哈希 ${result.resultHash}`);
  for (const finding of result?.findings ?? [])
    lines.push(`  ${finding.property} ${finding.sentence}`);
  if (error !== null) lines.push(`  [${error.code}] ${error.message} ${error.advice}`);
  return lines;
}

/** How many kinds of needs a night shows by itself; the report has all of them. */
const NEEDS_SHOWN_MAX = 6;

/** What was done, and what needs a person. */
export function nightLines(report: NightReport): string[] {
  const lines = [`业务日期 ${report.dates.at(-1)}`];
  if (report.runs.length === 0 && report.heldBack.length === 0) {
    return [...lines, '没有到期的作业，或都已完成。'];
  }
  const missed = new Set(report.runs.map(run => run.businessDate));
  missed.delete(report.dates.at(-1) ?? '');
  if (missed.size > 0) lines.push(`同时补做了：${[...missed].join('、')}`);
  const jobs = [...new Set(report.runs.map(run => run.job))];
  lines.push(
    ...table(
      jobs.map(job => {
        const mine = report.runs.filter(run => run.job === job);
        const states = [...new Set(mine.map(run => run.state))].map(
          state => `${STATES[state] ?? state} ${mine.filter(run => run.state === state).length}`,
        );
        return [`  ${job}`, states.join('，')];
      }),
    ),
  );
  return [...lines, ...needLines(report)];
}

/** What needs a person; the same sentence of many cities is one line. */
export function needLines(report: NightReport): string[] {
  const needs = [
    ...report.runs.flatMap(run =>
      run.error === null ? [] : [`${run.identity}：${run.error.message}${run.error.advice}`],
    ),
    ...report.runs.flatMap(run =>
      (run.result?.findings ?? []).map(finding => `${finding.property} ${finding.sentence}`),
    ),
    ...report.heldBack.map(held => `${held.identity}：等待 ${held.because} 完成后再运行。`),
  ];
  if (needs.length === 0) return ['没有需要人工处理的事项。'];
  const counted = new Map<string, number>();
  for (const need of needs) counted.set(need, (counted.get(need) ?? 0) + 1);
  const groups = [...counted].map(([need, count]) => (count > 1 ? `${need}（${count} 处）` : need));
  const more = groups.length - NEEDS_SHOWN_MAX;
  const shown = groups.slice(0, NEEDS_SHOWN_MAX).map(need => `  · ${need}`);
  if (more > 0) shown.push(`  · 另有 ${more} 类，见报告。`);
  return [`需要人工处理 ${needs.length} 项：`, ...shown];
}
