/**
 * The measures of a night, the same for tonight and for the night it is compared with, and the sums
 * that must agree. Each sum is taken two ways from different tables: what candidates were told
 * (decisions), what schools were sent (lists and their items), what is shown per school.
 */
import type { Session } from '../../db/connect.ts';
import type { Change, Figure, Reconciliation } from '../report.ts';
import { noRuns, type RunKeys } from './dispatch-rows.ts';
import type { LedgerRun } from './night.ts';

export interface Measures {
  readonly runs: number;
  readonly schools: number;
  readonly planned: number;
  readonly room: number;
  readonly participants: number;
  readonly sent: number;
  readonly unplaced: number;
  readonly unfilled: number;
  readonly overrun: number;
  readonly closed: number;
  readonly schoolSent: number;
  readonly listSent: number;
  readonly items: number;
  readonly lists: number;
  readonly waiting: number;
}

const NONE: Measures = {
  ...{ runs: 0, schools: 0, planned: 0, room: 0, participants: 0, sent: 0, unplaced: 0 },
  ...{ unfilled: 0, overrun: 0, closed: 0, schoolSent: 0, listSent: 0, items: 0, lists: 0 },
  waiting: 0,
};

const MEASURES = `
with wanted as (select * from unnest($2::integer[], $3::text[]) as w (run, city)),
decided as (
  select count(*)::integer as participants, count(d.school)::integer as sent
  from wanted w join decisions d
    on d.season = $1::smallint and d.city = w.city and d.run = w.run),
at_schools as (
  select count(*)::integer as schools, coalesce(sum(o.planned), 0)::integer as planned,
    coalesce(sum(greatest(o.room_before, 0)), 0)::integer as room,
    coalesce(sum(greatest(o.room_after, 0)), 0)::integer as unfilled,
    coalesce(sum(o.overrun), 0)::integer as overrun,
    coalesce(sum(o.sent), 0)::integer as school_sent,
    count(*) filter (where o.closed_by_tie)::integer as closed
  from wanted w join school_outcomes o
    on o.season = $1::smallint and o.city = w.city and o.run = w.run),
listed as (
  select count(*)::integer as lists, coalesce(sum(l.sent), 0)::integer as list_sent,
    count(*) filter (where l.state = 'draft')::integer as waiting
  from wanted w join dispatch_lists l
    on l.season = $1::smallint and l.city = w.city and l.run = w.run),
items as (
  select count(*)::integer as items
  from wanted w
    join dispatch_lists l on l.season = $1::smallint and l.city = w.city and l.run = w.run
    join list_items i on i.season = l.season and i.city = l.city and i.list = l.list)
select (select count(*)::integer from wanted) as runs, schools, planned, room, participants, sent,
  participants - sent as unplaced, unfilled, overrun, closed, school_sent as "schoolSent",
  list_sent as "listSent", items, lists, waiting
from decided, at_schools, listed, items`;

/** Counts over all the runs at once; not a sum of sums. */
export async function readMeasures(session: Session, keys: RunKeys): Promise<Measures> {
  if (noRuns(keys)) return NONE;
  const [measures] = await session.query<Measures>(MEASURES, keys);
  return measures as Measures;
}

/** The large numbers of the report. */
export function figuresOf(measures: Measures): Figure[] {
  const people = (key: string, title: string, value: number): Figure => ({
    key,
    title,
    type: 'integer',
    value,
    unit: '人',
  });
  return [
    people('participants', '参加投档', measures.participants),
    people('sent', '投出', measures.sent),
    people('unplaced', '未投出', measures.unplaced),
    {
      key: 'fill',
      title: '投满率',
      type: 'percent',
      value: null,
      of: [measures.sent - measures.overrun, measures.room],
    },
    people('room', '可投人数', measures.room),
    people('unfilled', '缺额', measures.unfilled),
    people('overrun', '同分超出', measures.overrun),
    { key: 'lists', title: '投档单', type: 'integer', value: measures.lists, unit: '张' },
  ];
}

/** Tonight beside the last time. */
export function changesOf(now: Measures, before: Measures | null): Change[] {
  const rows: [keyof Measures, string, string][] = [
    ['runs', '完成的投档', '次'],
    ['participants', '参加投档', '人'],
    ['sent', '投出', '人'],
    ['unplaced', '未投出', '人'],
    ['room', '可投人数', '人'],
    ['unfilled', '缺额', '人'],
    ['overrun', '同分超出', '人'],
    ['lists', '投档单', '张'],
  ];
  return rows.map(([key, title, unit]) => ({
    title,
    unit,
    type: 'integer',
    before: before === null ? null : before[key],
    now: now[key],
  }));
}

/** Sums of the cities as their table shows them. */
export interface CitySums {
  readonly participants: number;
  readonly sent: number;
  /** Cities whose schools add up to their candidates. */
  readonly agreeing: number;
  readonly cities: number;
}

/** What must agree, and does it. */
export function reconciliationsOf(
  measures: Measures,
  cities: CitySums,
  runs: readonly LedgerRun[],
): Reconciliation[] {
  const ownCounts = runs.filter(run => run.counts?.['participants'] !== undefined);
  const own = (key: string) => ownCounts.reduce((sum, run) => sum + (run.counts?.[key] ?? 0), 0);
  const items: Reconciliation[] = [
    {
      sentence: '各市参加人数之和与全部考生的投档结果条数',
      left: cities.participants,
      right: measures.participants,
    },
    { sentence: '各市投出人数之和与全部投出人数', left: cities.sent, right: measures.sent },
    {
      sentence: '各院校投出人数之和与投出的考生人数',
      left: measures.schoolSent,
      right: measures.sent,
    },
    {
      sentence: '逐市核对：各院校投出之和等于本市投出人数的次数与投档次数',
      left: cities.agreeing,
      right: cities.cities,
    },
    { sentence: '投档单所列人数与投出人数', left: measures.listSent, right: measures.sent },
    { sentence: '投档单上的考生与投出人数', left: measures.items, right: measures.sent },
    {
      sentence: '可投人数与投出、缺额之和减去同分超出',
      left: measures.room,
      right: measures.sent + measures.unfilled - measures.overrun,
    },
  ];
  if (ownCounts.length === runs.length && runs.length > 0) {
    items.push({
      sentence: '运行自报的参加人数与重新计数',
      left: own('participants'),
      right: measures.participants,
    });
    items.push({
      sentence: '运行自报的投出人数与重新计数',
      left: own('placed'),
      right: measures.sent,
    });
  }
  return items;
}
