/**
 * What the menus 系统管理 and 基本资料 need: functions given to a duty in a region, the columns of
 * annex 2, what a school says of itself, registration points, and corrections of scores that wait
 * for an officer.
 *
 * Decisions that took thought:
 * - A disabled school keeps its row: plans, files and letters of former days name it. It is
 *   suspended in every batch, by the statuses that everybody reads, and remembers what they were.
 * - A correction of scores after a dispatch changes nothing until a second officer decides: the
 *   marks before and after stand here, with whose place would change, so that the decision is taken
 *   on what was shown.
 */
import type { Knex } from 'knex';
import { CITY, countyFile, type Protection, protect, WHOLE_CITY } from './protect.ts';

export async function up(knex: Knex): Promise<void> {
  await knex.raw(TABLES);
  for (const [table, protection] of PROTECTIONS) await protect(knex, table, protection);
}

const TABLES = `
-- What a duty 职能 gives in a region and below, beyond the policy or less than it says.
create table duty_grants (
  region text not null,
  duty text not null, -- id of duties.yaml
  function text not null,
  granted boolean not null,
  granted_by text not null,
  granted_at timestamptz not null,
  primary key (region, duty, function)
);

-- Annex 2 asks for these beside name, 职务 and telephone.
alter table users
  add column sex text not null default '' check (sex in ('', 'M', 'F')),
  add column unit text not null default '', -- 单位
  add column mobile text not null default ''; -- 移动电话; phone is the office's

alter table schools
  add column disabled_at timestamptz,
  add column disabled_by text,
  add column statuses_before jsonb, -- of school_statuses, put back when it is enabled
  add check ((disabled_at is null) = (disabled_by is null));

-- 学校资料.
create table school_details (
  season smallint not null references seasons,
  school text not null,
  address text not null default '',
  postcode text not null default '',
  contact text not null default '',
  phone text not null default '',
  fax text not null default '',
  email text not null default '',
  website text not null default '',
  bank text not null default '',
  account_name text not null default '',
  account_no text not null default '',
  updated_by text not null,
  updated_at timestamptz not null,
  primary key (season, school)
);

-- 报名点: mostly junior schools.
create table registration_points (
  season smallint not null references seasons,
  code text not null,
  name text not null,
  city text not null,
  county text not null,
  primary key (season, code)
);
create index registration_points_by_city on registration_points (season, city);

create table score_corrections (
  season smallint not null references seasons,
  correction integer generated always as identity,
  city text not null,
  file integer not null,
  state text not null default 'open' check (state in ('open', 'applied', 'refused')),
  marks_before integer[] not null, -- hundredths by subjects.slot
  marks_after integer[] not null,
  total_before integer,
  total_after integer,
  affected jsonb not null, -- per run: whose place would change, from where to where
  reason text not null,
  run integer references runs, -- the act that recorded it
  proposed_by text not null,
  proposed_at timestamptz not null,
  decided_by text,
  decided_at timestamptz,
  decision text, -- why
  primary key (season, correction)
);
create unique index score_corrections_open on score_corrections (season, city, file)
  where state = 'open';
`;

const OWN_REGION = (table: string) => `((select scope_all_cities())
  or ${table}.region = (select scope_region())
  or (select scope_level()) = 'city' and exists (select from regions r
    where r.code = ${table}.region and r.parent = (select scope_region())))`;

const SCHOOL_OF_REGION = `exists (select from schools where schools.season = school_details.season
  and schools.code = school_details.school and ${OWN_REGION('schools')})`;

const PROTECTIONS: readonly (readonly [string, Protection])[] = [
  ['duty_grants', { office: OWN_REGION('duty_grants') }],
  [
    'school_details',
    {
      office: 'true',
      school: 'school = (select scope_school())',
      officeWrites: SCHOOL_OF_REGION,
    },
  ],
  [
    'registration_points',
    {
      office: `(${CITY} and ((select scope_county()) is null or county = (select scope_county())))`,
    },
  ],
  ['score_corrections', { office: countyFile('score_corrections'), officeWrites: WHOLE_CITY }],
];
