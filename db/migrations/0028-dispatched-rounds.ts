/**
 * Which rounds of a city have been dispatched, and why others were not, out of an index. Every plan
 * of a night and every morning's page ask it of every city, and the ledger, which was read for it,
 * grows by dozens of lines a day.
 */
import type { Knex } from 'knex';

export async function up(knex: Knex): Promise<void> {
  await knex.raw(`
create index runs_of_dispatches on runs (season, (scope ->> 'city'))
  where job in ('dispatch', 'dispatch-batch', 'dispatch-school')
    and state in ('completed', 'refused')`);
}
