/**
 * Which rounds of a city have been dispatched, out of an index. Every plan of a night asks it of
 * every city, and the ledger, of which all completed lines were read for it, grows by dozens of
 * lines a day.
 */
import type { Knex } from 'knex';

export async function up(knex: Knex): Promise<void> {
  await knex.raw(`
create index runs_of_dispatches on runs (season, (scope ->> 'city'))
  where job = 'dispatch' and state = 'completed'`);
}
