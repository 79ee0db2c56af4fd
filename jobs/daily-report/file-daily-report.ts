/**
 * 招生日报填报: the daily report of the school, one per day, editable until the day is closed – by
 * the city's signature, or when the days that the policy gives are over. The answer shows what the
 * system itself counts beside what was typed; a difference is allowed, and marked.
 */
import {
  type DailyFigures,
  dayClosed,
  readDailyReport,
  systemFigures,
  writeDailyReport,
} from '../../db/season/daily-reports.ts';
import { schoolSeat } from '../../db/season/school-seat.ts';
import { confirmationDay, daysAfter, valueById } from '../../engine/policy/calendar.ts';
import type { FullPolicy } from '../../engine/policy/types.ts';
import type { Act } from '../act/act.ts';
import { actError } from '../act/errors.ts';
import {
  type Answer,
  functionJob,
  type OpenSpan,
  type Place,
  type Target,
} from '../act/function-job.ts';
import { INPUT } from '../act/input.ts';
import { dailyReportError } from './errors.ts';

interface Input {
  readonly date?: string;
  readonly admitted: number;
  readonly registered: number;
  readonly admitted_that_day: number;
  readonly remark?: string;
}

const figure = (description: string) => ({
  type: 'integer',
  minimum: 0,
  maximum: 100_000,
  description,
});

export const job = functionJob<Input>({
  id: 'file-daily-report',
  title: '招生日报填报',
  sides: ['school'],
  menu: '招生日报',
  annex: true,
  input: {
    properties: {
      date: { ...INPUT.date, description: '填报哪一天，不写为当日' },
      admitted: figure('截至当日的录取人数（含已注册）'),
      registered: figure('截至当日的注册人数'),
      admitted_that_day: figure('当日新录取的人数'),
      remark: { type: 'string', maxLength: 400, description: '说明' },
    },
    required: ['admitted', 'registered', 'admitted_that_day'],
  },
  relatives: false,
  // Typed in the evening, when the night's run is on: it touches no file.
  unlocked: true,
  window: ({ policy }) => daySpans(policy, editDays(policy)),
  target,
  effect: file,
});

/** A phase's days, its students' registration included. */
function daySpans(policy: FullPolicy, grace: number): OpenSpan[] {
  return policy.phases.map(({ id, title, basis, window }) => {
    if (window === null) return { title, basis, window };
    const confirmed = confirmationDay(policy, id) ?? window[1];
    const last = [confirmed, window[1]].toSorted().at(-1) as string;
    return { title: `${title}及注册`, basis, window: [window[0], daysAfter(last, grace)] };
  });
}

function editDays(policy: FullPolicy): number {
  return valueById(policy, 'daily-report-edit-days', 'number').value;
}

async function target({ session, season, user }: Place<Input>): Promise<Target> {
  const school = user.school ?? '';
  const seat = await schoolSeat(session, season, school);
  if (seat === null) throw actError('unknown-school', { school });
  return { cities: seat.city === '' ? [] : [seat.city], school };
}

async function file(act: Act<Input>): Promise<Answer> {
  const { input, session, season } = act;
  const school = act.target.school as string;
  const city = act.target.cities[0] ?? '';
  const day = input.date ?? act.businessDate;
  await checkDay(act, city, day);
  const typed: DailyFigures = {
    admitted: input.admitted,
    registered: input.registered,
    admittedThatDay: input.admitted_that_day,
  };
  const remark = input.remark ?? '';
  const system = await act.asRunner(runner => systemFigures(runner, season, school, day));
  const before = await readDailyReport(session, season, school, day);
  const lines = comparison(typed, system);
  const values = { date: day, typed, system };
  const report = { ...typed, remark, system };
  if (before !== null && sameReport(before, report)) {
    return { lines: [`${day} 的招生日报内容相同，未作改动。`, ...lines], values };
  }
  const filed = { by: act.user.user, at: act.at };
  await writeDailyReport(session, season, { school, day, city }, report, filed);
  act.record({ note: { day, typed, system } });
  const done = before === null ? '已填报' : '已更正';
  return { lines: [`${day} 的招生日报${done}。`, ...lines], values };
}

/** @throws day-ahead, day-closed, window-closed */
async function checkDay(act: Act<Input>, city: string, day: string): Promise<void> {
  const { policy, businessDate } = act;
  if (day > businessDate) throw dailyReportError('day-ahead', { day });
  const spans = daySpans(policy, 0);
  const open = spans.some(({ window }) => window !== null && window[0] <= day && day <= window[1]);
  if (!open) {
    const said = spans.map(
      ({ title, window }) => `${title}（${window?.join(' 至 ') ?? '未公布'}）`,
    );
    throw actError('window-closed', { date: day, title: job.title, spans: said.join('；') });
  }
  const { value: days, unit } = valueById(policy, 'daily-report-edit-days', 'number');
  if (businessDate > daysAfter(day, days)) {
    throw dailyReportError('day-closed', { day, reason: `可更正的期限为 ${days} ${unit}` });
  }
  if (await dayClosed(act.session, act.season, city, day)) {
    throw dailyReportError('day-closed', { day, reason: '市招办已签署该日的日报统计' });
  }
}

type Filed = DailyFigures & { readonly remark: string; readonly system: DailyFigures };

function sameReport(before: Filed, now: Filed): boolean {
  const text = (one: Filed) =>
    [one, one.system]
      .flatMap(each => [each.admitted, each.registered, each.admittedThatDay])
      .join();
  return before.remark === now.remark && text(before) === text(now);
}

const TITLES: readonly (readonly [keyof DailyFigures, string])[] = [
  ['admitted', '录取'],
  ['registered', '注册'],
  ['admittedThatDay', '当日新录取'],
];

function comparison(typed: DailyFigures, system: DailyFigures): string[] {
  return TITLES.map(([key, title]) => {
    const difference = typed[key] - system[key];
    const said = difference === 0 ? '相符' : `相差 ${difference > 0 ? '+' : ''}${difference}`;
    return `${title}：填报 ${typed[key]}，系统 ${system[key]}，${said}。`;
  });
}
