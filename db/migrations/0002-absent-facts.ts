/**
 * An empty cell is an absent fact (spec/policy.md), in the database as in a package: whether a
 * major is articulated, whether a choice accepts adjustment, and whose and where a school is may
 * not be said. Null is what is not said. Rows that are there already keep what they say: what was
 * an empty cell before cannot be told any more from a `no`.
 */
import type { Knex } from 'knex';

export async function up(knex: Knex): Promise<void> {
  await knex.raw(`
    alter table majors alter column articulated drop default,
      alter column articulated drop not null;
    alter table choices alter column adjustment drop not null;
    alter table schools alter column owner drop not null, alter column region drop not null;
    update schools set region = null where region = '';
    alter table schools add check (region <> '');
  `);
}
