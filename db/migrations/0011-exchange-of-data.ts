/**
 * Data that arrive again and again: the daily snapshots of cities that admit in a system of their
 * own, and what became of each package of the inbox.
 *
 * - A snapshot is kept with its rows until the next but one has been applied: yesterday's rows tell
 *   which admissions are the city's own, so that one that vanishes from the list is taken back, and
 *   nobody whom the platform admitted ever is.
 * - A row is `owned` while the admission that stands on the file is the snapshot's.
 */
import type { Knex } from 'knex';
import { CITY, countyFile, protect } from './protect.ts';

export async function up(knex: Knex): Promise<void> {
  await knex.raw(TABLES);
  await protect(knex, 'snapshots', { office: CITY, officeWrites: 'false' });
  await protect(knex, 'snapshot_rows', {
    office: countyFile('snapshot_rows'),
    officeWrites: 'false',
  });
  await protect(knex, 'snapshot_conflicts', {
    office: countyFile('snapshot_conflicts'),
    officeWrites: 'false',
  });
  await protect(knex, 'inbox_arrivals', { office: CITY, officeWrites: 'false' });
}

const TABLES = `
create table snapshots (
  season smallint not null references seasons,
  city text not null,
  snapshot integer not null, -- numbered per city and season
  business_date date not null, -- the day that it is of
  state text not null check (state in ('held', 'applied', 'superseded')),
  previous integer, -- what it was compared with; null: the first
  late boolean not null, -- came after the hour of the day (snapshot-cut-off)
  declared_empty boolean not null, -- an intended empty day
  package_hash text, -- null: declared empty
  row_count integer not null,
  added integer not null,
  changed integer not null,
  vanished integer not null,
  unchanged integer not null,
  conflicts integer not null,
  arrived_by text not null,
  arrived_at timestamptz not null,
  confirmed_by text, -- of one that was held
  applied_at timestamptz,
  run integer,
  primary key (season, city, snapshot)
);

create table snapshot_rows (
  season smallint not null,
  city text not null,
  snapshot integer not null,
  file integer not null,
  school text not null,
  major text not null,
  admitted_on date not null,
  status text not null check (status in
    ('staged', 'new', 'changed', 'unchanged', 'conflict', 'kept')),
  owned boolean not null default false,
  primary key (season, city, snapshot, file)
);

-- Rows that were not applied: what the city says, beside what stands.
create table snapshot_conflicts (
  season smallint not null,
  city text not null,
  snapshot integer not null,
  file integer not null,
  kind text not null, -- registered, open-application, not-own, moved, no-plan
  listed_school text, -- null: no longer listed
  listed_major text,
  state text not null,
  school text,
  major text,
  primary key (season, city, snapshot, file)
);

-- What became of each package of the inbox.
create table inbox_arrivals (
  season smallint not null references seasons,
  city text not null,
  job text not null check (job in ('import', 'import-city-snapshot')),
  package_date date not null, -- the folder's name
  run integer not null references runs,
  taken_on date not null, -- business date of the run
  taken_at timestamptz not null,
  fate text not null check (fate in ('accepted', 'unchanged', 'held', 'rejected')),
  late boolean not null,
  package_hash text,
  errors integer not null,
  conflicts integer not null,
  reason text, -- Chinese: why it was refused as a whole
  primary key (season, city, job, package_date, run)
);
`;
