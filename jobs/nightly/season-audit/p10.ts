/**
 * P10: whoever acted had the function, the region and the school, and no declared relative, at that
 * time. Recounted from users, duties, grants and declarations; where a user's duties were changed
 * after the act, what they were before is in the trail alone, and the function is not judged.
 */
import { allFunctions } from '../../act/registry.ts';
import { type SeasonCase, valuesOf } from './season-case.ts';
import type { SeasonProperty } from './season-property.ts';

export const seasonP10: SeasonProperty = {
  id: 'P10',
  title: '经办人有此功能、此地区，且无申报亲属',
  shared: audit => ({ name: 'acts', sql: actsSql(audit) }),
  questions: async audit => [
    {
      fault: 'function',
      sentence: '经办人没有所办的功能。',
      sql: withoutFunction(audit),
    },
    {
      fault: 'region',
      sentence: '经办人不管所办的地区。',
      sql: foreignRegion(audit),
    },
    {
      fault: 'school',
      sentence: '学校用户办理了别的院校的档案。',
      sql: foreignSchool(audit),
    },
    {
      fault: 'relative',
      sentence: '经办人未申报亲属报考，或有亲属报考有分数限制的院校。',
      sql: await relatives(audit),
    },
  ],
};

/**
 * Acts of people in the city, one row per act and school. The ledger is the whole season's: of it
 * the city's own runs are read, each once and by its key (offset 0).
 */
function actsSql({ sql }: SeasonCase): string {
  return `
    select r.run, r.job, r.actor, e.at, e.city, e.school, e.event, e.file
    from (select e.run, e.at, e.city, e.school, min(e.event) as event, min(e.file) as file
      from events e where ${sql.of('e')} ${sql.recent('e')}
      group by e.run, e.at, e.city, e.school) e
    cross join lateral (select o.run, o.job, o.actor from runs o
      where o.run = e.run and o.on_demand offset 0) r`;
}

/** What everybody may do with the own account, whatever the duties. */
const OWN = ['change-password', 'log-out', 'lock-session', 'declare-relatives', 'ask-question'];

function withoutFunction(audit: SeasonCase): string {
  // Duties are the province's: the same in every city.
  const duties = audit.policy.duties.flatMap(duty =>
    duty.functions.map(name => [duty.id, name] as const),
  );
  // A user does the same many times: what lies in user and function alone is asked once for both.
  return `
    with duties (duty, function) as (select * from ${valuesOf(audit, ['text', 'text'], duties)} v),
    doers as materialized (
      select o.actor, o.job, u.user_name is null as unknown, u.level, u.duties
      from (select distinct actor, job from acts
        where job not in (${OWN.map(audit.sql.literal).join(', ')})) o
      left join users u on u.user_name = o.actor),
    entitled as (
      select o.actor, o.job from doers o cross join lateral unnest(o.duties) own (duty)
      join duties d on d.duty = own.duty and d.function = o.job)
    select a.event, a.school, a.job, a.actor from acts a join doers o using (actor, job)
    where o.unknown
      or o.level <> 'province' and (a.actor, a.job) not in (select * from entitled)
        and not exists (select from function_grants g where g.user_name = a.actor
          and g.function = a.job and (g.granted or g.granted_at > a.at))
        and not ${changedSince(audit)}
      or exists (select from function_grants g where g.user_name = a.actor
        and g.function = a.job and not g.granted and g.granted_at < a.at)`;
}

/** The user's or the duties' functions were changed after the act. */
function changedSince({ sql }: SeasonCase): string {
  return `exists (select from events c where c.season = ${sql.season} and c.at > a.at
    and c.name in ('manage-users', 'grant-functions', 'adopt-policy'))`;
}

/**
 * A region move is both cities'; a roster is of the school's city, wherever its students come from;
 * every other act is of those the user is in charge of.
 */
const foreignRegion = ({ sql }: SeasonCase) => `
  select a.event, a.school, a.job, a.actor, a.city, u.region from acts a
  join users u on u.user_name = a.actor and u.level in ('city', 'county')
  left join regions r on r.code = u.region and r.season = ${sql.season}
  left join schools s on s.season = ${sql.season} and s.code = a.school
  left join regions h on h.season = s.season and h.code = s.region
  where a.job <> 'review-region-move' and a.city <> u.region
    and not (u.level = 'county' and r.parent = a.city)
    and not (a.job in ('file-roster', 'amend-roster')
      and coalesce(u.region in (s.region, h.parent), false))`;

/** A school applies for a candidate of another one, and answers to it; beside that its own. */
function foreignSchool({ sql }: SeasonCase): string {
  return `
    select a.event, a.school, a.job, a.actor, u.school as own from acts a
    join users u on u.user_name = a.actor and u.level = 'school'
    where a.school is distinct from u.school and a.job not in (
      ${[...OWN, 'apply-transfer'].map(sql.literal).join(', ')})`;
}

/** Office menus that rule 10 of the calendar names, and the school's jobs. */
const MENUS = ['投档控制', '投档', '审核管理', '档案管理'];
const SCHOOL_JOBS = ['submit-dispatch-list', 'decide-files', 'admit-from-pool', 'admit-many'];

async function relatives(audit: SeasonCase): Promise<string> {
  const bound = (await allFunctions()).filter(
    ({ id, annex, menu, sides }) =>
      annex && (sides.includes('office') ? MENUS.includes(menu) : SCHOOL_JOBS.includes(id)),
  );
  const limited = audit.cities.flatMap(({ city, policy: { regionLines, schoolLines } }) => [
    ...regionLines.filter(at(city)).map(({ batch }) => [city, batch, null] as const),
    ...schoolLines.filter(at(city)).map(({ batch, school }) => [city, batch, school] as const),
  ]);
  return `
    with limited (batch, school) as (
      select column2, column3 from ${valuesOf(audit, ['text', 'text', 'text'], limited)}
        v (column1, column2, column3) where column1 = ${audit.sql.city}),
    declared as materialized (
      select distinct on (a.event) a.event, a.school, a.job, a.actor, d.relatives from acts a
      left join relative_declarations d on d.season = ${audit.sql.season}
        and d.user_name = a.actor and d.declared_at <= a.at
        and (d.lifted_at is null or d.lifted_at > a.at)
      where a.job in (select * from unnest(${arrayOf(audit, bound)}))
      order by a.event, d.declared_at desc),
    applying as (
      select o.relatives from (select distinct relatives from declared) o where exists (
        select from unnest(o.relatives) r(candidate_no)
        join candidate_numbers n on n.season = ${audit.sql.season}
          and n.candidate_no = r.candidate_no
        join choices c on c.season = n.season and c.city = n.city and c.file = n.file
        join limited l on l.batch = c.batch and (l.school is null or l.school = c.school)
        where n.city = ${audit.sql.city}))
    select event, school, job, actor from declared
    where relatives is null or relatives in (select * from applying)`;
}

const at = (city: string) => (line: { readonly region: string }) => line.region === city;

function arrayOf({ sql }: SeasonCase, jobs: readonly { readonly id: string }[]): string {
  return `array[${jobs.map(({ id }) => sql.literal(id)).join(', ')}]::text[]`;
}
