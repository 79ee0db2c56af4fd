/**
 * Whether a city's data are ready for the night's dispatch: counted, and found where they are not.
 */
import type { Database } from '../../../db/connect.ts';
import { readPolicy } from '../../../db/policies.ts';
import { policyFromStored } from '../../../engine/policy/load.ts';
import type { Batch } from '../../../engine/policy/types.ts';
import type { Finding } from '../../run/job.ts';

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
select
  (select count(*) from candidates where season = $1 and city = $2)::integer as candidates,
  (select count(*) from (select distinct file from choices
     where season = $1 and city = $2) c)::integer as with_choices,
  (select count(*) from senior_high_admissions
     where season = $1 and city = $2)::integer as senior_high,
  (select count(*) from senior_high_admissions
     where season = $1 and city = $2 and late)::integer as senior_high_late,
  (select count(*) from plan_lines where season = $1 and city = $2)::integer as plan_lines,
  coalesce((select senior_high_complete from city_standings
     where season = $1 and city = $2), false) as complete`;

interface CityCounts {
  readonly candidates: number;
  readonly with_choices: number;
  readonly senior_high: number;
  readonly senior_high_late: number;
  readonly plan_lines: number;
  readonly complete: boolean;
}

/** Counts a city's data, and says what a dispatch on this date would miss. */
export async function cityReadiness(database: Database, place: Place): Promise<Readiness> {
  const { season, city } = place;
  const [row] = await database.query<CityCounts>(COUNTS, [season, city]);
  const { complete, ...counts } = row as CityCounts;
  const without = counts.candidates - counts.with_choices;
  const findings: Finding[] = [];
  if (await someBatchOpen(database, place)) {
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
async function someBatchOpen(database: Database, place: Place): Promise<boolean> {
  const { season, city, businessDate } = place;
  const stored = await database.transaction(session => readPolicy(session, season));
  if (stored === null) return false;
  const overlay = stored.overlays.get(city)?.document ?? null;
  const policy = policyFromStored(stored.base.documents, overlay);
  const open = ({ window }: Batch) =>
    window !== null && window[0] <= businessDate && businessDate <= window[1];
  return !policy.ownSystem && policy.batches.some(open);
}
