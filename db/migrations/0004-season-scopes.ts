/**
 * Who sees and writes the tables of 0003-season, whose scopes came after them (0004-access). A
 * school also sees the candidates of its own applications.
 */
import type { Knex } from 'knex';
import {
  CITY,
  countyFile,
  kindInScope,
  OWN_SCHOOL,
  type Protection,
  protect,
  WHOLE_CITY,
} from './protect.ts';

export async function up(knex: Knex): Promise<void> {
  await knex.raw(SCHOOL_FILES);
  for (const [table, protection] of PROTECTIONS) await protect(knex, table, protection);
}

const SCHOOL_FILES = `
create or replace view school_files as
  select season, city, file from files
   where school = (select scope_school()) and state not in ('dispatched', 'in-pool', 'held')
  union all
  select i.season, i.city, i.file
    from dispatch_lists l join list_items i using (season, city, list)
   where l.school = (select scope_school()) and l.state in ('released', 'submitted', 'closed')
  union all
  select season, city, file from applications
   where school = (select scope_school()) and file is not null;
`;

/** A region move is the giving city's too. */
const GIVING_CITY = `(other_city = any ((select scope_cities())::text[])
  and (select scope_county()) is null)`;

const PROTECTIONS: readonly (readonly [string, Protection])[] = [
  [
    'applications',
    {
      office: `(${countyFile('applications')} or ${GIVING_CITY})`,
      officeWrites: `((${WHOLE_CITY} or ${GIVING_CITY}) and ${kindInScope('applications')})`,
      school: `(${OWN_SCHOOL} or other_school = (select scope_school()))`,
      schoolWrites: OWN_SCHOOL,
    },
  ],
  ['proposals', { office: `(${CITY} or city = '')`, school: OWN_SCHOOL }],
  [
    'school_schedules',
    {
      office: CITY,
      school: OWN_SCHOOL,
      officeWrites: `${WHOLE_CITY} and ${kindInScope('school_schedules')}`,
    },
  ],
];
