/**
 * Hashes of what a season has made. `seasonDigest` compares two honest ways to the same end: it
 * leaves out what a fault may change – numbers of runs and policy versions, and numbers that a
 * sequence gives, which a rolled-back act uses up – and keeps everything else.
 */
import { createHash } from 'node:crypto';
import type { Database } from '../../db/connect.ts';
import { digest } from '../acts/table-digest.ts';

/** Every row of every table. */
export const wholeDigest = digest;

/** What no refusal can leave untouched if it writes at all: cheap at any size. */
export async function lightDigest(database: Database): Promise<string> {
  const [row] = await database.query<{ state: string }>(
    `select concat_ws('|',
       -- By their keys: blocks and runs are only ever added.
       (select string_agg(concat_ws(':', season, city, last), ',' order by season, city) from (
         select r.season, r.city, (select max(block) from blocks b
           where b.season = r.season and b.city = r.city) as last
         from (select season, code as city from regions where level = 'city'
           union all select season, '' from seasons) r) b),
       (select max(run) from runs), (select count(*) from findings),
       (select string_agg(state || ':' || n, ',' order by state) from (
         select state, count(*) as n from applications group by state) a),
       (select string_agg(state || ':' || n, ',' order by state) from (
         select state, count(*) as n from proposals group by state) p),
       (select string_agg(state || ':' || n, ',' order by state) from (
         select state, count(*) as n from dispatch_lists group by state) l),
       (select string_agg(state || ':' || n, ',' order by state) from (
         select state, count(*) as n from files group by state) f),
       (select sum(planned) from plan_lines), (select sum(places) from flexible_quotas),
       (select count(*) from candidate_numbers), (select sum(last) from number_counters),
       (select count(*) from policy_overlays), (select count(*) from relative_declarations)
     ) as state`,
  );
  return row?.state ?? '';
}

/** Numbers of sequences inside notes, by the names that acts give them. */
const LOOSE_NOTES = ['application', 'withdrawal', 'proposal', 'transfer', 'draw', 'import', 'run'];

const PARTS: readonly (readonly [string, string])[] = [
  [
    'files',
    `select to_jsonb(f) - 'file' as f, r.rank from files f join ranked r using (season, city, file)
     order by f.season, f.city, r.rank`,
  ],
  ['lists', `select to_jsonb(d) - 'run' as d from dispatch_lists d order by season, city, list`],
  [
    'decisions',
    `select to_jsonb(d) - 'run' - 'file' as d, x.identity from decisions d join runs x using (run)
     order by d.season, d.city, x.identity collate "C", d.candidate_no`,
  ],
  [
    'events',
    // Packages of several cities are imported at once, and into the province's chain: which of them
    // comes first at one instant is who was faster, and so are their numbers.
    `select to_jsonb(e) - 'run' - 'policy' - 'file' - 'note'
         - case e.city when '' then 'event' else '' end as e, r.rank,
       n.note, v.base_hash, v.overlay_hash
     from events e cross join lateral (
       select e.note - '{${LOOSE_NOTES.join(',')}}'::text[] as note) n
     left join policy_versions v on v.id = e.policy
     left join ranked r on r.season = e.season and r.city = e.city and r.file = e.file
     order by e.season, e.city, case e.city when '' then 0 else e.event end, e.at, e.name,
       n.note::text collate "C", e.actor collate "C", e.school collate "C"`,
  ],
  ['plan', 'select * from plan_lines order by season, city, school, major, batch'],
  ['flexible', 'select * from flexible_quotas order by season, city, school, batch'],
  [
    'applications',
    `select kind, state, city, other_city, school, other_school, batch, major, places, opened_by,
       opened_at, first_by, decided_by, decided_at, decision, reason
     from applications
     order by opened_at, city, school, kind, opened_by, batch, major, decided_at, application`,
  ],
];

/** One hash over everything; part by part, so that a difference names its table. */
export async function seasonDigest(database: Database): Promise<Record<string, string>> {
  const parts: Record<string, string> = {};
  for (const [name, sql] of PARTS) {
    const rows = await database.query<Record<string, unknown>>(
      `with ranked as (select season, city, file,
         row_number() over (partition by season, city order by file)::integer as rank
       from candidates) ${sql}`,
    );
    const hash = createHash('sha256');
    for (const row of rows) hash.update(`${JSON.stringify(row)}\n`);
    parts[name] = hash.digest('hex');
  }
  return parts;
}
