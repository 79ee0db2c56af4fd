/**
 * P4: no waste. No open school with room has an undispatched candidate who listed it and may go
 * there. Schools closed by `reject-all` give `closed-by-tie`, not `full`, and are P6's.
 */
import { ask, type Property } from './property.ts';

export const p04: Property = {
  id: 'P4',
  title: '有余额的院校不落下合格考生',
  find: audit =>
    ask(audit, [
      {
        fault: 'room-left',
        sentence: '院校尚有余额，却以“已满”未投出符合条件的考生。',
        sql: `select c.file, c.ordinal, c.school, s.room, coalesce(t.sent, 0) as sent
          from audit_choices c join audit_schools s using (school)
            left join audit_taken t using (school)
          where not c.later and not c.placed and c.expected is null and c.reason = 'full'
            and coalesce(t.sent, 0) < s.room`,
      },
    ]),
};
