/**
 * Whether a city's data are ready for the night's dispatch: counted, and found where they are not.
 */
import type { Database } from '../../../db/connect.ts';
import { readPolicy, type StoredPolicy } from '../../../db/policies.ts';
import { policyFromStored } from '../../../engine/policy/load.ts';
import type { Batch } from '../../../engine/policy/types.ts';
import type { Finding } from '../../run/job.ts';

type Reader = Pick<Database, 'query'>;

export interface Readiness {
  readonly counts: Readonly<Record<string, number>>;
  readonly findings: readonly Finding[];
}

interface Place {
  readonly season: number;
  readonly city: string;
  readonly businessDate: string;
}

const COUNTS = `
with cities (city) as (select * from unnest($2::text[]))
select c.city, coalesce(k.n, 0)::integer as candidates, coalesce(w.n, 0)::integer as with_choices,
  coalesce(h.n, 0)::integer as senior_high, coalesce(h.late, 0)::integer as senior_high_late,
  coalesce(p.n, 0)::integer as plan_lines, coalesce(s.senior_high_complete, false) as complete
from cities c
left join (select city, count(*) as n from candidates
  where season = $1 and city in (select city from cities) group by city) k using (city)
-- offset 0: city by city, in the order of the key, so that nothing is sorted or hashed.
left join (select o.city, d.n from cities o cross join lateral (
  select count(*) as n from (select from choices h where h.season = $1 and h.city = o.city
    group by h.file offset 0) f) d) w using (city)
left join (select city, count(*) as n, count(*) filter (where late) as late
  from senior_high_admissions
  where season = $1 and city in (select city from cities) group by city) h using (city)
left join (select city, count(*) as n from plan_lines
  where season = $1 and city in (select city from cities) group by city) p using (city)
left join city_standings s on s.season = $1 and s.city = c.city`;

interface CityCounts {
  readonly city: string;
  readonly candidates: number;
  readonly with_choices: number;
  readonly senior_high: number;
  readonly senior_high_late: number;
  readonly plan_lines: number;
  readonly complete: boolean;
}

/** Counts a city's data, and says what a dispatch on this date would miss. */
export async function cityReadiness(database: Reader, place: Place): Promise<Readiness> {
  const { city, ...rest } = place;
  return (await readinessOf(database, rest, [city])).get(city) as Readiness;
}

/** The same of several cities, by one question. */
export async function readinessOf(
  database: Reader,
  place: Omit<Place, 'city'>,
  cities: readonly string[],
): Promise<Map<string, Readiness>> {
  const rows = await database.query<CityCounts>(COUNTS, [place.season, cities]);
  const stored = await readPolicy(database, place.season);
  return new Map(
    rows.map(row => [row.city, readiness(row, isSomeBatchOpen(stored, { ...place, ...row }))]),
  );
}

function readiness({ city, complete, ...counts }: CityCounts, open: boolean): Readiness {
  const without = counts.candidates - counts.with_choices;
  const findings: Finding[] = [];
  if (open) {
    const found = (property: string, sentence: string, rowCount = 0) =>
      findings.push(finding(city, property, sentence, rowCount));
    if (!complete) {
      found(
        'senior-high-incomplete',
        '普通高中录取数据尚未标明导入完成，不能投档；请该市尽快办理。',
      );
    }
    if (counts.candidates === 0) found('no-candidates', '没有考生数据；请该市导入。');
    else if (counts.with_choices === 0)
      found('no-choices', '没有任何志愿数据；请该市导入。', without);
    if (counts.plan_lines === 0) found('no-plans', '没有招生计划；请核对院校计划。');
  }
  if (counts.senior_high_late > 0) {
    const sentence = `有 ${counts.senior_high_late} 名考生的普通高中录取数据是逾期导入的。`;
    findings.push(finding(city, 'senior-high-late', sentence, counts.senior_high_late));
  }
  return {
    counts: {
      candidates: counts.candidates,
      withChoices: counts.with_choices,
      withoutChoices: without,
      seniorHigh: counts.senior_high,
      seniorHighLate: counts.senior_high_late,
      planLines: counts.plan_lines,
    },
    findings,
  };
}

function finding(city: string, property: string, sentence: string, rowCount: number): Finding {
  return {
    property,
    severity: 'warning',
    city,
    stops: 'nothing',
    sentence: `${city}：${sentence}`,
    rows: [],
    rowCount,
  };
}

/** Before its window nobody waits for a city's data. */
function isSomeBatchOpen(stored: StoredPolicy | null, { city, businessDate }: Place): boolean {
  if (stored === null) return false;
  const overlay = stored.overlays.get(city)?.document ?? null;
  const policy = policyFromStored(stored.base.documents, overlay);
  const open = ({ window }: Batch) =>
    window !== null && window[0] <= businessDate && businessDate <= window[1];
  return !policy.ownSystem && policy.batches.some(open);
}
