/**
 * Applications as their reviews need them.
 *
 * - A withdrawal and the transfer that it consents to count as one: once the receiving school has
 *   applied, the withdrawal names that transfer in `consents_to` and no longer counts by itself. It
 *   stays open beside the transfer and ends with it. Turned down: ending the withdrawal when the
 *   transfer is opened, which would leave nothing of it for the reviewer to read, and a subject of
 *   their own for transfers, which would let a second one in.
 * - The person of a supplement is known by the HMAC of the identity number (`subject`), so that
 *   what is kept of a refused one names nobody.
 */
import type { Knex } from 'knex';
import { countyFile, kindInScope, OWN_SCHOOL, protect, WHOLE_CITY } from './protect.ts';

export async function up(knex: Knex): Promise<void> {
  await knex.raw(APPLICATIONS);
  await protect(knex, 'applications', {
    office: `(${countyFile('applications')} or ${GIVING_CITY})`,
    officeWrites: `((${WHOLE_CITY} or ${GIVING_CITY}) and ${kindInScope('applications')})`,
    school: `(${OWN_SCHOOL} or other_school = (select scope_school()))`,
    schoolWrites: OWN_SCHOOL,
  });
}

const APPLICATIONS = `
drop index applications_open;
create unique index applications_open on applications (season, subject)
  where state in ('open', 'half-approved') and consents_to is null;
create index applications_by_file on applications (season, city, file) where file is not null;
create index applications_by_giving_city on applications (season, other_city, state)
  where other_city is not null;
`;

/** A region move is the giving city's too. */
const GIVING_CITY = `(other_city = any ((select scope_cities())::text[])
  and (select scope_county()) is null)`;
