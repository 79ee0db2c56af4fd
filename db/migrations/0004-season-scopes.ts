/** Who sees and writes the tables of 0003-season, whose scopes came after them (0004-access). */
import type { Knex } from 'knex';
import { CITY, kindInScope, OWN_SCHOOL, type Protection, protect, WHOLE_CITY } from './protect.ts';

export async function up(knex: Knex): Promise<void> {
  for (const [table, protection] of PROTECTIONS) await protect(knex, table, protection);
}

/** Both cities of a region move, and both schools of a transfer, have to do with it. */
const EITHER_CITY = `(${CITY} or other_city = any ((select scope_cities())::text[]))`;
const EITHER_SCHOOL = `(${OWN_SCHOOL} or other_school = (select scope_school()))`;

const PROTECTIONS: readonly (readonly [string, Protection])[] = [
  [
    'applications',
    {
      office: EITHER_CITY,
      school: EITHER_SCHOOL,
      officeWrites: `${EITHER_CITY} and (select scope_county()) is null`,
      schoolWrites: OWN_SCHOOL,
    },
  ],
  ['proposals', { office: `(${CITY} or city = '')`, school: OWN_SCHOOL }],
  // Counters run through the province: the runner takes from them.
  ['number_counters', { office: 'true', officeWrites: 'false' }],
  [
    'school_schedules',
    {
      office: CITY,
      school: OWN_SCHOOL,
      officeWrites: `${WHOLE_CITY} and ${kindInScope('school_schedules')}`,
    },
  ],
];
