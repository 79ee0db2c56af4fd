-- Written by db/schema.ts from a migrated database; see there.

CREATE OR REPLACE FUNCTION public.refuse_change()
 RETURNS trigger
 LANGUAGE plpgsql
AS $function$
begin
  raise exception 'append-only: % on %', tg_op, tg_table_name using errcode = 'ZZ001';
end $function$;

sequence file_ids as integer;

table batch_closings (
  season smallint not null,
  city text not null,
  batch text not null,
  closed_on date not null,
  closed_by text not null,
  PRIMARY KEY (season, city, batch),
  FOREIGN KEY (season) REFERENCES seasons(season)
);

table blocks (
  season smallint not null,
  city text not null,
  block integer not null,
  first_event integer not null,
  last_event integer not null,
  previous_hash text not null,
  hash text not null,
  run integer,
  PRIMARY KEY (season, city, block)
);

CREATE TRIGGER append_only BEFORE DELETE OR UPDATE OR TRUNCATE ON public.blocks FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();

table candidate_numbers (
  season smallint not null,
  candidate_no text not null,
  city text not null,
  file integer not null,
  PRIMARY KEY (season, candidate_no)
);

table candidates (
  season smallint not null,
  city text not null,
  file integer not null,
  candidate_no text,
  name text not null,
  sex text not null,
  birth_date date,
  identity_no text not null default ''::text,
  identity_type text not null default ''::text,
  county text not null default ''::text,
  registration_point text not null default ''::text,
  origin text not null,
  total integer,
  household text not null default ''::text,
  address text not null default ''::text,
  postcode text not null default ''::text,
  phone text not null default ''::text,
  guardian text not null default ''::text,
  attributes jsonb,
  PRIMARY KEY (season, city, file),
  CHECK ((origin = ANY (ARRAY['fresh'::text, 'junior-graduate'::text, 'senior-graduate'::text, 'veteran'::text, 'migrant-worker'::text, 'other'::text]))),
  CHECK ((sex = ANY (ARRAY['M'::text, 'F'::text])))
);

table choices (
  season smallint not null,
  city text not null,
  batch text not null,
  round smallint not null,
  file integer not null,
  ordinal smallint not null,
  school text not null,
  majors text not null default ''::text,
  adjustment boolean,
  PRIMARY KEY (season, city, batch, round, file, ordinal),
  CHECK ((ordinal >= 1)),
  CHECK ((round >= 1))
);

table city_standings (
  season smallint not null,
  city text not null,
  senior_high_complete boolean not null default false,
  senior_high_completed_on date,
  PRIMARY KEY (season, city),
  FOREIGN KEY (season) REFERENCES seasons(season)
);

table decisions (
  season smallint not null,
  city text not null,
  run integer not null,
  file integer not null,
  candidate_no text not null,
  school text,
  ordinal smallint,
  position integer,
  score integer,
  major text,
  reasons text not null,
  suggestion_reason text not null default ''::text,
  PRIMARY KEY (season, city, run, file)
);

table dispatch_lists (
  season smallint not null,
  city text not null,
  list integer not null,
  run integer not null,
  batch text not null,
  round smallint not null,
  school text not null,
  state text not null,
  planned integer not null,
  flexible integer not null,
  room_before integer not null,
  room_after integer not null,
  sent integer not null,
  lowest_score integer,
  last_ordinal smallint not null,
  overrun integer not null,
  PRIMARY KEY (season, city, list),
  CHECK ((state = ANY (ARRAY['draft'::text, 'released'::text, 'submitted'::text, 'closed'::text, 'cancelled'::text]))),
  FOREIGN KEY (run) REFERENCES runs(run)
);

CREATE INDEX dispatch_lists_by_run ON public.dispatch_lists USING btree (run);

CREATE INDEX dispatch_lists_by_school ON public.dispatch_lists USING btree (school, season);

table events (
  season smallint not null,
  city text not null,
  event integer not null,
  file integer,
  name text not null,
  from_state text,
  to_state text,
  school text,
  major text,
  batch text,
  actor text not null,
  at timestamp with time zone not null,
  business_date date not null,
  phase text,
  policy integer,
  decision text not null default ''::text,
  run integer,
  list integer,
  note jsonb,
  PRIMARY KEY (season, city, event),
  FOREIGN KEY (policy) REFERENCES policy_versions(id)
);

CREATE TRIGGER append_only BEFORE DELETE OR UPDATE OR TRUNCATE ON public.events FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();

table fences (
  lock_name text not null,
  fence bigint not null,
  PRIMARY KEY (lock_name)
);

table files (
  season smallint not null,
  city text not null,
  file integer not null,
  state text not null,
  school text,
  major text,
  batch text,
  list integer,
  returned_by text[],
  open_applications smallint not null default 0,
  event integer not null,
  PRIMARY KEY (season, city, file)
);

table findings (
  season smallint not null,
  run integer not null,
  finding integer not null,
  property text not null,
  severity text not null,
  city text,
  batch text,
  about_run integer,
  schools text[] not null default '{}'::text[],
  stops text not null,
  sentence text not null,
  rows jsonb not null,
  row_count integer not null,
  PRIMARY KEY (season, run, finding),
  CHECK ((severity = ANY (ARRAY['error'::text, 'warning'::text]))),
  CHECK ((stops = ANY (ARRAY['schools'::text, 'city'::text, 'nothing'::text]))),
  FOREIGN KEY (about_run) REFERENCES runs(run),
  FOREIGN KEY (run) REFERENCES runs(run)
);

table flexible_quotas (
  season smallint not null,
  city text not null,
  school text not null,
  batch text not null,
  places integer not null,
  PRIMARY KEY (season, city, school, batch),
  CHECK ((places >= 0)),
  FOREIGN KEY (season) REFERENCES seasons(season)
);

table identities (
  season smallint not null,
  identity_hmac bytea not null,
  city text not null,
  file integer not null,
  PRIMARY KEY (season, identity_hmac)
);

table imports (
  import integer not null generated as identity,
  season smallint not null,
  run integer,
  package_hash text not null,
  synthetic boolean not null,
  counts jsonb not null,
  imported_at timestamp with time zone not null,
  imported_by text not null,
  PRIMARY KEY (import),
  FOREIGN KEY (run) REFERENCES runs(run),
  FOREIGN KEY (season) REFERENCES seasons(season)
);

table list_items (
  season smallint not null,
  city text not null,
  list integer not null,
  seq integer not null,
  file integer not null,
  ordinal smallint not null,
  score integer,
  major text,
  PRIMARY KEY (season, city, list, seq)
);

table majors (
  season smallint not null,
  school text not null,
  code text not null,
  name text not null,
  articulated boolean,
  college text not null default ''::text,
  PRIMARY KEY (season, school, code),
  FOREIGN KEY (season) REFERENCES seasons(season)
);

table offices (
  season smallint not null,
  code text not null,
  name text not null,
  kind text not null,
  region text not null,
  school_kinds text not null default ''::text,
  PRIMARY KEY (season, code),
  CHECK ((kind = ANY (ARRAY['admission'::text, 'education'::text, 'technical-admission'::text]))),
  FOREIGN KEY (season) REFERENCES seasons(season)
);

table plan_lines (
  season smallint not null,
  city text not null,
  school text not null,
  major text not null,
  batch text not null,
  planned integer not null,
  PRIMARY KEY (season, city, school, major, batch),
  CHECK ((planned >= 0)),
  FOREIGN KEY (season) REFERENCES seasons(season)
);

table policy_bases (
  hash text not null,
  season smallint not null,
  version integer not null,
  documents jsonb not null,
  content text not null,
  adopted_at timestamp with time zone not null,
  adopted_by text not null,
  PRIMARY KEY (hash),
  UNIQUE (season, version),
  CHECK ((hash ~ '^[0-9a-f]{64}$'::text)),
  FOREIGN KEY (season) REFERENCES seasons(season)
);

CREATE TRIGGER append_only BEFORE DELETE OR UPDATE OR TRUNCATE ON public.policy_bases FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();

table policy_overlays (
  season smallint not null,
  city text not null,
  version integer not null,
  hash text not null,
  document text not null,
  content text not null,
  adopted_at timestamp with time zone not null,
  adopted_by text not null,
  PRIMARY KEY (season, city, version),
  CHECK ((hash ~ '^[0-9a-f]{64}$'::text)),
  FOREIGN KEY (season) REFERENCES seasons(season)
);

CREATE TRIGGER append_only BEFORE DELETE OR UPDATE OR TRUNCATE ON public.policy_overlays FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();

table policy_versions (
  id integer not null generated as identity,
  base_hash text not null,
  overlay_hash text not null,
  PRIMARY KEY (id),
  UNIQUE (base_hash, overlay_hash),
  FOREIGN KEY (base_hash) REFERENCES policy_bases(hash)
);

table preferences (
  season smallint not null,
  city text not null,
  file integer not null,
  feature text not null,
  evidence text not null default ''::text,
  confirmed_by text not null default ''::text,
  PRIMARY KEY (season, city, file, feature)
);

table regions (
  season smallint not null,
  code text not null,
  name text not null,
  parent text not null default ''::text,
  level text not null,
  PRIMARY KEY (season, code),
  CHECK ((level = ANY (ARRAY['province'::text, 'city'::text, 'county'::text]))),
  FOREIGN KEY (season) REFERENCES seasons(season)
);

table rounds (
  season smallint not null,
  city text not null,
  batch text not null,
  round smallint not null,
  opened_on date not null,
  opened_by text not null,
  PRIMARY KEY (season, city, batch, round),
  CHECK ((round >= 2)),
  FOREIGN KEY (season) REFERENCES seasons(season)
);

table run_steps (
  season smallint not null,
  identity text not null,
  step text not null,
  run integer not null,
  effects jsonb not null,
  done_at timestamp with time zone not null,
  PRIMARY KEY (season, identity, step),
  FOREIGN KEY (run) REFERENCES runs(run)
);

table runs (
  run integer not null generated as identity,
  season smallint not null,
  job text not null,
  identity text not null,
  scope jsonb not null,
  business_date date not null,
  attempt integer not null,
  state text not null,
  stop_requested boolean not null default false,
  fence bigint not null,
  actor text not null,
  host text not null,
  pid integer not null,
  policy integer,
  input_hash text,
  result_hash text,
  started_at timestamp with time zone not null,
  ended_at timestamp with time zone,
  result jsonb,
  error jsonb,
  released boolean not null default false,
  PRIMARY KEY (run),
  CHECK ((state = ANY (ARRAY['running'::text, 'completed'::text, 'failed'::text, 'stopped'::text, 'refused'::text, 'superseded'::text, 'cancelled'::text]))),
  FOREIGN KEY (policy) REFERENCES policy_versions(id),
  FOREIGN KEY (season) REFERENCES seasons(season)
);

CREATE INDEX runs_by_date ON public.runs USING btree (season, business_date, job);

CREATE UNIQUE INDEX runs_completed ON public.runs USING btree (season, identity) WHERE (state = 'completed'::text);

table school_outcomes (
  season smallint not null,
  city text not null,
  run integer not null,
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
  PRIMARY KEY (season, city, run, school),
  FOREIGN KEY (run) REFERENCES runs(run)
);

table school_statuses (
  season smallint not null,
  school text not null,
  batch text not null,
  region text not null default ''::text,
  status text not null,
  PRIMARY KEY (season, school, batch, region),
  CHECK ((status = ANY (ARRAY['open'::text, 'suspended'::text, 'finished'::text]))),
  FOREIGN KEY (season) REFERENCES seasons(season)
);

table schools (
  season smallint not null,
  code text not null,
  name text not null,
  kind text not null,
  owner text,
  region text,
  supervisor text not null default ''::text,
  roster text not null default 'here'::text,
  PRIMARY KEY (season, code),
  CHECK ((kind = ANY (ARRAY['senior-high'::text, 'vocational'::text, 'technical'::text]))),
  CHECK ((owner = ANY (ARRAY['ministry'::text, 'province'::text, 'city'::text, 'county'::text, 'private'::text, 'out-of-province'::text]))),
  CHECK ((region <> ''::text)),
  CHECK ((roster = ANY (ARRAY['here'::text, 'external'::text]))),
  FOREIGN KEY (season) REFERENCES seasons(season)
);

table scores (
  season smallint not null,
  city text not null,
  file integer not null,
  marks integer[] not null,
  PRIMARY KEY (season, city, file)
);

table seasons (
  season smallint not null,
  closed boolean not null default false,
  PRIMARY KEY (season)
);

table senior_high_admissions (
  season smallint not null,
  city text not null,
  file integer not null,
  school text not null,
  late boolean not null default false,
  PRIMARY KEY (season, city, file)
);

table settings (
  key text not null,
  value jsonb not null,
  PRIMARY KEY (key)
);

table situations (
  season smallint not null,
  city text not null,
  run integer not null,
  stage text not null,
  rule text not null,
  situation text not null,
  outcome text not null,
  code text,
  pairs bigint not null,
  tree jsonb not null,
  example jsonb not null,
  PRIMARY KEY (season, city, run, stage, rule, situation),
  FOREIGN KEY (run) REFERENCES runs(run)
);

table subjects (
  season smallint not null,
  city text not null,
  code text not null,
  name text not null,
  full_mark integer not null,
  position smallint not null,
  slot smallint not null,
  PRIMARY KEY (season, city, code),
  UNIQUE (season, city, name),
  UNIQUE (season, city, slot),
  CHECK ((full_mark > 0)),
  CHECK (((slot >= 1) AND (slot <= 64))),
  FOREIGN KEY (season) REFERENCES seasons(season)
);
