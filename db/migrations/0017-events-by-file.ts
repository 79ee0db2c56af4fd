/**
 * An index for what is asked about one file: its events, in order. The season's audit recounts the
 * files that have moved since it last looked, a candidate's trail shows one of them. A dispatch
 * writes its events in the order of the files, so that the night's copy fills the index from left
 * to right.
 */
import type { Knex } from 'knex';

export async function up(knex: Knex): Promise<void> {
  await knex.raw(
    'create index events_by_file on events (season, city, file) where file is not null',
  );
}
