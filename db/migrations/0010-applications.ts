/**
 * A withdrawal and the transfer that it consents to count as one: once the receiving school has
 * applied, the withdrawal names that transfer in `consents_to` and no longer counts by itself. It
 * stays open beside the transfer and ends with it. Turned down: ending the withdrawal when the
 * transfer is opened, which would leave nothing of it for the reviewer to read, and a subject of
 * their own for transfers, which would let a second one in.
 */
import type { Knex } from 'knex';

export async function up(knex: Knex): Promise<void> {
  await knex.raw(APPLICATIONS);
}

const APPLICATIONS = `
drop index applications_open;
create unique index applications_open on applications (season, subject)
  where state in ('open', 'half-approved') and consents_to is null;
create index applications_by_file on applications (season, city, file) where file is not null;
create index applications_by_giving_city on applications (season, other_city, state)
  where other_city is not null;
`;
