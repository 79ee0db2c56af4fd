/**
 * Who has chosen a school is asked of the school's choices alone (院校生源查询, 查看考生去向): without an
 * index all choices of the province are read for it. It is written when choices are imported; the
 * night only reads them.
 */
import type { Knex } from 'knex';

export async function up(knex: Knex): Promise<void> {
  await knex.raw('create index choices_by_school on choices (season, school)');
}
