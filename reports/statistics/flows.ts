/** Flows between cities 生源流向: from where the candidates come, to schools of which city they go. */
import type { Session } from '../../db/connect.ts';
import type { Row, Section } from '../report.ts';
import type { AdmissionCell } from './admission-cells.ts';

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

/** The city that a school lies in; '': in none. */
const SEATS = `
select s.code as school,
  coalesce(case k.level when 'city' then k.code when 'county' then k.parent end, '') as seat
from schools s left join regions k on k.season = s.season and k.code = s.region
where s.season = $1::smallint`;

/** One row per pair that somebody goes, out of the cells of admissions. */
export async function readFlows(
  session: Session,
  season: number,
  cells: readonly AdmissionCell[],
): Promise<Row[]> {
  const seats = await session.query<{ school: string; seat: string }>(SEATS, [season]);
  const seatOf = new Map(seats.map(({ school, seat }) => [school, seat]));
  const nameOf = await cityNames(session, season);
  const ofCity = new Map<string, number>();
  const pairs = new Map<string, { city: string; seat: string; admitted: number }>();
  for (const { city, school, admitted } of cells) {
    const seat = seatOf.get(school) ?? '';
    // Those of no city come last.
    const key = `${city}\u0000${seat === '' ? '\uffff' : seat}`;
    pairs.set(key, { city, seat, admitted: (pairs.get(key)?.admitted ?? 0) + admitted });
    ofCity.set(city, (ofCity.get(city) ?? 0) + admitted);
  }
  const sorted = [...pairs].toSorted(([a], [b]) => (a < b ? -1 : 1));
  return sorted.map(([, { city, seat, admitted }]) => ({
    ...{ city, cityName: nameOf.get(city) ?? city, seat },
    seatName: seat === '' ? '不属任何地市' : (nameOf.get(seat) ?? seat),
    ...{ admitted, ofCity: ofCity.get(city) ?? 0 },
  }));
}

/** Code → name of every region. */
export async function cityNames(session: Session, season: number): Promise<Map<string, string>> {
  const regions = await session.query<{ code: string; name: string }>(
    'select code, name from regions where season = $1::smallint',
    [season],
  );
  return new Map(regions.map(({ code, name }) => [code, name]));
}
