/**
 * Progress over the days 逐日进度: how many were admitted and registered at the end of each day.
 * It is counted from the events of the trail that change these numbers, out of their index
 * (migration 0024), which still is a million at full size: the nightly publication asks for it, and
 * by day whoever wants it.
 */
import type { Session } from '../../db/connect.ts';
import { daysAfter } from '../../engine/policy/calendar.ts';
import type { Row, Section } from '../report.ts';

export const PROGRESS_DAYS: Section = {
  id: 'days',
  title: '逐日进度',
  order: '日期',
  empty: '还没有录取。',
  note: '各日终了时的人数，录后退、转出的自当日减去；计划为现在的计划。',
  columns: [
    { key: 'day', title: '日期', type: 'date', width: 11 },
    { key: 'planned', title: '计划', type: 'integer', unit: '人', width: 9 },
    { key: 'admitted', title: '累计录取', type: 'integer', unit: '人', width: 9 },
    { key: 'registered', title: '其中已注册', type: 'integer', unit: '人', width: 10 },
    { key: 'change', title: '当日净增录取', type: 'integer', unit: '人', width: 11, total: 'sum' },
  ],
  chart: {
    kind: 'line',
    title: '逐日进度：累计录取、已注册与计划（人）',
    category: 'day',
    values: ['planned', 'admitted', 'registered'],
    fromZero: true,
  },
};

const ADMITTED = `('admitted', 'registered', 'filed')`;
const REGISTERED = `('registered', 'filed')`;
const moved = (states: string) =>
  `(count(*) filter (where to_state in ${states})
    - count(*) filter (where from_state in ${states}))::integer`;

/** $2 city. Who comes into a state counts up on that day, who leaves it counts down. */
const CHANGES = `
select business_date::text as day, ${moved(ADMITTED)} as admitted,
  ${moved(REGISTERED)} as registered
from events
where season = $1::smallint and ($2::text is null or city = $2) and to_state is not null
  and (to_state in ${ADMITTED} or from_state in ${ADMITTED})
group by business_date order by business_date`;

interface DayChange {
  readonly day: string;
  readonly admitted: number;
  readonly registered: number;
}

/** One row per day from the first admission to the last change, days without one included. */
export async function progressDays(
  session: Session,
  season: number,
  city: string | null,
  planned: number,
): Promise<Row[]> {
  const changes = await session.query<DayChange>(CHANGES, [season, city]);
  const last = changes.at(-1)?.day ?? '';
  const ofDay = new Map(changes.map(change => [change.day, change]));
  const rows: Row[] = [];
  let [admitted, registered] = [0, 0];
  for (let day = changes[0]?.day ?? ''; day !== '' && day <= last; day = daysAfter(day, 1)) {
    const change = ofDay.get(day);
    admitted += change?.admitted ?? 0;
    registered += change?.registered ?? 0;
    rows.push({ day, planned, admitted, registered, change: change?.admitted ?? 0 });
  }
  return rows;
}
