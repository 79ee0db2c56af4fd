/**
 * What the season's audit looks up night after night: changes of plan and snapshots of a city,
 * which are few among its events, and who did which run, without reading the results that the
 * ledger keeps beside it. No dispatch writes the first two. And the taking of chains, which every
 * act begins with, by one question instead of two for each city.
 */
import type { Knex } from 'knex';

/** As in db/trail.ts then. */
const CHAIN_LOCK = 0x7a7a7472;
const NO_PREVIOUS_HASH = '0'.repeat(64);

export async function up(knex: Knex): Promise<void> {
  await knex.raw(`
create index events_of_plans on events (season, city, school, major, batch, event)
  where name in ('manage-plans', 'apply-plan-change', 'review-plan-change', 'review-region-move');

create index events_of_snapshots on events (season, city, file) where name = 'city-snapshot';

create index runs_of_people on runs (run) include (on_demand, job, actor, business_date);

-- Each of its statements sees what was committed before the lock was given.
create function lock_chains(of_season smallint, of_cities text[])
  returns table (city text, block integer, last_event integer, hash text)
  language plpgsql as $$
begin
  foreach city in array of_cities loop
    perform pg_advisory_xact_lock(${CHAIN_LOCK}, hashtext(of_season || '|' || lock_chains.city));
    select b.block, b.last_event, b.hash into block, last_event, hash from blocks b
      where b.season = of_season and b.city = lock_chains.city order by b.block desc limit 1;
    if not found then
      block := 0;
      last_event := 0;
      hash := '${NO_PREVIOUS_HASH}';
    end if;
    return next;
  end loop;
end $$;
revoke all on function lock_chains(smallint, text[]) from public;
`);
}
