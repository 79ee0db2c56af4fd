/**
 * When the ledger was last written to, out of an index. Every report says at its head until when
 * its data reach, which is when the last run ended; a season's ledger has some twenty thousand
 * lines at the smallest size, and all of them were read for it.
 */
import type { Knex } from 'knex';

export async function up(knex: Knex): Promise<void> {
  await knex.raw('create index runs_by_end on runs (season, ended_at)');
}
