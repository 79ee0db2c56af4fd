/**
 * P2 over a season: phase 1 stays within the plan. Counted apart before admission are the overrun
 * of equals (`follow`) and a ratio above 1; once admitted, neither counts any more. What a city
 * with a system of its own has admitted there is reported by its import, and phase 2 is not limited
 * (calendar rule 6).
 */
import type { FullPolicy } from '../../../engine/policy/types.ts';
import { type SeasonCase, valuesOf } from './season-case.ts';
import type { SeasonProperty } from './season-property.ts';

export const seasonP02: SeasonProperty = {
  id: 'P2',
  title: '第一阶段录取不超计划',
  shared: audit => ({ name: 'used', sql: usedSql(audit) }),
  questions: () => [
    {
      fault: 'admitted-over-plan',
      sentence: '第一阶段录取人数超过计划与机动计划之和。',
      sql: `select school, batch, admitted, planned, flexible from used
          where admitted > planned + flexible`,
    },
    {
      fault: 'line-over-plan',
      sentence: '各专业超出计划的录取人数之和超过机动计划。',
      sql: `select school, batch, beyond, flexible from used where beyond > flexible`,
    },
    {
      fault: 'at-school-over-room',
      sentence: '在校处理与已录取的档案超过可投人数（同分跟进的除外）。',
      sql: `select school, batch, held, planned, flexible, overrun from used
          where held > (planned::bigint * ratio + 99) / 100 + flexible + overrun`,
    },
  ],
};

/** Per school and batch of phase 1: what the plan gives, and what is taken of it. */
function usedSql(audit: SeasonCase): string {
  const { sql } = audit;
  const batches = valuesOf(audit, ['text', 'text', 'integer'], ratios(audit));
  return `
    with batches (batch, ratio) as (
      select column2, column3 from ${batches} v (column1, column2, column3)
      where column1 = ${sql.city}),
    lines as (
      select school, batch, coalesce(major, '') as major, sum(planned) as planned,
        sum(admitted) as admitted, sum(held) as held
      from (
        select school, batch, major, planned, 0 as admitted, 0 as held
          from plan_lines where ${sql.here}
        union all
        select f.school, f.batch, f.major, 0,
          case when f.state in ('admitted', 'registered', 'filed') then 1 else 0 end, 1
        from files f where ${sql.of('f')} and f.school is not null and (
          f.state in ('dispatched', 'reading', 'proposed', 'return-proposed')
          or f.state in ('admitted', 'registered', 'filed') and f.phase = 'phase-1')
          and not exists (select from events e where ${sql.of('e')} and e.file = f.file
            and e.name = 'city-snapshot')
      ) both_sides group by school, batch, coalesce(major, ''))
    select l.school, l.batch, b.ratio, sum(l.planned)::integer as planned,
      sum(l.admitted)::integer as admitted, sum(l.held)::integer as held,
      sum(greatest(0, l.admitted - l.planned))::integer as beyond,
      coalesce(max(q.places), 0) as flexible, coalesce(max(o.overrun), 0) as overrun
    from lines l join batches b on b.batch = l.batch
    left join flexible_quotas q on ${sql.of('q')} and q.school = l.school and q.batch = l.batch
    left join (select school, batch, sum(overrun)::integer as overrun from dispatch_lists
      where ${sql.here} and state <> 'cancelled' group by school, batch) o
      on o.school = l.school and o.batch = l.batch
    group by l.school, l.batch, b.ratio`;
}

/**
 * By city, the greatest ratio that a batch of phase 1 has had: a list that was sent under it still
 * lies.
 */
function ratios({ cities, versions }: SeasonCase): (readonly [string, string, number])[] {
  return cities.flatMap(({ city, policy, used }) => {
    const greatest = new Map<string, number>();
    const had = used.map(version => versions.get(version) as FullPolicy);
    for (const { batches } of [...had, policy]) {
      for (const { id, phase, dispatch } of batches) {
        if (phase !== 'phase-1') continue;
        greatest.set(id, Math.max(100, greatest.get(id) ?? 0, dispatch.ratio));
      }
    }
    return [...greatest].map(([batch, ratio]) => [city, batch, ratio] as const);
  });
}
