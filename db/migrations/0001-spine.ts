/**
 * Everything of the data package, policies with overlays, runs, lists, files and events.
 *
 * Season tables begin with (season, city): a cluster extension can spread them by it, and every
 * read of the night is a range of the primary key. Codes are text, scores are integer hundredths
 * (`…_h` is not appended: the column comment says so), dates are `date`.
 *
 * Decisions that took thought:
 * - `files` holds a row only once a file has left the pool: a first dispatch is then a bare COPY
 *   in, never an UPDATE of a million rows. No row means in-pool.
 * - `scores` is one row per candidate, an array by the subject's fixed slot: nine million rows
 *   become one million, and no reader wants a single mark without its neighbours.
 * - `choices` stays one row per choice: statistics, audits and schools ask by choice.
 * - What must be unique in the province (`candidate_numbers`, `identities`) has tables of its own,
 *   so that the big ones need no unique index across cities.
 */
import type { Knex } from 'knex';

export async function up(knex: Knex): Promise<void> {
  await knex.raw(SPINE);
}

const SPINE = `
create table seasons (
  season smallint primary key,
  closed boolean not null default false
);

-- One row per fact about the database as a whole: 'sample' → true/false, 'clock' → last --at, …
create table settings (
  key text primary key,
  value jsonb not null
);

create table regions (
  season smallint not null references seasons,
  code text not null,
  name text not null,
  parent text not null default '',
  level text not null check (level in ('province', 'city', 'county')),
  primary key (season, code)
);

create table offices (
  season smallint not null references seasons,
  code text not null,
  name text not null,
  kind text not null check (kind in ('admission', 'education', 'technical-admission')),
  region text not null,
  school_kinds text not null default '',
  primary key (season, code)
);

create table schools (
  season smallint not null references seasons,
  code text not null,
  name text not null,
  kind text not null check (kind in ('senior-high', 'vocational', 'technical')),
  owner text not null
    check (owner in ('ministry', 'province', 'city', 'county', 'private', 'out-of-province')),
  region text not null,
  supervisor text not null default '',
  roster text not null default 'here' check (roster in ('here', 'external')),
  primary key (season, code)
);

create table majors (
  season smallint not null references seasons,
  school text not null,
  code text not null,
  name text not null,
  articulated boolean not null default false,
  college text not null default '',
  primary key (season, school, code)
);

-- slot: the position in scores.marks, 1-based, fixed once given; position: the order for display.
create table subjects (
  season smallint not null references seasons,
  city text not null,
  code text not null,
  name text not null,
  full_mark integer not null check (full_mark > 0), -- hundredths
  position smallint not null,
  slot smallint not null check (slot between 1 and 64),
  primary key (season, city, code),
  unique (season, city, name),
  unique (season, city, slot)
);

create table plan_lines (
  season smallint not null references seasons,
  city text not null, -- the source region
  school text not null,
  major text not null,
  batch text not null,
  planned integer not null check (planned >= 0),
  primary key (season, city, school, major, batch)
);

create table flexible_quotas (
  season smallint not null references seasons,
  city text not null,
  school text not null,
  batch text not null,
  places integer not null check (places >= 0),
  primary key (season, city, school, batch)
);

-- region '' means every city.
create table school_statuses (
  season smallint not null references seasons,
  school text not null,
  batch text not null,
  region text not null default '',
  status text not null check (status in ('open', 'suspended', 'finished')),
  primary key (season, school, batch, region)
);

create sequence file_ids as integer;

create table candidates (
  season smallint not null,
  city text not null,
  file integer not null,
  candidate_no text, -- null: unnumbered
  name text not null,
  sex text not null check (sex in ('M', 'F')),
  birth_date date,
  identity_no text not null default '',
  identity_type text not null default '',
  county text not null default '',
  registration_point text not null default '',
  origin text not null check (origin in
    ('fresh', 'junior-graduate', 'senior-graduate', 'veteran', 'migrant-worker', 'other')),
  total integer, -- hundredths
  household text not null default '',
  address text not null default '',
  postcode text not null default '',
  phone text not null default '',
  guardian text not null default '',
  attributes jsonb, -- name → text, as declared by the policy; null: none
  primary key (season, city, file)
);

create table candidate_numbers (
  season smallint not null,
  candidate_no text not null,
  city text not null,
  file integer not null,
  primary key (season, candidate_no)
);

create table identities (
  season smallint not null,
  identity_hmac bytea not null,
  city text not null,
  file integer not null,
  primary key (season, identity_hmac)
);

create table scores (
  season smallint not null,
  city text not null,
  file integer not null,
  marks integer[] not null, -- hundredths by subjects.slot; null: absent
  primary key (season, city, file)
);

create table preferences (
  season smallint not null,
  city text not null,
  file integer not null,
  feature text not null,
  evidence text not null default '',
  confirmed_by text not null default '', -- '': not confirmed, does not count
  primary key (season, city, file, feature)
);

create table choices (
  season smallint not null,
  city text not null,
  batch text not null,
  round smallint not null check (round >= 1),
  file integer not null,
  ordinal smallint not null check (ordinal >= 1),
  school text not null,
  majors text not null default '', -- codes joined by a space
  adjustment boolean not null,
  primary key (season, city, batch, round, file, ordinal)
);

create table senior_high_admissions (
  season smallint not null,
  city text not null,
  file integer not null,
  school text not null,
  late boolean not null default false,
  primary key (season, city, file)
);

-- What a city has set or marked for the season; no row: nothing yet.
create table city_standings (
  season smallint not null references seasons,
  city text not null,
  senior_high_complete boolean not null default false,
  senior_high_completed_on date,
  primary key (season, city)
);

-- Immutable: see the trigger below. documents: path → YAML text as adopted; content: canonical
-- JSON.
create table policy_bases (
  hash text primary key check (hash ~ '^[0-9a-f]{64}$'),
  season smallint not null references seasons,
  version integer not null,
  documents jsonb not null,
  content text not null,
  adopted_at timestamptz not null,
  adopted_by text not null,
  unique (season, version)
);

create table policy_overlays (
  season smallint not null references seasons,
  city text not null,
  version integer not null,
  hash text not null check (hash ~ '^[0-9a-f]{64}$'),
  document text not null,
  content text not null,
  adopted_at timestamptz not null,
  adopted_by text not null,
  primary key (season, city, version)
);

-- A pair (base, overlay) that some run or event was made under; events and decisions carry its id.
create table policy_versions (
  id integer generated always as identity primary key,
  base_hash text not null references policy_bases (hash),
  overlay_hash text not null,
  unique (base_hash, overlay_hash)
);

create function refuse_change() returns trigger language plpgsql as $$
begin
  raise exception 'append-only: % on %', tg_op, tg_table_name using errcode = 'ZZ001';
end $$;

-- Round 1 opens with the batch's window; later ones are rows here (open-round).
create table rounds (
  season smallint not null references seasons,
  city text not null,
  batch text not null,
  round smallint not null check (round >= 2),
  opened_on date not null,
  opened_by text not null,
  primary key (season, city, batch, round)
);

create table batch_closings (
  season smallint not null references seasons,
  city text not null,
  batch text not null,
  closed_on date not null,
  closed_by text not null,
  primary key (season, city, batch)
);

-- The ledger. identity: one completed run per (season, identity); attempts stand beside it.
create table runs (
  run integer generated always as identity primary key,
  season smallint not null references seasons,
  job text not null,
  identity text not null,
  scope jsonb not null,
  business_date date not null,
  attempt integer not null,
  state text not null check (state in
    ('running', 'completed', 'failed', 'stopped', 'refused', 'superseded', 'cancelled')),
  stop_requested boolean not null default false,
  fence bigint not null,
  actor text not null,
  host text not null,
  pid integer not null,
  policy integer references policy_versions,
  input_hash text,
  result_hash text,
  started_at timestamptz not null,
  ended_at timestamptz,
  result jsonb, -- rules/schema is for policies; this one's schema: jobs/run/run-result.schema.json
  error jsonb,
  released boolean not null default false -- the audit has passed and nothing bars the lists
);
create unique index runs_completed on runs (season, identity) where state = 'completed';
create index runs_by_date on runs (season, business_date, job);

create table run_steps (
  season smallint not null,
  identity text not null, -- survives the attempt: the next one goes on from here
  step text not null,
  run integer not null references runs,
  effects jsonb not null,
  done_at timestamptz not null,
  primary key (season, identity, step)
);

-- The fencing number of a lock: taken upwards by who holds the lock, checked in every transaction.
create table fences (
  lock_name text primary key,
  fence bigint not null
);

create table findings (
  season smallint not null,
  run integer not null references runs, -- the audit or import run that found it
  finding integer not null,
  property text not null, -- P1 … P16, or a code of an import check
  severity text not null check (severity in ('error', 'warning')),
  city text,
  batch text,
  about_run integer references runs, -- the dispatch run it speaks of
  schools text[] not null default '{}', -- schools whose release it stops, connected ones included
  stops text not null check (stops in ('schools', 'city', 'nothing')),
  sentence text not null, -- Chinese
  rows jsonb not null, -- at most 100 rows that show it
  row_count integer not null,
  primary key (season, run, finding)
);

create table dispatch_lists (
  season smallint not null,
  city text not null,
  list integer not null, -- numbered per city and season
  run integer not null references runs,
  batch text not null,
  round smallint not null,
  school text not null,
  state text not null check (state in ('draft', 'released', 'submitted', 'closed', 'cancelled')),
  planned integer not null,
  flexible integer not null,
  room_before integer not null,
  room_after integer not null,
  sent integer not null,
  lowest_score integer, -- hundredths
  last_ordinal smallint not null,
  overrun integer not null,
  primary key (season, city, list)
);
create index dispatch_lists_by_school on dispatch_lists (school, season);
create index dispatch_lists_by_run on dispatch_lists (run);

create table list_items (
  season smallint not null,
  city text not null,
  list integer not null,
  seq integer not null, -- rank order on the list, 1-based
  file integer not null,
  ordinal smallint not null,
  score integer, -- hundredths
  major text, -- suggested
  primary key (season, city, list, seq)
);

-- One row per candidate who took part in a run; reasons as in dispatch-detail (formats.md).
create table decisions (
  season smallint not null,
  city text not null,
  run integer not null,
  file integer not null,
  candidate_no text not null,
  school text, -- null: unplaced
  ordinal smallint,
  position integer, -- null: none
  score integer, -- hundredths
  major text, -- suggested
  reasons text not null,
  suggestion_reason text not null default '',
  primary key (season, city, run, file)
);

-- Schools of a run with a plan line, sent to or not: what dispatch-results and the run report show.
create table school_outcomes (
  season smallint not null,
  city text not null,
  run integer not null references runs,
  school text not null,
  planned integer not null,
  flexible integer not null,
  room_before integer not null,
  room_after integer not null,
  sent integer not null,
  lowest_score integer,
  last_ordinal smallint not null,
  overrun integer not null,
  closed_by_tie boolean not null,
  primary key (season, city, run, school)
);

-- The situations of a run: coverage, evidence, and the input of what-if.
create table situations (
  season smallint not null,
  city text not null,
  run integer not null references runs,
  stage text not null,
  rule text not null,
  situation text not null, -- atom outcomes, e.g. '101', or 'missing:line.region'
  outcome text not null, -- pass, skip (applies is false), refuse, missing-data
  code text, -- the refusal's code
  pairs bigint not null, -- how many pairs were decided by it
  tree jsonb not null, -- json-rules-engine's own condition tree
  example jsonb not null, -- one set of facts
  primary key (season, city, run, stage, rule, situation)
);

create table files (
  season smallint not null,
  city text not null,
  file integer not null,
  state text not null,
  school text, -- where the file is or was last admitted
  major text, -- decided, else suggested
  batch text, -- the batch it counts against
  list integer, -- the dispatch list it is on
  returned_by text[], -- schools that returned, or lost it by recall or withdrawal, this season
  open_applications smallint not null default 0,
  event integer not null, -- the last event's number in its city: the fold stands there
  primary key (season, city, file)
);

create table events (
  season smallint not null,
  city text not null,
  event integer not null, -- numbered per city and season, without gaps
  file integer, -- null: concerns no file
  name text not null,
  from_state text,
  to_state text,
  school text,
  major text,
  batch text,
  actor text not null,
  at timestamptz not null,
  business_date date not null,
  phase text,
  policy integer references policy_versions,
  decision text not null default '', -- ids of the rules behind it, joined by a space
  run integer,
  list integer,
  note jsonb,
  primary key (season, city, event)
);

-- One block per transaction and city: SHA-256 over the previous hash and the block's events in
-- canonical order (db/trail.ts). The head is the highest block.
create table blocks (
  season smallint not null,
  city text not null,
  block integer not null,
  first_event integer not null,
  last_event integer not null,
  previous_hash text not null,
  hash text not null,
  run integer,
  primary key (season, city, block)
);

create trigger append_only before update or delete or truncate on events
  for each statement execute function refuse_change();
create trigger append_only before update or delete or truncate on blocks
  for each statement execute function refuse_change();
create trigger append_only before update or delete or truncate on policy_bases
  for each statement execute function refuse_change();
create trigger append_only before update or delete or truncate on policy_overlays
  for each statement execute function refuse_change();

create table imports (
  import integer generated always as identity primary key,
  season smallint not null references seasons,
  run integer references runs,
  package_hash text not null,
  synthetic boolean not null,
  counts jsonb not null,
  imported_at timestamptz not null,
  imported_by text not null
);
`;
