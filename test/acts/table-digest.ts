/** One hash over every row of every table: whether anything at all has changed. */
import { createHash } from 'node:crypto';
import type { Database } from '../../db/connect.ts';

/** Everything that an act could change, as one hash: refusals must leave it as it was. */
export async function digest(database: Database): Promise<string> {
  const tables = await database.query<{ name: string }>(
    `select relname as name from pg_class
     where relnamespace = 'public'::regnamespace and relkind = 'r'
       and relname not like 'knex%' and relname not like 'pgboss%'
     order by relname collate "C"`,
  );
  const hash = createHash('sha256');
  for (const { name } of tables) {
    const [row] = await database.query<{ rows: string | null }>(
      `select string_agg(md5(t::text), '' order by md5(t::text)) as rows from ${name} t`,
    );
    hash.update(`${name}:${row?.rows ?? ''}\n`);
  }
  return hash.digest('hex');
}
