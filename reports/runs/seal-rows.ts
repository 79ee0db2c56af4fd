/**
 * The seal (封签) of a business date at the foot of its run report. A report that was printed or
 * sent on is out of reach of whoever may write to the database: that is what it is there for.
 */
import type { Session } from '../../db/connect.ts';
import type { Row, Section } from '../report.ts';
import type { Sight } from './night.ts';

/** Whole hashes, not shortened as elsewhere: a printed page must prove something. */
export const SEAL: Section = {
  id: 'seal',
  title: '轨迹封签',
  order: '封签号',
  empty: '这一天的轨迹还没有封签。',
  note:
    '封签只有另存在数据库之外才能证明轨迹未被改写：请保存本报告，或把 ZHONGZHAO_HOME 下的 ' +
    'seals 文件夹抄送别处；核对用 zhongzhao verify --seals 文件。',
  columns: [
    { key: 'seal', title: '封签号', type: 'integer', width: 6 },
    { key: 'businessDate', title: '业务日期', type: 'date', width: 11 },
    { key: 'sealedAt', title: '封签时刻（UTC）', type: 'text', width: 24 },
    { key: 'chains', title: '轨迹链', type: 'integer', unit: '条', width: 6 },
    { key: 'hash', title: '封签校验值', type: 'code', width: 66 },
    { key: 'previousHash', title: '前一封签校验值', type: 'code', width: 66 },
  ],
};

export const SEAL_CHAINS: Section = {
  id: 'seal-chains',
  title: '封签时各链的末块',
  order: '地市代码',
  empty: '没有轨迹。',
  columns: [
    { key: 'city', title: '地市代码', type: 'code', width: 8 },
    { key: 'cityName', title: '地市', type: 'text', width: 10 },
    { key: 'block', title: '末块', type: 'integer', width: 7 },
    { key: 'lastEvent', title: '末事件', type: 'integer', width: 8 },
    { key: 'hash', title: '末块校验值', type: 'hash', width: 14 },
  ],
};

/** The rows of both sections, with the chains of `cities`; none where the date is not sealed. */
export async function sealRows(
  session: Session,
  season: number,
  date: string | null,
  cities: Sight['cities'],
): Promise<Record<string, Row[]>> {
  const seals = await session.query<Row & { seal: number; sealed: Date }>(
    `select s.seal, s.business_date as "businessDate", s.sealed_at as sealed, s.hash,
            s.previous_hash as "previousHash",
            (select count(*)::integer from seal_heads h
              where h.season = s.season and h.seal = s.seal) as chains
       from seals s where s.season = $1 and s.business_date = $2`,
    [season, date],
  );
  const [seal] = seals;
  if (seal === undefined) return { [SEAL.id]: [] };
  const chains = await session.query<Row>(
    `select h.city, coalesce(r.name, case h.city when '' then '全省' end) as "cityName", h.block,
            h.last_event as "lastEvent", h.hash
       from seal_heads h left join regions r on r.season = h.season and r.code = h.city
      where h.season = $1 and h.seal = $2 and ($3::text[] is null or h.city = any($3::text[]))
      order by h.city collate "C"`,
    [season, seal.seal, cities === 'all' ? null : cities],
  );
  const rows = seals.map(({ sealed, ...row }) => ({ ...row, sealedAt: sealed.toISOString() }));
  return { [SEAL.id]: rows, [SEAL_CHAINS.id]: chains };
}
