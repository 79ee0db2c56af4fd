/**
 * Choices counted once, when they are imported: 志愿人数统计 then adds up some ten thousand
 * numbers instead of reading the ten million choices of a province twice, and a county its own.
 *
 * `choice_counts` holds how often a school was chosen, `chooser_counts` how many people chose at
 * all – which the first can't tell – and their choices, as a second way to the same sum. Both are
 * kept by db/season/choice-counts.ts in the transaction that writes choices, and recounted by the
 * audit (P7). By the candidate's county, so that row-level security bounds a county user as it does
 * on the choices themselves. Turned down: a trigger on choices, whose transition table would hold
 * an import of ten million rows a second time; a materialized view, which has no row-level security.
 */
import type { Knex } from 'knex';
import { CITY, protect } from './protect.ts';

export async function up(knex: Knex): Promise<void> {
  await knex.raw(TABLES);
  await knex.raw(COUNTED);
  const office = `(${CITY}
    and ((select scope_county()) is null or county = (select scope_county())))`;
  for (const table of ['choice_counts', 'chooser_counts']) {
    await protect(knex, table, { office, officeWrites: 'false' });
    await knex.raw(`revoke insert, update, delete on ${table} from zhongzhao_app`);
  }
}

const TABLES = `
create table choice_counts (
  season smallint not null references seasons,
  city text not null,
  county text not null, -- of the candidates; '': none known
  batch text not null,
  round smallint not null,
  school text not null,
  ordinal smallint not null,
  choices integer not null check (choices > 0),
  adjusting integer not null check (adjusting between 0 and choices),
  primary key (season, city, county, batch, round, school, ordinal)
);

create table chooser_counts (
  season smallint not null references seasons,
  city text not null,
  county text not null,
  batch text not null, -- '': in any batch, each person once
  round smallint not null,
  people integer not null check (people > 0),
  choices integer not null check (choices >= people),
  primary key (season, city, county, batch, round)
);
`;

/** Of the choices that are there already. */
const COUNTED = `
insert into choice_counts
select c.season, c.city, coalesce(k.county, ''), c.batch, c.round, c.school, c.ordinal,
  count(*), count(*) filter (where c.adjustment)
from choices c left join candidates k using (season, city, file)
group by 1, 2, 3, 4, 5, 6, 7;

insert into chooser_counts
with choosers as (
  select season, city, batch, round, file, count(*) as choices from choices
  group by season, city, batch, round, file)
select w.season, w.city, coalesce(k.county, ''), w.batch, w.round, count(*), sum(w.choices)
from (
  select * from choosers
  union all
  select season, city, '', round, file, sum(choices) from choosers
  group by season, city, round, file) w
left join candidates k using (season, city, file)
group by 1, 2, 3, 4, 5;
`;
