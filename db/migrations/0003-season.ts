/**
 * What the season needs beside the first night: what a file carries from one act to the next,
 * applications, proposals that wait for a second person, counters, and the schools' working times.
 *
 * Decisions that took thought:
 * - The columns of `files` are a cache of its events, as its state is: each act that changes one
 *   writes an event, and whoever doubts a column can recount it.
 * - One open application per subject is kept by a partial unique index, not by code.
 * - Numbers without gaps come from a counter row that is locked until the commit; a sequence would
 *   leave a gap at each rollback.
 */
import type { Knex } from 'knex';

export async function up(knex: Knex): Promise<void> {
  await knex.raw(SEASON);
}

const SEASON = `
alter table files
  add column phase text, -- of the standing admission or entry
  add column transfers smallint not null default 0,
  add column since date, -- business date of the event that gave the state
  add column reason text, -- of a proposed return, a hold, a cancelled registration
  add column decided_by text, -- who proposed (maker); the reviewer must be another
  add column hold_until date,
  add column hold_level text check (hold_level in ('county', 'city', 'province')),
  add column register_by date, -- after a transfer: its own last day to register
  add column reopened_until date, -- registration reopened by an office
  add column letter integer, -- number of the admission letter, per school and season
  add column reopened_for_review boolean not null default false; -- refused by a reviewer

-- Acts of officers and schools stand in the ledger too, apart from the night's runs.
alter table runs
  add column on_demand boolean not null default false,
  add column os_user text not null default '', -- who sat at the machine, beside who acted
  add column request jsonb; -- the input of an act: codes and numbers, no names

-- One per request; the subject is what at most one open application may concern:
-- file|CITY|FILE, plan|CITY|SCHOOL|MAJOR|BATCH, move|SCHOOL|MAJOR|BATCH|FROM|TO,
-- identity|HMAC.
create table applications (
  season smallint not null references seasons,
  application integer generated always as identity,
  kind text not null check (kind in ('withdrawal', 'approval-paper', 'plan-change', 'flexible',
    'region-move', 'transfer', 'supplement')),
  subject text not null,
  state text not null default 'open'
    check (state in ('open', 'half-approved', 'approved', 'refused', 'expired', 'used')),
  city text not null, -- home city of the candidate, or of the plan line (the receiving one)
  other_city text, -- region-move: the city that gives
  school text not null, -- who applies
  other_school text, -- transfer: where the candidate leaves
  batch text,
  major text,
  file integer,
  places integer, -- plan up (positive) or down (negative), or places to move
  consents_to integer, -- withdrawal: the transfer that it consents to, once known
  request_hash text, -- SHA-256 of the signed request
  request_reference text, -- where the paper lies
  note jsonb,
  opened_by text not null,
  opened_at timestamptz not null,
  opened_on date not null,
  phase text,
  first_by text, -- half-approved: who, for which city
  first_city text,
  first_at timestamptz,
  decided_by text,
  decided_at timestamptz,
  decision text, -- ids of the rules, where a rule decided
  reason text,
  primary key (season, application)
);
create unique index applications_open on applications (season, subject)
  where state in ('open', 'half-approved');
create index applications_by_city on applications (season, city, state);
create index applications_by_school on applications (season, school, state);

-- Two people: the first call records what is to be done, the second one's confirmation does it.
create table proposals (
  proposal integer generated always as identity primary key,
  season smallint not null references seasons,
  function text not null,
  input jsonb not null,
  city text not null, -- '': the province
  school text,
  proposed_by text not null,
  proposed_at timestamptz not null,
  business_date date not null,
  state text not null default 'open' check (state in ('open', 'confirmed', 'withdrawn')),
  confirmed_by text,
  confirmed_at timestamptz
);
create index proposals_open on proposals (season, city) where state = 'open';

-- Numbers without gaps: candidate numbers by printed prefix, letters by school, rosters, notices.
create table number_counters (
  season smallint not null references seasons,
  counter text not null, -- candidate_no|164406, letter|4401001, …
  last integer not null,
  primary key (season, counter)
);

-- 录取工作安排: when a school works, per city and batch, entered before dispatch. Instants.
create table school_schedules (
  season smallint not null references seasons,
  city text not null,
  school text not null,
  batch text not null,
  opens_at timestamptz not null,
  closes_at timestamptz not null check (closes_at > opens_at),
  set_by text not null,
  set_at timestamptz not null,
  primary key (season, city, school, batch)
);
`;
