/**
 * Which schools a phase of the schools' own (第二阶段、春季) is open to: the vacancies that each had
 * when they were fixed, at the phase's start and again after the registration of the phase before
 * (calendar rule 17). Kept instead of counted anew at each entry, because the count moves with
 * every admission while the right to take part, once given, stays.
 */
import type { Knex } from 'knex';
import { protect } from './protect.ts';

export async function up(knex: Knex): Promise<void> {
  await knex.raw(VACANCIES);
  await protect(knex, 'phase_vacancies', {
    office: 'true',
    school: 'school = (select scope_school())',
    officeWrites: 'false',
  });
}

const VACANCIES = `
create table phase_vacancies (
  season smallint not null references seasons,
  phase text not null,
  school text not null,
  fixed_on date not null,
  planned integer not null, -- the plan of the phase before, over all cities and batches
  used integer not null, -- admitted or registered by then
  vacancies integer not null check (vacancies >= 0), -- per city and batch, summed
  primary key (season, phase, school, fixed_on)
);
`;
