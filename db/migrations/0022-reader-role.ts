/**
 * Reports of an office whose scope is whole cities are read in a role of their own, which may read
 * and nothing else, `zhongzhao_reader`.
 *
 * Why: in `zhongzhao_app` one policy serves offices, counties and schools, and so asks of a row of
 * `files` whether it is one of a county or of a school, by sub-queries. They are never run for an
 * office, but the planner must reckon with them: it expects a thousandth of what the statement costs
 * or a thousand times as much, and may not share the reading of a table among processes. In a role
 * of its own the policy is what it is for such an office: the row's city is in its scope. A county
 * and a school go on reading in `zhongzhao_app`; who came here by mistake would find no row.
 *
 * Turned down: telling the planner the truth by settings (it still reads alone), and functions for
 * the sub-queries (a county would then ask row by row).
 */
import type { Knex } from 'knex';
import { makeRole } from './0004-access.ts';
import { protectReading, READ_CITY } from './protect.ts';

export const READER = 'zhongzhao_reader';

export async function up(knex: Knex): Promise<void> {
  await makeRole(knex, READER);
  await knex.raw(GRANTS);
  const { rows } = await knex.raw(POLICIES);
  for (const { table, qual } of rows as { table: string; qual: string }[]) {
    await protectReading(knex, table, readingOf(table, qual));
  }
}

/** What a user's role may read, the reader may; tables of later migrations come by default. */
const GRANTS = `
grant usage on schema public to ${READER};
alter default privileges in schema public grant select on tables to ${READER};
do $$
declare one text;
begin
  for one in select relname from pg_class
    where relnamespace = 'public'::regnamespace and relkind in ('r', 'p', 'v')
      and has_table_privilege('zhongzhao_app', oid, 'select')
  loop
    execute format('grant select on %I to ${READER}', one);
  end loop;
end $$`;

/** What users read of each table, in the words of PostgreSQL. */
const POLICIES = `
select c.relname as table, pg_get_expr(p.polqual, p.polrelid) as qual
from pg_policy p join pg_class c on c.oid = p.polrelid
where c.relnamespace = 'public'::regnamespace and p.polname = 'scope_reads'
order by c.relname collate "C"`;

/** A region move is the giving city's too (0004-season-scopes). */
const OF_APPLICATIONS = `(${READ_CITY} or other_city = any ((select scope_cities())::text[]))`;

/** Large tables of which an office reads its cities, or everything. */
const READ: Readonly<Record<string, string>> = {
  applications: OF_APPLICATIONS,
  choice_counts: READ_CITY,
  chooser_counts: READ_CITY,
  dispatch_lists: READ_CITY,
  plan_lines: READ_CITY,
  school_outcomes: READ_CITY,
  majors: 'true',
  schools: 'true',
};

function readingOf(table: string, qual: string): string {
  // Wherever a county sees its own candidates, a whole city is the rest of the condition.
  return READ[table] ?? (qual.includes('county_files') ? READ_CITY : qual);
}
