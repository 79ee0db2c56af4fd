/**
 * Indexes for what every night asks of a ledger that a season has filled: the attempts of an
 * identity, and what has been done in a city since its last audit. One row each per run, and none
 * per candidate: a dispatch writes what it wrote.
 */
import type { Knex } from 'knex';

export async function up(knex: Knex): Promise<void> {
  await knex.raw(`
    create index runs_by_identity on runs (season, identity, run);
    create index runs_of_season_audit on runs (season, (coalesce(scope ->> 'city', '')), run)
      where job = 'season-audit' and state = 'completed';
    create index blocks_by_run on blocks (season, city, run);
  `);
}
