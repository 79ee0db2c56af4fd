/**
 * A run that an act has launched names the act: its identity, and beside it who sat at the machine
 * and what was asked. Where the process dies between the run and the act's own line, the
 * same request finds the run by it, and the line is made good.
 */
import type { Knex } from 'knex';

export async function up(knex: Knex): Promise<void> {
  await knex.raw(`
alter table runs add column launched_by text; -- identity of the act; null: of the schedule
create index runs_launched on runs (season, launched_by) where launched_by is not null;
`);
}
