/**
 * The counts of choices that are kept for 志愿人数统计 (migration 0021), against the choices of the
 * batch and round: a statistic, on which no placing rests.
 */
import type { AuditCase } from './case.ts';
import type { Question } from './property.ts';

export function keptCountQuestions({ sql }: AuditCase): Question[] {
  const round = (alias: string) =>
    `${sql.of(alias)} and ${alias}.batch = ${sql.batch} and ${alias}.round = ${sql.round}`;
  const county = `coalesce(k.county, '') as county`;
  return [
    {
      fault: 'choice-counts',
      sentence: '“志愿人数统计”所用的志愿数与志愿不符。',
      harmless: true,
      sql: `
        with own as (
          select ${county}, c.school, c.ordinal, count(*)::integer as choices,
            count(*) filter (where c.adjustment)::integer as adjusting
          from choices c left join candidates k on ${sql.of('k')} and k.file = c.file
          where ${round('c')} group by 1, 2, 3),
        kept as (
          select county, school, ordinal, choices, adjusting from choice_counts n
          where ${round('n')})
        select county, school, ordinal, n.choices, w.choices as choices_recounted, n.adjusting,
          w.adjusting as adjusting_recounted
        from kept n full join own w using (county, school, ordinal)
        where (n.choices, n.adjusting) is distinct from (w.choices, w.adjusting)`,
    },
    {
      fault: 'chooser-counts',
      sentence: '“志愿人数统计”所用的填报人数与志愿不符。',
      harmless: true,
      sql: `
        with own as (
          select ${county}, count(*)::integer as people, sum(p.choices)::integer as choices
          from (select c.file, count(*) as choices from choices c where ${round('c')}
            group by c.file) p
          left join candidates k on ${sql.of('k')} and k.file = p.file group by 1),
        kept as (
          select county, people, choices from chooser_counts n where ${round('n')})
        select county, n.people, w.people as people_recounted, n.choices,
          w.choices as choices_recounted
        from kept n full join own w using (county)
        where (n.people, n.choices) is distinct from (w.people, w.choices)`,
    },
  ];
}
