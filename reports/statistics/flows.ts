/** Flows between cities 生源流向: from where the candidates come, to schools of which city they go. */
import type { Session } from '../../db/connect.ts';
import type { Row, Section } from '../report.ts';
import { type ProgressScope, progressValues } from './progress.ts';

export const FLOWS: Section = {
  id: 'flows',
  title: '生源流向',
  order: '生源地代码、院校所在地代码',
  empty: '没有已录取的考生。',
  note: '录取的考生由哪个地市到哪个地市的院校；院校所在地以院校资料为准。',
  columns: [
    { key: 'city', title: '生源地代码', type: 'code', width: 9 },
    { key: 'cityName', title: '生源地', type: 'text', width: 12 },
    { key: 'seat', title: '院校所在地代码', type: 'code', width: 12 },
    { key: 'seatName', title: '院校所在地', type: 'text', width: 14 },
    { key: 'admitted', title: '录取', type: 'integer', unit: '人', width: 8, total: 'sum' },
    { key: 'share', title: '占该生源地', type: 'percent', of: ['admitted', 'ofCity'], width: 9 },
  ],
  chart: {
    kind: 'flow',
    title: '生源流向（录取，人；框内为留在本市的）',
    from: 'cityName',
    to: 'seatName',
    value: 'admitted',
  },
};

/** $1 to $5 as in progress.ts. Schools first summed up: there are few of them, and many files. */
const ROWS = `
select x.city, coalesce(r.name, x.city) as "cityName", x.seat,
  case when x.seat = '' then '不属任何地市' else coalesce(z.name, x.seat) end as "seatName",
  x.admitted, sum(x.admitted) over (partition by x.city)::integer as "ofCity"
from (
  select w.city, coalesce(case k.level when 'city' then k.code when 'county' then k.parent end, '')
      as seat, sum(w.admitted)::integer as admitted
  from (
    select f.city, f.school, count(*) as admitted from files f
    where f.season = $1::smallint and f.state in ('admitted', 'registered', 'filed')
      and f.school is not null and ($2::text is null or f.city = $2)
      and ($3::text is null or f.school = $3) and ($4::text is null or f.batch = $4)
      and ($5::text[] is null or f.school = any ($5))
    group by f.city, f.school) w
  left join schools s on s.season = $1::smallint and s.code = w.school
  left join regions k on k.season = $1::smallint and k.code = s.region
  group by 1, 2) x
left join regions r on r.season = $1::smallint and r.code = x.city
left join regions z on z.season = $1::smallint and z.code = x.seat
order by x.city collate "C", x.seat = '', x.seat collate "C"`;

/** One row per pair that somebody goes; the reader's scope must have been entered. */
export async function readFlows(session: Session, scope: ProgressScope): Promise<Row[]> {
  return session.query<Row>(ROWS, progressValues(scope));
}
