/**
 * Users, their functions, sessions, declarations and locks; the database roles; and row-level
 * security on every table that belongs to a city, a file or a user.
 *
 * Decisions that took thought:
 *
 * - The name column is `user_name`, not `user`: `where user = $1` is valid SQL and compares the
 *   name of the database role.
 * - Users are reference data without a season: an officer stays the same person over the years.
 *   What a year asks of them (the declaration of rule 10) has the season.
 * - Row-level security is enabled but not forced. It then leaves out the owner, which is the login
 *   that migrates and runs the night; forced, it would reach an owner that is no superuser, and
 *   PostgreSQL refuses COPY FROM wherever it applies, even if a policy lets every row pass. In
 *   exchange nothing may be done for a user as owner: db/access/scope.ts enters the role
 *   `zhongzhao_app`, which owns nothing, has no BYPASSRLS, and is always under the policies.
 *   Turned down: BYPASSRLS for the runner (only a superuser can give it, so the same program
 *   would behave otherwise on an office's own server), and a separate owner whom nobody logs in as
 *   (every installation would need two logins and a rule which migrates).
 *   `zhongzhao_runner` holds the rights on all rows for tools that are not the owner: a policy
 *   lets it pass everywhere.
 * - Policies of candidates ask for files and policies of files for candidates, which PostgreSQL
 *   refuses as an endless recursion. The views `county_files` and `school_files` cut it: they read
 *   with their owner's rights, and hold their own condition on who asks, so that reading them
 *   shows nobody more than the scope. Both are keyed by (season, city, file), and the planner
 *   chooses between a look-up per row and one hash of the whole set.
 */
import type { Knex } from 'knex';
import { databaseError } from '../errors.ts';
import {
  CITY,
  countyFile,
  kindInScope,
  OWN_SCHOOL,
  type Protection,
  protect,
  schoolFile,
  WHOLE_CITY,
} from './protect.ts';

export async function up(knex: Knex): Promise<void> {
  await makeRoles(knex);
  await knex.raw(TABLES);
  await knex.raw(SCOPE);
  await knex.raw(GRANTS);
  for (const [table, protection] of PROTECTIONS) await protect(knex, table, protection);
}

export const ROLES = ['zhongzhao_app', 'zhongzhao_runner'] as const;

async function makeRoles(knex: Knex): Promise<void> {
  for (const role of ROLES) await makeRole(knex, role);
}

/**
 * Roles belong to the whole cluster: another database may make them at the same moment, and where
 * the login may not, an administrator has made and granted them before.
 *
 * @throws needs-roles
 */
export async function makeRole(knex: Knex, role: string): Promise<void> {
  await knex.raw(`do $$
      begin
        if not exists (select from pg_roles where rolname = '${role}') then
          create role ${role} nologin;
        end if;
      exception when duplicate_object or unique_violation or insufficient_privilege then null;
      end $$`);
  await knex.raw(`do $$
      begin
        if not exists (
          select from pg_auth_members m join pg_roles r on r.oid = m.roleid
            join pg_roles g on g.oid = m.member
           where r.rolname = '${role}' and g.rolname = current_user
             and (current_setting('server_version_num')::integer < 160000
                  or coalesce((to_jsonb(m) ->> 'set_option')::boolean, true))) then
          grant ${role} to current_user;
        end if;
      exception
        when duplicate_object or unique_violation or insufficient_privilege
          or undefined_object or internal_error then null;
      end $$`);
  await requireRole(knex, role);
}

async function requireRole(knex: Knex, role: string): Promise<void> {
  try {
    await knex.transaction(async inner => {
      await inner.raw(`set local role ${role}`);
      await inner.raw('set local role none');
    });
  } catch (cause) {
    const { rows } = await knex.raw('select current_user as login');
    throw databaseError('needs-roles', { role, login: rows[0]?.login ?? '' }, { cause });
  }
}

const TABLES = `
create table users (
  user_name text primary key check (user_name ~ '^[A-Za-z0-9][A-Za-z0-9._-]{1,63}$'),
  side text not null check (side in ('office', 'school')),
  level text not null check (level in ('province', 'city', 'county', 'school')),
  region text not null, -- province, city or county; of a school: where it lies
  office text, -- an office's code: its kinds are the user's unless school_kinds says otherwise
  school text,
  school_kinds text[], -- null: as the office's; without office: all
  person text not null default '',
  title text not null default '', -- 职务
  phone text not null default '',
  email text not null default '',
  duties text[] not null default '{}', -- ids of duties.yaml
  password text not null, -- scrypt$log2N$r$p$salt$hash, base64url
  password_history text[] not null check (password_history[1] = password), -- the last five
  must_change_password boolean not null default true,
  failed_sign_ins smallint not null default 0,
  locked_until timestamptz,
  disabled_at timestamptz,
  sample boolean not null default false, -- of a sample database: refused once it is none
  created_by text not null,
  created_at timestamptz not null,
  last_signed_in_at timestamptz,
  check ((side = 'school') = (level = 'school')),
  check ((side = 'school') = (school is not null)),
  check (side = 'office' or office is null)
);
create index users_by_region on users (region);
create index users_by_school on users (school) where school is not null;

-- What a user has beyond the duties (granted), or lacks of them.
create table function_grants (
  user_name text not null references users,
  function text not null,
  granted boolean not null,
  granted_by text not null,
  granted_at timestamptz not null,
  primary key (user_name, function)
);

create table sessions (
  token_hash text primary key check (token_hash ~ '^[0-9a-f]{64}$'), -- SHA-256 of the token
  user_name text not null references users,
  opened_at timestamptz not null,
  last_seen_at timestamptz not null,
  locked boolean not null default false, -- the screen: the password to go on
  ended_at timestamptz
);
create index sessions_open on sessions (user_name) where ended_at is null;

-- Rule 10. A lifted declaration stays on record, and its user declares anew.
create table relative_declarations (
  declaration integer generated always as identity primary key,
  season smallint not null references seasons,
  user_name text not null references users,
  relatives text[] not null, -- candidate numbers; empty: none
  declared_at timestamptz not null,
  lifted_at timestamptz,
  lifted_by text,
  lifted_reason text,
  check ((lifted_at is null) = (lifted_by is null)),
  check ((lifted_at is null) = (lifted_reason is null))
);
create unique index relative_declarations_open on relative_declarations (season, user_name)
  where lifted_at is null;

create table region_locks (
  season smallint not null references seasons,
  region text not null,
  level text not null check (level in ('province', 'city', 'county')), -- of who locked
  locked_by text not null,
  locked_at timestamptz not null,
  reason text not null,
  primary key (season, region)
);
`;

/**
 * A setting that was set in a former transaction of the connection reads as '', one that never was
 * as null: both mean nobody. Written for the planner: it computes each once, as it is stable and
 * stands in a select of its own.
 */
const setting = (name: string) => `nullif(current_setting('zhongzhao.${name}', true), '')`;
const scopeFunction = (name: string, type: string, body: string) => `
create function scope_${name}() returns ${type} language sql stable parallel safe
as $$ select ${body} $$;`;

const SCOPE = `
${scopeFunction('user', 'text', setting('user'))}
${scopeFunction('side', 'text', setting('side'))}
${scopeFunction('level', 'text', setting('level'))}
${scopeFunction('region', 'text', setting('region'))}
${scopeFunction('county', 'text', setting('county'))}
${scopeFunction('school', 'text', setting('school'))}
${scopeFunction('all_cities', 'boolean', `coalesce(${setting('cities')} = '*', false)`)}
${scopeFunction('cities', 'text[]', `string_to_array(${setting('cities')}, ',')`)}
${scopeFunction('kinds', 'text[]', `string_to_array(${setting('kinds')}, ',')`)}

create view county_files as
  select season, city, file from candidates where county = (select scope_county());

-- A dispatched file is not at the school before its list is released (发档).
create view school_files as
  select season, city, file from files
   where school = (select scope_school()) and state not in ('dispatched', 'in-pool', 'held')
  union all
  select i.season, i.city, i.file
    from dispatch_lists l join list_items i using (season, city, list)
   where l.school = (select scope_school()) and l.state in ('released', 'submitted', 'closed');

-- What a school may know of whoever comes to it in phase 2: by the exact number, without a name.
create function candidate_for_entry(in_season smallint, in_candidate_no text)
returns table (city text, file integer, origin text, sex text, total integer, state text)
language sql stable security definer set search_path = public, pg_temp
as $$
  select c.city, c.file, c.origin, c.sex, c.total, coalesce(f.state, 'in-pool')
    from candidate_numbers n
    join candidates c on c.season = n.season and c.city = n.city and c.file = n.file
    left join files f on f.season = n.season and f.city = n.city and f.file = n.file
   where n.season = in_season and n.candidate_no = in_candidate_no
     and scope_side() is not null
$$;
revoke execute on function candidate_for_entry(smallint, text) from public;
grant execute on function candidate_for_entry(smallint, text) to zhongzhao_app, zhongzhao_runner;
`;

/**
 * Tables of later migrations come under the default privileges, and get their policies by
 * `protect`; a test finds a table with a city that has none.
 */
const GRANTS = `
grant usage on schema public to zhongzhao_app, zhongzhao_runner;
grant all on all tables in schema public to zhongzhao_runner;
grant all on all sequences in schema public to zhongzhao_runner;
grant select, insert, update, delete on all tables in schema public to zhongzhao_app;
grant usage, select on all sequences in schema public to zhongzhao_app;
alter default privileges in schema public
  grant select, insert, update, delete on tables to zhongzhao_app;
alter default privileges in schema public grant usage, select on sequences to zhongzhao_app;
alter default privileges in schema public grant all on tables to zhongzhao_runner;
alter default privileges in schema public grant all on sequences to zhongzhao_runner;

-- The trail, the ledger and what a run found are written by the runner alone; the province's map,
-- its offices, policies and imports come by jobs of the runner too.
revoke insert, update, delete on
  events, blocks, runs, run_steps, fences, findings, decisions, school_outcomes, situations,
  seasons, settings, regions, offices, policy_bases, policy_overlays, policy_versions, imports,
  county_files, school_files
  from zhongzhao_app;
revoke delete on users, sessions, relative_declarations, candidates, files from zhongzhao_app;
do $$
declare one text;
begin
  for one in select relname from pg_class
    where relnamespace = 'public'::regnamespace and relkind in ('r', 'S')
      and relname like 'knex\\_%'
  loop
    execute format('revoke all on %I from zhongzhao_app', one);
  end loop;
end $$;
`;

/** The table's `region` is the user's, or a county of the user's city, or it is the province's. */
function regionInScope(table: string): string {
  return `((select scope_all_cities()) or ${table}.region = (select scope_region())
    or (select scope_level()) = 'city' and exists (select from regions r
      where r.code = ${table}.region and r.parent = (select scope_region())))`;
}

const VISIBLE_LIST = (table: string) => `exists (select from dispatch_lists l
  where l.season = ${table}.season and l.city = ${table}.city and l.list = ${table}.list)`;
const LIST_OF_RUN = (table: string) => `exists (select from dispatch_lists l
  where l.season = ${table}.season and l.city = ${table}.city and l.run = ${table}.run
    and l.school = ${table}.school)`;
const VISIBLE_USER = (table: string) =>
  `exists (select from users u where u.user_name = ${table}.user_name)`;
const OWN_USER = 'user_name = (select scope_user())';

/** At the school, or in the pool, where it shows nothing of a person (phase 2 takes from it). */
const AT_SCHOOL_OR_POOL = `(${OWN_SCHOOL} and state <> 'dispatched' or state = 'in-pool')`;
const UNNUMBERED_HERE = `exists (select from files f where f.season = candidates.season
  and f.city = candidates.city and f.file = candidates.file and f.school = (select scope_school())
  and f.state = 'unnumbered')`;

/** What a school must know of a city to act there: windows, rounds, subjects. Nobody's data. */
const PUBLIC_OF_CITY: Protection = { office: CITY, school: 'true', officeWrites: WHOLE_CITY };

const ofPerson = (table: string): Protection => ({
  office: countyFile(table),
  school: schoolFile(table),
});

const ofPlan = (table: string): Protection => ({
  office: CITY,
  school: OWN_SCHOOL,
  officeWrites: `${WHOLE_CITY} and ${kindInScope(table)}`,
});

const PROTECTIONS: readonly (readonly [string, Protection])[] = [
  ['candidates', { ...ofPerson('candidates'), schoolWrites: UNNUMBERED_HERE }],
  ['candidate_numbers', ofPerson('candidate_numbers')],
  ['identities', { ...ofPerson('identities'), schoolWrites: schoolFile('identities') }],
  ['scores', ofPerson('scores')],
  ['preferences', ofPerson('preferences')],
  [
    'choices',
    { office: countyFile('choices'), school: `(${OWN_SCHOOL} or ${schoolFile('choices')})` },
  ],
  ['senior_high_admissions', { office: countyFile('senior_high_admissions') }],
  [
    'files',
    {
      office: countyFile('files'),
      school: AT_SCHOOL_OR_POOL,
      schoolWrites: AT_SCHOOL_OR_POOL,
    },
  ],
  [
    'dispatch_lists',
    {
      office: CITY,
      school: `(${OWN_SCHOOL} and state in ('released', 'submitted', 'closed'))`,
      officeWrites: `${WHOLE_CITY} and ${kindInScope('dispatch_lists')}`,
      schoolUpdates: `(${OWN_SCHOOL} and state in ('released', 'submitted', 'closed'))`,
    },
  ],
  [
    'list_items',
    {
      office: countyFile('list_items'),
      school: VISIBLE_LIST('list_items'),
      officeWrites: WHOLE_CITY,
    },
  ],
  [
    'decisions',
    {
      office: countyFile('decisions'),
      school: `${OWN_SCHOOL} and ${LIST_OF_RUN('decisions')}`,
    },
  ],
  [
    'school_outcomes',
    { office: CITY, school: `${OWN_SCHOOL} and ${LIST_OF_RUN('school_outcomes')}` },
  ],
  ['situations', { office: CITY }],
  ['findings', { office: CITY }],
  ['plan_lines', ofPlan('plan_lines')],
  ['flexible_quotas', ofPlan('flexible_quotas')],
  [
    'school_statuses',
    {
      office: 'true',
      school: 'true',
      officeWrites: `((select scope_all_cities())
        or region = any ((select scope_cities())::text[]) and (select scope_county()) is null)`,
    },
  ],
  ['subjects', PUBLIC_OF_CITY],
  ['city_standings', PUBLIC_OF_CITY],
  ['rounds', PUBLIC_OF_CITY],
  ['batch_closings', PUBLIC_OF_CITY],
  ['policy_overlays', PUBLIC_OF_CITY],
  [
    'events',
    {
      office: countyFile('events'),
      // An event that names a list is known only with the list: before the release it is nobody's.
      school: `((${OWN_SCHOOL} or ${schoolFile('events')})
        and (list is null or ${VISIBLE_LIST('events')}))`,
    },
  ],
  ['blocks', { office: CITY }],
  [
    'runs',
    {
      office: `((select scope_all_cities())
        or scope ->> 'city' = any ((select scope_cities())::text[]))`,
      school: 'exists (select from dispatch_lists l where l.run = runs.run)',
    },
  ],
  ['schools', { office: 'true', school: 'true', officeWrites: regionInScope('schools') }],
  [
    'majors',
    {
      office: 'true',
      school: 'true',
      officeWrites: `exists (select from schools where schools.season = majors.season
        and schools.code = majors.school and ${regionInScope('schools')})`,
    },
  ],
  // The key of identity numbers stays with the runner.
  ['settings', { office: "key <> 'identity-key'", school: "key <> 'identity-key'" }],
  [
    'users',
    {
      office: `(${OWN_USER} or ${regionInScope('users')})`,
      officeWrites: `(${OWN_USER} or ${regionInScope('users')}
        and (level <> 'province' or (select scope_all_cities())))`,
      school: OWN_SCHOOL,
      schoolUpdates: OWN_USER,
    },
  ],
  [
    'function_grants',
    { office: VISIBLE_USER('function_grants'), school: VISIBLE_USER('function_grants') },
  ],
  ['sessions', { office: VISIBLE_USER('sessions'), school: OWN_USER, schoolWrites: OWN_USER }],
  [
    'relative_declarations',
    {
      office: VISIBLE_USER('relative_declarations'),
      school: OWN_USER,
      schoolWrites: OWN_USER,
    },
  ],
  ['region_locks', { office: 'true', school: 'true', officeWrites: regionInScope('region_locks') }],
];
