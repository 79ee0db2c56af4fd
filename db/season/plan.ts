/**
 * How the plan of a school stands in a city and batch: what the facts plan.* are made of
 * (dispatch.md §3 and §6). Under the city's chain it stays true until the commit.
 */
import { type FileState, OCCUPYING_STATES } from '../../engine/file/states.ts';
import type { Session } from '../connect.ts';

export interface PlanLine {
  readonly major: string;
  readonly planned: number;
  /** Files that are counted against this major. */
  readonly used: number;
}

export interface PlanStanding {
  /** By major code; empty: no plan line, which differs from a line of 0. */
  readonly lines: readonly PlanLine[];
  readonly flexible: number;
  /** Σ planned, and all files that are counted, those without a major included. */
  readonly planned: number;
  readonly used: number;
  /** Places that lines have occupied beyond their plan, and files whose major has no line. */
  readonly flexibleUsed: number;
}

interface Row {
  readonly major: string | null;
  readonly planned: number | null;
  readonly used: number;
}

/** A row of the answer; used null: it has none, and only tells the quota. */
type Answer = Omit<Row, 'used'> & { readonly used: number | null; readonly flexible: number };

const STANDING = `
with occupied as (
  select coalesce(major, '') as major, count(*)::integer as used from files
  where season = $1::smallint and city = $2 and school = $3 and batch = $4
    and state = any($5::text[])
  group by 1),
lines as (
  select coalesce(p.major, o.major) as place, coalesce(p.major, nullif(o.major, '')) as major,
    p.planned, coalesce(o.used, 0) as used
  from (select major, planned from plan_lines
        where season = $1::smallint and city = $2 and school = $3 and batch = $4) p
  full join occupied o on o.major = p.major)
select l.major, l.planned, l.used, coalesce(q.places, 0) as flexible
from (select (select places from flexible_quotas where season = $1::smallint and city = $2
        and school = $3 and batch = $4) as places) q
left join lines l on true
order by l.place collate "C"`;

/**
 * Counts a school's plan in a city and batch.
 *
 * @param states files in one of these are counted; whatever occupies a place unless told
 */
export async function planStanding(
  session: Pick<Session, 'query'>,
  season: number,
  place: { readonly city: string; readonly school: string; readonly batch: string },
  states: readonly FileState[] = OCCUPYING_STATES,
): Promise<PlanStanding> {
  const { city, school, batch } = place;
  const answers = await session.query<Answer>(STANDING, [season, city, school, batch, states]);
  const rows = answers.filter((row): row is Answer & Row => row.used !== null);
  const lines = rows.filter(row => row.planned !== null) as (Row & PlanLine)[];
  const sum = (values: readonly number[]) => values.reduce((total, value) => total + value, 0);
  return {
    lines: lines.map(({ major, planned, used }) => ({ major, planned, used })),
    flexible: answers[0]?.flexible ?? 0,
    planned: sum(lines.map(line => line.planned)),
    used: sum(rows.map(row => row.used)),
    flexibleUsed:
      sum(lines.map(line => Math.max(0, line.used - line.planned))) +
      sum(rows.filter(row => row.planned === null && row.major !== null).map(row => row.used)),
  };
}

/** The facts plan.* of the stages quota and review, for one line or for the school's sums. */
export function planFacts(
  standing: PlanStanding,
  major: string | null,
): Readonly<Record<'plan.planned' | 'plan.used' | 'plan.free' | 'plan.flexible-free', number>> {
  const line =
    major === null
      ? standing
      : (standing.lines.find(each => each.major === major) ?? { planned: 0, used: 0 });
  return {
    'plan.planned': line.planned,
    'plan.used': line.used,
    'plan.free': line.planned - line.used,
    'plan.flexible-free': Math.max(0, standing.flexible - standing.flexibleUsed),
  };
}

/**
 * Places that may still be taken away: those that are free, without the ones that files will take
 * whose major is not decided yet. Such a file is in no line's count.
 *
 * @returns null: no file is without a major, and each line may be looked at by itself
 */
export function sparePlaces(standing: PlanStanding): number | null {
  const { lines, flexible, flexibleUsed, used } = standing;
  const sum = (of: (line: PlanLine) => number) => lines.reduce((all, line) => all + of(line), 0);
  const beyond = sum(line => Math.max(0, line.used - line.planned));
  const undecided = used - sum(line => line.used) - (flexibleUsed - beyond);
  if (undecided === 0) return null;
  const free = sum(line => Math.max(0, line.planned - line.used));
  return free + Math.max(0, flexible - flexibleUsed) - undecided;
}

/** The same with one file of this major more, or less; null: a file without a major. */
export function recounted(standing: PlanStanding, major: string | null, by: 1 | -1): PlanStanding {
  const used = standing.used + by;
  if (major === null) return { ...standing, used };
  const before = standing.lines.find(line => line.major === major);
  if (before === undefined) {
    return { ...standing, used, flexibleUsed: standing.flexibleUsed + by };
  }
  const after = { ...before, used: before.used + by };
  const beyond = (line: PlanLine) => Math.max(0, line.used - line.planned);
  return {
    ...standing,
    used,
    lines: standing.lines.map(line => (line === before ? after : line)),
    flexibleUsed: standing.flexibleUsed + beyond(after) - beyond(before),
  };
}

/** The batches in which a school has plan lines in a city, by major. */
export async function planBatches(
  session: Pick<Session, 'query'>,
  season: number,
  place: { readonly city: string; readonly school: string },
): Promise<Map<string, readonly string[]>> {
  const rows = await session.query<{ major: string; batches: string[] }>(
    `select major, array_agg(batch) as batches from plan_lines
     where season = $1::smallint and city = $2 and school = $3 group by major`,
    [season, place.city, place.school],
  );
  return new Map(rows.map(row => [row.major, row.batches]));
}
