/**
 * Row-level security of one table, in the words that every migration shares.
 *
 * Who reads what is said once per side: `office` and `school` are SQL conditions on a row of the
 * table, made of the pieces below; whoever is on neither side (no setting) has no rows. The pieces
 * wrap each setting in `(select …)`: PostgreSQL computes it once per statement (InitPlan) instead
 * of once per row.
 *
 * A migration never changes once it is released, and neither may what it says by these pieces: a
 * piece that must become something else gets a new name, and a further migration calls `protect`
 * again, which replaces the policies of the table.
 */
import type { Knex } from 'knex';

export interface Protection {
  /** Rows that an office reads. */
  readonly office: string;
  /** Rows that a school reads; none unless told. */
  readonly school?: string;
  /** Rows that an office writes, before and after; the same as it reads unless told. */
  readonly officeWrites?: string;
  /** Rows that a school inserts, changes and deletes; none unless told. */
  readonly schoolWrites?: string;
  /** Rows that a school changes but neither inserts nor deletes; none unless told. */
  readonly schoolUpdates?: string;
}

const NOTHING = 'false';

/** The row's city is in scope. */
export const CITY = '((select scope_all_cities()) or city = any ((select scope_cities())::text[]))';

/** The row's city is in scope of somebody whose scope is the city, not a county of it. */
export const WHOLE_CITY = `(${CITY} and (select scope_county()) is null)`;

/** The row's school is the user's. */
export const OWN_SCHOOL = 'school = (select scope_school())';

/** The kind of the row's school is one that the user's office answers for. */
export function kindInScope(table: string): string {
  return `exists (select from schools s where s.season = ${table}.season
    and s.code = ${table}.school and s.kind = any ((select scope_kinds())::text[]))`;
}

/** The row's city is in scope, and for a county user the candidate's county too. */
export function countyFile(table: string): string {
  return `(${CITY} and ((select scope_county()) is null or ${fileIn('county_files', table)}))`;
}

/** The row's file is at the user's school, or was on a list released to it. */
export function schoolFile(table: string): string {
  return fileIn('school_files', table);
}

function fileIn(view: string, table: string): string {
  return `exists (select from ${view} v where v.season = ${table}.season
    and v.city = ${table}.city and v.file = ${table}.file)`;
}

/**
 * Puts a table under row-level security; called again for a table, it replaces what it said.
 *
 * One policy for each command, and none `for all`: that would be asked for every row read, beside
 * the one of reading, and double the work of each statement.
 */
export async function protect(knex: Knex, table: string, protection: Protection): Promise<void> {
  const { office, school = NOTHING } = protection;
  const { officeWrites = office, schoolWrites = NOTHING } = protection;
  const writes = bySide(officeWrites, schoolWrites);
  const updates = bySide(officeWrites, protection.schoolUpdates ?? schoolWrites);
  const policies = [
    ['scope_reads', `for select to zhongzhao_app using (${bySide(office, school)})`],
    ['scope_inserts', `for insert to zhongzhao_app with check (${writes})`],
    ['scope_updates', `for update to zhongzhao_app using (${updates}) with check (${updates})`],
    ['scope_deletes', `for delete to zhongzhao_app using (${writes})`],
    ['runner_all', 'for all to zhongzhao_runner using (true) with check (true)'],
  ];
  const statements = [
    `alter table ${table} enable row level security`,
    ...policies.map(([name]) => `drop policy if exists ${name} on ${table}`),
    ...policies.map(([name, policy]) => `create policy ${name} on ${table} ${policy}`),
  ];
  for (const statement of statements) await knex.raw(statement.replaceAll('?', '\\?'));
}

/**
 * A condition on the settings alone, computed once. Written so that the planner takes it to hold, as
 * it does where there is a row to be read: of a bare condition it expects that half of the rows, or
 * hardly any, are left, and then looks up a million rows one by one.
 */
const holds = (condition: string) => `(select nullif(${condition}, false)) is not null`;

/** As CITY, for `protectReading`. */
export const READ_CITY = `(${holds('scope_all_cities()')}
  or city = any ((select scope_cities())::text[]))`;

/**
 * What offices whose scope is whole cities read of a table in the role `zhongzhao_reader`
 * (0022-reader-role): beside each `protect` of a migration from there on.
 *
 * @param office as in `protect`, without what is asked of a county
 */
export async function protectReading(knex: Knex, table: string, office: string): Promise<void> {
  const whole = holds(`scope_side() = 'office' and scope_county() is null`);
  const policy = `create policy reader_reads on ${table} for select to zhongzhao_reader
    using (${whole} and (${office}))`;
  await knex.raw(`drop policy if exists reader_reads on ${table}`);
  await knex.raw(policy.replaceAll('?', '\\?'));
}

function bySide(office: string, school: string): string {
  return `case (select scope_side()) when 'office' then ${office}
    when 'school' then ${school} else false end`;
}
