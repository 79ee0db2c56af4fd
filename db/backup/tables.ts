/**
 * What a database holds, from its catalogue: a table that a migration adds needs no line here. Ours
 * are those of db/schema.sql; what an administrator has put beside them is left out, since no
 * migration would make it again at a restore.
 */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Session } from '../connect.ts';
import type { KeptSequence } from './manifest.ts';

export interface Table {
  readonly name: string;
  /** Those that are stored; generated ones are computed again. */
  readonly columns: readonly string[];
  readonly bytes: number;
  readonly forcesRowSecurity: boolean;
}

const SCHEMA = join(import.meta.dirname, '..', 'schema.sql');

/** Names of our tables and of the sequences that stand by themselves. */
function ownNames(): ReadonlySet<string> {
  const found = readFileSync(SCHEMA, 'utf8').matchAll(/^(?:table|sequence) (\w+)/gm);
  return new Set([...found].map(match => match[1] as string));
}

/** Ordinary tables; knex's own say only which migrations ran. */
const TABLES = `
  select c.relname as name, pg_relation_size(c.oid) as bytes,
         c.relforcerowsecurity as "forcesRowSecurity",
         array(select a.attname::text from pg_attribute a
                where a.attrelid = c.oid and a.attnum > 0 and not a.attisdropped
                  and a.attgenerated = '' order by a.attnum) as columns
    from pg_class c
   where c.relnamespace = 'public'::regnamespace and c.relkind = 'r'
     and c.relname not like 'knex\\_%'
   order by c.relname collate "C"`;

const REFERENCES = `
  select t.relname as table, r.relname as refers
    from pg_constraint k
    join pg_class t on t.oid = k.conrelid
    join pg_class r on r.oid = k.confrelid
   where k.contype = 'f' and k.connamespace = 'public'::regnamespace and t.oid <> r.oid`;

const SEQUENCES = `
  select c.relname as name, coalesce(t.relname, c.relname) as of
    from pg_class c
    left join pg_depend d on d.objid = c.oid and d.classid = 'pg_class'::regclass
      and d.refclassid = 'pg_class'::regclass and d.deptype in ('a', 'i')
    left join pg_class t on t.oid = d.refobjid
   where c.relnamespace = 'public'::regnamespace and c.relkind = 'S'
   order by c.relname collate "C"`;

/** All tables, each after those that it refers to. */
export async function readTables(session: Session): Promise<Table[]> {
  const own = ownNames();
  const tables = (await session.query<Table>(TABLES)).filter(table => own.has(table.name));
  const references = await session.query<{ table: string; refers: string }>(REFERENCES);
  const ordered: Table[] = [];
  let waiting = tables;
  while (waiting.length > 0) {
    const open = new Set(waiting.map(table => table.name));
    const free = waiting.filter(
      table => !references.some(one => one.table === table.name && open.has(one.refers)),
    );
    if (free.length === 0) throw new Error(`tables refer to each other: ${[...open].join(', ')}`);
    ordered.push(...free);
    const done = new Set(free);
    waiting = waiting.filter(table => !done.has(table));
  }
  return ordered;
}

/** Where the sequences stand; identity columns have one each. */
export async function readSequences(session: Session): Promise<KeptSequence[]> {
  const own = ownNames();
  const names = await session.query<{ name: string; of: string }>(SEQUENCES);
  const sequences: KeptSequence[] = [];
  for (const { name, of } of names) {
    if (!own.has(of)) continue;
    const [at] = await session.query<{ value: number; called: boolean }>(
      `select last_value as value, is_called as called from public.${quoted(name)}`,
    );
    if (at !== undefined) sequences.push({ name, ...at });
  }
  return sequences;
}

export function quoted(name: string): string {
  return `"${name.replaceAll('"', '""')}"`;
}

/** `public."events" ("season", "city")`, as COPY takes it. */
export function copyTarget(table: Pick<Table, 'name' | 'columns'>): string {
  return `public.${quoted(table.name)} (${table.columns.map(quoted).join(', ')})`;
}

/**
 * Settings on which the written form of values depends, so that the same rows are the same bytes
 * on every server; and a backup outlasts whatever the server ends after a while.
 */
export async function fixForms(session: Session): Promise<void> {
  await session.query(`
    set local datestyle = 'ISO, YMD'; set local timezone = 'UTC';
    set local intervalstyle = 'iso_8601'; set local extra_float_digits = 1;
    set local bytea_output = 'hex'; set local client_encoding = 'UTF8';
    set local synchronize_seqscans = off; set local statement_timeout = 0;
    set local lock_timeout = 0; set local idle_in_transaction_session_timeout = 0`);
}
