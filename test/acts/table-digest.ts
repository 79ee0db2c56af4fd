/** One text over every row of every table: whether anything at all has changed. */
import type { Database } from '../../db/connect.ts';

/** One statement per database: its tables do not change while a test runs. */
const DIGESTS = new WeakMap<Database, string>();

/**
 * Everything that an act could change, as one text: refusals must leave it as it was. Per table the
 * number of rows and the sum of their hashes, whatever their order; in one statement, since a test
 * of refusals asks for it a hundred times.
 */
export async function digest(database: Database): Promise<string> {
  let sql = DIGESTS.get(database);
  if (sql === undefined) {
    const tables = await database.query<{ name: string }>(
      `select relname as name from pg_class
       where relnamespace = 'public'::regnamespace and relkind = 'r'
         and relname not like 'knex%' and relname not like 'pgboss%'
       order by relname collate "C"`,
    );
    const parts = tables.map(
      ({ name }) =>
        `select '${name}' as name, count(*) as rows,
           coalesce(sum(hashtextextended(t::text, 0)::numeric), 0) as hash from ${name} t`,
    );
    sql = `select string_agg(name || ' ' || rows || ' ' || hash, E'\n' order by name) as digest
      from (${parts.join(' union all ')}) d`;
    DIGESTS.set(database, sql);
  }
  const [row] = await database.query<{ digest: string }>(sql);
  return row?.digest ?? '';
}
