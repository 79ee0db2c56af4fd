/**
 * The working tables of an audit, counted anew from the tables of the import and from the events,
 * never from what the dispatch says of itself:
 *
 * - audit_before: files that were not simply in the pool when the run began
 * - audit_schools: every school with its plan, what was occupied, its room, and what bars it
 * - audit_ranked: every candidate with a decision, with score, tie keys and rank
 * - audit_choices: choices whose reason is not settled by what bars them (audit_choices.ts)
 * - audit_taken: per school, how many were sent and who was the last
 *
 * They are temporary and vanish with the transaction. One sort per city, by rank; everything else
 * is a hash or follows the primary keys.
 */
import { OCCUPYING_STATES } from '../../../engine/file/states.ts';
import type { TieKey } from '../../../engine/policy/types.ts';
import type { AuditCase } from './case.ts';
import { choicesSql, takenSql } from './choices.ts';
import { type RulesSql, rulesAsSql } from './conditions.ts';
import { digestSql } from './draw.ts';

/** For hashes of a million rows; PostgreSQL's default would spill each of them to disk. */
const WORK_MEMORY_MB = 256;

/** Makes the working tables in the case's transaction. @returns the rules as they were said */
export async function recount(audit: AuditCase): Promise<RulesSql> {
  const { session } = audit;
  const rules = rulesAsSql(audit);
  const make = async (table: string, sql: string, columns = '') => {
    await session.query(`create temporary table ${table} on commit drop as ${sql}`);
    await session.query(`analyze ${table} ${columns}`);
  };
  await session.query(`set local work_mem = '${WORK_MEMORY_MB}MB'`);
  await session.query('set local jit = off');
  // Right after a night's writing no statistics are there yet, and PostgreSQL takes a city of a
  // hundred thousand for one of a few rows; a nested loop over it would take hours.
  await session.query('set local enable_nestloop = off');
  await make('audit_before', beforeSql(audit));
  await make('audit_lines', linesSql(audit));
  await make('audit_schools', schoolsSql(audit));
  await make('audit_bonus', bonusSql(audit));
  await make('audit_ranked', rankedSql(audit, rules), '(file, school, rank)');
  await make('audit_choices', choicesSql(audit, rules), '(file, school, reason)');
  await make('audit_taken', takenSql(audit));
  return rules;
}

const OCCUPYING = OCCUPYING_STATES.map(state => `'${state}'`).join(', ');

/**
 * Where a file stood is where its first event since the run began says it came from; without such
 * an event it stands there still. Where it was at a school then, the last event before tells which.
 */
function beforeSql({ sql }: AuditCase): string {
  const { here, firstEvent } = sql;
  if (firstEvent === null) {
    return `select file, state, school, major, batch, coalesce(returned_by, '{}') as returned_by,
        open_applications from files where ${here}`;
  }
  return `
    with later as (
      select distinct on (file) file, from_state from events
      where ${here} and event >= ${firstEvent} and file is not null order by file, event
    ), since as (
      select file, array_agg(school) as schools from events
      where ${here} and event >= ${firstEvent} and name in ('approve-return', 'recall', 'withdraw')
      group by file
    ), stood as (
      select distinct on (e.file) e.file, e.school, e.major, e.batch from events e
      join later l on l.file = e.file and l.from_state in (${OCCUPYING})
      where ${sql.of('e')} and e.event < ${firstEvent} and e.school is not null
      order by e.file, e.event desc
    )
    select f.file, coalesce(l.from_state, f.state) as state,
      case when l.file is null then f.school else s.school end as school,
      case when l.file is null then f.major else s.major end as major,
      case when l.file is null then f.batch else s.batch end as batch,
      array(select unnest(coalesce(f.returned_by, '{}')) except all select unnest(n.schools))
        as returned_by,
      f.open_applications
    from files f left join later l using (file) left join stood s using (file)
      left join since n using (file)
    where ${sql.of('f')} and (l.file is null or l.from_state <> 'in-pool'
      or f.returned_by is not null or f.open_applications > 0)`;
}

function linesSql({ sql }: AuditCase): string {
  return `
    select l.school, l.major, l.planned, coalesce(o.files, 0)::integer as occupied
    from plan_lines l
    left join (
      select school, major, count(*) as files from audit_before
      where batch = ${sql.batch} and state in (${OCCUPYING}) group by school, major
    ) o using (school, major)
    where ${sql.of('l')} and l.batch = ${sql.batch}`;
}

/** Room by dispatch.md §3, in whole numbers. */
function schoolsSql({ sql, batch, policy, audited }: AuditCase): string {
  const { ratio, rounding } = batch.dispatch;
  const added = { floor: 0, ceil: 99, 'half-up': 50 }[rounding];
  const member =
    batch.schools === null
      ? `s.kind = any(${arraySql(batch.kinds ?? [], sql.literal)})`
      : `s.code = any(${arraySql(batch.schools, sql.literal)})`;
  const lines = policy.schoolLines
    .filter(line => line.region === audited.city && line.batch === audited.batch)
    .map(line => `(${sql.literal(line.school)}, ${line.line})`);
  return `
    select s.code as school, s.kind, s.owner, s.region, w.status, own.line,
      p.school is not null as has_line, coalesce(p.planned, 0) as planned,
      coalesce(q.places, 0) as flexible, coalesce(o.files, 0) as occupied,
      greatest(0, coalesce(q.places, 0) - coalesce(p.beyond, 0)) as flexible_free,
      ((coalesce(p.planned, 0)::bigint * ${ratio} + ${added}) / 100)::integer
        + coalesce(q.places, 0) - coalesce(o.files, 0) as room,
      case when not ${member} then 'not-in-batch'
        when w.status <> 'open' then 'school-suspended' end as bar
    from schools s
    cross join lateral (select coalesce((
      select t.status from school_statuses t
      where t.season = s.season and t.school = s.code and t.batch = ${sql.batch}
        and t.region in ('', ${sql.city}) order by t.region desc limit 1), 'open') as status) w
    left join (values ${[...lines, '(null::text, null::integer)'].join(', ')}) own (school, line)
      on own.school = s.code
    left join (select school, sum(planned)::integer as planned,
        sum(greatest(0, occupied - planned))::integer as beyond
      from audit_lines group by school) p on p.school = s.code
    left join flexible_quotas q on ${sql.of('q')} and q.batch = ${sql.batch} and q.school = s.code
    left join (select school, count(*)::integer as files from audit_before
      where batch = ${sql.batch} and state in (${OCCUPYING}) group by school) o
      on o.school = s.code
    where s.season = ${sql.season}`;
}

/** Bonus and best priority of each candidate who has a confirmed feature that counts here. */
function bonusSql({ sql, policy, audited }: AuditCase): string {
  const { combine, cap, features } = policy.preferences;
  const counting = features
    .filter(feature => feature.batches.includes(audited.batch))
    .map(({ id, kind, points, rank }) => `(${sql.literal(id)}, '${kind}', ${points}, ${rank})`);
  const bonus = `coalesce(${combine}(v.points) filter (where v.kind = 'bonus'), 0)`;
  return `
    select p.file, ${cap === null ? bonus : `least(${bonus}, ${cap})`}::integer as bonus,
      min(v.rank) filter (where v.kind = 'priority')::integer as priority
    from preferences p
    join (values ${[...counting, "(null::text, '', 0, 0)"].join(', ')})
      v (feature, kind, points, rank) using (feature)
    where ${sql.of('p')} and p.confirmed_by <> '' group by p.file`;
}

/** Scores, keys and rank; `tie` orders equals where the ending puts them in an order. */
function rankedSql(audit: AuditCase, rules: RulesSql): string {
  const { sql, batch } = audit;
  const { mode, ties, bands } = batch.dispatch;
  const byLot = mode === 'lottery';
  const keys = ties.keys.map(key => keySql(audit, key));
  const order = byLot
    ? 'tie collate "C"'
    : ['score', ...keys.map((_, at) => `key_${at + 1}`)]
        .map(column => `${column} desc nulls last`)
        .join(', ');
  const tie =
    byLot || ties.ending === 'lottery'
      ? digestSql(batch.dispatch.seed ?? '', 'd.candidate_no')
      : "encode(convert_to(d.candidate_no, 'UTF8'), 'hex')";
  const tied = byLot || ties.ending === 'lottery' || ties.ending === 'candidate-no';
  const band = bands.map((bound, at) => `when score >= ${bound} then ${at}`).join(' ');
  const facts = rules.columns.map(({ name, sql: fact }) => `, ${fact} as ${name}`).join('');
  return `
    with counted as (
      select d.file, d.candidate_no, d.school, d.ordinal, d.position as shown_position,
        d.score as shown_score, ';' || d.reasons as reasons,
        k.total + coalesce(b.bonus, 0) as score, ${tied ? tie : 'null::text'} as tie
        ${keys.map((key, at) => `, ${key} as key_${at + 1}`).join('')}${facts}
      from decisions d
      left join candidates k on ${sql.of('k')} and k.file = d.file
      left join scores m on ${sql.of('m')} and m.file = d.file
      left join audit_bonus b on b.file = d.file
      where ${sql.of('d')} and d.run = ${sql.run}
    )
    select *,
      ${bands.length === 0 || byLot ? '0' : `case ${band} else ${bands.length} end`} as band,
      case when ${byLot ? 'true' : 'score is not null'}
        then (rank() over (order by ${order}))::integer end as rank
    from counted`;
}

/** The value of a tie key, high first; null is lowest. */
function keySql({ sql }: AuditCase, key: TieKey): string {
  if (key.kind === 'priority') return '-b.priority';
  const marks = key.subjects.map(
    name =>
      `m.marks[(select slot from subjects where ${sql.here} and name = ${sql.literal(name)})]`,
  );
  return marks.join(' + ');
}

function arraySql(texts: readonly string[], literal: (text: string) => string): string {
  return `array[${texts.map(literal).join(', ')}]::text[]`;
}
