/**
 * P3: no justified envy. Nobody lacks a place, at an earlier choice, that somebody who stands
 * behind in the order of the mode has; and nobody was barred from a choice without the cause that
 * was given. Candidates passed over with `earlier-choice-open` are judged by that cause.
 */
import { ask, type Property } from './property.ts';

export const p03: Property = {
  id: 'P3',
  title: '高分（在前）者不落空',
  find: audit =>
    ask(audit, [
      {
        fault: 'score',
        sentence: '投档分与总分加照顾加分不符。',
        sql: `select file, candidate_no, school, shown_score as score, score as recounted
          from audit_ranked where shown_score is distinct from score`,
      },
      {
        fault: 'position',
        sentence: '位次与按分数及同分规则重排的位次不符。',
        sql: `select file, candidate_no, school, shown_position as position, rank as recounted
          from audit_ranked where shown_position is distinct from rank`,
      },
      {
        fault: 'envy',
        sentence: '考生因“已满”未投入的院校，投出了排在其后的考生。',
        sql: `select c.file, c.ordinal, c.school, c.key, t.last_key
          from audit_choices c join audit_taken t using (school) join audit_schools s using (school)
          where not c.later and not c.placed and c.expected is null and c.reason = 'full'
            and t.sent >= s.room and c.key < t.last_key`,
      },
      {
        fault: 'reason',
        sentence: '志愿未投出的原因与重新核对的结果不符。',
        sql: `select c.file, c.ordinal, c.school, c.reason, c.expected
          from audit_choices c
          where not c.placed and (c.later or c.expected is not null
            or c.reason not in ('full', 'closed-by-tie'))`,
      },
    ]),
};
