/**
 * What a proposal would have done when it was made: at its confirmation, another effect is refused.
 */
import type { Knex } from 'knex';

export async function up(knex: Knex): Promise<void> {
  await knex.raw('alter table proposals add column effect_hash text');
}
