/**
 * `zhongzhao start`, which `npm start` calls: the first night on a fresh machine. It can be killed
 * at any moment and started again; each part is done or not, and what is done is not done twice.
 */
import { join } from 'node:path';
import type { Database } from '../../db/connect.ts';
import type { DayCounts } from '../demo/day.ts';
import { addDays, shanghaiInstant } from '../run/calendar.ts';
import { fixedClock, recordClock } from '../run/clock.ts';
import { type NightReport, night } from '../run/night.ts';
import type { Invocation, Options } from './command.ts';
import { loadSampleInto, sampleSize } from './data.ts';
import { completedRuns, needLines, nightEnvironment, nightJson } from './night.ts';
import { type Outcome, table } from './output.ts';
import { adoptBundle, bundleOf } from './policy.ts';
import {
  currentSeason,
  type Province,
  runEnvironment,
  SCHEDULE_ACTOR,
  withProvince,
} from './province.ts';

/** The first day of the unified admission (统一录取). */
const FIRST_DATE = '2016-07-20';
/** When the jobs that stand before the day's work are through. */
const EARLY = '00:30:00';
const POLICY_FOLDER = join(import.meta.dirname, '..', '..', 'rules', 'guangdong-2016');

/** Brings the province up where it is not, and runs its next night. */
export async function start(invocation: Invocation, options: Options): Promise<Outcome> {
  const size = sampleSize(options, 'start');
  const begun = performance.now();
  return withProvince(invocation, options, async province => {
    await prepare(province, size);
    const season = await currentSeason(province.database);
    const date = await nextDate(province.database, season);
    const at = shanghaiInstant(date, '19:30:00');
    await recordClock(province.database, at);
    const day = date === FIRST_DATE ? null : await peoplesDay(province, season, date);
    const environment = await nightEnvironment({ ...province, at, now: fixedClock(at) });
    province.tell(`正在运行 ${date} 的夜间作业……`);
    const report = await wholeNight(province, await night(environment, date), date);
    const seconds = Math.round((performance.now() - begun) / 1000);
    const facts = await provinceFacts(province.database, season);
    return {
      exitCode: report.exitCode,
      json: { date, seconds, day, ...nightJson(report) },
      lines: summary(province, report, { date, seconds, facts, day }),
    };
  });
}

/**
 * What comes between two nights of the sample: the jobs of the early morning, then a day of its
 * scripted people.
 */
async function peoplesDay(
  province: Province,
  season: number,
  date: string,
): Promise<DayCounts | null> {
  const at = shanghaiInstant(date, EARLY);
  const morning = { ...province, at, now: fixedClock(at) };
  await night(await nightEnvironment(morning), date, date, at);
  province.tell(`正在办理 ${date} 的当日业务……`);
  const { liveDay } = await import('../demo/day.ts');
  return liveDay(runEnvironment(morning, season, SCHEDULE_ACTOR), date);
}

/**
 * The night as the ledger has it: where an attempt was killed before, what it had done counts too.
 * Of several publications the last one is told.
 */
async function wholeNight(
  province: Province,
  report: NightReport,
  date: string,
): Promise<NightReport> {
  const reported = new Set(report.runs.map(run => run.identity));
  const former = (await completedRuns(province, date)).filter(run => !reported.has(run.identity));
  const runs = [...former, ...report.runs];
  const published = runs.findLastIndex(run => run.job === 'publish');
  const told = runs.filter((run, index) => run.job !== 'publish' || index === published);
  const found = told.some(run => (run.result?.findings.length ?? 0) > 0);
  return { ...report, runs: told, exitCode: report.exitCode || (found ? 1 : 0) };
}

/** Adopts the policy and loads the sample, where that has not been done. */
async function prepare(province: Province, size: { scale: number; seed: number }): Promise<void> {
  const { database } = province;
  const at = shanghaiInstant(FIRST_DATE, '08:00:00');
  const [there] = await database.query<{ adopted: boolean; people: boolean }>(
    `select exists (select from policy_bases) as adopted,
            exists (select from candidates) as people`,
  );
  if (!there?.adopted) {
    province.tell('正在检查并采用 2016 年政策……');
    await adoptBundle(province, bundleOf(POLICY_FOLDER), { actor: 'province', at });
  }
  if (!there?.people) {
    province.tell('正在生成并导入合成的广东省……');
    await loadSampleInto(province, size, { at, businessDate: FIRST_DATE });
  }
}

/** The date whose night is not through: the day after the last one that was published. */
async function nextDate(database: Database, season: number): Promise<string> {
  const [row] = await database.query<{ last: string | null; published: boolean }>(
    `select d.last::text, exists (select from runs where season = $1 and job = 'publish'
         and business_date = d.last and state = 'completed') as published
     from (select max(business_date) as last from runs where season = $1 and not on_demand) d`,
    [season],
  );
  const last = row?.last ?? null;
  if (last === null) return FIRST_DATE;
  return row?.published ? addDays(last, 1) : last;
}

interface ProvinceFacts {
  readonly cities: number;
  readonly schools: number;
  readonly candidates: number;
  readonly choices: number;
}

async function provinceFacts(database: Database, season: number): Promise<ProvinceFacts> {
  const [row] = await database.query<ProvinceFacts>(
    `select
       (select count(*) from regions where season = $1 and level = 'city')::integer as cities,
       (select count(*) from schools
        where season = $1 and kind <> 'senior-high')::integer as schools,
       (select count(*) from candidates where season = $1)::integer as candidates,
       (select count(*) from choices where season = $1)::integer as choices`,
    [season],
  );
  return row as ProvinceFacts;
}

const JOB_LINES: readonly (readonly [string, string, readonly (readonly [string, string])[]])[] = [
  [
    'import',
    '导入检查',
    [
      ['packages', '数据包'],
      ['rejected', '退回'],
    ],
  ],
  [
    'dispatch',
    '投档',
    [
      ['participants', '参加'],
      ['placed', '投出'],
      ['unplaced', '未投出'],
      ['lists', '投档单'],
    ],
  ],
  ['audit', '核查', [['schoolsBarred', '暂缓发档院校']]],
  [
    'seal',
    '封签',
    [
      ['chains', '轨迹链'],
      ['events', '事件'],
    ],
  ],
  ['publish', '发布报告', [['files', '文件']]],
];

function summary(
  province: Province,
  report: NightReport,
  night: { date: string; seconds: number; facts: ProvinceFacts; day: DayCounts | null },
): string[] {
  const { facts, date, seconds, day } = night;
  const home = province.home;
  const number = (value: number) => value.toLocaleString('en-US');
  const database = province.embedded ? `内嵌 PostgreSQL（${home}）` : 'DATABASE_URL';
  return [
    `业务日期 ${date} 的一夜已运行，用时 ${seconds} 秒。数据库：${database}`,
    `合成数据：${facts.cities} 市，学校 ${number(facts.schools)} 所，` +
      `考生 ${number(facts.candidates)} 名，志愿 ${number(facts.choices)} 条`,
    ...(day === null ? [] : [dayLine(day, number)]),
    '已完成：',
    ...table(JOB_LINES.map(line => jobLine(report, line, number))),
    ...needLines(report),
    `报告：${join(home, 'out', date, 'index.html')}`,
    '再次运行 npm start 即为下一业务日期；zhongzhao runs 查看全部运行，zhongzhao --help 查看命令。',
  ];
}

function dayLine(day: DayCounts, number: (value: number) => string): string {
  const { lists, admitted, returned, registered, rounds, refused } = day;
  const next = rounds === 0 ? '' : `，开放下一轮 ${number(rounds)} 市`;
  return (
    `当日业务：发档 ${number(lists)} 份，录取 ${number(admitted)} 人，退档 ${number(returned)} 人，` +
    `注册 ${number(registered)} 人${next}，被拒 ${number(refused)} 次`
  );
}

function jobLine(
  report: NightReport,
  [job, title, names]: (typeof JOB_LINES)[number],
  number: (value: number) => string,
): string[] {
  const runs = report.runs.filter(run => run.job === job);
  const done = runs.filter(run => run.result !== null);
  const counts = names.map(([name, chinese]) => {
    const sum = done.reduce((total, run) => total + (run.result?.counts[name] ?? 0), 0);
    return `${chinese} ${number(sum)}`;
  });
  if (runs.length === 0) return [`  ${title}`, '没有到期的'];
  const open = runs.length - done.length;
  const left = open === 0 ? '' : `（另有 ${open} 次未完成）`;
  return [`  ${title}`, `${done.length} 次${left}`, counts.join('，')];
}
