/** P12: every region move has two approvals of two cities, the giving and the receiving one. */
import { ask } from '../audit/property.ts';
import { eventsOf, type SeasonCase } from './season-case.ts';
import type { SeasonProperty } from './season-property.ts';

export const seasonP12: SeasonProperty = {
  id: 'P12',
  title: '区域间计划调整经两市审核',
  province: audit =>
    ask(audit, [
      {
        fault: 'approvals',
        sentence: '区域间计划调整没有调出、调入两市各自的审核。',
        sql: `
          select a.application, a.school, a.major, a.batch, a.city, a.other_city, a.first_by,
            a.decided_by
          from applications a
          left join users f on f.user_name = a.first_by
          left join users s on s.user_name = a.decided_by
          where a.season = ${audit.sql.season} and a.kind = 'region-move' and a.state = 'approved'
            ${decidedSince(audit)}
            and not coalesce(a.first_by <> a.decided_by
              and a.first_city in (a.city, a.other_city)
              and f.region = a.first_city
              and s.region = case a.first_city when a.city then a.other_city else a.city end,
              false)`,
      },
      {
        fault: 'moved-unapproved',
        sentence: '区域间计划已调整，而没有两市都审核通过的申请。',
        sql: `
          select e.school, e.major, e.batch, e.run, e.city from ${eventsOf(audit)} e
          where e.name = 'review-region-move'
            and e.note ? 'giving' and not exists (
              select from applications a where a.season = e.season and a.kind = 'region-move'
                and a.state = 'approved' and a.school = e.school and a.batch = e.batch
                and a.major = e.major and e.city in (a.city, a.other_city))`,
      },
    ]),
};

function decidedSince({ moved }: SeasonCase): string {
  return moved === null ? '' : `and (a.decided_at is null or a.decided_at >= ${moved.from})`;
}
