/**
 * P6: ties were treated as the policy declares (dispatch.md §2, §5). Who found the school full and
 * equals the last whom it took is only possible where the ending puts equals in an order, and then
 * stands behind the last of them. A school closed by `reject-all` had room, for fewer than wanted
 * it.
 */
import type { AuditCase } from './case.ts';
import { ask, type Property, type Question } from './property.ts';

export const p06: Property = {
  id: 'P6',
  title: '同分按政策处理',
  find: audit => {
    const { mode, ties } = audit.batch.dispatch;
    const byLot = mode === 'lottery';
    const ordered = !byLot && (ties.ending === 'lottery' || ties.ending === 'candidate-no');
    const closes = !byLot && ties.ending === 'reject-all';
    return ask(audit, [
      ordered ? TIE_ORDER : EQUALS_PARTED,
      ...(closes ? [CLOSING] : [CLOSED]),
      shownClosings(audit),
    ]);
  },
};

const FOUND_FULL = `
  from audit_choices c join audit_taken t using (school) join audit_schools s using (school)
  where not c.later and not c.placed and c.expected is null and c.reason = 'full'
    and t.sent >= s.room and c.key = t.last_key`;

const TIE_ORDER: Question = {
  fault: 'tie-order',
  sentence: '同分考生中，排在后面的投出，排在前面的未投出。',
  sql: `select c.file, c.ordinal, c.school, c.tie, t.last_tie ${FOUND_FULL}
    and c.tie collate "C" < t.last_tie`,
};

const EQUALS_PARTED: Question = {
  fault: 'equals-parted',
  sentence: '同分考生应同进同退，却只投出一部分。',
  sql: `select c.file, c.ordinal, c.school ${FOUND_FULL}`,
};

const CLOSED: Question = {
  fault: 'closed',
  sentence: '政策不以同分关闭院校，却有院校因同分关闭。',
  sql: `select c.file, c.ordinal, c.school from audit_choices c
    where not c.later and not c.placed and c.expected is null and c.reason = 'closed-by-tie'`,
};

const CLOSING: Question = {
  fault: 'closing',
  sentence: '院校因同分关闭，但并无超出余额的同分考生，或关闭后仍有投档。',
  sql: `
    with first as (
      select c.school, min(c.key) as key from audit_choices c
      where not c.later and not c.placed and c.expected is null and c.reason = 'closed-by-tie'
      group by c.school
    )
    select f.school, count(*)::integer as equals, s.room - coalesce(t.sent, 0) as left_over
    from first f
    join audit_choices c on c.school = f.school and c.key = f.key and c.reason = 'closed-by-tie'
    join audit_schools s on s.school = f.school
    left join audit_taken t on t.school = f.school
    group by f.school, f.key, s.room, t.sent, t.last_key
    having s.room - coalesce(t.sent, 0) < 1 or count(*) <= s.room - coalesce(t.sent, 0)
      or t.last_key >= f.key`,
};

/** What the run says of each school agrees with what its candidates were told. */
function shownClosings({ sql }: AuditCase): Question {
  return {
    fault: 'closing-shown',
    sentence: '院校是否因同分关闭，与考生所得原因不符。',
    sql: `
      select o.school, o.closed_by_tie from school_outcomes o
      left join (select distinct school from audit_choices
        where not later and reason = 'closed-by-tie') c using (school)
      where ${sql.of('o')} and o.run = ${sql.run} and o.closed_by_tie <> (c.school is not null)`,
  };
}
