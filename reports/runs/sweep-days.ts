/** What the sweeps 到期处理 have done until now, by day and rule. */
import type { FullPolicy } from '../../engine/policy/types.ts';
import type { Row, Section, SelectContext } from '../report.ts';
import type { Night } from './night.ts';

/** Rules with a column of their own: those that did most; the rest is counted together. */
const RULES_SHOWN_MAX = 5;
/** Days before the last that did something. */
const DAYS_SHOWN_MAX = 60;

export const SWEEP_DAYS: Section = sectionOf([]);

const DAYS = `
select r.business_date::text as day, r.result -> 'counts' as counts
from runs r
where r.season = $1::smallint and r.job = 'sweep' and r.state = 'completed'
  and r.business_date <= $2::date and ($3::text[] is null or r.scope ->> 'city' = any($3))`;

interface SweepRun {
  readonly day: string;
  readonly counts: Readonly<Record<string, number>> | null;
}

/** Columns and rows; null: the report speaks of no sweep. */
export async function sweepDays(
  { session, season }: SelectContext,
  night: Night,
  policy: FullPolicy | null,
): Promise<{ readonly section: Section; readonly rows: readonly Row[] } | null> {
  if (!night.runs.some(run => run.job === 'sweep')) return null;
  const runs = await session.query<SweepRun>(DAYS, [season, night.businessDate, citiesOf(night)]);
  const rules = policy?.deadlineRules ?? [];
  const sums = rules
    .map(rule => ({ ...rule, sum: runs.reduce((n, run) => n + countOf(run, rule.id), 0) }))
    .filter(rule => rule.sum > 0)
    .toSorted((a, b) => b.sum - a.sum || (a.id < b.id ? -1 : 1));
  const shown = sums.slice(0, RULES_SHOWN_MAX);
  const rest = sums.slice(RULES_SHOWN_MAX);
  const days = [...Map.groupBy(runs, run => run.day)].map(([day, own]): Row => {
    const sum = (of: readonly { readonly id: string }[]) =>
      of.reduce((n, { id }) => n + own.reduce((m, run) => m + countOf(run, id), 0), 0);
    const cells = shown.map((rule, at) => [`r${at + 1}`, sum([rule])]);
    return {
      day,
      cities: own.length,
      ...Object.fromEntries(cells),
      rest: sum(rest),
      all: sum(sums),
    };
  });
  const rows = days
    .filter(row => row['all'] !== 0)
    .toSorted((a, b) => (String(a['day']) < String(b['day']) ? -1 : 1))
    .slice(-DAYS_SHOWN_MAX);
  const titles = shown.map(rule => rule.title);
  return { section: sectionOf(rest.length === 0 ? titles : [...titles, '其他规则']), rows };
}

/** Those of the run, or whose sweeps the reader sees; null: all. */
function citiesOf({ only, sight }: Night): readonly string[] | null {
  if (only?.city != null) return [only.city];
  return sight.cities === 'all' ? null : sight.cities;
}

function countOf({ counts }: SweepRun, rule: string): number {
  return counts?.[rule] ?? 0;
}

function sectionOf(titles: readonly string[]): Section {
  const keys = titles.map((_, at) => (at < RULES_SHOWN_MAX ? `r${at + 1}` : 'rest'));
  return {
    id: 'sweeps',
    title: '到期处理的逐日结果',
    order: '日期；没有处理任何档案或申请的日子不列',
    empty: '到期处理至今没有处理任何档案或申请。',
    note: '按规则计的档案、提醒和申请件数；截至本报告的业务日期。',
    columns: [
      { key: 'day', title: '日期', type: 'date', width: 11 },
      { key: 'cities', title: '处理的市', type: 'integer', unit: '个', width: 7 },
      ...keys.map((key, at) => ({
        ...{ key, title: titles[at] as string, type: 'integer' as const },
        ...{ width: 14, total: 'sum' as const },
      })),
      { key: 'all', title: '合计', type: 'integer', unit: '件', width: 8, total: 'sum' },
    ],
    ...(keys.length === 0
      ? {}
      : {
          chart: {
            kind: 'column' as const,
            title: '到期处理逐日处理的件数，按规则',
            category: 'day',
            values: keys,
          },
        }),
  };
}
