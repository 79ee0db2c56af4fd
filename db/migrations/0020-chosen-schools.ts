/**
 * Indexes for what reports look up at full size.
 *
 * Who has chosen a school is asked of the school's choices alone (院校生源查询, 查看考生去向): without an
 * index all choices of the province are read for it. It is written when choices are imported; the
 * night only reads them.
 *
 * The events of one file (考生轨迹查询) lie scattered over those of its city. This index is written by
 * every event, and by the night's COPY too: measured there, see test/bench/reports-bench.ts.
 */
import type { Knex } from 'knex';

export async function up(knex: Knex): Promise<void> {
  await knex.raw('create index choices_by_school on choices (season, school)');
  await knex.raw('create index events_of_files on events (season, city, file)');
}
