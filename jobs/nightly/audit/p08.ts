/**
 * P8: every state is the fold of its events; every event has actor, time, policy version and
 * decision. The fold is counted by SQL over the whole city: each event starts where the one before
 * has ended, is a move of the table in engine/file, and the last one stands in `files`.
 */
import { allowedMoves, FILE_EVENTS } from '../../../engine/file/events.ts';
import { FILE_STATES } from '../../../engine/file/states.ts';
import type { AuditLiterals } from './case.ts';
import { ask, type Property, type Question } from './property.ts';

export const p08: Property = {
  id: 'P8',
  title: '档案状态等于其事件之和',
  find: audit => {
    const { sql, policy } = audit;
    const rules = policy.eligibility.length > 0 ? "or e.decision = ''" : '';
    return ask(audit, [
      ...foldQuestions(sql),
      {
        fault: 'event',
        sentence: '事件缺少经办、时间、政策版本或所依据的规则。',
        sql: `
          select e.event, e.file, e.school, e.name as act, e.policy from events e
          where ${sql.of('e')} and (e.actor = '' or e.at is null or e.business_date is null
            or e.run = ${sql.run} and (e.policy is distinct from (
                select policy from runs where run = ${sql.run})
              or e.name = 'dispatch' and (e.file is null ${rules})))`,
      },
    ]);
  },
};

/** The columns of events that a fold is counted from. */
export const FOLDED = 'event, file, name, from_state, to_state, school';

/**
 * That a city's files are the fold of their events, whatever made these.
 *
 * @param touched a further condition on the files, by alias; all of the city's unless told
 * @param events a relation with FOLDED of all events of those files; read from the table unless
 *   told
 */
export function foldQuestions(
  sql: Pick<AuditLiterals, 'here' | 'of'>,
  touched: (alias: string) => string = () => '',
  events = `(select ${FOLDED} from events
    where ${sql.here} and file is not null ${touched('events')})`,
): Question[] {
  return [
    {
      fault: 'fold',
      sentence: '档案的事件前后不衔接，或不是允许的变化。',
      sql: foldSql(events),
    },
    {
      fault: 'state',
      sentence: '档案状态不是其最后一个事件的结果。',
      sql: `
        select f.file, f.school, f.state, f.event, e.to_state, e.event as last_event
        from files f ${lastEvents(sql, touched, events)}
        where ${sql.of('f')} ${touched('f')} and (e.file is null
          or f.state is distinct from e.to_state or f.event <> e.event)`,
    },
    {
      fault: 'without-file',
      sentence: '事件使档案离库，但没有档案记录。',
      sql: `
        select e.file, e.school, e.to_state, e.event from (
          select distinct on (file) file, event, school, to_state from ${events} own_
          order by file, event desc) e
        where e.to_state <> 'in-pool' and not exists (
          select from files f where ${sql.of('f')} and f.file = e.file)`,
    },
  ];
}

/** Of all files by one pass over the events; of a few, by looking each one up. */
function lastEvents(
  sql: Pick<AuditLiterals, 'here' | 'of'>,
  touched: (alias: string) => string,
  events: string,
): string {
  return touched('f') === ''
    ? `left join (
        select distinct on (file) file, event, to_state from ${events} own_
        order by file, event desc) e using (file)`
    : `left join lateral (
        select o.file, o.event, o.to_state from events o
        where ${sql.of('o')} and o.file = f.file order by o.event desc limit 1) e on true`;
}

/**
 * A file begins in the pool without an event of its own (the import of a whole city is one event),
 * or with an event of the table; an export that is imported brings each file as it stood, so
 * `import` may lead to any state. An event of a name beyond the table changes data, not the state.
 */
function foldSql(events: string): string {
  const quoted = (state: string | null) => (state === null ? 'null' : `'${state}'`);
  const moves = [
    ...allowedMoves().map(({ event, from, to }) => `('${event}', ${quoted(from)}, ${quoted(to)})`),
    ...FILE_STATES.map(state => `('import', null, '${state}')`),
  ];
  const names = FILE_EVENTS.map(({ name }) => `'${name}'`).join(', ');
  return `
    with moves (name, from_state, to_state) as (select distinct * from (values
        ${moves.join(', ')}) v),
    folded as (
      select event, file, name, school, from_state, to_state,
        lag(to_state) over mine as stood, row_number() over mine = 1 as first
      from ${events} own_
      window mine as (partition by file order by event)
    )
    select f.event, f.file, f.school, f.name as act, f.stood, f.from_state, f.to_state
    from folded f left join moves m on m.name = f.name
      and m.from_state is not distinct from f.from_state
      and m.to_state is not distinct from f.to_state
    where case when f.first then coalesce(f.from_state, 'in-pool') <> 'in-pool'
        else f.stood is distinct from f.from_state end
      or m.name is null and not (f.from_state is not null
        and f.from_state is not distinct from f.to_state and f.name not in (
          select name from unnest(array[${names}]) name where name <> 'import'))`;
}
