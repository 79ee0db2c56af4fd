/** One text over all tables: whether anything at all has been written between two moments. */
import type { Database } from '../../db/connect.ts';

/** One statement per database: its tables do not change while a test runs. */
const DIGESTS = new WeakMap<Database, string>();

/**
 * Everything that an act could change, as one text: refusals must leave it as it was. Per table the
 * number of rows and the sum of the transactions that wrote them. Whoever writes comes later than
 * all who have written, so the same number with the same sum means that no row was inserted,
 * updated (be it to what it was) or deleted and put back. No row is read out or hashed for it: a
 * test of refusals asks a hundred times.
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
           coalesce(sum(xmin::text::bigint), 0) as written from ${name}`,
    );
    sql = `select string_agg(name || ' ' || rows || ' ' || written, E'\n' order by name) as digest
      from (${parts.join(' union all ')}) d`;
    DIGESTS.set(database, sql);
  }
  const [row] = await database.query<{ digest: string }>(sql);
  return row?.digest ?? '';
}
