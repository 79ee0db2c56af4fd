/**
 * Indexes for what single acts look up at full size. Partial ones alone: the night's dispatch
 * writes a million files and events that none of these holds, so its writing costs what it did.
 */
import type { Knex } from 'knex';

export async function up(knex: Knex): Promise<void> {
  await knex.raw(`
    -- Whether a registration was cancelled before: once per candidate and season.
    create index events_of_cancellations on events (season, city, file)
      where name = 'cancel-registration';
    -- What waits for a review before a roster is issued.
    create index files_waiting on files (season, school)
      where state in ('proposed', 'return-proposed', 'pending-review');
  `);
}
