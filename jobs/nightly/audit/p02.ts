/**
 * P2: nobody beyond the plan. Per school, what a run sends fits into the room that the ratio gives,
 * equals of the last place under `follow` counted apart; per plan line, what majors take beyond the
 * line fits into the flexible places (dispatch.md §3, §6).
 *
 * What was at a school before the run is not this run's doing: a plan that was cut, or an admission
 * by an approval paper, is not held against it.
 */
import type { AuditCase } from './case.ts';
import { ask, type Property } from './property.ts';

export const p02: Property = {
  id: 'P2',
  title: '投档与专业不超计划',
  find: audit => {
    const { sql } = audit;
    const suggested = `
      select d.school, d.major, count(*)::integer as files, max(l.planned) as planned,
        max(l.occupied) as occupied
      from decisions d left join audit_lines l on l.school = d.school and l.major = d.major
      where ${sql.of('d')} and d.run = ${sql.run} and d.school is not null and d.major is not null
      group by d.school, d.major`;
    return ask(audit, [
      {
        fault: 'over-room',
        sentence: '投档人数超过可投人数（同分跟进的除外）。',
        sql: `
          select t.school, t.sent, t.at_last, s.planned, s.flexible, s.occupied, s.room
          from audit_taken t left join audit_schools s using (school)
          where s.room is null or not (${fitsSql(audit)})`,
      },
      {
        fault: 'major-line',
        sentence: '建议专业没有本市的招生计划。',
        sql: `select school, major, files from (${suggested}) u where planned is null`,
      },
      {
        fault: 'major-room',
        sentence: '建议专业超出专业计划与机动计划之和。',
        sql: `
          select u.school, u.beyond, s.flexible_free from (
            select school,
              sum(greatest(0, files - greatest(0, planned - occupied)))::integer as beyond
            from (${suggested}) u where planned is not null group by school) u
          join audit_schools s using (school) where u.beyond > s.flexible_free`,
      },
    ]);
  },
};

function fitsSql({ batch }: AuditCase): string {
  const { mode, ties } = batch.dispatch;
  const follows = mode !== 'lottery' && ties.ending === 'follow';
  return follows ? 't.sent - t.at_last < s.room' : 't.sent <= s.room';
}
