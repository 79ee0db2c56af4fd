/**
 * The morning page (今早要办): what the officer opens first. What was done last night, what needs a
 * person, which cities are late, and which deadlines of the calendar come next. A city's officer
 * sees the city's own morning.
 */

import { phaseOn } from '../../engine/policy/calendar.ts';
import { basisWords } from '../../engine/policy/handbook/words.ts';
import type { FullPolicy } from '../../engine/policy/types.ts';
import { readHead } from '../head.ts';
import { PARAMETERS } from '../parameters.ts';
import { type PolicyInForce, wordsOf } from '../policy-words.ts';
import { asReader } from '../reader.ts';
import {
  defineReport,
  type Parameters,
  type ReportContent,
  type Row,
  type SelectContext,
} from '../report.ts';
import { reasonTitle } from '../words.ts';
import { cityRows, decidedCells, runKeys } from './dispatch-rows.ts';
import { readFindings, waitingLists } from './findings.ts';
import { changesOf, figuresOf, readMeasures } from './measures.ts';
import {
  DISPATCH_JOBS,
  nightOfReader,
  readFormer,
  readNight,
  type Sight,
  sightTitle,
} from './night.ts';
import { CITIES, RUN_DEFINITIONS } from './run-report-sections.ts';
import { calendarRows, SEASON_CALENDAR, todayMark } from './season-calendar.ts';

/** Deadlines further down are for a later morning. */
export const DEADLINES_SHOWN_MAX = 12;

const SHOWN_OF_CITIES: ReadonlySet<string> = new Set([
  'city',
  'cityName',
  'batch',
  'round',
  'room',
  'participants',
  'sent',
  'unplaced',
  'fill',
  'unfilled',
  'overrun',
]);

export const morning = defineReport({
  id: 'morning',
  title: '今早要办',
  menu: '系统管理',
  side: 'office',
  parameters: {
    type: 'object',
    additionalProperties: false,
    properties: { date: PARAMETERS.date },
  },
  sections: [
    {
      id: 'late',
      title: '迟到的市',
      order: '地市代码',
      empty: '没有迟到的市。',
      columns: [
        { key: 'city', title: '地市代码', type: 'code', width: 8 },
        { key: 'cityName', title: '地市', type: 'text', width: 12 },
        { key: 'late', title: '还没有完成的事', type: 'text', width: 44 },
        { key: 'since', title: '期限', type: 'date', width: 11 },
        { key: 'basis', title: '依据', type: 'text', width: 28 },
      ],
    },
    {
      id: 'deadlines',
      title: '接下来的期限',
      order: '日期',
      empty: '政策日历中没有以后的期限。',
      columns: [
        { key: 'date', title: '日期', type: 'date', width: 11 },
        { key: 'left', title: '还有', type: 'integer', unit: '天', width: 6 },
        { key: 'title', title: '事项', type: 'text', width: 44 },
        { key: 'basis', title: '依据', type: 'text', width: 28 },
      ],
    },
    SEASON_CALENDAR,
    {
      id: 'done',
      title: '各市投档情况',
      order: CITIES.order,
      empty: '没有完成的投档。',
      columns: CITIES.columns.filter(column => SHOWN_OF_CITIES.has(column.key)),
    },
  ],
  definitions: RUN_DEFINITIONS,
  select,
});

async function select(context: SelectContext, parameters: Parameters): Promise<ReportContent> {
  const { session, season } = context;
  const reader = await asReader(context, morning, parameters, async each => each);
  const { policy } = reader;
  const night = nightOfReader(reader, await readNight(session, season, parameters));
  const keys = runKeys(season, night.dispatched);
  const measures = await readMeasures(session, keys);
  const former = await readFormer(session, season, night);
  const before =
    former === null ? null : await readMeasures(session, runKeys(season, former.dispatched));
  const findings = await readFindings(session, season, night, wordsOf(policy?.base ?? null));
  const titles = new Map(policy?.base.batches.map(batch => [batch.id, batch.title]) ?? []);
  const cities = await cityRows(session, keys, await decidedCells(session, keys));
  const today = night.businessDate;
  const head = await readHead(session, season, {
    scope: `${await sightTitle(session, season, night.sight)} ${night.businessDate ?? ''}`.trim(),
    businessDate: night.businessDate,
    runs: night.runs.map(run => run.run),
  });
  return {
    head,
    findings: [...findings, ...waitingLists(measures.waiting)],
    figures: figuresOf(measures),
    since: former?.since ?? null,
    changes: changesOf(measures, before),
    marks: today === null ? [] : [todayMark(today)],
    rows: {
      late: await lateRows(context, policy, today, night.sight),
      deadlines: deadlineRows(policy, today),
      calendar: today === null ? [] : calendarRows(policy?.base ?? null, today),
      done: cities.map(row => ({
        ...row,
        batch: titles.get(String(row['batch'])) ?? row['batch'] ?? null,
      })),
    },
  };
}

interface CityState {
  readonly city: string;
  readonly cityName: string;
  readonly complete: boolean;
  readonly adopted: boolean;
  /** Batches with a plan line and no completed dispatch. */
  readonly batches: readonly string[];
  /** Of a city with its own system: the day's snapshot has come. */
  readonly snapshot: boolean;
  /** Batch → code of the last refusal. */
  readonly refusals: Readonly<Record<string, string>>;
}

/** As they stand, not as values: the index of these jobs is found by them. */
const DISPATCHES = DISPATCH_JOBS.map(job => `'${job}'`).join(', ');

/** Cities with plan lines: what each has, and which of its batches were never dispatched. */
const CITY_STATES = `
select c.code as city, c.name as "cityName",
  coalesce(s.senior_high_complete, false) as complete,
  coalesce((select g.version is not null from policy_overlays o
    left join overlay_signatures g using (season, city, version)
    where o.season = c.season and o.city = c.code
    order by o.version desc limit 1), false) as adopted,
  array(select distinct p.batch from plan_lines p
        where p.season = c.season and p.city = c.code and not exists (
          select from runs r where r.season = c.season and r.job in (${DISPATCHES})
            and r.state = 'completed' and r.scope ->> 'city' = c.code
            and r.scope ->> 'batch' = p.batch)
        order by 1) as batches,
  coalesce((select jsonb_object_agg(r.batch, r.code) from (
      select distinct on (r.scope ->> 'batch') r.scope ->> 'batch' as batch,
        r.error ->> 'code' as code
      from runs r where r.season = c.season and r.job in (${DISPATCHES})
        and r.state = 'refused' and r.scope ->> 'city' = c.code and r.scope ->> 'batch' is not null
      order by r.scope ->> 'batch', r.run desc) r), '{}') as refusals,
  exists (select from snapshots n where n.season = c.season and n.city = c.code
    and n.business_date = $2::date) as snapshot
from regions c
  left join city_standings s on s.season = c.season and s.city = c.code
where c.season = $1::smallint and c.level = 'city'
  and exists (select from plan_lines p where p.season = c.season and p.city = c.code)
order by c.code collate "C"`;

async function lateRows(
  { session, season }: SelectContext,
  policy: PolicyInForce | null,
  date: string | null,
  { cities }: Sight,
): Promise<Row[]> {
  if (date === null) return [];
  const all = await session.query<CityState>(CITY_STATES, [season, date]);
  const states = all.filter(({ city }) => cities === 'all' || cities.includes(city));
  const titles = new Map(policy?.base.start.map(rule => [rule.refuse, rule.title]) ?? []);
  return states.flatMap(state => lateOfCity(state, policy, date, titles));
}

function lateOfCity(
  state: CityState,
  policy: PolicyInForce | null,
  date: string,
  titles: ReadonlyMap<string, string>,
): Row[] {
  const { city, cityName } = state;
  const base = policy?.base ?? null;
  const effective = policy?.ofCity(city) ?? base;
  if (effective?.ownSystem) return lateSnapshot(state, effective, date);
  const late = (what: string, deadline: string): Row[] => {
    const found = base?.deadlines.find(one => one.id === deadline);
    if (found?.date != null && found.date >= date) return [];
    const basis = found === undefined ? '' : basisWords(base, found.basis);
    return [{ city, cityName, late: what, since: found?.date ?? null, basis }];
  };
  const rows: Row[] = [];
  if (!state.complete) rows.push(...late('普通高中录取数据没有导入完成', 'senior-high-imported'));
  if (!state.adopted) rows.push(...late('本市的录取原则和设置没有生效', 'principles-filed'));
  for (const id of state.batches) {
    const batch = effective?.batches.find(one => one.id === id);
    if (batch?.window == null || date < batch.window[0] || date > batch.window[1]) continue;
    const code = state.refusals[id];
    const why = code === undefined ? '' : `：${reasonTitle(code, titles)}`;
    rows.push({
      city,
      cityName,
      late: `${batch.title}已到投档时间，还没有投档${why}`,
      since: batch.window[0],
      basis: basisWords(base, batch.basis),
    });
  }
  return rows;
}

/** A city with its own system owes the admissions of each day of a phase (n66 三（一）5). */
function lateSnapshot(state: CityState, policy: FullPolicy, date: string): Row[] {
  if (state.snapshot || phaseOn(policy, date) === null) return [];
  const { city, cityName } = state;
  const found = policy.values.find(one => one.id === 'snapshot-cut-off');
  const basis = found === undefined ? '' : basisWords(policy, found.basis);
  return [{ city, cityName, late: '当日的录取快照没有送达', since: date, basis }];
}

/** What the calendar has from this date on: deadlines, and the first and last days of windows. */
function deadlineRows(policy: PolicyInForce | null, date: string | null): Row[] {
  if (policy === null || date === null) return [];
  const { base } = policy;
  const days = [
    ...base.deadlines.map(({ date: on, title, basis }) => ({ on, title, basis })),
    ...[...base.phases, ...base.batches, ...base.windows].flatMap(({ window, title, basis }) => [
      { on: window?.[0] ?? null, title: `${title}开始`, basis },
      { on: window?.[1] ?? null, title: `${title}最后一天`, basis },
    ]),
  ];
  return days
    .flatMap(({ on, title, basis }) => (on === null || on < date ? [] : [{ on, title, basis }]))
    .sort((a, b) => (a.on < b.on ? -1 : a.on > b.on ? 1 : 0))
    .slice(0, DEADLINES_SHOWN_MAX)
    .map(({ on, title, basis }) => ({
      date: on,
      left: daysBetween(date, on),
      title,
      basis: basisWords(base, basis),
    }));
}

function daysBetween(from: string, to: string): number {
  return Math.round((Date.parse(`${to}T00:00:00Z`) - Date.parse(`${from}T00:00:00Z`)) / 86_400_000);
}
