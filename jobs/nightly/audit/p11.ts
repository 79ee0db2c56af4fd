/**
 * P11: every event lies in its window. For a dispatch: the events of the run, and those that have
 * released its lists, on a business date inside the batch's window, in the batch's phase.
 */
import { ask, type Property } from './property.ts';

export const p11: Property = {
  id: 'P11',
  title: '事件都在规定时间内',
  find: audit => {
    const { sql, batch } = audit;
    const [from, to] = batch.window ?? [null, null];
    const within =
      from === null || to === null
        ? 'false'
        : `e.business_date between ${sql.literal(from)}::date and ${sql.literal(to)}::date`;
    return ask(audit, [
      {
        fault: 'window',
        sentence: '投档或发档不在本批次的时间内，或所记阶段不符。',
        sql: `
          select e.event, e.file, e.school, e.name as act, e.business_date, e.phase from events e
          where ${sql.of('e')} and e.name in ('dispatch', 'release-list') and (e.run = ${sql.run}
              or e.list in (select list from dispatch_lists where ${sql.here} and run = ${sql.run}))
            and (not (${within}) or e.phase is distinct from ${sql.literal(batch.phase)})`,
      },
      {
        fault: 'date',
        sentence: '投档事件的业务日期与本次运行不符。',
        sql: `
          select e.event, e.file, e.school, e.business_date from events e
          where ${sql.of('e')} and e.run = ${sql.run}
            and e.business_date <> ${sql.literal(audit.audited.businessDate)}::date`,
      },
    ]);
  },
};
