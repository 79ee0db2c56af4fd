/**
 * The schema as text, from the catalogue: what db/schema.sql holds, so that the effect of a
 * migration shows in its diff. Run `node db/schema.ts` to write it anew. Not a dump to restore
 * from: the migrations are.
 */
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Database } from './connect.ts';
import { openDatabase } from './embedded.ts';
import { migrate } from './migrate.ts';

const COLUMNS = `
  select c.relname as table, a.attname as name, format_type(a.atttypid, a.atttypmod) as type,
         a.attnotnull as required, a.attidentity as identity,
         pg_get_expr(d.adbin, d.adrelid) as default
    from pg_class c
    join pg_attribute a on a.attrelid = c.oid and a.attnum > 0 and not a.attisdropped
    left join pg_attrdef d on d.adrelid = c.oid and d.adnum = a.attnum
   where c.relnamespace = 'public'::regnamespace and c.relkind in ('r', 'p')
     and c.relname not like 'knex\\_%'
   order by c.relname collate "C", a.attnum`;

/**
 * Keys and checks; not-null constraints, which PostgreSQL lists from 18 on, stand at the columns.
 */
const CONSTRAINTS = `
  select conrelid::regclass::text as table, pg_get_constraintdef(oid) as definition
    from pg_constraint
   where connamespace = 'public'::regnamespace and contype in ('p', 'u', 'f', 'c', 'x')
   order by position(contype in 'pucfx'), conname collate "C"`;

const INDEXES = `
  select t.relname as table, pg_get_indexdef(i.indexrelid) as definition
    from pg_index i
    join pg_class t on t.oid = i.indrelid
   where t.relnamespace = 'public'::regnamespace and t.relname not like 'knex\\_%'
     and not exists (select from pg_constraint where conindid = i.indexrelid)
   order by i.indexrelid::regclass::text collate "C"`;

const TRIGGERS = `
  select tgrelid::regclass::text as table, pg_get_triggerdef(oid) as definition
    from pg_trigger where not tgisinternal order by tgname collate "C"`;

const OTHERS = `
  select 'sequence ' || s.relname || ' as ' || format_type(q.seqtypid, null) as definition
    from pg_class s join pg_sequence q on q.seqrelid = s.oid
   where s.relnamespace = 'public'::regnamespace
     and not exists (select from pg_depend where objid = s.oid and deptype in ('a', 'i'))
  union all
  select pg_get_functiondef(oid) from pg_proc where pronamespace = 'public'::regnamespace
   order by 1`;

const POLICIES = `
  select tablename as table,
         'policy ' || policyname || ' for ' || lower(cmd) || ' to ' || array_to_string(roles, ', ')
           || coalesce(E'\\n  using (' || qual || ')', '')
           || case when with_check is distinct from qual
                then coalesce(E'\\n  with check (' || with_check || ')', '') else '' end
           as definition
    from pg_policies where schemaname = 'public'
   order by tablename collate "C", policyname collate "C"`;

const VIEWS = `
  select 'view ' || viewname || E' as\\n' || definition as definition
    from pg_views where schemaname = 'public' order by viewname collate "C"`;

/** What a user's roles may do, tables together that they may do the same on. */
const RIGHTS = `
  select 'grant ' || rights || ' to ' || rolname || ' on'
           || string_agg(E'\\n  ' || relname, ',' order by relname collate "C") as definition
    from (select c.relname, r.rolname, string_agg(lower(a.privilege_type), ', '
                   order by a.privilege_type) as rights
            from pg_class c cross join aclexplode(c.relacl) a join pg_roles r on r.oid = a.grantee
           where c.relnamespace = 'public'::regnamespace
             and r.rolname in ('zhongzhao_app', 'zhongzhao_reader')
           group by c.relname, r.rolname) of_table
   group by rolname, rights order by rolname collate "C", rights collate "C"`;

interface Column {
  readonly table: string;
  readonly name: string;
  readonly type: string;
  readonly required: boolean;
  readonly identity: string;
  readonly default: string | null;
}

interface Definition {
  readonly table: string;
  readonly definition: string;
}

/** The schema of a migrated database, the same text on every supported version. */
export async function describeSchema(database: Database): Promise<string> {
  const columns = Map.groupBy(await database.query<Column>(COLUMNS), row => row.table);
  const parts: string[] = ['-- Written by db/schema.ts from a migrated database; see there.'];
  for (const { definition } of await database.query<Definition>(OTHERS)) {
    parts.push(`${definition.trimEnd()};`);
  }
  const byTable = async (sql: string) =>
    Map.groupBy(await database.query<Definition>(sql), row => row.table);
  const constraints = await byTable(CONSTRAINTS);
  const besides = [await byTable(INDEXES), await byTable(TRIGGERS), await byTable(POLICIES)];
  for (const [table, rows] of columns) {
    const lines = [...rows.map(columnLine), ...(constraints.get(table) ?? []).map(definitionOf)];
    parts.push(`table ${table} (\n${lines.map(line => `  ${line}`).join(',\n')}\n);`);
    const beside = besides.flatMap(each => each.get(table) ?? []);
    for (const { definition } of beside) parts.push(`${definition};`);
  }
  // Before 16, PostgreSQL writes the table before each column even where there is only one.
  const bare = (text: string) =>
    text.replace(/\b([a-z_]+)\./g, (whole, name) => (columns.has(name) ? '' : whole));
  for (const { definition } of await database.query<Definition>(VIEWS)) {
    parts.push(bare(definition.trimEnd()));
  }
  for (const { definition } of await database.query<Definition>(RIGHTS)) {
    parts.push(`${definition};`);
  }
  return `${parts.join('\n\n')}\n`;
}

function definitionOf(row: Definition): string {
  return row.definition;
}

function columnLine(column: Column): string {
  const parts = [column.name, column.type];
  if (column.required) parts.push('not null');
  if (column.identity !== '') parts.push('generated as identity');
  if (column.default !== null) parts.push(`default ${column.default}`);
  return parts.join(' ');
}

if (import.meta.main) {
  const home = await mkdtemp(join(tmpdir(), 'zhongzhao-schema-'));
  const { database, close } = await openDatabase({ home });
  try {
    await migrate(database);
    await writeFile(join(import.meta.dirname, 'schema.sql'), await describeSchema(database));
  } finally {
    await close();
    await rm(home, { recursive: true, force: true });
  }
}
