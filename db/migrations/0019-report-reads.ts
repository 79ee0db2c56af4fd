/**
 * 查阅记录: who has read whose personal data, by which report, for what. Reading writes nothing
 * else. Append-only, and no user's: reports read it as the runner.
 */
import type { Knex } from 'knex';
import { protect } from './protect.ts';

export async function up(knex: Knex): Promise<void> {
  await knex.raw(`
    create table report_reads (
      season smallint not null references seasons (season),
      read integer generated always as identity,
      reader text not null,
      report text not null,
      -- As asked for: the candidate, or the city, school and batch whose people were listed.
      parameters jsonb not null,
      candidate_no text,
      people integer not null check (people >= 0),
      -- Whether names and numbers stood there in full.
      in_full boolean not null,
      purpose text not null,
      read_at timestamptz not null,
      primary key (season, read)
    );
    create index report_reads_of_candidate on report_reads (season, candidate_no)
      where candidate_no is not null;
    create trigger append_only before update or delete or truncate on report_reads
      for each statement execute function refuse_change();
  `);
  await protect(knex, 'report_reads', { office: 'false' });
}
