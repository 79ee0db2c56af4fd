/**
 * What the statistics count, in the indexes: half a million admitted files and a million candidates
 * are then read side by side in the order of the file, without their tables and without hashing the
 * ones to find the others.
 *
 * `candidates_counted` is written at the import, and again where a candidate changes;
 * `files_admitted` where a file becomes admitted, which no dispatch does: a night writes neither.
 * `events_of_days` holds the events by which the number of the admitted changes, so that progress
 * over the days need not read the whole trail. Turned down: tables of counts that every act that
 * moves a file keeps – a dozen places could forget it, a server forgets no index.
 */
import type { Knex } from 'knex';

export async function up(knex: Knex): Promise<void> {
  await knex.raw(`
create index candidates_counted on candidates (season, city, file)
  include (sex, origin, total, county);

create index files_admitted on files (season, city, file)
  include (school, major, batch, state, since)
  where state in ('admitted', 'registered', 'filed');

create index events_of_days on events (season, city, business_date)
  include (from_state, to_state)
  where to_state is not null and (to_state in ('admitted', 'registered', 'filed')
    or from_state in ('admitted', 'registered', 'filed'));
`);
}
