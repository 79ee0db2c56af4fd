/** Further signatures of a proposal that takes more than two people, in their order. */
import type { Knex } from 'knex';

export async function up(knex: Knex): Promise<void> {
  await knex.raw(`alter table proposals add column signed_by text[] not null default '{}'`);
}
