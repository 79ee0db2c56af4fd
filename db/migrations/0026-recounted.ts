/**
 * What the season's audit looks up night after night: changes of plan and snapshots of a city,
 * which are few among its events, and who did which run, without reading the results that the
 * ledger keeps beside it. No dispatch writes the first two.
 */
import type { Knex } from 'knex';

export async function up(knex: Knex): Promise<void> {
  await knex.raw(`
create index events_of_plans on events (season, city, school, major, batch, event)
  where name in ('manage-plans', 'apply-plan-change', 'review-plan-change', 'review-region-move');

create index events_of_snapshots on events (season, city, file) where name = 'city-snapshot';

create index runs_of_people on runs (run) include (on_demand, job, actor, business_date);
`);
}
