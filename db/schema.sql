-- Written by db/schema.ts from a migrated database; see there.

CREATE OR REPLACE FUNCTION public.candidate_for_entry(in_season smallint, in_candidate_no text)
 RETURNS TABLE(city text, file integer, origin text, sex text, total integer, state text)
 LANGUAGE sql
 STABLE SECURITY DEFINER
 SET search_path TO 'public', 'pg_temp'
AS $function$
  select c.city, c.file, c.origin, c.sex, c.total, coalesce(f.state, 'in-pool')
    from candidate_numbers n
    join candidates c on c.season = n.season and c.city = n.city and c.file = n.file
    left join files f on f.season = n.season and f.city = n.city and f.file = n.file
   where n.season = in_season and n.candidate_no = in_candidate_no
     and scope_side() is not null
$function$;

CREATE OR REPLACE FUNCTION public.lock_chains(of_season smallint, of_cities text[])
 RETURNS TABLE(city text, block integer, last_event integer, hash text)
 LANGUAGE plpgsql
AS $function$
begin
  foreach city in array of_cities loop
    perform pg_advisory_xact_lock(2054845554, hashtext(of_season || '|' || lock_chains.city));
    select b.block, b.last_event, b.hash into block, last_event, hash from blocks b
      where b.season = of_season and b.city = lock_chains.city order by b.block desc limit 1;
    if not found then
      block := 0;
      last_event := 0;
      hash := '0000000000000000000000000000000000000000000000000000000000000000';
    end if;
    return next;
  end loop;
end $function$;

CREATE OR REPLACE FUNCTION public.refuse_change()
 RETURNS trigger
 LANGUAGE plpgsql
AS $function$
begin
  raise exception 'append-only: % on %', tg_op, tg_table_name using errcode = 'ZZ001';
end $function$;

CREATE OR REPLACE FUNCTION public.scope_all_cities()
 RETURNS boolean
 LANGUAGE sql
 STABLE PARALLEL SAFE
AS $function$ select coalesce(nullif(current_setting('zhongzhao.cities', true), '') = '*', false) $function$;

CREATE OR REPLACE FUNCTION public.scope_cities()
 RETURNS text[]
 LANGUAGE sql
 STABLE PARALLEL SAFE
AS $function$ select string_to_array(nullif(current_setting('zhongzhao.cities', true), ''), ',') $function$;

CREATE OR REPLACE FUNCTION public.scope_county()
 RETURNS text
 LANGUAGE sql
 STABLE PARALLEL SAFE
AS $function$ select nullif(current_setting('zhongzhao.county', true), '') $function$;

CREATE OR REPLACE FUNCTION public.scope_kinds()
 RETURNS text[]
 LANGUAGE sql
 STABLE PARALLEL SAFE
AS $function$ select string_to_array(nullif(current_setting('zhongzhao.kinds', true), ''), ',') $function$;

CREATE OR REPLACE FUNCTION public.scope_level()
 RETURNS text
 LANGUAGE sql
 STABLE PARALLEL SAFE
AS $function$ select nullif(current_setting('zhongzhao.level', true), '') $function$;

CREATE OR REPLACE FUNCTION public.scope_region()
 RETURNS text
 LANGUAGE sql
 STABLE PARALLEL SAFE
AS $function$ select nullif(current_setting('zhongzhao.region', true), '') $function$;

CREATE OR REPLACE FUNCTION public.scope_school()
 RETURNS text
 LANGUAGE sql
 STABLE PARALLEL SAFE
AS $function$ select nullif(current_setting('zhongzhao.school', true), '') $function$;

CREATE OR REPLACE FUNCTION public.scope_side()
 RETURNS text
 LANGUAGE sql
 STABLE PARALLEL SAFE
AS $function$ select nullif(current_setting('zhongzhao.side', true), '') $function$;

CREATE OR REPLACE FUNCTION public.scope_user()
 RETURNS text
 LANGUAGE sql
 STABLE PARALLEL SAFE
AS $function$ select nullif(current_setting('zhongzhao.user', true), '') $function$;

sequence file_ids as integer;

table applications (
  season smallint not null,
  application integer not null generated as identity,
  kind text not null,
  subject text not null,
  state text not null default 'open'::text,
  city text not null,
  other_city text,
  school text not null,
  other_school text,
  batch text,
  major text,
  file integer,
  places integer,
  consents_to integer,
  request_hash text,
  request_reference text,
  note jsonb,
  opened_by text not null,
  opened_at timestamp with time zone not null,
  opened_on date not null,
  phase text,
  first_by text,
  first_city text,
  first_at timestamp with time zone,
  decided_by text,
  decided_at timestamp with time zone,
  decision text,
  reason text,
  PRIMARY KEY (season, application),
  CHECK ((kind = ANY (ARRAY['withdrawal'::text, 'approval-paper'::text, 'plan-change'::text, 'flexible'::text, 'region-move'::text, 'transfer'::text, 'supplement'::text]))),
  CHECK ((state = ANY (ARRAY['open'::text, 'half-approved'::text, 'approved'::text, 'refused'::text, 'expired'::text, 'used'::text]))),
  FOREIGN KEY (season) REFERENCES seasons(season)
);

CREATE INDEX applications_by_city ON public.applications USING btree (season, city, state);

CREATE INDEX applications_by_file ON public.applications USING btree (season, city, file) WHERE (file IS NOT NULL);

CREATE INDEX applications_by_giving_city ON public.applications USING btree (season, other_city, state) WHERE (other_city IS NOT NULL);

CREATE INDEX applications_by_school ON public.applications USING btree (season, school, state);

CREATE UNIQUE INDEX applications_open ON public.applications USING btree (season, subject) WHERE ((state = ANY (ARRAY['open'::text, 'half-approved'::text])) AND (consents_to IS NULL));

policy reader_reads for select to zhongzhao_reader
  using (((( SELECT NULLIF(((scope_side() = 'office'::text) AND (scope_county() IS NULL)), false) AS "nullif") IS NOT NULL) AND ((( SELECT NULLIF(scope_all_cities(), false) AS "nullif") IS NOT NULL) OR (city = ANY (( SELECT scope_cities() AS scope_cities)::text[])) OR (other_city = ANY (( SELECT scope_cities() AS scope_cities)::text[])))));

policy runner_all for all to zhongzhao_runner
  using (true);

policy scope_deletes for delete to zhongzhao_app
  using (
CASE ( SELECT scope_side() AS scope_side)
    WHEN 'office'::text THEN ((((( SELECT scope_all_cities() AS scope_all_cities) OR (city = ANY (( SELECT scope_cities() AS scope_cities)::text[]))) AND (( SELECT scope_county() AS scope_county) IS NULL)) OR ((other_city = ANY (( SELECT scope_cities() AS scope_cities)::text[])) AND (( SELECT scope_county() AS scope_county) IS NULL))) AND (EXISTS ( SELECT
       FROM schools s
      WHERE ((s.season = applications.season) AND (s.code = applications.school) AND (s.kind = ANY (( SELECT scope_kinds() AS scope_kinds)::text[]))))))
    WHEN 'school'::text THEN (school = ( SELECT scope_school() AS scope_school))
    ELSE false
END);

policy scope_inserts for insert to zhongzhao_app
  with check (
CASE ( SELECT scope_side() AS scope_side)
    WHEN 'office'::text THEN ((((( SELECT scope_all_cities() AS scope_all_cities) OR (city = ANY (( SELECT scope_cities() AS scope_cities)::text[]))) AND (( SELECT scope_county() AS scope_county) IS NULL)) OR ((other_city = ANY (( SELECT scope_cities() AS scope_cities)::text[])) AND (( SELECT scope_county() AS scope_county) IS NULL))) AND (EXISTS ( SELECT
       FROM schools s
      WHERE ((s.season = applications.season) AND (s.code = applications.school) AND (s.kind = ANY (( SELECT scope_kinds() AS scope_kinds)::text[]))))))
    WHEN 'school'::text THEN (school = ( SELECT scope_school() AS scope_school))
    ELSE false
END);

policy scope_reads for select to zhongzhao_app
  using (
CASE ( SELECT scope_side() AS scope_side)
    WHEN 'office'::text THEN (((( SELECT scope_all_cities() AS scope_all_cities) OR (city = ANY (( SELECT scope_cities() AS scope_cities)::text[]))) AND ((( SELECT scope_county() AS scope_county) IS NULL) OR (EXISTS ( SELECT
       FROM county_files v
      WHERE ((v.season = applications.season) AND (v.city = applications.city) AND (v.file = applications.file)))))) OR ((other_city = ANY (( SELECT scope_cities() AS scope_cities)::text[])) AND (( SELECT scope_county() AS scope_county) IS NULL)))
    WHEN 'school'::text THEN ((school = ( SELECT scope_school() AS scope_school)) OR (other_school = ( SELECT scope_school() AS scope_school)))
    ELSE false
END);

policy scope_updates for update to zhongzhao_app
  using (
CASE ( SELECT scope_side() AS scope_side)
    WHEN 'office'::text THEN ((((( SELECT scope_all_cities() AS scope_all_cities) OR (city = ANY (( SELECT scope_cities() AS scope_cities)::text[]))) AND (( SELECT scope_county() AS scope_county) IS NULL)) OR ((other_city = ANY (( SELECT scope_cities() AS scope_cities)::text[])) AND (( SELECT scope_county() AS scope_county) IS NULL))) AND (EXISTS ( SELECT
       FROM schools s
      WHERE ((s.season = applications.season) AND (s.code = applications.school) AND (s.kind = ANY (( SELECT scope_kinds() AS scope_kinds)::text[]))))))
    WHEN 'school'::text THEN (school = ( SELECT scope_school() AS scope_school))
    ELSE false
END);

table batch_closings (
  season smallint not null,
  city text not null,
  batch text not null,
  closed_on date not null,
  closed_by text not null,
  PRIMARY KEY (season, city, batch),
  FOREIGN KEY (season) REFERENCES seasons(season)
);

policy reader_reads for select to zhongzhao_reader
  using (((( SELECT NULLIF(((scope_side() = 'office'::text) AND (scope_county() IS NULL)), false) AS "nullif") IS NOT NULL) AND
CASE ( SELECT scope_side() AS scope_side)
    WHEN 'office'::text THEN (( SELECT scope_all_cities() AS scope_all_cities) OR (city = ANY (( SELECT scope_cities() AS scope_cities)::text[])))
    WHEN 'school'::text THEN true
    ELSE false
END));

policy runner_all for all to zhongzhao_runner
  using (true);

policy scope_deletes for delete to zhongzhao_app
  using (
CASE ( SELECT scope_side() AS scope_side)
    WHEN 'office'::text THEN ((( SELECT scope_all_cities() AS scope_all_cities) OR (city = ANY (( SELECT scope_cities() AS scope_cities)::text[]))) AND (( SELECT scope_county() AS scope_county) IS NULL))
    WHEN 'school'::text THEN false
    ELSE false
END);

policy scope_inserts for insert to zhongzhao_app
  with check (
CASE ( SELECT scope_side() AS scope_side)
    WHEN 'office'::text THEN ((( SELECT scope_all_cities() AS scope_all_cities) OR (city = ANY (( SELECT scope_cities() AS scope_cities)::text[]))) AND (( SELECT scope_county() AS scope_county) IS NULL))
    WHEN 'school'::text THEN false
    ELSE false
END);

policy scope_reads for select to zhongzhao_app
  using (
CASE ( SELECT scope_side() AS scope_side)
    WHEN 'office'::text THEN (( SELECT scope_all_cities() AS scope_all_cities) OR (city = ANY (( SELECT scope_cities() AS scope_cities)::text[])))
    WHEN 'school'::text THEN true
    ELSE false
END);

policy scope_updates for update to zhongzhao_app
  using (
CASE ( SELECT scope_side() AS scope_side)
    WHEN 'office'::text THEN ((( SELECT scope_all_cities() AS scope_all_cities) OR (city = ANY (( SELECT scope_cities() AS scope_cities)::text[]))) AND (( SELECT scope_county() AS scope_county) IS NULL))
    WHEN 'school'::text THEN false
    ELSE false
END);

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

CREATE INDEX blocks_by_run ON public.blocks USING btree (season, city, run);

CREATE TRIGGER append_only BEFORE DELETE OR UPDATE OR TRUNCATE ON public.blocks FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();

policy reader_reads for select to zhongzhao_reader
  using (((( SELECT NULLIF(((scope_side() = 'office'::text) AND (scope_county() IS NULL)), false) AS "nullif") IS NOT NULL) AND
CASE ( SELECT scope_side() AS scope_side)
    WHEN 'office'::text THEN (( SELECT scope_all_cities() AS scope_all_cities) OR (city = ANY (( SELECT scope_cities() AS scope_cities)::text[])))
    WHEN 'school'::text THEN false
    ELSE false
END));

policy runner_all for all to zhongzhao_runner
  using (true);

policy scope_deletes for delete to zhongzhao_app
  using (
CASE ( SELECT scope_side() AS scope_side)
    WHEN 'office'::text THEN (( SELECT scope_all_cities() AS scope_all_cities) OR (city = ANY (( SELECT scope_cities() AS scope_cities)::text[])))
    WHEN 'school'::text THEN false
    ELSE false
END);

policy scope_inserts for insert to zhongzhao_app
  with check (
CASE ( SELECT scope_side() AS scope_side)
    WHEN 'office'::text THEN (( SELECT scope_all_cities() AS scope_all_cities) OR (city = ANY (( SELECT scope_cities() AS scope_cities)::text[])))
    WHEN 'school'::text THEN false
    ELSE false
END);

policy scope_reads for select to zhongzhao_app
  using (
CASE ( SELECT scope_side() AS scope_side)
    WHEN 'office'::text THEN (( SELECT scope_all_cities() AS scope_all_cities) OR (city = ANY (( SELECT scope_cities() AS scope_cities)::text[])))
    WHEN 'school'::text THEN false
    ELSE false
END);

policy scope_updates for update to zhongzhao_app
  using (
CASE ( SELECT scope_side() AS scope_side)
    WHEN 'office'::text THEN (( SELECT scope_all_cities() AS scope_all_cities) OR (city = ANY (( SELECT scope_cities() AS scope_cities)::text[])))
    WHEN 'school'::text THEN false
    ELSE false
END);

table candidate_numbers (
  season smallint not null,
  candidate_no text not null,
  city text not null,
  file integer not null,
  PRIMARY KEY (season, candidate_no)
);

policy reader_reads for select to zhongzhao_reader
  using (((( SELECT NULLIF(((scope_side() = 'office'::text) AND (scope_county() IS NULL)), false) AS "nullif") IS NOT NULL) AND ((( SELECT NULLIF(scope_all_cities(), false) AS "nullif") IS NOT NULL) OR (city = ANY (( SELECT scope_cities() AS scope_cities)::text[])))));

policy runner_all for all to zhongzhao_runner
  using (true);

policy scope_deletes for delete to zhongzhao_app
  using (
CASE ( SELECT scope_side() AS scope_side)
    WHEN 'office'::text THEN ((( SELECT scope_all_cities() AS scope_all_cities) OR (city = ANY (( SELECT scope_cities() AS scope_cities)::text[]))) AND ((( SELECT scope_county() AS scope_county) IS NULL) OR (EXISTS ( SELECT
       FROM county_files v
      WHERE ((v.season = candidate_numbers.season) AND (v.city = candidate_numbers.city) AND (v.file = candidate_numbers.file))))))
    WHEN 'school'::text THEN false
    ELSE false
END);

policy scope_inserts for insert to zhongzhao_app
  with check (
CASE ( SELECT scope_side() AS scope_side)
    WHEN 'office'::text THEN ((( SELECT scope_all_cities() AS scope_all_cities) OR (city = ANY (( SELECT scope_cities() AS scope_cities)::text[]))) AND ((( SELECT scope_county() AS scope_county) IS NULL) OR (EXISTS ( SELECT
       FROM county_files v
      WHERE ((v.season = candidate_numbers.season) AND (v.city = candidate_numbers.city) AND (v.file = candidate_numbers.file))))))
    WHEN 'school'::text THEN false
    ELSE false
END);

policy scope_reads for select to zhongzhao_app
  using (
CASE ( SELECT scope_side() AS scope_side)
    WHEN 'office'::text THEN ((( SELECT scope_all_cities() AS scope_all_cities) OR (city = ANY (( SELECT scope_cities() AS scope_cities)::text[]))) AND ((( SELECT scope_county() AS scope_county) IS NULL) OR (EXISTS ( SELECT
       FROM county_files v
      WHERE ((v.season = candidate_numbers.season) AND (v.city = candidate_numbers.city) AND (v.file = candidate_numbers.file))))))
    WHEN 'school'::text THEN (EXISTS ( SELECT
       FROM school_files v
      WHERE ((v.season = candidate_numbers.season) AND (v.city = candidate_numbers.city) AND (v.file = candidate_numbers.file))))
    ELSE false
END);

policy scope_updates for update to zhongzhao_app
  using (
CASE ( SELECT scope_side() AS scope_side)
    WHEN 'office'::text THEN ((( SELECT scope_all_cities() AS scope_all_cities) OR (city = ANY (( SELECT scope_cities() AS scope_cities)::text[]))) AND ((( SELECT scope_county() AS scope_county) IS NULL) OR (EXISTS ( SELECT
       FROM county_files v
      WHERE ((v.season = candidate_numbers.season) AND (v.city = candidate_numbers.city) AND (v.file = candidate_numbers.file))))))
    WHEN 'school'::text THEN false
    ELSE false
END);

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

CREATE INDEX candidates_counted ON public.candidates USING btree (season, city, file) INCLUDE (sex, origin, total, county);

policy reader_reads for select to zhongzhao_reader
  using (((( SELECT NULLIF(((scope_side() = 'office'::text) AND (scope_county() IS NULL)), false) AS "nullif") IS NOT NULL) AND ((( SELECT NULLIF(scope_all_cities(), false) AS "nullif") IS NOT NULL) OR (city = ANY (( SELECT scope_cities() AS scope_cities)::text[])))));

policy runner_all for all to zhongzhao_runner
  using (true);

policy scope_deletes for delete to zhongzhao_app
  using (
CASE ( SELECT scope_side() AS scope_side)
    WHEN 'office'::text THEN ((( SELECT scope_all_cities() AS scope_all_cities) OR (city = ANY (( SELECT scope_cities() AS scope_cities)::text[]))) AND ((( SELECT scope_county() AS scope_county) IS NULL) OR (EXISTS ( SELECT
       FROM county_files v
      WHERE ((v.season = candidates.season) AND (v.city = candidates.city) AND (v.file = candidates.file))))))
    WHEN 'school'::text THEN (EXISTS ( SELECT
       FROM files f
      WHERE ((f.season = candidates.season) AND (f.city = candidates.city) AND (f.file = candidates.file) AND (f.school = ( SELECT scope_school() AS scope_school)) AND (f.state = 'unnumbered'::text))))
    ELSE false
END);

policy scope_inserts for insert to zhongzhao_app
  with check (
CASE ( SELECT scope_side() AS scope_side)
    WHEN 'office'::text THEN ((( SELECT scope_all_cities() AS scope_all_cities) OR (city = ANY (( SELECT scope_cities() AS scope_cities)::text[]))) AND ((( SELECT scope_county() AS scope_county) IS NULL) OR (EXISTS ( SELECT
       FROM county_files v
      WHERE ((v.season = candidates.season) AND (v.city = candidates.city) AND (v.file = candidates.file))))))
    WHEN 'school'::text THEN (EXISTS ( SELECT
       FROM files f
      WHERE ((f.season = candidates.season) AND (f.city = candidates.city) AND (f.file = candidates.file) AND (f.school = ( SELECT scope_school() AS scope_school)) AND (f.state = 'unnumbered'::text))))
    ELSE false
END);

policy scope_reads for select to zhongzhao_app
  using (
CASE ( SELECT scope_side() AS scope_side)
    WHEN 'office'::text THEN ((( SELECT scope_all_cities() AS scope_all_cities) OR (city = ANY (( SELECT scope_cities() AS scope_cities)::text[]))) AND ((( SELECT scope_county() AS scope_county) IS NULL) OR (EXISTS ( SELECT
       FROM county_files v
      WHERE ((v.season = candidates.season) AND (v.city = candidates.city) AND (v.file = candidates.file))))))
    WHEN 'school'::text THEN (EXISTS ( SELECT
       FROM school_files v
      WHERE ((v.season = candidates.season) AND (v.city = candidates.city) AND (v.file = candidates.file))))
    ELSE false
END);

policy scope_updates for update to zhongzhao_app
  using (
CASE ( SELECT scope_side() AS scope_side)
    WHEN 'office'::text THEN ((( SELECT scope_all_cities() AS scope_all_cities) OR (city = ANY (( SELECT scope_cities() AS scope_cities)::text[]))) AND ((( SELECT scope_county() AS scope_county) IS NULL) OR (EXISTS ( SELECT
       FROM county_files v
      WHERE ((v.season = candidates.season) AND (v.city = candidates.city) AND (v.file = candidates.file))))))
    WHEN 'school'::text THEN (EXISTS ( SELECT
       FROM files f
      WHERE ((f.season = candidates.season) AND (f.city = candidates.city) AND (f.file = candidates.file) AND (f.school = ( SELECT scope_school() AS scope_school)) AND (f.state = 'unnumbered'::text))))
    ELSE false
END);

table choice_counts (
  season smallint not null,
  city text not null,
  county text not null,
  batch text not null,
  round smallint not null,
  school text not null,
  ordinal smallint not null,
  choices integer not null,
  adjusting integer not null,
  PRIMARY KEY (season, city, county, batch, round, school, ordinal),
  CHECK (((adjusting >= 0) AND (adjusting <= choices))),
  CHECK ((choices > 0)),
  FOREIGN KEY (season) REFERENCES seasons(season)
);

policy reader_reads for select to zhongzhao_reader
  using (((( SELECT NULLIF(((scope_side() = 'office'::text) AND (scope_county() IS NULL)), false) AS "nullif") IS NOT NULL) AND ((( SELECT NULLIF(scope_all_cities(), false) AS "nullif") IS NOT NULL) OR (city = ANY (( SELECT scope_cities() AS scope_cities)::text[])))));

policy runner_all for all to zhongzhao_runner
  using (true);

policy scope_deletes for delete to zhongzhao_app
  using (
CASE ( SELECT scope_side() AS scope_side)
    WHEN 'office'::text THEN false
    WHEN 'school'::text THEN false
    ELSE false
END);

policy scope_inserts for insert to zhongzhao_app
  with check (
CASE ( SELECT scope_side() AS scope_side)
    WHEN 'office'::text THEN false
    WHEN 'school'::text THEN false
    ELSE false
END);

policy scope_reads for select to zhongzhao_app
  using (
CASE ( SELECT scope_side() AS scope_side)
    WHEN 'office'::text THEN ((( SELECT scope_all_cities() AS scope_all_cities) OR (city = ANY (( SELECT scope_cities() AS scope_cities)::text[]))) AND ((( SELECT scope_county() AS scope_county) IS NULL) OR (county = ( SELECT scope_county() AS scope_county))))
    WHEN 'school'::text THEN false
    ELSE false
END);

policy scope_updates for update to zhongzhao_app
  using (
CASE ( SELECT scope_side() AS scope_side)
    WHEN 'office'::text THEN false
    WHEN 'school'::text THEN false
    ELSE false
END);

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

CREATE INDEX choices_by_school ON public.choices USING btree (season, school);

policy reader_reads for select to zhongzhao_reader
  using (((( SELECT NULLIF(((scope_side() = 'office'::text) AND (scope_county() IS NULL)), false) AS "nullif") IS NOT NULL) AND ((( SELECT NULLIF(scope_all_cities(), false) AS "nullif") IS NOT NULL) OR (city = ANY (( SELECT scope_cities() AS scope_cities)::text[])))));

policy runner_all for all to zhongzhao_runner
  using (true);

policy scope_deletes for delete to zhongzhao_app
  using (
CASE ( SELECT scope_side() AS scope_side)
    WHEN 'office'::text THEN ((( SELECT scope_all_cities() AS scope_all_cities) OR (city = ANY (( SELECT scope_cities() AS scope_cities)::text[]))) AND ((( SELECT scope_county() AS scope_county) IS NULL) OR (EXISTS ( SELECT
       FROM county_files v
      WHERE ((v.season = choices.season) AND (v.city = choices.city) AND (v.file = choices.file))))))
    WHEN 'school'::text THEN false
    ELSE false
END);

policy scope_inserts for insert to zhongzhao_app
  with check (
CASE ( SELECT scope_side() AS scope_side)
    WHEN 'office'::text THEN ((( SELECT scope_all_cities() AS scope_all_cities) OR (city = ANY (( SELECT scope_cities() AS scope_cities)::text[]))) AND ((( SELECT scope_county() AS scope_county) IS NULL) OR (EXISTS ( SELECT
       FROM county_files v
      WHERE ((v.season = choices.season) AND (v.city = choices.city) AND (v.file = choices.file))))))
    WHEN 'school'::text THEN false
    ELSE false
END);

policy scope_reads for select to zhongzhao_app
  using (
CASE ( SELECT scope_side() AS scope_side)
    WHEN 'office'::text THEN ((( SELECT scope_all_cities() AS scope_all_cities) OR (city = ANY (( SELECT scope_cities() AS scope_cities)::text[]))) AND ((( SELECT scope_county() AS scope_county) IS NULL) OR (EXISTS ( SELECT
       FROM county_files v
      WHERE ((v.season = choices.season) AND (v.city = choices.city) AND (v.file = choices.file))))))
    WHEN 'school'::text THEN ((school = ( SELECT scope_school() AS scope_school)) OR (EXISTS ( SELECT
       FROM school_files v
      WHERE ((v.season = choices.season) AND (v.city = choices.city) AND (v.file = choices.file)))))
    ELSE false
END);

policy scope_updates for update to zhongzhao_app
  using (
CASE ( SELECT scope_side() AS scope_side)
    WHEN 'office'::text THEN ((( SELECT scope_all_cities() AS scope_all_cities) OR (city = ANY (( SELECT scope_cities() AS scope_cities)::text[]))) AND ((( SELECT scope_county() AS scope_county) IS NULL) OR (EXISTS ( SELECT
       FROM county_files v
      WHERE ((v.season = choices.season) AND (v.city = choices.city) AND (v.file = choices.file))))))
    WHEN 'school'::text THEN false
    ELSE false
END);

table chooser_counts (
  season smallint not null,
  city text not null,
  county text not null,
  batch text not null,
  round smallint not null,
  people integer not null,
  choices integer not null,
  PRIMARY KEY (season, city, county, batch, round),
  CHECK ((choices >= people)),
  CHECK ((people > 0)),
  FOREIGN KEY (season) REFERENCES seasons(season)
);

policy reader_reads for select to zhongzhao_reader
  using (((( SELECT NULLIF(((scope_side() = 'office'::text) AND (scope_county() IS NULL)), false) AS "nullif") IS NOT NULL) AND ((( SELECT NULLIF(scope_all_cities(), false) AS "nullif") IS NOT NULL) OR (city = ANY (( SELECT scope_cities() AS scope_cities)::text[])))));

policy runner_all for all to zhongzhao_runner
  using (true);

policy scope_deletes for delete to zhongzhao_app
  using (
CASE ( SELECT scope_side() AS scope_side)
    WHEN 'office'::text THEN false
    WHEN 'school'::text THEN false
    ELSE false
END);

policy scope_inserts for insert to zhongzhao_app
  with check (
CASE ( SELECT scope_side() AS scope_side)
    WHEN 'office'::text THEN false
    WHEN 'school'::text THEN false
    ELSE false
END);

policy scope_reads for select to zhongzhao_app
  using (
CASE ( SELECT scope_side() AS scope_side)
    WHEN 'office'::text THEN ((( SELECT scope_all_cities() AS scope_all_cities) OR (city = ANY (( SELECT scope_cities() AS scope_cities)::text[]))) AND ((( SELECT scope_county() AS scope_county) IS NULL) OR (county = ( SELECT scope_county() AS scope_county))))
    WHEN 'school'::text THEN false
    ELSE false
END);

policy scope_updates for update to zhongzhao_app
  using (
CASE ( SELECT scope_side() AS scope_side)
    WHEN 'office'::text THEN false
    WHEN 'school'::text THEN false
    ELSE false
END);

table city_principles (
  season smallint not null,
  city text not null,
  filing integer not null,
  document_hash text not null,
  document_reference text not null,
  overlay_version integer not null,
  signed_by text not null,
  countersigned_by text not null,
  filed_at timestamp with time zone not null,
  filed_on date not null,
  late boolean not null,
  state text not null default 'filed'::text,
  answered_by text,
  answered_at timestamp with time zone,
  reason text,
  PRIMARY KEY (season, city, filing),
  CHECK ((countersigned_by <> signed_by)),
  CHECK (((state = 'filed'::text) = (answered_by IS NULL))),
  CHECK (((state <> 'objected'::text) OR (reason IS NOT NULL))),
  CHECK ((document_hash ~ '^[0-9a-f]{64}$'::text)),
  CHECK ((state = ANY (ARRAY['filed'::text, 'acknowledged'::text, 'objected'::text]))),
  FOREIGN KEY (season) REFERENCES seasons(season)
);

policy reader_reads for select to zhongzhao_reader
  using (((( SELECT NULLIF(((scope_side() = 'office'::text) AND (scope_county() IS NULL)), false) AS "nullif") IS NOT NULL) AND
CASE ( SELECT scope_side() AS scope_side)
    WHEN 'office'::text THEN (( SELECT scope_all_cities() AS scope_all_cities) OR (city = ANY (( SELECT scope_cities() AS scope_cities)::text[])))
    WHEN 'school'::text THEN false
    ELSE false
END));

policy runner_all for all to zhongzhao_runner
  using (true);

policy scope_deletes for delete to zhongzhao_app
  using (
CASE ( SELECT scope_side() AS scope_side)
    WHEN 'office'::text THEN ((( SELECT scope_all_cities() AS scope_all_cities) OR (city = ANY (( SELECT scope_cities() AS scope_cities)::text[]))) AND (( SELECT scope_county() AS scope_county) IS NULL))
    WHEN 'school'::text THEN false
    ELSE false
END);

policy scope_inserts for insert to zhongzhao_app
  with check (
CASE ( SELECT scope_side() AS scope_side)
    WHEN 'office'::text THEN ((( SELECT scope_all_cities() AS scope_all_cities) OR (city = ANY (( SELECT scope_cities() AS scope_cities)::text[]))) AND (( SELECT scope_county() AS scope_county) IS NULL))
    WHEN 'school'::text THEN false
    ELSE false
END);

policy scope_reads for select to zhongzhao_app
  using (
CASE ( SELECT scope_side() AS scope_side)
    WHEN 'office'::text THEN (( SELECT scope_all_cities() AS scope_all_cities) OR (city = ANY (( SELECT scope_cities() AS scope_cities)::text[])))
    WHEN 'school'::text THEN false
    ELSE false
END);

policy scope_updates for update to zhongzhao_app
  using (
CASE ( SELECT scope_side() AS scope_side)
    WHEN 'office'::text THEN ((( SELECT scope_all_cities() AS scope_all_cities) OR (city = ANY (( SELECT scope_cities() AS scope_cities)::text[]))) AND (( SELECT scope_county() AS scope_county) IS NULL))
    WHEN 'school'::text THEN false
    ELSE false
END);

table city_standings (
  season smallint not null,
  city text not null,
  senior_high_complete boolean not null default false,
  senior_high_completed_on date,
  PRIMARY KEY (season, city),
  FOREIGN KEY (season) REFERENCES seasons(season)
);

policy reader_reads for select to zhongzhao_reader
  using (((( SELECT NULLIF(((scope_side() = 'office'::text) AND (scope_county() IS NULL)), false) AS "nullif") IS NOT NULL) AND
CASE ( SELECT scope_side() AS scope_side)
    WHEN 'office'::text THEN (( SELECT scope_all_cities() AS scope_all_cities) OR (city = ANY (( SELECT scope_cities() AS scope_cities)::text[])))
    WHEN 'school'::text THEN true
    ELSE false
END));

policy runner_all for all to zhongzhao_runner
  using (true);

policy scope_deletes for delete to zhongzhao_app
  using (
CASE ( SELECT scope_side() AS scope_side)
    WHEN 'office'::text THEN ((( SELECT scope_all_cities() AS scope_all_cities) OR (city = ANY (( SELECT scope_cities() AS scope_cities)::text[]))) AND (( SELECT scope_county() AS scope_county) IS NULL))
    WHEN 'school'::text THEN false
    ELSE false
END);

policy scope_inserts for insert to zhongzhao_app
  with check (
CASE ( SELECT scope_side() AS scope_side)
    WHEN 'office'::text THEN ((( SELECT scope_all_cities() AS scope_all_cities) OR (city = ANY (( SELECT scope_cities() AS scope_cities)::text[]))) AND (( SELECT scope_county() AS scope_county) IS NULL))
    WHEN 'school'::text THEN false
    ELSE false
END);

policy scope_reads for select to zhongzhao_app
  using (
CASE ( SELECT scope_side() AS scope_side)
    WHEN 'office'::text THEN (( SELECT scope_all_cities() AS scope_all_cities) OR (city = ANY (( SELECT scope_cities() AS scope_cities)::text[])))
    WHEN 'school'::text THEN true
    ELSE false
END);

policy scope_updates for update to zhongzhao_app
  using (
CASE ( SELECT scope_side() AS scope_side)
    WHEN 'office'::text THEN ((( SELECT scope_all_cities() AS scope_all_cities) OR (city = ANY (( SELECT scope_cities() AS scope_cities)::text[]))) AND (( SELECT scope_county() AS scope_county) IS NULL))
    WHEN 'school'::text THEN false
    ELSE false
END);

table daily_report_closings (
  season smallint not null,
  city text not null,
  day date not null,
  closed_by text not null,
  closed_at timestamp with time zone not null,
  PRIMARY KEY (season, city, day),
  FOREIGN KEY (season) REFERENCES seasons(season)
);

policy reader_reads for select to zhongzhao_reader
  using (((( SELECT NULLIF(((scope_side() = 'office'::text) AND (scope_county() IS NULL)), false) AS "nullif") IS NOT NULL) AND
CASE ( SELECT scope_side() AS scope_side)
    WHEN 'office'::text THEN (( SELECT scope_all_cities() AS scope_all_cities) OR (city = ANY (( SELECT scope_cities() AS scope_cities)::text[])))
    WHEN 'school'::text THEN true
    ELSE false
END));

policy runner_all for all to zhongzhao_runner
  using (true);

policy scope_deletes for delete to zhongzhao_app
  using (
CASE ( SELECT scope_side() AS scope_side)
    WHEN 'office'::text THEN ((( SELECT scope_all_cities() AS scope_all_cities) OR (city = ANY (( SELECT scope_cities() AS scope_cities)::text[]))) AND (( SELECT scope_county() AS scope_county) IS NULL))
    WHEN 'school'::text THEN false
    ELSE false
END);

policy scope_inserts for insert to zhongzhao_app
  with check (
CASE ( SELECT scope_side() AS scope_side)
    WHEN 'office'::text THEN ((( SELECT scope_all_cities() AS scope_all_cities) OR (city = ANY (( SELECT scope_cities() AS scope_cities)::text[]))) AND (( SELECT scope_county() AS scope_county) IS NULL))
    WHEN 'school'::text THEN false
    ELSE false
END);

policy scope_reads for select to zhongzhao_app
  using (
CASE ( SELECT scope_side() AS scope_side)
    WHEN 'office'::text THEN (( SELECT scope_all_cities() AS scope_all_cities) OR (city = ANY (( SELECT scope_cities() AS scope_cities)::text[])))
    WHEN 'school'::text THEN true
    ELSE false
END);

policy scope_updates for update to zhongzhao_app
  using (
CASE ( SELECT scope_side() AS scope_side)
    WHEN 'office'::text THEN ((( SELECT scope_all_cities() AS scope_all_cities) OR (city = ANY (( SELECT scope_cities() AS scope_cities)::text[]))) AND (( SELECT scope_county() AS scope_county) IS NULL))
    WHEN 'school'::text THEN false
    ELSE false
END);

table daily_reports (
  season smallint not null,
  school text not null,
  day date not null,
  city text not null,
  admitted integer not null,
  registered integer not null,
  admitted_that_day integer not null,
  system_admitted integer not null,
  system_registered integer not null,
  system_admitted_that_day integer not null,
  remark text not null default ''::text,
  filed_by text not null,
  filed_at timestamp with time zone not null,
  PRIMARY KEY (season, school, day),
  CHECK ((admitted >= 0)),
  CHECK ((admitted_that_day >= 0)),
  CHECK ((registered >= 0)),
  FOREIGN KEY (season) REFERENCES seasons(season)
);

policy reader_reads for select to zhongzhao_reader
  using (((( SELECT NULLIF(((scope_side() = 'office'::text) AND (scope_county() IS NULL)), false) AS "nullif") IS NOT NULL) AND
CASE ( SELECT scope_side() AS scope_side)
    WHEN 'office'::text THEN (( SELECT scope_all_cities() AS scope_all_cities) OR (city = ANY (( SELECT scope_cities() AS scope_cities)::text[])))
    WHEN 'school'::text THEN (school = ( SELECT scope_school() AS scope_school))
    ELSE false
END));

policy runner_all for all to zhongzhao_runner
  using (true);

policy scope_deletes for delete to zhongzhao_app
  using (
CASE ( SELECT scope_side() AS scope_side)
    WHEN 'office'::text THEN false
    WHEN 'school'::text THEN (school = ( SELECT scope_school() AS scope_school))
    ELSE false
END);

policy scope_inserts for insert to zhongzhao_app
  with check (
CASE ( SELECT scope_side() AS scope_side)
    WHEN 'office'::text THEN false
    WHEN 'school'::text THEN (school = ( SELECT scope_school() AS scope_school))
    ELSE false
END);

policy scope_reads for select to zhongzhao_app
  using (
CASE ( SELECT scope_side() AS scope_side)
    WHEN 'office'::text THEN (( SELECT scope_all_cities() AS scope_all_cities) OR (city = ANY (( SELECT scope_cities() AS scope_cities)::text[])))
    WHEN 'school'::text THEN (school = ( SELECT scope_school() AS scope_school))
    ELSE false
END);

policy scope_updates for update to zhongzhao_app
  using (
CASE ( SELECT scope_side() AS scope_side)
    WHEN 'office'::text THEN false
    WHEN 'school'::text THEN (school = ( SELECT scope_school() AS scope_school))
    ELSE false
END);

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

policy reader_reads for select to zhongzhao_reader
  using (((( SELECT NULLIF(((scope_side() = 'office'::text) AND (scope_county() IS NULL)), false) AS "nullif") IS NOT NULL) AND ((( SELECT NULLIF(scope_all_cities(), false) AS "nullif") IS NOT NULL) OR (city = ANY (( SELECT scope_cities() AS scope_cities)::text[])))));

policy runner_all for all to zhongzhao_runner
  using (true);

policy scope_deletes for delete to zhongzhao_app
  using (
CASE ( SELECT scope_side() AS scope_side)
    WHEN 'office'::text THEN ((( SELECT scope_all_cities() AS scope_all_cities) OR (city = ANY (( SELECT scope_cities() AS scope_cities)::text[]))) AND ((( SELECT scope_county() AS scope_county) IS NULL) OR (EXISTS ( SELECT
       FROM county_files v
      WHERE ((v.season = decisions.season) AND (v.city = decisions.city) AND (v.file = decisions.file))))))
    WHEN 'school'::text THEN false
    ELSE false
END);

policy scope_inserts for insert to zhongzhao_app
  with check (
CASE ( SELECT scope_side() AS scope_side)
    WHEN 'office'::text THEN ((( SELECT scope_all_cities() AS scope_all_cities) OR (city = ANY (( SELECT scope_cities() AS scope_cities)::text[]))) AND ((( SELECT scope_county() AS scope_county) IS NULL) OR (EXISTS ( SELECT
       FROM county_files v
      WHERE ((v.season = decisions.season) AND (v.city = decisions.city) AND (v.file = decisions.file))))))
    WHEN 'school'::text THEN false
    ELSE false
END);

policy scope_reads for select to zhongzhao_app
  using (
CASE ( SELECT scope_side() AS scope_side)
    WHEN 'office'::text THEN ((( SELECT scope_all_cities() AS scope_all_cities) OR (city = ANY (( SELECT scope_cities() AS scope_cities)::text[]))) AND ((( SELECT scope_county() AS scope_county) IS NULL) OR (EXISTS ( SELECT
       FROM county_files v
      WHERE ((v.season = decisions.season) AND (v.city = decisions.city) AND (v.file = decisions.file))))))
    WHEN 'school'::text THEN ((school = ( SELECT scope_school() AS scope_school)) AND (EXISTS ( SELECT
       FROM dispatch_lists l
      WHERE ((l.season = decisions.season) AND (l.city = decisions.city) AND (l.run = decisions.run) AND (l.school = decisions.school)))))
    ELSE false
END);

policy scope_updates for update to zhongzhao_app
  using (
CASE ( SELECT scope_side() AS scope_side)
    WHEN 'office'::text THEN ((( SELECT scope_all_cities() AS scope_all_cities) OR (city = ANY (( SELECT scope_cities() AS scope_cities)::text[]))) AND ((( SELECT scope_county() AS scope_county) IS NULL) OR (EXISTS ( SELECT
       FROM county_files v
      WHERE ((v.season = decisions.season) AND (v.city = decisions.city) AND (v.file = decisions.file))))))
    WHEN 'school'::text THEN false
    ELSE false
END);

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

policy reader_reads for select to zhongzhao_reader
  using (((( SELECT NULLIF(((scope_side() = 'office'::text) AND (scope_county() IS NULL)), false) AS "nullif") IS NOT NULL) AND ((( SELECT NULLIF(scope_all_cities(), false) AS "nullif") IS NOT NULL) OR (city = ANY (( SELECT scope_cities() AS scope_cities)::text[])))));

policy runner_all for all to zhongzhao_runner
  using (true);

policy scope_deletes for delete to zhongzhao_app
  using (
CASE ( SELECT scope_side() AS scope_side)
    WHEN 'office'::text THEN ((( SELECT scope_all_cities() AS scope_all_cities) OR (city = ANY (( SELECT scope_cities() AS scope_cities)::text[]))) AND (( SELECT scope_county() AS scope_county) IS NULL) AND (EXISTS ( SELECT
       FROM schools s
      WHERE ((s.season = dispatch_lists.season) AND (s.code = dispatch_lists.school) AND (s.kind = ANY (( SELECT scope_kinds() AS scope_kinds)::text[]))))))
    WHEN 'school'::text THEN false
    ELSE false
END);

policy scope_inserts for insert to zhongzhao_app
  with check (
CASE ( SELECT scope_side() AS scope_side)
    WHEN 'office'::text THEN ((( SELECT scope_all_cities() AS scope_all_cities) OR (city = ANY (( SELECT scope_cities() AS scope_cities)::text[]))) AND (( SELECT scope_county() AS scope_county) IS NULL) AND (EXISTS ( SELECT
       FROM schools s
      WHERE ((s.season = dispatch_lists.season) AND (s.code = dispatch_lists.school) AND (s.kind = ANY (( SELECT scope_kinds() AS scope_kinds)::text[]))))))
    WHEN 'school'::text THEN false
    ELSE false
END);

policy scope_reads for select to zhongzhao_app
  using (
CASE ( SELECT scope_side() AS scope_side)
    WHEN 'office'::text THEN (( SELECT scope_all_cities() AS scope_all_cities) OR (city = ANY (( SELECT scope_cities() AS scope_cities)::text[])))
    WHEN 'school'::text THEN ((school = ( SELECT scope_school() AS scope_school)) AND (state = ANY (ARRAY['released'::text, 'submitted'::text, 'closed'::text])))
    ELSE false
END);

policy scope_updates for update to zhongzhao_app
  using (
CASE ( SELECT scope_side() AS scope_side)
    WHEN 'office'::text THEN ((( SELECT scope_all_cities() AS scope_all_cities) OR (city = ANY (( SELECT scope_cities() AS scope_cities)::text[]))) AND (( SELECT scope_county() AS scope_county) IS NULL) AND (EXISTS ( SELECT
       FROM schools s
      WHERE ((s.season = dispatch_lists.season) AND (s.code = dispatch_lists.school) AND (s.kind = ANY (( SELECT scope_kinds() AS scope_kinds)::text[]))))))
    WHEN 'school'::text THEN ((school = ( SELECT scope_school() AS scope_school)) AND (state = ANY (ARRAY['released'::text, 'submitted'::text, 'closed'::text])))
    ELSE false
END);

table duty_grants (
  region text not null,
  duty text not null,
  function text not null,
  granted boolean not null,
  granted_by text not null,
  granted_at timestamp with time zone not null,
  PRIMARY KEY (region, duty, function)
);

policy reader_reads for select to zhongzhao_reader
  using (((( SELECT NULLIF(((scope_side() = 'office'::text) AND (scope_county() IS NULL)), false) AS "nullif") IS NOT NULL) AND
CASE ( SELECT scope_side() AS scope_side)
    WHEN 'office'::text THEN (( SELECT scope_all_cities() AS scope_all_cities) OR (region = ( SELECT scope_region() AS scope_region)) OR ((( SELECT scope_level() AS scope_level) = 'city'::text) AND (EXISTS ( SELECT
       FROM regions r
      WHERE ((r.code = duty_grants.region) AND (r.parent = ( SELECT scope_region() AS scope_region)))))))
    WHEN 'school'::text THEN false
    ELSE false
END));

policy runner_all for all to zhongzhao_runner
  using (true);

policy scope_deletes for delete to zhongzhao_app
  using (
CASE ( SELECT scope_side() AS scope_side)
    WHEN 'office'::text THEN (( SELECT scope_all_cities() AS scope_all_cities) OR (region = ( SELECT scope_region() AS scope_region)) OR ((( SELECT scope_level() AS scope_level) = 'city'::text) AND (EXISTS ( SELECT
       FROM regions r
      WHERE ((r.code = duty_grants.region) AND (r.parent = ( SELECT scope_region() AS scope_region)))))))
    WHEN 'school'::text THEN false
    ELSE false
END);

policy scope_inserts for insert to zhongzhao_app
  with check (
CASE ( SELECT scope_side() AS scope_side)
    WHEN 'office'::text THEN (( SELECT scope_all_cities() AS scope_all_cities) OR (region = ( SELECT scope_region() AS scope_region)) OR ((( SELECT scope_level() AS scope_level) = 'city'::text) AND (EXISTS ( SELECT
       FROM regions r
      WHERE ((r.code = duty_grants.region) AND (r.parent = ( SELECT scope_region() AS scope_region)))))))
    WHEN 'school'::text THEN false
    ELSE false
END);

policy scope_reads for select to zhongzhao_app
  using (
CASE ( SELECT scope_side() AS scope_side)
    WHEN 'office'::text THEN (( SELECT scope_all_cities() AS scope_all_cities) OR (region = ( SELECT scope_region() AS scope_region)) OR ((( SELECT scope_level() AS scope_level) = 'city'::text) AND (EXISTS ( SELECT
       FROM regions r
      WHERE ((r.code = duty_grants.region) AND (r.parent = ( SELECT scope_region() AS scope_region)))))))
    WHEN 'school'::text THEN false
    ELSE false
END);

policy scope_updates for update to zhongzhao_app
  using (
CASE ( SELECT scope_side() AS scope_side)
    WHEN 'office'::text THEN (( SELECT scope_all_cities() AS scope_all_cities) OR (region = ( SELECT scope_region() AS scope_region)) OR ((( SELECT scope_level() AS scope_level) = 'city'::text) AND (EXISTS ( SELECT
       FROM regions r
      WHERE ((r.code = duty_grants.region) AND (r.parent = ( SELECT scope_region() AS scope_region)))))))
    WHEN 'school'::text THEN false
    ELSE false
END);

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

CREATE INDEX events_by_file ON public.events USING btree (season, city, file) WHERE (file IS NOT NULL);

CREATE INDEX events_of_admissions ON public.events USING btree (season, school) WHERE (to_state = ANY (ARRAY['admitted'::text, 'registered'::text, 'filed'::text]));

CREATE INDEX events_of_cancellations ON public.events USING btree (season, city, file) WHERE (name = 'cancel-registration'::text);

CREATE INDEX events_of_days ON public.events USING btree (season, city, business_date) INCLUDE (from_state, to_state) WHERE ((to_state IS NOT NULL) AND ((to_state = ANY (ARRAY['admitted'::text, 'registered'::text, 'filed'::text])) OR (from_state = ANY (ARRAY['admitted'::text, 'registered'::text, 'filed'::text]))));

CREATE INDEX events_of_plans ON public.events USING btree (season, city, school, major, batch, event) WHERE (name = ANY (ARRAY['manage-plans'::text, 'apply-plan-change'::text, 'review-plan-change'::text, 'review-region-move'::text]));

CREATE INDEX events_of_snapshots ON public.events USING btree (season, city, file) WHERE (name = 'city-snapshot'::text);

CREATE TRIGGER append_only BEFORE DELETE OR UPDATE OR TRUNCATE ON public.events FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();

policy reader_reads for select to zhongzhao_reader
  using (((( SELECT NULLIF(((scope_side() = 'office'::text) AND (scope_county() IS NULL)), false) AS "nullif") IS NOT NULL) AND ((( SELECT NULLIF(scope_all_cities(), false) AS "nullif") IS NOT NULL) OR (city = ANY (( SELECT scope_cities() AS scope_cities)::text[])))));

policy runner_all for all to zhongzhao_runner
  using (true);

policy scope_deletes for delete to zhongzhao_app
  using (
CASE ( SELECT scope_side() AS scope_side)
    WHEN 'office'::text THEN ((( SELECT scope_all_cities() AS scope_all_cities) OR (city = ANY (( SELECT scope_cities() AS scope_cities)::text[]))) AND ((( SELECT scope_county() AS scope_county) IS NULL) OR (EXISTS ( SELECT
       FROM county_files v
      WHERE ((v.season = events.season) AND (v.city = events.city) AND (v.file = events.file))))))
    WHEN 'school'::text THEN false
    ELSE false
END);

policy scope_inserts for insert to zhongzhao_app
  with check (
CASE ( SELECT scope_side() AS scope_side)
    WHEN 'office'::text THEN ((( SELECT scope_all_cities() AS scope_all_cities) OR (city = ANY (( SELECT scope_cities() AS scope_cities)::text[]))) AND ((( SELECT scope_county() AS scope_county) IS NULL) OR (EXISTS ( SELECT
       FROM county_files v
      WHERE ((v.season = events.season) AND (v.city = events.city) AND (v.file = events.file))))))
    WHEN 'school'::text THEN false
    ELSE false
END);

policy scope_reads for select to zhongzhao_app
  using (
CASE ( SELECT scope_side() AS scope_side)
    WHEN 'office'::text THEN ((( SELECT scope_all_cities() AS scope_all_cities) OR (city = ANY (( SELECT scope_cities() AS scope_cities)::text[]))) AND ((( SELECT scope_county() AS scope_county) IS NULL) OR (EXISTS ( SELECT
       FROM county_files v
      WHERE ((v.season = events.season) AND (v.city = events.city) AND (v.file = events.file))))))
    WHEN 'school'::text THEN (((school = ( SELECT scope_school() AS scope_school)) OR (EXISTS ( SELECT
       FROM school_files v
      WHERE ((v.season = events.season) AND (v.city = events.city) AND (v.file = events.file))))) AND ((list IS NULL) OR (EXISTS ( SELECT
       FROM dispatch_lists l
      WHERE ((l.season = events.season) AND (l.city = events.city) AND (l.list = events.list))))))
    ELSE false
END);

policy scope_updates for update to zhongzhao_app
  using (
CASE ( SELECT scope_side() AS scope_side)
    WHEN 'office'::text THEN ((( SELECT scope_all_cities() AS scope_all_cities) OR (city = ANY (( SELECT scope_cities() AS scope_cities)::text[]))) AND ((( SELECT scope_county() AS scope_county) IS NULL) OR (EXISTS ( SELECT
       FROM county_files v
      WHERE ((v.season = events.season) AND (v.city = events.city) AND (v.file = events.file))))))
    WHEN 'school'::text THEN false
    ELSE false
END);

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
  phase text,
  transfers smallint not null default 0,
  since date,
  reason text,
  decided_by text,
  hold_until date,
  hold_level text,
  register_by date,
  reopened_until date,
  letter integer,
  reopened_for_review boolean not null default false,
  PRIMARY KEY (season, city, file),
  CHECK ((hold_level = ANY (ARRAY['county'::text, 'city'::text, 'province'::text])))
);

CREATE INDEX files_admitted ON public.files USING btree (season, city, file) INCLUDE (school, major, batch, state, since) WHERE (state = ANY (ARRAY['admitted'::text, 'registered'::text, 'filed'::text]));

CREATE INDEX files_of_students ON public.files USING btree (season, school) WHERE (state = ANY (ARRAY['admitted'::text, 'registered'::text, 'filed'::text]));

CREATE INDEX files_waiting ON public.files USING btree (season, school) WHERE (state = ANY (ARRAY['proposed'::text, 'return-proposed'::text, 'pending-review'::text]));

policy reader_reads for select to zhongzhao_reader
  using (((( SELECT NULLIF(((scope_side() = 'office'::text) AND (scope_county() IS NULL)), false) AS "nullif") IS NOT NULL) AND ((( SELECT NULLIF(scope_all_cities(), false) AS "nullif") IS NOT NULL) OR (city = ANY (( SELECT scope_cities() AS scope_cities)::text[])))));

policy runner_all for all to zhongzhao_runner
  using (true);

policy scope_deletes for delete to zhongzhao_app
  using (
CASE ( SELECT scope_side() AS scope_side)
    WHEN 'office'::text THEN ((( SELECT scope_all_cities() AS scope_all_cities) OR (city = ANY (( SELECT scope_cities() AS scope_cities)::text[]))) AND ((( SELECT scope_county() AS scope_county) IS NULL) OR (EXISTS ( SELECT
       FROM county_files v
      WHERE ((v.season = files.season) AND (v.city = files.city) AND (v.file = files.file))))))
    WHEN 'school'::text THEN (((school = ( SELECT scope_school() AS scope_school)) AND (state <> 'dispatched'::text)) OR (state = 'in-pool'::text))
    ELSE false
END);

policy scope_inserts for insert to zhongzhao_app
  with check (
CASE ( SELECT scope_side() AS scope_side)
    WHEN 'office'::text THEN ((( SELECT scope_all_cities() AS scope_all_cities) OR (city = ANY (( SELECT scope_cities() AS scope_cities)::text[]))) AND ((( SELECT scope_county() AS scope_county) IS NULL) OR (EXISTS ( SELECT
       FROM county_files v
      WHERE ((v.season = files.season) AND (v.city = files.city) AND (v.file = files.file))))))
    WHEN 'school'::text THEN (((school = ( SELECT scope_school() AS scope_school)) AND (state <> 'dispatched'::text)) OR (state = 'in-pool'::text))
    ELSE false
END);

policy scope_reads for select to zhongzhao_app
  using (
CASE ( SELECT scope_side() AS scope_side)
    WHEN 'office'::text THEN ((( SELECT scope_all_cities() AS scope_all_cities) OR (city = ANY (( SELECT scope_cities() AS scope_cities)::text[]))) AND ((( SELECT scope_county() AS scope_county) IS NULL) OR (EXISTS ( SELECT
       FROM county_files v
      WHERE ((v.season = files.season) AND (v.city = files.city) AND (v.file = files.file))))))
    WHEN 'school'::text THEN (((school = ( SELECT scope_school() AS scope_school)) AND (state <> 'dispatched'::text)) OR (state = 'in-pool'::text))
    ELSE false
END);

policy scope_updates for update to zhongzhao_app
  using (
CASE ( SELECT scope_side() AS scope_side)
    WHEN 'office'::text THEN ((( SELECT scope_all_cities() AS scope_all_cities) OR (city = ANY (( SELECT scope_cities() AS scope_cities)::text[]))) AND ((( SELECT scope_county() AS scope_county) IS NULL) OR (EXISTS ( SELECT
       FROM county_files v
      WHERE ((v.season = files.season) AND (v.city = files.city) AND (v.file = files.file))))))
    WHEN 'school'::text THEN (((school = ( SELECT scope_school() AS scope_school)) AND (state <> 'dispatched'::text)) OR (state = 'in-pool'::text))
    ELSE false
END);

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

policy reader_reads for select to zhongzhao_reader
  using (((( SELECT NULLIF(((scope_side() = 'office'::text) AND (scope_county() IS NULL)), false) AS "nullif") IS NOT NULL) AND
CASE ( SELECT scope_side() AS scope_side)
    WHEN 'office'::text THEN (( SELECT scope_all_cities() AS scope_all_cities) OR (city = ANY (( SELECT scope_cities() AS scope_cities)::text[])))
    WHEN 'school'::text THEN false
    ELSE false
END));

policy runner_all for all to zhongzhao_runner
  using (true);

policy scope_deletes for delete to zhongzhao_app
  using (
CASE ( SELECT scope_side() AS scope_side)
    WHEN 'office'::text THEN (( SELECT scope_all_cities() AS scope_all_cities) OR (city = ANY (( SELECT scope_cities() AS scope_cities)::text[])))
    WHEN 'school'::text THEN false
    ELSE false
END);

policy scope_inserts for insert to zhongzhao_app
  with check (
CASE ( SELECT scope_side() AS scope_side)
    WHEN 'office'::text THEN (( SELECT scope_all_cities() AS scope_all_cities) OR (city = ANY (( SELECT scope_cities() AS scope_cities)::text[])))
    WHEN 'school'::text THEN false
    ELSE false
END);

policy scope_reads for select to zhongzhao_app
  using (
CASE ( SELECT scope_side() AS scope_side)
    WHEN 'office'::text THEN (( SELECT scope_all_cities() AS scope_all_cities) OR (city = ANY (( SELECT scope_cities() AS scope_cities)::text[])))
    WHEN 'school'::text THEN false
    ELSE false
END);

policy scope_updates for update to zhongzhao_app
  using (
CASE ( SELECT scope_side() AS scope_side)
    WHEN 'office'::text THEN (( SELECT scope_all_cities() AS scope_all_cities) OR (city = ANY (( SELECT scope_cities() AS scope_cities)::text[])))
    WHEN 'school'::text THEN false
    ELSE false
END);

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

policy reader_reads for select to zhongzhao_reader
  using (((( SELECT NULLIF(((scope_side() = 'office'::text) AND (scope_county() IS NULL)), false) AS "nullif") IS NOT NULL) AND
CASE ( SELECT scope_side() AS scope_side)
    WHEN 'office'::text THEN (( SELECT scope_all_cities() AS scope_all_cities) OR (city = ANY (( SELECT scope_cities() AS scope_cities)::text[])))
    WHEN 'school'::text THEN (school = ( SELECT scope_school() AS scope_school))
    ELSE false
END));

policy runner_all for all to zhongzhao_runner
  using (true);

policy scope_deletes for delete to zhongzhao_app
  using (
CASE ( SELECT scope_side() AS scope_side)
    WHEN 'office'::text THEN ((( SELECT scope_all_cities() AS scope_all_cities) OR (city = ANY (( SELECT scope_cities() AS scope_cities)::text[]))) AND (( SELECT scope_county() AS scope_county) IS NULL) AND (EXISTS ( SELECT
       FROM schools s
      WHERE ((s.season = flexible_quotas.season) AND (s.code = flexible_quotas.school) AND (s.kind = ANY (( SELECT scope_kinds() AS scope_kinds)::text[]))))))
    WHEN 'school'::text THEN false
    ELSE false
END);

policy scope_inserts for insert to zhongzhao_app
  with check (
CASE ( SELECT scope_side() AS scope_side)
    WHEN 'office'::text THEN ((( SELECT scope_all_cities() AS scope_all_cities) OR (city = ANY (( SELECT scope_cities() AS scope_cities)::text[]))) AND (( SELECT scope_county() AS scope_county) IS NULL) AND (EXISTS ( SELECT
       FROM schools s
      WHERE ((s.season = flexible_quotas.season) AND (s.code = flexible_quotas.school) AND (s.kind = ANY (( SELECT scope_kinds() AS scope_kinds)::text[]))))))
    WHEN 'school'::text THEN false
    ELSE false
END);

policy scope_reads for select to zhongzhao_app
  using (
CASE ( SELECT scope_side() AS scope_side)
    WHEN 'office'::text THEN (( SELECT scope_all_cities() AS scope_all_cities) OR (city = ANY (( SELECT scope_cities() AS scope_cities)::text[])))
    WHEN 'school'::text THEN (school = ( SELECT scope_school() AS scope_school))
    ELSE false
END);

policy scope_updates for update to zhongzhao_app
  using (
CASE ( SELECT scope_side() AS scope_side)
    WHEN 'office'::text THEN ((( SELECT scope_all_cities() AS scope_all_cities) OR (city = ANY (( SELECT scope_cities() AS scope_cities)::text[]))) AND (( SELECT scope_county() AS scope_county) IS NULL) AND (EXISTS ( SELECT
       FROM schools s
      WHERE ((s.season = flexible_quotas.season) AND (s.code = flexible_quotas.school) AND (s.kind = ANY (( SELECT scope_kinds() AS scope_kinds)::text[]))))))
    WHEN 'school'::text THEN false
    ELSE false
END);

table function_grants (
  user_name text not null,
  function text not null,
  granted boolean not null,
  granted_by text not null,
  granted_at timestamp with time zone not null,
  PRIMARY KEY (user_name, function),
  FOREIGN KEY (user_name) REFERENCES users(user_name)
);

policy reader_reads for select to zhongzhao_reader
  using (((( SELECT NULLIF(((scope_side() = 'office'::text) AND (scope_county() IS NULL)), false) AS "nullif") IS NOT NULL) AND
CASE ( SELECT scope_side() AS scope_side)
    WHEN 'office'::text THEN (EXISTS ( SELECT
       FROM users u
      WHERE (u.user_name = function_grants.user_name)))
    WHEN 'school'::text THEN (EXISTS ( SELECT
       FROM users u
      WHERE (u.user_name = function_grants.user_name)))
    ELSE false
END));

policy runner_all for all to zhongzhao_runner
  using (true);

policy scope_deletes for delete to zhongzhao_app
  using (
CASE ( SELECT scope_side() AS scope_side)
    WHEN 'office'::text THEN (EXISTS ( SELECT
       FROM users u
      WHERE (u.user_name = function_grants.user_name)))
    WHEN 'school'::text THEN false
    ELSE false
END);

policy scope_inserts for insert to zhongzhao_app
  with check (
CASE ( SELECT scope_side() AS scope_side)
    WHEN 'office'::text THEN (EXISTS ( SELECT
       FROM users u
      WHERE (u.user_name = function_grants.user_name)))
    WHEN 'school'::text THEN false
    ELSE false
END);

policy scope_reads for select to zhongzhao_app
  using (
CASE ( SELECT scope_side() AS scope_side)
    WHEN 'office'::text THEN (EXISTS ( SELECT
       FROM users u
      WHERE (u.user_name = function_grants.user_name)))
    WHEN 'school'::text THEN (EXISTS ( SELECT
       FROM users u
      WHERE (u.user_name = function_grants.user_name)))
    ELSE false
END);

policy scope_updates for update to zhongzhao_app
  using (
CASE ( SELECT scope_side() AS scope_side)
    WHEN 'office'::text THEN (EXISTS ( SELECT
       FROM users u
      WHERE (u.user_name = function_grants.user_name)))
    WHEN 'school'::text THEN false
    ELSE false
END);

table identities (
  season smallint not null,
  identity_hmac bytea not null,
  city text not null,
  file integer not null,
  PRIMARY KEY (season, identity_hmac)
);

policy reader_reads for select to zhongzhao_reader
  using (((( SELECT NULLIF(((scope_side() = 'office'::text) AND (scope_county() IS NULL)), false) AS "nullif") IS NOT NULL) AND ((( SELECT NULLIF(scope_all_cities(), false) AS "nullif") IS NOT NULL) OR (city = ANY (( SELECT scope_cities() AS scope_cities)::text[])))));

policy runner_all for all to zhongzhao_runner
  using (true);

policy scope_deletes for delete to zhongzhao_app
  using (
CASE ( SELECT scope_side() AS scope_side)
    WHEN 'office'::text THEN ((( SELECT scope_all_cities() AS scope_all_cities) OR (city = ANY (( SELECT scope_cities() AS scope_cities)::text[]))) AND ((( SELECT scope_county() AS scope_county) IS NULL) OR (EXISTS ( SELECT
       FROM county_files v
      WHERE ((v.season = identities.season) AND (v.city = identities.city) AND (v.file = identities.file))))))
    WHEN 'school'::text THEN (EXISTS ( SELECT
       FROM school_files v
      WHERE ((v.season = identities.season) AND (v.city = identities.city) AND (v.file = identities.file))))
    ELSE false
END);

policy scope_inserts for insert to zhongzhao_app
  with check (
CASE ( SELECT scope_side() AS scope_side)
    WHEN 'office'::text THEN ((( SELECT scope_all_cities() AS scope_all_cities) OR (city = ANY (( SELECT scope_cities() AS scope_cities)::text[]))) AND ((( SELECT scope_county() AS scope_county) IS NULL) OR (EXISTS ( SELECT
       FROM county_files v
      WHERE ((v.season = identities.season) AND (v.city = identities.city) AND (v.file = identities.file))))))
    WHEN 'school'::text THEN (EXISTS ( SELECT
       FROM school_files v
      WHERE ((v.season = identities.season) AND (v.city = identities.city) AND (v.file = identities.file))))
    ELSE false
END);

policy scope_reads for select to zhongzhao_app
  using (
CASE ( SELECT scope_side() AS scope_side)
    WHEN 'office'::text THEN ((( SELECT scope_all_cities() AS scope_all_cities) OR (city = ANY (( SELECT scope_cities() AS scope_cities)::text[]))) AND ((( SELECT scope_county() AS scope_county) IS NULL) OR (EXISTS ( SELECT
       FROM county_files v
      WHERE ((v.season = identities.season) AND (v.city = identities.city) AND (v.file = identities.file))))))
    WHEN 'school'::text THEN (EXISTS ( SELECT
       FROM school_files v
      WHERE ((v.season = identities.season) AND (v.city = identities.city) AND (v.file = identities.file))))
    ELSE false
END);

policy scope_updates for update to zhongzhao_app
  using (
CASE ( SELECT scope_side() AS scope_side)
    WHEN 'office'::text THEN ((( SELECT scope_all_cities() AS scope_all_cities) OR (city = ANY (( SELECT scope_cities() AS scope_cities)::text[]))) AND ((( SELECT scope_county() AS scope_county) IS NULL) OR (EXISTS ( SELECT
       FROM county_files v
      WHERE ((v.season = identities.season) AND (v.city = identities.city) AND (v.file = identities.file))))))
    WHEN 'school'::text THEN (EXISTS ( SELECT
       FROM school_files v
      WHERE ((v.season = identities.season) AND (v.city = identities.city) AND (v.file = identities.file))))
    ELSE false
END);

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

table inbox_arrivals (
  season smallint not null,
  city text not null,
  job text not null,
  package_date date not null,
  run integer not null,
  taken_on date not null,
  taken_at timestamp with time zone not null,
  fate text not null,
  late boolean not null,
  package_hash text,
  errors integer not null,
  conflicts integer not null,
  reason text,
  PRIMARY KEY (season, city, job, package_date, run),
  CHECK ((fate = ANY (ARRAY['accepted'::text, 'unchanged'::text, 'held'::text, 'rejected'::text]))),
  CHECK ((job = ANY (ARRAY['import'::text, 'import-city-snapshot'::text]))),
  FOREIGN KEY (run) REFERENCES runs(run),
  FOREIGN KEY (season) REFERENCES seasons(season)
);

policy reader_reads for select to zhongzhao_reader
  using (((( SELECT NULLIF(((scope_side() = 'office'::text) AND (scope_county() IS NULL)), false) AS "nullif") IS NOT NULL) AND
CASE ( SELECT scope_side() AS scope_side)
    WHEN 'office'::text THEN (( SELECT scope_all_cities() AS scope_all_cities) OR (city = ANY (( SELECT scope_cities() AS scope_cities)::text[])))
    WHEN 'school'::text THEN false
    ELSE false
END));

policy runner_all for all to zhongzhao_runner
  using (true);

policy scope_deletes for delete to zhongzhao_app
  using (
CASE ( SELECT scope_side() AS scope_side)
    WHEN 'office'::text THEN false
    WHEN 'school'::text THEN false
    ELSE false
END);

policy scope_inserts for insert to zhongzhao_app
  with check (
CASE ( SELECT scope_side() AS scope_side)
    WHEN 'office'::text THEN false
    WHEN 'school'::text THEN false
    ELSE false
END);

policy scope_reads for select to zhongzhao_app
  using (
CASE ( SELECT scope_side() AS scope_side)
    WHEN 'office'::text THEN (( SELECT scope_all_cities() AS scope_all_cities) OR (city = ANY (( SELECT scope_cities() AS scope_cities)::text[])))
    WHEN 'school'::text THEN false
    ELSE false
END);

policy scope_updates for update to zhongzhao_app
  using (
CASE ( SELECT scope_side() AS scope_side)
    WHEN 'office'::text THEN false
    WHEN 'school'::text THEN false
    ELSE false
END);

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

policy reader_reads for select to zhongzhao_reader
  using (((( SELECT NULLIF(((scope_side() = 'office'::text) AND (scope_county() IS NULL)), false) AS "nullif") IS NOT NULL) AND ((( SELECT NULLIF(scope_all_cities(), false) AS "nullif") IS NOT NULL) OR (city = ANY (( SELECT scope_cities() AS scope_cities)::text[])))));

policy runner_all for all to zhongzhao_runner
  using (true);

policy scope_deletes for delete to zhongzhao_app
  using (
CASE ( SELECT scope_side() AS scope_side)
    WHEN 'office'::text THEN ((( SELECT scope_all_cities() AS scope_all_cities) OR (city = ANY (( SELECT scope_cities() AS scope_cities)::text[]))) AND (( SELECT scope_county() AS scope_county) IS NULL))
    WHEN 'school'::text THEN false
    ELSE false
END);

policy scope_inserts for insert to zhongzhao_app
  with check (
CASE ( SELECT scope_side() AS scope_side)
    WHEN 'office'::text THEN ((( SELECT scope_all_cities() AS scope_all_cities) OR (city = ANY (( SELECT scope_cities() AS scope_cities)::text[]))) AND (( SELECT scope_county() AS scope_county) IS NULL))
    WHEN 'school'::text THEN false
    ELSE false
END);

policy scope_reads for select to zhongzhao_app
  using (
CASE ( SELECT scope_side() AS scope_side)
    WHEN 'office'::text THEN ((( SELECT scope_all_cities() AS scope_all_cities) OR (city = ANY (( SELECT scope_cities() AS scope_cities)::text[]))) AND ((( SELECT scope_county() AS scope_county) IS NULL) OR (EXISTS ( SELECT
       FROM county_files v
      WHERE ((v.season = list_items.season) AND (v.city = list_items.city) AND (v.file = list_items.file))))))
    WHEN 'school'::text THEN (EXISTS ( SELECT
       FROM dispatch_lists l
      WHERE ((l.season = list_items.season) AND (l.city = list_items.city) AND (l.list = list_items.list))))
    ELSE false
END);

policy scope_updates for update to zhongzhao_app
  using (
CASE ( SELECT scope_side() AS scope_side)
    WHEN 'office'::text THEN ((( SELECT scope_all_cities() AS scope_all_cities) OR (city = ANY (( SELECT scope_cities() AS scope_cities)::text[]))) AND (( SELECT scope_county() AS scope_county) IS NULL))
    WHEN 'school'::text THEN false
    ELSE false
END);

table lottery_draws (
  season smallint not null,
  city text not null,
  draw integer not null,
  batch text not null,
  round smallint not null,
  input_hash text not null,
  published_by text not null,
  published_at timestamp with time zone not null,
  published_on date not null,
  seed text,
  overlay_version integer,
  drawn_by text,
  confirmed_by text,
  drawn_at timestamp with time zone,
  PRIMARY KEY (season, city, draw),
  CHECK ((confirmed_by <> drawn_by)),
  CHECK (((seed IS NULL) = (confirmed_by IS NULL))),
  CHECK ((input_hash ~ '^[0-9a-f]{64}$'::text)),
  FOREIGN KEY (season) REFERENCES seasons(season)
);

CREATE UNIQUE INDEX lottery_draws_seed ON public.lottery_draws USING btree (season, seed) WHERE (seed IS NOT NULL);

policy reader_reads for select to zhongzhao_reader
  using (((( SELECT NULLIF(((scope_side() = 'office'::text) AND (scope_county() IS NULL)), false) AS "nullif") IS NOT NULL) AND
CASE ( SELECT scope_side() AS scope_side)
    WHEN 'office'::text THEN (( SELECT scope_all_cities() AS scope_all_cities) OR (city = ANY (( SELECT scope_cities() AS scope_cities)::text[])))
    WHEN 'school'::text THEN true
    ELSE false
END));

policy runner_all for all to zhongzhao_runner
  using (true);

policy scope_deletes for delete to zhongzhao_app
  using (
CASE ( SELECT scope_side() AS scope_side)
    WHEN 'office'::text THEN ((( SELECT scope_all_cities() AS scope_all_cities) OR (city = ANY (( SELECT scope_cities() AS scope_cities)::text[]))) AND (( SELECT scope_county() AS scope_county) IS NULL))
    WHEN 'school'::text THEN false
    ELSE false
END);

policy scope_inserts for insert to zhongzhao_app
  with check (
CASE ( SELECT scope_side() AS scope_side)
    WHEN 'office'::text THEN ((( SELECT scope_all_cities() AS scope_all_cities) OR (city = ANY (( SELECT scope_cities() AS scope_cities)::text[]))) AND (( SELECT scope_county() AS scope_county) IS NULL))
    WHEN 'school'::text THEN false
    ELSE false
END);

policy scope_reads for select to zhongzhao_app
  using (
CASE ( SELECT scope_side() AS scope_side)
    WHEN 'office'::text THEN (( SELECT scope_all_cities() AS scope_all_cities) OR (city = ANY (( SELECT scope_cities() AS scope_cities)::text[])))
    WHEN 'school'::text THEN true
    ELSE false
END);

policy scope_updates for update to zhongzhao_app
  using (
CASE ( SELECT scope_side() AS scope_side)
    WHEN 'office'::text THEN ((( SELECT scope_all_cities() AS scope_all_cities) OR (city = ANY (( SELECT scope_cities() AS scope_cities)::text[]))) AND (( SELECT scope_county() AS scope_county) IS NULL))
    WHEN 'school'::text THEN false
    ELSE false
END);

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

policy reader_reads for select to zhongzhao_reader
  using (((( SELECT NULLIF(((scope_side() = 'office'::text) AND (scope_county() IS NULL)), false) AS "nullif") IS NOT NULL) AND true));

policy runner_all for all to zhongzhao_runner
  using (true);

policy scope_deletes for delete to zhongzhao_app
  using (
CASE ( SELECT scope_side() AS scope_side)
    WHEN 'office'::text THEN (EXISTS ( SELECT
       FROM schools
      WHERE ((schools.season = majors.season) AND (schools.code = majors.school) AND (( SELECT scope_all_cities() AS scope_all_cities) OR (schools.region = ( SELECT scope_region() AS scope_region)) OR ((( SELECT scope_level() AS scope_level) = 'city'::text) AND (EXISTS ( SELECT
               FROM regions r
              WHERE ((r.code = schools.region) AND (r.parent = ( SELECT scope_region() AS scope_region))))))))))
    WHEN 'school'::text THEN false
    ELSE false
END);

policy scope_inserts for insert to zhongzhao_app
  with check (
CASE ( SELECT scope_side() AS scope_side)
    WHEN 'office'::text THEN (EXISTS ( SELECT
       FROM schools
      WHERE ((schools.season = majors.season) AND (schools.code = majors.school) AND (( SELECT scope_all_cities() AS scope_all_cities) OR (schools.region = ( SELECT scope_region() AS scope_region)) OR ((( SELECT scope_level() AS scope_level) = 'city'::text) AND (EXISTS ( SELECT
               FROM regions r
              WHERE ((r.code = schools.region) AND (r.parent = ( SELECT scope_region() AS scope_region))))))))))
    WHEN 'school'::text THEN false
    ELSE false
END);

policy scope_reads for select to zhongzhao_app
  using (
CASE ( SELECT scope_side() AS scope_side)
    WHEN 'office'::text THEN true
    WHEN 'school'::text THEN true
    ELSE false
END);

policy scope_updates for update to zhongzhao_app
  using (
CASE ( SELECT scope_side() AS scope_side)
    WHEN 'office'::text THEN (EXISTS ( SELECT
       FROM schools
      WHERE ((schools.season = majors.season) AND (schools.code = majors.school) AND (( SELECT scope_all_cities() AS scope_all_cities) OR (schools.region = ( SELECT scope_region() AS scope_region)) OR ((( SELECT scope_level() AS scope_level) = 'city'::text) AND (EXISTS ( SELECT
               FROM regions r
              WHERE ((r.code = schools.region) AND (r.parent = ( SELECT scope_region() AS scope_region))))))))))
    WHEN 'school'::text THEN false
    ELSE false
END);

table notices (
  season smallint not null,
  notice integer not null,
  city text not null,
  title text not null,
  body text not null,
  levels text[] not null,
  regions text[] not null,
  school_kinds text[] not null,
  pinned boolean not null default false,
  state text not null default 'published'::text,
  published_by text not null,
  published_at timestamp with time zone not null,
  published_on date not null,
  withdrawn_by text,
  withdrawn_at timestamp with time zone,
  withdrawn_reason text,
  PRIMARY KEY (season, notice),
  CHECK (((state = 'withdrawn'::text) = (withdrawn_by IS NOT NULL))),
  CHECK (((levels <@ '{province,city,county,school}'::text[]) AND (levels <> '{}'::text[]))),
  CHECK ((state = ANY (ARRAY['published'::text, 'withdrawn'::text]))),
  FOREIGN KEY (season) REFERENCES seasons(season)
);

policy reader_reads for select to zhongzhao_reader
  using (((( SELECT NULLIF(((scope_side() = 'office'::text) AND (scope_county() IS NULL)), false) AS "nullif") IS NOT NULL) AND
CASE ( SELECT scope_side() AS scope_side)
    WHEN 'office'::text THEN (((( SELECT scope_all_cities() AS scope_all_cities) OR (city = ANY (( SELECT scope_cities() AS scope_cities)::text[]))) AND (( SELECT scope_county() AS scope_county) IS NULL)) OR ((state = 'published'::text) AND (( SELECT scope_level() AS scope_level) = ANY (levels)) AND ((school_kinds = '{}'::text[]) OR (school_kinds && ( SELECT scope_kinds() AS scope_kinds))) AND ((regions = '{}'::text[]) OR (( SELECT scope_region() AS scope_region) = ANY (regions)) OR (EXISTS ( SELECT
       FROM regions r
      WHERE ((r.season = notices.season) AND (r.code = ( SELECT scope_region() AS scope_region)) AND (r.parent = ANY (notices.regions))))))))
    WHEN 'school'::text THEN ((state = 'published'::text) AND (( SELECT scope_level() AS scope_level) = ANY (levels)) AND ((school_kinds = '{}'::text[]) OR (school_kinds && ( SELECT scope_kinds() AS scope_kinds))) AND ((regions = '{}'::text[]) OR (( SELECT scope_region() AS scope_region) = ANY (regions)) OR (EXISTS ( SELECT
       FROM regions r
      WHERE ((r.season = notices.season) AND (r.code = ( SELECT scope_region() AS scope_region)) AND (r.parent = ANY (notices.regions)))))))
    ELSE false
END));

policy runner_all for all to zhongzhao_runner
  using (true);

policy scope_deletes for delete to zhongzhao_app
  using (
CASE ( SELECT scope_side() AS scope_side)
    WHEN 'office'::text THEN ((( SELECT scope_all_cities() AS scope_all_cities) OR (city = ANY (( SELECT scope_cities() AS scope_cities)::text[]))) AND (( SELECT scope_county() AS scope_county) IS NULL))
    WHEN 'school'::text THEN false
    ELSE false
END);

policy scope_inserts for insert to zhongzhao_app
  with check (
CASE ( SELECT scope_side() AS scope_side)
    WHEN 'office'::text THEN ((( SELECT scope_all_cities() AS scope_all_cities) OR (city = ANY (( SELECT scope_cities() AS scope_cities)::text[]))) AND (( SELECT scope_county() AS scope_county) IS NULL))
    WHEN 'school'::text THEN false
    ELSE false
END);

policy scope_reads for select to zhongzhao_app
  using (
CASE ( SELECT scope_side() AS scope_side)
    WHEN 'office'::text THEN (((( SELECT scope_all_cities() AS scope_all_cities) OR (city = ANY (( SELECT scope_cities() AS scope_cities)::text[]))) AND (( SELECT scope_county() AS scope_county) IS NULL)) OR ((state = 'published'::text) AND (( SELECT scope_level() AS scope_level) = ANY (levels)) AND ((school_kinds = '{}'::text[]) OR (school_kinds && ( SELECT scope_kinds() AS scope_kinds))) AND ((regions = '{}'::text[]) OR (( SELECT scope_region() AS scope_region) = ANY (regions)) OR (EXISTS ( SELECT
       FROM regions r
      WHERE ((r.season = notices.season) AND (r.code = ( SELECT scope_region() AS scope_region)) AND (r.parent = ANY (notices.regions))))))))
    WHEN 'school'::text THEN ((state = 'published'::text) AND (( SELECT scope_level() AS scope_level) = ANY (levels)) AND ((school_kinds = '{}'::text[]) OR (school_kinds && ( SELECT scope_kinds() AS scope_kinds))) AND ((regions = '{}'::text[]) OR (( SELECT scope_region() AS scope_region) = ANY (regions)) OR (EXISTS ( SELECT
       FROM regions r
      WHERE ((r.season = notices.season) AND (r.code = ( SELECT scope_region() AS scope_region)) AND (r.parent = ANY (notices.regions)))))))
    ELSE false
END);

policy scope_updates for update to zhongzhao_app
  using (
CASE ( SELECT scope_side() AS scope_side)
    WHEN 'office'::text THEN ((( SELECT scope_all_cities() AS scope_all_cities) OR (city = ANY (( SELECT scope_cities() AS scope_cities)::text[]))) AND (( SELECT scope_county() AS scope_county) IS NULL))
    WHEN 'school'::text THEN false
    ELSE false
END);

table number_counters (
  season smallint not null,
  counter text not null,
  last integer not null,
  PRIMARY KEY (season, counter),
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

table overlay_signatures (
  season smallint not null,
  city text not null,
  version integer not null,
  signed_by text not null,
  countersigned_by text,
  signed_at timestamp with time zone not null,
  PRIMARY KEY (season, city, version),
  CHECK ((countersigned_by <> signed_by)),
  FOREIGN KEY (season, city, version) REFERENCES policy_overlays(season, city, version)
);

CREATE TRIGGER append_only BEFORE DELETE OR UPDATE OR TRUNCATE ON public.overlay_signatures FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();

policy reader_reads for select to zhongzhao_reader
  using (((( SELECT NULLIF(((scope_side() = 'office'::text) AND (scope_county() IS NULL)), false) AS "nullif") IS NOT NULL) AND
CASE ( SELECT scope_side() AS scope_side)
    WHEN 'office'::text THEN (( SELECT scope_all_cities() AS scope_all_cities) OR (city = ANY (( SELECT scope_cities() AS scope_cities)::text[])))
    WHEN 'school'::text THEN true
    ELSE false
END));

policy runner_all for all to zhongzhao_runner
  using (true);

policy scope_deletes for delete to zhongzhao_app
  using (
CASE ( SELECT scope_side() AS scope_side)
    WHEN 'office'::text THEN false
    WHEN 'school'::text THEN false
    ELSE false
END);

policy scope_inserts for insert to zhongzhao_app
  with check (
CASE ( SELECT scope_side() AS scope_side)
    WHEN 'office'::text THEN false
    WHEN 'school'::text THEN false
    ELSE false
END);

policy scope_reads for select to zhongzhao_app
  using (
CASE ( SELECT scope_side() AS scope_side)
    WHEN 'office'::text THEN (( SELECT scope_all_cities() AS scope_all_cities) OR (city = ANY (( SELECT scope_cities() AS scope_cities)::text[])))
    WHEN 'school'::text THEN true
    ELSE false
END);

policy scope_updates for update to zhongzhao_app
  using (
CASE ( SELECT scope_side() AS scope_side)
    WHEN 'office'::text THEN false
    WHEN 'school'::text THEN false
    ELSE false
END);

table phase_vacancies (
  season smallint not null,
  phase text not null,
  school text not null,
  fixed_on date not null,
  planned integer not null,
  used integer not null,
  vacancies integer not null,
  PRIMARY KEY (season, phase, school, fixed_on),
  CHECK ((vacancies >= 0)),
  FOREIGN KEY (season) REFERENCES seasons(season)
);

policy reader_reads for select to zhongzhao_reader
  using (((( SELECT NULLIF(((scope_side() = 'office'::text) AND (scope_county() IS NULL)), false) AS "nullif") IS NOT NULL) AND
CASE ( SELECT scope_side() AS scope_side)
    WHEN 'office'::text THEN true
    WHEN 'school'::text THEN (school = ( SELECT scope_school() AS scope_school))
    ELSE false
END));

policy runner_all for all to zhongzhao_runner
  using (true);

policy scope_deletes for delete to zhongzhao_app
  using (
CASE ( SELECT scope_side() AS scope_side)
    WHEN 'office'::text THEN false
    WHEN 'school'::text THEN false
    ELSE false
END);

policy scope_inserts for insert to zhongzhao_app
  with check (
CASE ( SELECT scope_side() AS scope_side)
    WHEN 'office'::text THEN false
    WHEN 'school'::text THEN false
    ELSE false
END);

policy scope_reads for select to zhongzhao_app
  using (
CASE ( SELECT scope_side() AS scope_side)
    WHEN 'office'::text THEN true
    WHEN 'school'::text THEN (school = ( SELECT scope_school() AS scope_school))
    ELSE false
END);

policy scope_updates for update to zhongzhao_app
  using (
CASE ( SELECT scope_side() AS scope_side)
    WHEN 'office'::text THEN false
    WHEN 'school'::text THEN false
    ELSE false
END);

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

policy reader_reads for select to zhongzhao_reader
  using (((( SELECT NULLIF(((scope_side() = 'office'::text) AND (scope_county() IS NULL)), false) AS "nullif") IS NOT NULL) AND ((( SELECT NULLIF(scope_all_cities(), false) AS "nullif") IS NOT NULL) OR (city = ANY (( SELECT scope_cities() AS scope_cities)::text[])))));

policy runner_all for all to zhongzhao_runner
  using (true);

policy scope_deletes for delete to zhongzhao_app
  using (
CASE ( SELECT scope_side() AS scope_side)
    WHEN 'office'::text THEN ((( SELECT scope_all_cities() AS scope_all_cities) OR (city = ANY (( SELECT scope_cities() AS scope_cities)::text[]))) AND (( SELECT scope_county() AS scope_county) IS NULL) AND (EXISTS ( SELECT
       FROM schools s
      WHERE ((s.season = plan_lines.season) AND (s.code = plan_lines.school) AND (s.kind = ANY (( SELECT scope_kinds() AS scope_kinds)::text[]))))))
    WHEN 'school'::text THEN false
    ELSE false
END);

policy scope_inserts for insert to zhongzhao_app
  with check (
CASE ( SELECT scope_side() AS scope_side)
    WHEN 'office'::text THEN ((( SELECT scope_all_cities() AS scope_all_cities) OR (city = ANY (( SELECT scope_cities() AS scope_cities)::text[]))) AND (( SELECT scope_county() AS scope_county) IS NULL) AND (EXISTS ( SELECT
       FROM schools s
      WHERE ((s.season = plan_lines.season) AND (s.code = plan_lines.school) AND (s.kind = ANY (( SELECT scope_kinds() AS scope_kinds)::text[]))))))
    WHEN 'school'::text THEN false
    ELSE false
END);

policy scope_reads for select to zhongzhao_app
  using (
CASE ( SELECT scope_side() AS scope_side)
    WHEN 'office'::text THEN (( SELECT scope_all_cities() AS scope_all_cities) OR (city = ANY (( SELECT scope_cities() AS scope_cities)::text[])))
    WHEN 'school'::text THEN (school = ( SELECT scope_school() AS scope_school))
    ELSE false
END);

policy scope_updates for update to zhongzhao_app
  using (
CASE ( SELECT scope_side() AS scope_side)
    WHEN 'office'::text THEN ((( SELECT scope_all_cities() AS scope_all_cities) OR (city = ANY (( SELECT scope_cities() AS scope_cities)::text[]))) AND (( SELECT scope_county() AS scope_county) IS NULL) AND (EXISTS ( SELECT
       FROM schools s
      WHERE ((s.season = plan_lines.season) AND (s.code = plan_lines.school) AND (s.kind = ANY (( SELECT scope_kinds() AS scope_kinds)::text[]))))))
    WHEN 'school'::text THEN false
    ELSE false
END);

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

policy reader_reads for select to zhongzhao_reader
  using (((( SELECT NULLIF(((scope_side() = 'office'::text) AND (scope_county() IS NULL)), false) AS "nullif") IS NOT NULL) AND
CASE ( SELECT scope_side() AS scope_side)
    WHEN 'office'::text THEN (( SELECT scope_all_cities() AS scope_all_cities) OR (city = ANY (( SELECT scope_cities() AS scope_cities)::text[])))
    WHEN 'school'::text THEN true
    ELSE false
END));

policy runner_all for all to zhongzhao_runner
  using (true);

policy scope_deletes for delete to zhongzhao_app
  using (
CASE ( SELECT scope_side() AS scope_side)
    WHEN 'office'::text THEN ((( SELECT scope_all_cities() AS scope_all_cities) OR (city = ANY (( SELECT scope_cities() AS scope_cities)::text[]))) AND (( SELECT scope_county() AS scope_county) IS NULL))
    WHEN 'school'::text THEN false
    ELSE false
END);

policy scope_inserts for insert to zhongzhao_app
  with check (
CASE ( SELECT scope_side() AS scope_side)
    WHEN 'office'::text THEN ((( SELECT scope_all_cities() AS scope_all_cities) OR (city = ANY (( SELECT scope_cities() AS scope_cities)::text[]))) AND (( SELECT scope_county() AS scope_county) IS NULL))
    WHEN 'school'::text THEN false
    ELSE false
END);

policy scope_reads for select to zhongzhao_app
  using (
CASE ( SELECT scope_side() AS scope_side)
    WHEN 'office'::text THEN (( SELECT scope_all_cities() AS scope_all_cities) OR (city = ANY (( SELECT scope_cities() AS scope_cities)::text[])))
    WHEN 'school'::text THEN true
    ELSE false
END);

policy scope_updates for update to zhongzhao_app
  using (
CASE ( SELECT scope_side() AS scope_side)
    WHEN 'office'::text THEN ((( SELECT scope_all_cities() AS scope_all_cities) OR (city = ANY (( SELECT scope_cities() AS scope_cities)::text[]))) AND (( SELECT scope_county() AS scope_county) IS NULL))
    WHEN 'school'::text THEN false
    ELSE false
END);

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

policy reader_reads for select to zhongzhao_reader
  using (((( SELECT NULLIF(((scope_side() = 'office'::text) AND (scope_county() IS NULL)), false) AS "nullif") IS NOT NULL) AND ((( SELECT NULLIF(scope_all_cities(), false) AS "nullif") IS NOT NULL) OR (city = ANY (( SELECT scope_cities() AS scope_cities)::text[])))));

policy runner_all for all to zhongzhao_runner
  using (true);

policy scope_deletes for delete to zhongzhao_app
  using (
CASE ( SELECT scope_side() AS scope_side)
    WHEN 'office'::text THEN ((( SELECT scope_all_cities() AS scope_all_cities) OR (city = ANY (( SELECT scope_cities() AS scope_cities)::text[]))) AND ((( SELECT scope_county() AS scope_county) IS NULL) OR (EXISTS ( SELECT
       FROM county_files v
      WHERE ((v.season = preferences.season) AND (v.city = preferences.city) AND (v.file = preferences.file))))))
    WHEN 'school'::text THEN false
    ELSE false
END);

policy scope_inserts for insert to zhongzhao_app
  with check (
CASE ( SELECT scope_side() AS scope_side)
    WHEN 'office'::text THEN ((( SELECT scope_all_cities() AS scope_all_cities) OR (city = ANY (( SELECT scope_cities() AS scope_cities)::text[]))) AND ((( SELECT scope_county() AS scope_county) IS NULL) OR (EXISTS ( SELECT
       FROM county_files v
      WHERE ((v.season = preferences.season) AND (v.city = preferences.city) AND (v.file = preferences.file))))))
    WHEN 'school'::text THEN false
    ELSE false
END);

policy scope_reads for select to zhongzhao_app
  using (
CASE ( SELECT scope_side() AS scope_side)
    WHEN 'office'::text THEN ((( SELECT scope_all_cities() AS scope_all_cities) OR (city = ANY (( SELECT scope_cities() AS scope_cities)::text[]))) AND ((( SELECT scope_county() AS scope_county) IS NULL) OR (EXISTS ( SELECT
       FROM county_files v
      WHERE ((v.season = preferences.season) AND (v.city = preferences.city) AND (v.file = preferences.file))))))
    WHEN 'school'::text THEN (EXISTS ( SELECT
       FROM school_files v
      WHERE ((v.season = preferences.season) AND (v.city = preferences.city) AND (v.file = preferences.file))))
    ELSE false
END);

policy scope_updates for update to zhongzhao_app
  using (
CASE ( SELECT scope_side() AS scope_side)
    WHEN 'office'::text THEN ((( SELECT scope_all_cities() AS scope_all_cities) OR (city = ANY (( SELECT scope_cities() AS scope_cities)::text[]))) AND ((( SELECT scope_county() AS scope_county) IS NULL) OR (EXISTS ( SELECT
       FROM county_files v
      WHERE ((v.season = preferences.season) AND (v.city = preferences.city) AND (v.file = preferences.file))))))
    WHEN 'school'::text THEN false
    ELSE false
END);

table proposals (
  proposal integer not null generated as identity,
  season smallint not null,
  function text not null,
  input jsonb not null,
  city text not null,
  school text,
  proposed_by text not null,
  proposed_at timestamp with time zone not null,
  business_date date not null,
  state text not null default 'open'::text,
  confirmed_by text,
  confirmed_at timestamp with time zone,
  effect_hash text,
  signed_by text[] not null default '{}'::text[],
  PRIMARY KEY (proposal),
  CHECK ((state = ANY (ARRAY['open'::text, 'confirmed'::text, 'withdrawn'::text]))),
  FOREIGN KEY (season) REFERENCES seasons(season)
);

CREATE INDEX proposals_open ON public.proposals USING btree (season, city) WHERE (state = 'open'::text);

policy reader_reads for select to zhongzhao_reader
  using (((( SELECT NULLIF(((scope_side() = 'office'::text) AND (scope_county() IS NULL)), false) AS "nullif") IS NOT NULL) AND
CASE ( SELECT scope_side() AS scope_side)
    WHEN 'office'::text THEN (( SELECT scope_all_cities() AS scope_all_cities) OR (city = ANY (( SELECT scope_cities() AS scope_cities)::text[])) OR (city = ''::text))
    WHEN 'school'::text THEN (school = ( SELECT scope_school() AS scope_school))
    ELSE false
END));

policy runner_all for all to zhongzhao_runner
  using (true);

policy scope_deletes for delete to zhongzhao_app
  using (
CASE ( SELECT scope_side() AS scope_side)
    WHEN 'office'::text THEN (( SELECT scope_all_cities() AS scope_all_cities) OR (city = ANY (( SELECT scope_cities() AS scope_cities)::text[])) OR (city = ''::text))
    WHEN 'school'::text THEN false
    ELSE false
END);

policy scope_inserts for insert to zhongzhao_app
  with check (
CASE ( SELECT scope_side() AS scope_side)
    WHEN 'office'::text THEN (( SELECT scope_all_cities() AS scope_all_cities) OR (city = ANY (( SELECT scope_cities() AS scope_cities)::text[])) OR (city = ''::text))
    WHEN 'school'::text THEN false
    ELSE false
END);

policy scope_reads for select to zhongzhao_app
  using (
CASE ( SELECT scope_side() AS scope_side)
    WHEN 'office'::text THEN (( SELECT scope_all_cities() AS scope_all_cities) OR (city = ANY (( SELECT scope_cities() AS scope_cities)::text[])) OR (city = ''::text))
    WHEN 'school'::text THEN (school = ( SELECT scope_school() AS scope_school))
    ELSE false
END);

policy scope_updates for update to zhongzhao_app
  using (
CASE ( SELECT scope_side() AS scope_side)
    WHEN 'office'::text THEN (( SELECT scope_all_cities() AS scope_all_cities) OR (city = ANY (( SELECT scope_cities() AS scope_cities)::text[])) OR (city = ''::text))
    WHEN 'school'::text THEN false
    ELSE false
END);

table questions (
  season smallint not null,
  question integer not null,
  city text not null,
  school text not null,
  title text not null,
  body text not null,
  state text not null default 'open'::text,
  asked_by text not null,
  asked_at timestamp with time zone not null,
  asked_on date not null,
  assigned_to text,
  answer text,
  answered_by text,
  answered_at timestamp with time zone,
  public boolean not null default false,
  closed_by text,
  closed_at timestamp with time zone,
  closed_reason text,
  PRIMARY KEY (season, question),
  CHECK (((NOT public) OR (answer IS NOT NULL))),
  CHECK ((state = ANY (ARRAY['open'::text, 'answered'::text, 'closed'::text]))),
  FOREIGN KEY (season) REFERENCES seasons(season)
);

CREATE INDEX questions_by_school ON public.questions USING btree (season, school);

policy reader_reads for select to zhongzhao_reader
  using (((( SELECT NULLIF(((scope_side() = 'office'::text) AND (scope_county() IS NULL)), false) AS "nullif") IS NOT NULL) AND
CASE ( SELECT scope_side() AS scope_side)
    WHEN 'office'::text THEN (((( SELECT scope_all_cities() AS scope_all_cities) OR (city = ANY (( SELECT scope_cities() AS scope_cities)::text[]))) AND (( SELECT scope_county() AS scope_county) IS NULL)) OR public)
    WHEN 'school'::text THEN ((school = ( SELECT scope_school() AS scope_school)) OR public)
    ELSE false
END));

policy runner_all for all to zhongzhao_runner
  using (true);

policy scope_deletes for delete to zhongzhao_app
  using (
CASE ( SELECT scope_side() AS scope_side)
    WHEN 'office'::text THEN ((( SELECT scope_all_cities() AS scope_all_cities) OR (city = ANY (( SELECT scope_cities() AS scope_cities)::text[]))) AND (( SELECT scope_county() AS scope_county) IS NULL) AND (EXISTS ( SELECT
       FROM schools s
      WHERE ((s.season = questions.season) AND (s.code = questions.school) AND (s.kind = ANY (( SELECT scope_kinds() AS scope_kinds)::text[]))))))
    WHEN 'school'::text THEN (school = ( SELECT scope_school() AS scope_school))
    ELSE false
END);

policy scope_inserts for insert to zhongzhao_app
  with check (
CASE ( SELECT scope_side() AS scope_side)
    WHEN 'office'::text THEN ((( SELECT scope_all_cities() AS scope_all_cities) OR (city = ANY (( SELECT scope_cities() AS scope_cities)::text[]))) AND (( SELECT scope_county() AS scope_county) IS NULL) AND (EXISTS ( SELECT
       FROM schools s
      WHERE ((s.season = questions.season) AND (s.code = questions.school) AND (s.kind = ANY (( SELECT scope_kinds() AS scope_kinds)::text[]))))))
    WHEN 'school'::text THEN (school = ( SELECT scope_school() AS scope_school))
    ELSE false
END);

policy scope_reads for select to zhongzhao_app
  using (
CASE ( SELECT scope_side() AS scope_side)
    WHEN 'office'::text THEN (((( SELECT scope_all_cities() AS scope_all_cities) OR (city = ANY (( SELECT scope_cities() AS scope_cities)::text[]))) AND (( SELECT scope_county() AS scope_county) IS NULL)) OR public)
    WHEN 'school'::text THEN ((school = ( SELECT scope_school() AS scope_school)) OR public)
    ELSE false
END);

policy scope_updates for update to zhongzhao_app
  using (
CASE ( SELECT scope_side() AS scope_side)
    WHEN 'office'::text THEN ((( SELECT scope_all_cities() AS scope_all_cities) OR (city = ANY (( SELECT scope_cities() AS scope_cities)::text[]))) AND (( SELECT scope_county() AS scope_county) IS NULL) AND (EXISTS ( SELECT
       FROM schools s
      WHERE ((s.season = questions.season) AND (s.code = questions.school) AND (s.kind = ANY (( SELECT scope_kinds() AS scope_kinds)::text[]))))))
    WHEN 'school'::text THEN (school = ( SELECT scope_school() AS scope_school))
    ELSE false
END);

table region_locks (
  season smallint not null,
  region text not null,
  level text not null,
  locked_by text not null,
  locked_at timestamp with time zone not null,
  reason text not null,
  PRIMARY KEY (season, region),
  CHECK ((level = ANY (ARRAY['province'::text, 'city'::text, 'county'::text]))),
  FOREIGN KEY (season) REFERENCES seasons(season)
);

policy reader_reads for select to zhongzhao_reader
  using (((( SELECT NULLIF(((scope_side() = 'office'::text) AND (scope_county() IS NULL)), false) AS "nullif") IS NOT NULL) AND
CASE ( SELECT scope_side() AS scope_side)
    WHEN 'office'::text THEN true
    WHEN 'school'::text THEN true
    ELSE false
END));

policy runner_all for all to zhongzhao_runner
  using (true);

policy scope_deletes for delete to zhongzhao_app
  using (
CASE ( SELECT scope_side() AS scope_side)
    WHEN 'office'::text THEN (( SELECT scope_all_cities() AS scope_all_cities) OR (region = ( SELECT scope_region() AS scope_region)) OR ((( SELECT scope_level() AS scope_level) = 'city'::text) AND (EXISTS ( SELECT
       FROM regions r
      WHERE ((r.code = region_locks.region) AND (r.parent = ( SELECT scope_region() AS scope_region)))))))
    WHEN 'school'::text THEN false
    ELSE false
END);

policy scope_inserts for insert to zhongzhao_app
  with check (
CASE ( SELECT scope_side() AS scope_side)
    WHEN 'office'::text THEN (( SELECT scope_all_cities() AS scope_all_cities) OR (region = ( SELECT scope_region() AS scope_region)) OR ((( SELECT scope_level() AS scope_level) = 'city'::text) AND (EXISTS ( SELECT
       FROM regions r
      WHERE ((r.code = region_locks.region) AND (r.parent = ( SELECT scope_region() AS scope_region)))))))
    WHEN 'school'::text THEN false
    ELSE false
END);

policy scope_reads for select to zhongzhao_app
  using (
CASE ( SELECT scope_side() AS scope_side)
    WHEN 'office'::text THEN true
    WHEN 'school'::text THEN true
    ELSE false
END);

policy scope_updates for update to zhongzhao_app
  using (
CASE ( SELECT scope_side() AS scope_side)
    WHEN 'office'::text THEN (( SELECT scope_all_cities() AS scope_all_cities) OR (region = ( SELECT scope_region() AS scope_region)) OR ((( SELECT scope_level() AS scope_level) = 'city'::text) AND (EXISTS ( SELECT
       FROM regions r
      WHERE ((r.code = region_locks.region) AND (r.parent = ( SELECT scope_region() AS scope_region)))))))
    WHEN 'school'::text THEN false
    ELSE false
END);

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

table registration_points (
  season smallint not null,
  code text not null,
  name text not null,
  city text not null,
  county text not null,
  PRIMARY KEY (season, code),
  FOREIGN KEY (season) REFERENCES seasons(season)
);

CREATE INDEX registration_points_by_city ON public.registration_points USING btree (season, city);

policy reader_reads for select to zhongzhao_reader
  using (((( SELECT NULLIF(((scope_side() = 'office'::text) AND (scope_county() IS NULL)), false) AS "nullif") IS NOT NULL) AND
CASE ( SELECT scope_side() AS scope_side)
    WHEN 'office'::text THEN ((( SELECT scope_all_cities() AS scope_all_cities) OR (city = ANY (( SELECT scope_cities() AS scope_cities)::text[]))) AND ((( SELECT scope_county() AS scope_county) IS NULL) OR (county = ( SELECT scope_county() AS scope_county))))
    WHEN 'school'::text THEN false
    ELSE false
END));

policy runner_all for all to zhongzhao_runner
  using (true);

policy scope_deletes for delete to zhongzhao_app
  using (
CASE ( SELECT scope_side() AS scope_side)
    WHEN 'office'::text THEN ((( SELECT scope_all_cities() AS scope_all_cities) OR (city = ANY (( SELECT scope_cities() AS scope_cities)::text[]))) AND ((( SELECT scope_county() AS scope_county) IS NULL) OR (county = ( SELECT scope_county() AS scope_county))))
    WHEN 'school'::text THEN false
    ELSE false
END);

policy scope_inserts for insert to zhongzhao_app
  with check (
CASE ( SELECT scope_side() AS scope_side)
    WHEN 'office'::text THEN ((( SELECT scope_all_cities() AS scope_all_cities) OR (city = ANY (( SELECT scope_cities() AS scope_cities)::text[]))) AND ((( SELECT scope_county() AS scope_county) IS NULL) OR (county = ( SELECT scope_county() AS scope_county))))
    WHEN 'school'::text THEN false
    ELSE false
END);

policy scope_reads for select to zhongzhao_app
  using (
CASE ( SELECT scope_side() AS scope_side)
    WHEN 'office'::text THEN ((( SELECT scope_all_cities() AS scope_all_cities) OR (city = ANY (( SELECT scope_cities() AS scope_cities)::text[]))) AND ((( SELECT scope_county() AS scope_county) IS NULL) OR (county = ( SELECT scope_county() AS scope_county))))
    WHEN 'school'::text THEN false
    ELSE false
END);

policy scope_updates for update to zhongzhao_app
  using (
CASE ( SELECT scope_side() AS scope_side)
    WHEN 'office'::text THEN ((( SELECT scope_all_cities() AS scope_all_cities) OR (city = ANY (( SELECT scope_cities() AS scope_cities)::text[]))) AND ((( SELECT scope_county() AS scope_county) IS NULL) OR (county = ( SELECT scope_county() AS scope_county))))
    WHEN 'school'::text THEN false
    ELSE false
END);

table relative_declarations (
  declaration integer not null generated as identity,
  season smallint not null,
  user_name text not null,
  relatives text[] not null,
  declared_at timestamp with time zone not null,
  lifted_at timestamp with time zone,
  lifted_by text,
  lifted_reason text,
  PRIMARY KEY (declaration),
  CHECK (((lifted_at IS NULL) = (lifted_by IS NULL))),
  CHECK (((lifted_at IS NULL) = (lifted_reason IS NULL))),
  FOREIGN KEY (season) REFERENCES seasons(season),
  FOREIGN KEY (user_name) REFERENCES users(user_name)
);

CREATE UNIQUE INDEX relative_declarations_open ON public.relative_declarations USING btree (season, user_name) WHERE (lifted_at IS NULL);

policy reader_reads for select to zhongzhao_reader
  using (((( SELECT NULLIF(((scope_side() = 'office'::text) AND (scope_county() IS NULL)), false) AS "nullif") IS NOT NULL) AND
CASE ( SELECT scope_side() AS scope_side)
    WHEN 'office'::text THEN (EXISTS ( SELECT
       FROM users u
      WHERE (u.user_name = relative_declarations.user_name)))
    WHEN 'school'::text THEN (user_name = ( SELECT scope_user() AS scope_user))
    ELSE false
END));

policy runner_all for all to zhongzhao_runner
  using (true);

policy scope_deletes for delete to zhongzhao_app
  using (
CASE ( SELECT scope_side() AS scope_side)
    WHEN 'office'::text THEN (EXISTS ( SELECT
       FROM users u
      WHERE (u.user_name = relative_declarations.user_name)))
    WHEN 'school'::text THEN (user_name = ( SELECT scope_user() AS scope_user))
    ELSE false
END);

policy scope_inserts for insert to zhongzhao_app
  with check (
CASE ( SELECT scope_side() AS scope_side)
    WHEN 'office'::text THEN (EXISTS ( SELECT
       FROM users u
      WHERE (u.user_name = relative_declarations.user_name)))
    WHEN 'school'::text THEN (user_name = ( SELECT scope_user() AS scope_user))
    ELSE false
END);

policy scope_reads for select to zhongzhao_app
  using (
CASE ( SELECT scope_side() AS scope_side)
    WHEN 'office'::text THEN (EXISTS ( SELECT
       FROM users u
      WHERE (u.user_name = relative_declarations.user_name)))
    WHEN 'school'::text THEN (user_name = ( SELECT scope_user() AS scope_user))
    ELSE false
END);

policy scope_updates for update to zhongzhao_app
  using (
CASE ( SELECT scope_side() AS scope_side)
    WHEN 'office'::text THEN (EXISTS ( SELECT
       FROM users u
      WHERE (u.user_name = relative_declarations.user_name)))
    WHEN 'school'::text THEN (user_name = ( SELECT scope_user() AS scope_user))
    ELSE false
END);

table report_reads (
  season smallint not null,
  read integer not null generated as identity,
  reader text not null,
  report text not null,
  parameters jsonb not null,
  candidate_no text,
  people integer not null,
  in_full boolean not null,
  purpose text not null,
  read_at timestamp with time zone not null,
  PRIMARY KEY (season, read),
  CHECK ((people >= 0)),
  FOREIGN KEY (season) REFERENCES seasons(season)
);

CREATE INDEX report_reads_of_candidate ON public.report_reads USING btree (season, candidate_no) WHERE (candidate_no IS NOT NULL);

CREATE TRIGGER append_only BEFORE DELETE OR UPDATE OR TRUNCATE ON public.report_reads FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();

policy reader_reads for select to zhongzhao_reader
  using (((( SELECT NULLIF(((scope_side() = 'office'::text) AND (scope_county() IS NULL)), false) AS "nullif") IS NOT NULL) AND
CASE ( SELECT scope_side() AS scope_side)
    WHEN 'office'::text THEN ( SELECT scope_all_cities() AS scope_all_cities)
    WHEN 'school'::text THEN false
    ELSE false
END));

policy runner_all for all to zhongzhao_runner
  using (true);

policy scope_deletes for delete to zhongzhao_app
  using (
CASE ( SELECT scope_side() AS scope_side)
    WHEN 'office'::text THEN false
    WHEN 'school'::text THEN false
    ELSE false
END);

policy scope_inserts for insert to zhongzhao_app
  with check (
CASE ( SELECT scope_side() AS scope_side)
    WHEN 'office'::text THEN false
    WHEN 'school'::text THEN false
    ELSE false
END);

policy scope_reads for select to zhongzhao_app
  using (
CASE ( SELECT scope_side() AS scope_side)
    WHEN 'office'::text THEN ( SELECT scope_all_cities() AS scope_all_cities)
    WHEN 'school'::text THEN false
    ELSE false
END);

policy scope_updates for update to zhongzhao_app
  using (
CASE ( SELECT scope_side() AS scope_side)
    WHEN 'office'::text THEN false
    WHEN 'school'::text THEN false
    ELSE false
END);

table roster_rows (
  season smallint not null,
  roster integer not null,
  seq integer not null,
  city text not null,
  file integer not null,
  candidate_no text not null,
  name text not null,
  sex text not null,
  birth_date date,
  identity_no text not null,
  county text not null,
  origin text not null,
  major text not null,
  major_name text not null,
  articulated boolean not null,
  total integer,
  PRIMARY KEY (season, roster, seq),
  FOREIGN KEY (season, roster) REFERENCES rosters(season, roster)
);

CREATE TRIGGER append_only BEFORE DELETE OR UPDATE OR TRUNCATE ON public.roster_rows FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();

policy reader_reads for select to zhongzhao_reader
  using (((( SELECT NULLIF(((scope_side() = 'office'::text) AND (scope_county() IS NULL)), false) AS "nullif") IS NOT NULL) AND
CASE ( SELECT scope_side() AS scope_side)
    WHEN 'office'::text THEN (EXISTS ( SELECT
       FROM rosters r
      WHERE ((r.season = roster_rows.season) AND (r.roster = roster_rows.roster))))
    WHEN 'school'::text THEN (EXISTS ( SELECT
       FROM rosters r
      WHERE ((r.season = roster_rows.season) AND (r.roster = roster_rows.roster))))
    ELSE false
END));

policy runner_all for all to zhongzhao_runner
  using (true);

policy scope_deletes for delete to zhongzhao_app
  using (
CASE ( SELECT scope_side() AS scope_side)
    WHEN 'office'::text THEN false
    WHEN 'school'::text THEN false
    ELSE false
END);

policy scope_inserts for insert to zhongzhao_app
  with check (
CASE ( SELECT scope_side() AS scope_side)
    WHEN 'office'::text THEN false
    WHEN 'school'::text THEN false
    ELSE false
END);

policy scope_reads for select to zhongzhao_app
  using (
CASE ( SELECT scope_side() AS scope_side)
    WHEN 'office'::text THEN (EXISTS ( SELECT
       FROM rosters r
      WHERE ((r.season = roster_rows.season) AND (r.roster = roster_rows.roster))))
    WHEN 'school'::text THEN (EXISTS ( SELECT
       FROM rosters r
      WHERE ((r.season = roster_rows.season) AND (r.roster = roster_rows.roster))))
    ELSE false
END);

policy scope_updates for update to zhongzhao_app
  using (
CASE ( SELECT scope_side() AS scope_side)
    WHEN 'office'::text THEN false
    WHEN 'school'::text THEN false
    ELSE false
END);

table rosters (
  season smallint not null,
  roster integer not null,
  city text not null,
  school text not null,
  phase text not null,
  version smallint not null,
  state text not null default 'issued'::text,
  row_count integer not null,
  hash text not null,
  issued_by text not null,
  issued_at timestamp with time zone not null,
  issued_on date not null,
  reviewed_by text,
  reviewed_at timestamp with time zone,
  review_reason text,
  filed_by text,
  filed_at timestamp with time zone,
  filed_on date,
  amended_by text,
  amended_at timestamp with time zone,
  amended_reason text,
  PRIMARY KEY (season, roster),
  CHECK ((reviewed_by <> issued_by)),
  CHECK (((state <> ALL (ARRAY['reviewed'::text, 'filed'::text, 'amended'::text])) OR (reviewed_by IS NOT NULL))),
  CHECK ((hash ~ '^[0-9a-f]{64}$'::text)),
  CHECK ((state = ANY (ARRAY['issued'::text, 'refused'::text, 'reviewed'::text, 'filed'::text, 'amended'::text, 'superseded'::text]))),
  CHECK ((version >= 1)),
  FOREIGN KEY (season) REFERENCES seasons(season)
);

CREATE UNIQUE INDEX rosters_in_force ON public.rosters USING btree (season, school, phase) WHERE (state = ANY (ARRAY['issued'::text, 'reviewed'::text, 'filed'::text]));

policy reader_reads for select to zhongzhao_reader
  using (((( SELECT NULLIF(((scope_side() = 'office'::text) AND (scope_county() IS NULL)), false) AS "nullif") IS NOT NULL) AND
CASE ( SELECT scope_side() AS scope_side)
    WHEN 'office'::text THEN ((( SELECT scope_all_cities() AS scope_all_cities) OR (city = ANY (( SELECT scope_cities() AS scope_cities)::text[]))) AND (( SELECT scope_county() AS scope_county) IS NULL))
    WHEN 'school'::text THEN (school = ( SELECT scope_school() AS scope_school))
    ELSE false
END));

policy runner_all for all to zhongzhao_runner
  using (true);

policy scope_deletes for delete to zhongzhao_app
  using (
CASE ( SELECT scope_side() AS scope_side)
    WHEN 'office'::text THEN ((( SELECT scope_all_cities() AS scope_all_cities) OR (city = ANY (( SELECT scope_cities() AS scope_cities)::text[]))) AND (( SELECT scope_county() AS scope_county) IS NULL) AND (EXISTS ( SELECT
       FROM schools s
      WHERE ((s.season = rosters.season) AND (s.code = rosters.school) AND (s.kind = ANY (( SELECT scope_kinds() AS scope_kinds)::text[]))))))
    WHEN 'school'::text THEN false
    ELSE false
END);

policy scope_inserts for insert to zhongzhao_app
  with check (
CASE ( SELECT scope_side() AS scope_side)
    WHEN 'office'::text THEN ((( SELECT scope_all_cities() AS scope_all_cities) OR (city = ANY (( SELECT scope_cities() AS scope_cities)::text[]))) AND (( SELECT scope_county() AS scope_county) IS NULL) AND (EXISTS ( SELECT
       FROM schools s
      WHERE ((s.season = rosters.season) AND (s.code = rosters.school) AND (s.kind = ANY (( SELECT scope_kinds() AS scope_kinds)::text[]))))))
    WHEN 'school'::text THEN false
    ELSE false
END);

policy scope_reads for select to zhongzhao_app
  using (
CASE ( SELECT scope_side() AS scope_side)
    WHEN 'office'::text THEN ((( SELECT scope_all_cities() AS scope_all_cities) OR (city = ANY (( SELECT scope_cities() AS scope_cities)::text[]))) AND (( SELECT scope_county() AS scope_county) IS NULL))
    WHEN 'school'::text THEN (school = ( SELECT scope_school() AS scope_school))
    ELSE false
END);

policy scope_updates for update to zhongzhao_app
  using (
CASE ( SELECT scope_side() AS scope_side)
    WHEN 'office'::text THEN ((( SELECT scope_all_cities() AS scope_all_cities) OR (city = ANY (( SELECT scope_cities() AS scope_cities)::text[]))) AND (( SELECT scope_county() AS scope_county) IS NULL) AND (EXISTS ( SELECT
       FROM schools s
      WHERE ((s.season = rosters.season) AND (s.code = rosters.school) AND (s.kind = ANY (( SELECT scope_kinds() AS scope_kinds)::text[]))))))
    WHEN 'school'::text THEN false
    ELSE false
END);

table rounds (
  season smallint not null,
  city text not null,
  batch text not null,
  round smallint not null,
  opened_on date not null,
  opened_by text not null,
  new_choices boolean not null default false,
  PRIMARY KEY (season, city, batch, round),
  CHECK ((round >= 2)),
  FOREIGN KEY (season) REFERENCES seasons(season)
);

policy reader_reads for select to zhongzhao_reader
  using (((( SELECT NULLIF(((scope_side() = 'office'::text) AND (scope_county() IS NULL)), false) AS "nullif") IS NOT NULL) AND
CASE ( SELECT scope_side() AS scope_side)
    WHEN 'office'::text THEN (( SELECT scope_all_cities() AS scope_all_cities) OR (city = ANY (( SELECT scope_cities() AS scope_cities)::text[])))
    WHEN 'school'::text THEN true
    ELSE false
END));

policy runner_all for all to zhongzhao_runner
  using (true);

policy scope_deletes for delete to zhongzhao_app
  using (
CASE ( SELECT scope_side() AS scope_side)
    WHEN 'office'::text THEN ((( SELECT scope_all_cities() AS scope_all_cities) OR (city = ANY (( SELECT scope_cities() AS scope_cities)::text[]))) AND (( SELECT scope_county() AS scope_county) IS NULL))
    WHEN 'school'::text THEN false
    ELSE false
END);

policy scope_inserts for insert to zhongzhao_app
  with check (
CASE ( SELECT scope_side() AS scope_side)
    WHEN 'office'::text THEN ((( SELECT scope_all_cities() AS scope_all_cities) OR (city = ANY (( SELECT scope_cities() AS scope_cities)::text[]))) AND (( SELECT scope_county() AS scope_county) IS NULL))
    WHEN 'school'::text THEN false
    ELSE false
END);

policy scope_reads for select to zhongzhao_app
  using (
CASE ( SELECT scope_side() AS scope_side)
    WHEN 'office'::text THEN (( SELECT scope_all_cities() AS scope_all_cities) OR (city = ANY (( SELECT scope_cities() AS scope_cities)::text[])))
    WHEN 'school'::text THEN true
    ELSE false
END);

policy scope_updates for update to zhongzhao_app
  using (
CASE ( SELECT scope_side() AS scope_side)
    WHEN 'office'::text THEN ((( SELECT scope_all_cities() AS scope_all_cities) OR (city = ANY (( SELECT scope_cities() AS scope_cities)::text[]))) AND (( SELECT scope_county() AS scope_county) IS NULL))
    WHEN 'school'::text THEN false
    ELSE false
END);

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
  on_demand boolean not null default false,
  os_user text not null default ''::text,
  request jsonb,
  launched_by text,
  PRIMARY KEY (run),
  CHECK ((state = ANY (ARRAY['running'::text, 'completed'::text, 'failed'::text, 'stopped'::text, 'refused'::text, 'superseded'::text, 'cancelled'::text]))),
  FOREIGN KEY (policy) REFERENCES policy_versions(id),
  FOREIGN KEY (season) REFERENCES seasons(season)
);

CREATE INDEX runs_by_date ON public.runs USING btree (season, business_date, job);

CREATE INDEX runs_by_end ON public.runs USING btree (season, ended_at);

CREATE INDEX runs_by_identity ON public.runs USING btree (season, identity, run);

CREATE UNIQUE INDEX runs_completed ON public.runs USING btree (season, identity) WHERE (state = 'completed'::text);

CREATE INDEX runs_launched ON public.runs USING btree (season, launched_by) WHERE (launched_by IS NOT NULL);

CREATE INDEX runs_of_dispatches ON public.runs USING btree (season, ((scope ->> 'city'::text))) WHERE ((job = ANY (ARRAY['dispatch'::text, 'dispatch-batch'::text, 'dispatch-school'::text])) AND (state = ANY (ARRAY['completed'::text, 'refused'::text])));

CREATE INDEX runs_of_people ON public.runs USING btree (run) INCLUDE (on_demand, job, actor, business_date);

CREATE INDEX runs_of_season_audit ON public.runs USING btree (season, COALESCE((scope ->> 'city'::text), ''::text), run) WHERE ((job = 'season-audit'::text) AND (state = 'completed'::text));

policy reader_reads for select to zhongzhao_reader
  using (((( SELECT NULLIF(((scope_side() = 'office'::text) AND (scope_county() IS NULL)), false) AS "nullif") IS NOT NULL) AND
CASE ( SELECT scope_side() AS scope_side)
    WHEN 'office'::text THEN (( SELECT scope_all_cities() AS scope_all_cities) OR ((scope ->> 'city'::text) = ANY (( SELECT scope_cities() AS scope_cities)::text[])))
    WHEN 'school'::text THEN (EXISTS ( SELECT
       FROM dispatch_lists l
      WHERE (l.run = runs.run)))
    ELSE false
END));

policy runner_all for all to zhongzhao_runner
  using (true);

policy scope_deletes for delete to zhongzhao_app
  using (
CASE ( SELECT scope_side() AS scope_side)
    WHEN 'office'::text THEN (( SELECT scope_all_cities() AS scope_all_cities) OR ((scope ->> 'city'::text) = ANY (( SELECT scope_cities() AS scope_cities)::text[])))
    WHEN 'school'::text THEN false
    ELSE false
END);

policy scope_inserts for insert to zhongzhao_app
  with check (
CASE ( SELECT scope_side() AS scope_side)
    WHEN 'office'::text THEN (( SELECT scope_all_cities() AS scope_all_cities) OR ((scope ->> 'city'::text) = ANY (( SELECT scope_cities() AS scope_cities)::text[])))
    WHEN 'school'::text THEN false
    ELSE false
END);

policy scope_reads for select to zhongzhao_app
  using (
CASE ( SELECT scope_side() AS scope_side)
    WHEN 'office'::text THEN (( SELECT scope_all_cities() AS scope_all_cities) OR ((scope ->> 'city'::text) = ANY (( SELECT scope_cities() AS scope_cities)::text[])))
    WHEN 'school'::text THEN (EXISTS ( SELECT
       FROM dispatch_lists l
      WHERE (l.run = runs.run)))
    ELSE false
END);

policy scope_updates for update to zhongzhao_app
  using (
CASE ( SELECT scope_side() AS scope_side)
    WHEN 'office'::text THEN (( SELECT scope_all_cities() AS scope_all_cities) OR ((scope ->> 'city'::text) = ANY (( SELECT scope_cities() AS scope_cities)::text[])))
    WHEN 'school'::text THEN false
    ELSE false
END);

table school_details (
  season smallint not null,
  school text not null,
  address text not null default ''::text,
  postcode text not null default ''::text,
  contact text not null default ''::text,
  phone text not null default ''::text,
  fax text not null default ''::text,
  email text not null default ''::text,
  website text not null default ''::text,
  bank text not null default ''::text,
  account_name text not null default ''::text,
  account_no text not null default ''::text,
  updated_by text not null,
  updated_at timestamp with time zone not null,
  PRIMARY KEY (season, school),
  FOREIGN KEY (season) REFERENCES seasons(season)
);

policy reader_reads for select to zhongzhao_reader
  using (((( SELECT NULLIF(((scope_side() = 'office'::text) AND (scope_county() IS NULL)), false) AS "nullif") IS NOT NULL) AND
CASE ( SELECT scope_side() AS scope_side)
    WHEN 'office'::text THEN true
    WHEN 'school'::text THEN (school = ( SELECT scope_school() AS scope_school))
    ELSE false
END));

policy runner_all for all to zhongzhao_runner
  using (true);

policy scope_deletes for delete to zhongzhao_app
  using (
CASE ( SELECT scope_side() AS scope_side)
    WHEN 'office'::text THEN (EXISTS ( SELECT
       FROM schools
      WHERE ((schools.season = school_details.season) AND (schools.code = school_details.school) AND (( SELECT scope_all_cities() AS scope_all_cities) OR (schools.region = ( SELECT scope_region() AS scope_region)) OR ((( SELECT scope_level() AS scope_level) = 'city'::text) AND (EXISTS ( SELECT
               FROM regions r
              WHERE ((r.code = schools.region) AND (r.parent = ( SELECT scope_region() AS scope_region))))))))))
    WHEN 'school'::text THEN false
    ELSE false
END);

policy scope_inserts for insert to zhongzhao_app
  with check (
CASE ( SELECT scope_side() AS scope_side)
    WHEN 'office'::text THEN (EXISTS ( SELECT
       FROM schools
      WHERE ((schools.season = school_details.season) AND (schools.code = school_details.school) AND (( SELECT scope_all_cities() AS scope_all_cities) OR (schools.region = ( SELECT scope_region() AS scope_region)) OR ((( SELECT scope_level() AS scope_level) = 'city'::text) AND (EXISTS ( SELECT
               FROM regions r
              WHERE ((r.code = schools.region) AND (r.parent = ( SELECT scope_region() AS scope_region))))))))))
    WHEN 'school'::text THEN false
    ELSE false
END);

policy scope_reads for select to zhongzhao_app
  using (
CASE ( SELECT scope_side() AS scope_side)
    WHEN 'office'::text THEN true
    WHEN 'school'::text THEN (school = ( SELECT scope_school() AS scope_school))
    ELSE false
END);

policy scope_updates for update to zhongzhao_app
  using (
CASE ( SELECT scope_side() AS scope_side)
    WHEN 'office'::text THEN (EXISTS ( SELECT
       FROM schools
      WHERE ((schools.season = school_details.season) AND (schools.code = school_details.school) AND (( SELECT scope_all_cities() AS scope_all_cities) OR (schools.region = ( SELECT scope_region() AS scope_region)) OR ((( SELECT scope_level() AS scope_level) = 'city'::text) AND (EXISTS ( SELECT
               FROM regions r
              WHERE ((r.code = schools.region) AND (r.parent = ( SELECT scope_region() AS scope_region))))))))))
    WHEN 'school'::text THEN false
    ELSE false
END);

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

policy reader_reads for select to zhongzhao_reader
  using (((( SELECT NULLIF(((scope_side() = 'office'::text) AND (scope_county() IS NULL)), false) AS "nullif") IS NOT NULL) AND ((( SELECT NULLIF(scope_all_cities(), false) AS "nullif") IS NOT NULL) OR (city = ANY (( SELECT scope_cities() AS scope_cities)::text[])))));

policy runner_all for all to zhongzhao_runner
  using (true);

policy scope_deletes for delete to zhongzhao_app
  using (
CASE ( SELECT scope_side() AS scope_side)
    WHEN 'office'::text THEN (( SELECT scope_all_cities() AS scope_all_cities) OR (city = ANY (( SELECT scope_cities() AS scope_cities)::text[])))
    WHEN 'school'::text THEN false
    ELSE false
END);

policy scope_inserts for insert to zhongzhao_app
  with check (
CASE ( SELECT scope_side() AS scope_side)
    WHEN 'office'::text THEN (( SELECT scope_all_cities() AS scope_all_cities) OR (city = ANY (( SELECT scope_cities() AS scope_cities)::text[])))
    WHEN 'school'::text THEN false
    ELSE false
END);

policy scope_reads for select to zhongzhao_app
  using (
CASE ( SELECT scope_side() AS scope_side)
    WHEN 'office'::text THEN (( SELECT scope_all_cities() AS scope_all_cities) OR (city = ANY (( SELECT scope_cities() AS scope_cities)::text[])))
    WHEN 'school'::text THEN ((school = ( SELECT scope_school() AS scope_school)) AND (EXISTS ( SELECT
       FROM dispatch_lists l
      WHERE ((l.season = school_outcomes.season) AND (l.city = school_outcomes.city) AND (l.run = school_outcomes.run) AND (l.school = school_outcomes.school)))))
    ELSE false
END);

policy scope_updates for update to zhongzhao_app
  using (
CASE ( SELECT scope_side() AS scope_side)
    WHEN 'office'::text THEN (( SELECT scope_all_cities() AS scope_all_cities) OR (city = ANY (( SELECT scope_cities() AS scope_cities)::text[])))
    WHEN 'school'::text THEN false
    ELSE false
END);

table school_schedules (
  season smallint not null,
  city text not null,
  school text not null,
  batch text not null,
  opens_at timestamp with time zone not null,
  closes_at timestamp with time zone not null,
  set_by text not null,
  set_at timestamp with time zone not null,
  PRIMARY KEY (season, city, school, batch),
  CHECK ((closes_at > opens_at)),
  FOREIGN KEY (season) REFERENCES seasons(season)
);

policy reader_reads for select to zhongzhao_reader
  using (((( SELECT NULLIF(((scope_side() = 'office'::text) AND (scope_county() IS NULL)), false) AS "nullif") IS NOT NULL) AND
CASE ( SELECT scope_side() AS scope_side)
    WHEN 'office'::text THEN (( SELECT scope_all_cities() AS scope_all_cities) OR (city = ANY (( SELECT scope_cities() AS scope_cities)::text[])))
    WHEN 'school'::text THEN (school = ( SELECT scope_school() AS scope_school))
    ELSE false
END));

policy runner_all for all to zhongzhao_runner
  using (true);

policy scope_deletes for delete to zhongzhao_app
  using (
CASE ( SELECT scope_side() AS scope_side)
    WHEN 'office'::text THEN ((( SELECT scope_all_cities() AS scope_all_cities) OR (city = ANY (( SELECT scope_cities() AS scope_cities)::text[]))) AND (( SELECT scope_county() AS scope_county) IS NULL) AND (EXISTS ( SELECT
       FROM schools s
      WHERE ((s.season = school_schedules.season) AND (s.code = school_schedules.school) AND (s.kind = ANY (( SELECT scope_kinds() AS scope_kinds)::text[]))))))
    WHEN 'school'::text THEN false
    ELSE false
END);

policy scope_inserts for insert to zhongzhao_app
  with check (
CASE ( SELECT scope_side() AS scope_side)
    WHEN 'office'::text THEN ((( SELECT scope_all_cities() AS scope_all_cities) OR (city = ANY (( SELECT scope_cities() AS scope_cities)::text[]))) AND (( SELECT scope_county() AS scope_county) IS NULL) AND (EXISTS ( SELECT
       FROM schools s
      WHERE ((s.season = school_schedules.season) AND (s.code = school_schedules.school) AND (s.kind = ANY (( SELECT scope_kinds() AS scope_kinds)::text[]))))))
    WHEN 'school'::text THEN false
    ELSE false
END);

policy scope_reads for select to zhongzhao_app
  using (
CASE ( SELECT scope_side() AS scope_side)
    WHEN 'office'::text THEN (( SELECT scope_all_cities() AS scope_all_cities) OR (city = ANY (( SELECT scope_cities() AS scope_cities)::text[])))
    WHEN 'school'::text THEN (school = ( SELECT scope_school() AS scope_school))
    ELSE false
END);

policy scope_updates for update to zhongzhao_app
  using (
CASE ( SELECT scope_side() AS scope_side)
    WHEN 'office'::text THEN ((( SELECT scope_all_cities() AS scope_all_cities) OR (city = ANY (( SELECT scope_cities() AS scope_cities)::text[]))) AND (( SELECT scope_county() AS scope_county) IS NULL) AND (EXISTS ( SELECT
       FROM schools s
      WHERE ((s.season = school_schedules.season) AND (s.code = school_schedules.school) AND (s.kind = ANY (( SELECT scope_kinds() AS scope_kinds)::text[]))))))
    WHEN 'school'::text THEN false
    ELSE false
END);

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

policy reader_reads for select to zhongzhao_reader
  using (((( SELECT NULLIF(((scope_side() = 'office'::text) AND (scope_county() IS NULL)), false) AS "nullif") IS NOT NULL) AND
CASE ( SELECT scope_side() AS scope_side)
    WHEN 'office'::text THEN true
    WHEN 'school'::text THEN true
    ELSE false
END));

policy runner_all for all to zhongzhao_runner
  using (true);

policy scope_deletes for delete to zhongzhao_app
  using (
CASE ( SELECT scope_side() AS scope_side)
    WHEN 'office'::text THEN (( SELECT scope_all_cities() AS scope_all_cities) OR ((region = ANY (( SELECT scope_cities() AS scope_cities)::text[])) AND (( SELECT scope_county() AS scope_county) IS NULL)))
    WHEN 'school'::text THEN false
    ELSE false
END);

policy scope_inserts for insert to zhongzhao_app
  with check (
CASE ( SELECT scope_side() AS scope_side)
    WHEN 'office'::text THEN (( SELECT scope_all_cities() AS scope_all_cities) OR ((region = ANY (( SELECT scope_cities() AS scope_cities)::text[])) AND (( SELECT scope_county() AS scope_county) IS NULL)))
    WHEN 'school'::text THEN false
    ELSE false
END);

policy scope_reads for select to zhongzhao_app
  using (
CASE ( SELECT scope_side() AS scope_side)
    WHEN 'office'::text THEN true
    WHEN 'school'::text THEN true
    ELSE false
END);

policy scope_updates for update to zhongzhao_app
  using (
CASE ( SELECT scope_side() AS scope_side)
    WHEN 'office'::text THEN (( SELECT scope_all_cities() AS scope_all_cities) OR ((region = ANY (( SELECT scope_cities() AS scope_cities)::text[])) AND (( SELECT scope_county() AS scope_county) IS NULL)))
    WHEN 'school'::text THEN false
    ELSE false
END);

table schools (
  season smallint not null,
  code text not null,
  name text not null,
  kind text not null,
  owner text,
  region text,
  supervisor text not null default ''::text,
  roster text not null default 'here'::text,
  disabled_at timestamp with time zone,
  disabled_by text,
  statuses_before jsonb,
  PRIMARY KEY (season, code),
  CHECK (((disabled_at IS NULL) = (disabled_by IS NULL))),
  CHECK ((kind = ANY (ARRAY['senior-high'::text, 'vocational'::text, 'technical'::text]))),
  CHECK ((owner = ANY (ARRAY['ministry'::text, 'province'::text, 'city'::text, 'county'::text, 'private'::text, 'out-of-province'::text]))),
  CHECK ((region <> ''::text)),
  CHECK ((roster = ANY (ARRAY['here'::text, 'external'::text]))),
  FOREIGN KEY (season) REFERENCES seasons(season)
);

policy reader_reads for select to zhongzhao_reader
  using (((( SELECT NULLIF(((scope_side() = 'office'::text) AND (scope_county() IS NULL)), false) AS "nullif") IS NOT NULL) AND true));

policy runner_all for all to zhongzhao_runner
  using (true);

policy scope_deletes for delete to zhongzhao_app
  using (
CASE ( SELECT scope_side() AS scope_side)
    WHEN 'office'::text THEN (( SELECT scope_all_cities() AS scope_all_cities) OR (region = ( SELECT scope_region() AS scope_region)) OR ((( SELECT scope_level() AS scope_level) = 'city'::text) AND (EXISTS ( SELECT
       FROM regions r
      WHERE ((r.code = schools.region) AND (r.parent = ( SELECT scope_region() AS scope_region)))))))
    WHEN 'school'::text THEN false
    ELSE false
END);

policy scope_inserts for insert to zhongzhao_app
  with check (
CASE ( SELECT scope_side() AS scope_side)
    WHEN 'office'::text THEN (( SELECT scope_all_cities() AS scope_all_cities) OR (region = ( SELECT scope_region() AS scope_region)) OR ((( SELECT scope_level() AS scope_level) = 'city'::text) AND (EXISTS ( SELECT
       FROM regions r
      WHERE ((r.code = schools.region) AND (r.parent = ( SELECT scope_region() AS scope_region)))))))
    WHEN 'school'::text THEN false
    ELSE false
END);

policy scope_reads for select to zhongzhao_app
  using (
CASE ( SELECT scope_side() AS scope_side)
    WHEN 'office'::text THEN true
    WHEN 'school'::text THEN true
    ELSE false
END);

policy scope_updates for update to zhongzhao_app
  using (
CASE ( SELECT scope_side() AS scope_side)
    WHEN 'office'::text THEN (( SELECT scope_all_cities() AS scope_all_cities) OR (region = ( SELECT scope_region() AS scope_region)) OR ((( SELECT scope_level() AS scope_level) = 'city'::text) AND (EXISTS ( SELECT
       FROM regions r
      WHERE ((r.code = schools.region) AND (r.parent = ( SELECT scope_region() AS scope_region)))))))
    WHEN 'school'::text THEN false
    ELSE false
END);

table score_corrections (
  season smallint not null,
  correction integer not null generated as identity,
  city text not null,
  file integer not null,
  state text not null default 'open'::text,
  marks_before integer[] not null,
  marks_after integer[] not null,
  total_before integer,
  total_after integer,
  affected jsonb not null,
  reason text not null,
  run integer,
  proposed_by text not null,
  proposed_at timestamp with time zone not null,
  decided_by text,
  decided_at timestamp with time zone,
  decision text,
  PRIMARY KEY (season, correction),
  CHECK ((state = ANY (ARRAY['open'::text, 'applied'::text, 'refused'::text]))),
  FOREIGN KEY (run) REFERENCES runs(run),
  FOREIGN KEY (season) REFERENCES seasons(season)
);

CREATE UNIQUE INDEX score_corrections_open ON public.score_corrections USING btree (season, city, file) WHERE (state = 'open'::text);

policy reader_reads for select to zhongzhao_reader
  using (((( SELECT NULLIF(((scope_side() = 'office'::text) AND (scope_county() IS NULL)), false) AS "nullif") IS NOT NULL) AND ((( SELECT NULLIF(scope_all_cities(), false) AS "nullif") IS NOT NULL) OR (city = ANY (( SELECT scope_cities() AS scope_cities)::text[])))));

policy runner_all for all to zhongzhao_runner
  using (true);

policy scope_deletes for delete to zhongzhao_app
  using (
CASE ( SELECT scope_side() AS scope_side)
    WHEN 'office'::text THEN ((( SELECT scope_all_cities() AS scope_all_cities) OR (city = ANY (( SELECT scope_cities() AS scope_cities)::text[]))) AND (( SELECT scope_county() AS scope_county) IS NULL))
    WHEN 'school'::text THEN false
    ELSE false
END);

policy scope_inserts for insert to zhongzhao_app
  with check (
CASE ( SELECT scope_side() AS scope_side)
    WHEN 'office'::text THEN ((( SELECT scope_all_cities() AS scope_all_cities) OR (city = ANY (( SELECT scope_cities() AS scope_cities)::text[]))) AND (( SELECT scope_county() AS scope_county) IS NULL))
    WHEN 'school'::text THEN false
    ELSE false
END);

policy scope_reads for select to zhongzhao_app
  using (
CASE ( SELECT scope_side() AS scope_side)
    WHEN 'office'::text THEN ((( SELECT scope_all_cities() AS scope_all_cities) OR (city = ANY (( SELECT scope_cities() AS scope_cities)::text[]))) AND ((( SELECT scope_county() AS scope_county) IS NULL) OR (EXISTS ( SELECT
       FROM county_files v
      WHERE ((v.season = score_corrections.season) AND (v.city = score_corrections.city) AND (v.file = score_corrections.file))))))
    WHEN 'school'::text THEN false
    ELSE false
END);

policy scope_updates for update to zhongzhao_app
  using (
CASE ( SELECT scope_side() AS scope_side)
    WHEN 'office'::text THEN ((( SELECT scope_all_cities() AS scope_all_cities) OR (city = ANY (( SELECT scope_cities() AS scope_cities)::text[]))) AND (( SELECT scope_county() AS scope_county) IS NULL))
    WHEN 'school'::text THEN false
    ELSE false
END);

table scores (
  season smallint not null,
  city text not null,
  file integer not null,
  marks integer[] not null,
  PRIMARY KEY (season, city, file)
);

policy reader_reads for select to zhongzhao_reader
  using (((( SELECT NULLIF(((scope_side() = 'office'::text) AND (scope_county() IS NULL)), false) AS "nullif") IS NOT NULL) AND ((( SELECT NULLIF(scope_all_cities(), false) AS "nullif") IS NOT NULL) OR (city = ANY (( SELECT scope_cities() AS scope_cities)::text[])))));

policy runner_all for all to zhongzhao_runner
  using (true);

policy scope_deletes for delete to zhongzhao_app
  using (
CASE ( SELECT scope_side() AS scope_side)
    WHEN 'office'::text THEN ((( SELECT scope_all_cities() AS scope_all_cities) OR (city = ANY (( SELECT scope_cities() AS scope_cities)::text[]))) AND ((( SELECT scope_county() AS scope_county) IS NULL) OR (EXISTS ( SELECT
       FROM county_files v
      WHERE ((v.season = scores.season) AND (v.city = scores.city) AND (v.file = scores.file))))))
    WHEN 'school'::text THEN false
    ELSE false
END);

policy scope_inserts for insert to zhongzhao_app
  with check (
CASE ( SELECT scope_side() AS scope_side)
    WHEN 'office'::text THEN ((( SELECT scope_all_cities() AS scope_all_cities) OR (city = ANY (( SELECT scope_cities() AS scope_cities)::text[]))) AND ((( SELECT scope_county() AS scope_county) IS NULL) OR (EXISTS ( SELECT
       FROM county_files v
      WHERE ((v.season = scores.season) AND (v.city = scores.city) AND (v.file = scores.file))))))
    WHEN 'school'::text THEN false
    ELSE false
END);

policy scope_reads for select to zhongzhao_app
  using (
CASE ( SELECT scope_side() AS scope_side)
    WHEN 'office'::text THEN ((( SELECT scope_all_cities() AS scope_all_cities) OR (city = ANY (( SELECT scope_cities() AS scope_cities)::text[]))) AND ((( SELECT scope_county() AS scope_county) IS NULL) OR (EXISTS ( SELECT
       FROM county_files v
      WHERE ((v.season = scores.season) AND (v.city = scores.city) AND (v.file = scores.file))))))
    WHEN 'school'::text THEN (EXISTS ( SELECT
       FROM school_files v
      WHERE ((v.season = scores.season) AND (v.city = scores.city) AND (v.file = scores.file))))
    ELSE false
END);

policy scope_updates for update to zhongzhao_app
  using (
CASE ( SELECT scope_side() AS scope_side)
    WHEN 'office'::text THEN ((( SELECT scope_all_cities() AS scope_all_cities) OR (city = ANY (( SELECT scope_cities() AS scope_cities)::text[]))) AND ((( SELECT scope_county() AS scope_county) IS NULL) OR (EXISTS ( SELECT
       FROM county_files v
      WHERE ((v.season = scores.season) AND (v.city = scores.city) AND (v.file = scores.file))))))
    WHEN 'school'::text THEN false
    ELSE false
END);

table seal_heads (
  season smallint not null,
  seal integer not null,
  city text not null,
  block integer not null,
  last_event integer not null,
  hash text not null,
  PRIMARY KEY (season, seal, city),
  FOREIGN KEY (season, seal) REFERENCES seals(season, seal)
);

CREATE TRIGGER append_only BEFORE DELETE OR UPDATE OR TRUNCATE ON public.seal_heads FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();

policy reader_reads for select to zhongzhao_reader
  using (((( SELECT NULLIF(((scope_side() = 'office'::text) AND (scope_county() IS NULL)), false) AS "nullif") IS NOT NULL) AND
CASE ( SELECT scope_side() AS scope_side)
    WHEN 'office'::text THEN (( SELECT scope_all_cities() AS scope_all_cities) OR (city = ANY (( SELECT scope_cities() AS scope_cities)::text[])))
    WHEN 'school'::text THEN false
    ELSE false
END));

policy runner_all for all to zhongzhao_runner
  using (true);

policy scope_deletes for delete to zhongzhao_app
  using (
CASE ( SELECT scope_side() AS scope_side)
    WHEN 'office'::text THEN false
    WHEN 'school'::text THEN false
    ELSE false
END);

policy scope_inserts for insert to zhongzhao_app
  with check (
CASE ( SELECT scope_side() AS scope_side)
    WHEN 'office'::text THEN false
    WHEN 'school'::text THEN false
    ELSE false
END);

policy scope_reads for select to zhongzhao_app
  using (
CASE ( SELECT scope_side() AS scope_side)
    WHEN 'office'::text THEN (( SELECT scope_all_cities() AS scope_all_cities) OR (city = ANY (( SELECT scope_cities() AS scope_cities)::text[])))
    WHEN 'school'::text THEN false
    ELSE false
END);

policy scope_updates for update to zhongzhao_app
  using (
CASE ( SELECT scope_side() AS scope_side)
    WHEN 'office'::text THEN false
    WHEN 'school'::text THEN false
    ELSE false
END);

table seals (
  season smallint not null,
  seal integer not null,
  business_date date not null,
  sealed_at timestamp with time zone not null,
  previous_hash text not null,
  hash text not null,
  run integer,
  PRIMARY KEY (season, seal),
  UNIQUE (season, business_date),
  CHECK ((hash ~ '^[0-9a-f]{64}$'::text)),
  CHECK ((seal >= 1)),
  FOREIGN KEY (run) REFERENCES runs(run),
  FOREIGN KEY (season) REFERENCES seasons(season)
);

CREATE TRIGGER append_only BEFORE DELETE OR UPDATE OR TRUNCATE ON public.seals FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();

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

policy reader_reads for select to zhongzhao_reader
  using (((( SELECT NULLIF(((scope_side() = 'office'::text) AND (scope_county() IS NULL)), false) AS "nullif") IS NOT NULL) AND ((( SELECT NULLIF(scope_all_cities(), false) AS "nullif") IS NOT NULL) OR (city = ANY (( SELECT scope_cities() AS scope_cities)::text[])))));

policy runner_all for all to zhongzhao_runner
  using (true);

policy scope_deletes for delete to zhongzhao_app
  using (
CASE ( SELECT scope_side() AS scope_side)
    WHEN 'office'::text THEN ((( SELECT scope_all_cities() AS scope_all_cities) OR (city = ANY (( SELECT scope_cities() AS scope_cities)::text[]))) AND ((( SELECT scope_county() AS scope_county) IS NULL) OR (EXISTS ( SELECT
       FROM county_files v
      WHERE ((v.season = senior_high_admissions.season) AND (v.city = senior_high_admissions.city) AND (v.file = senior_high_admissions.file))))))
    WHEN 'school'::text THEN false
    ELSE false
END);

policy scope_inserts for insert to zhongzhao_app
  with check (
CASE ( SELECT scope_side() AS scope_side)
    WHEN 'office'::text THEN ((( SELECT scope_all_cities() AS scope_all_cities) OR (city = ANY (( SELECT scope_cities() AS scope_cities)::text[]))) AND ((( SELECT scope_county() AS scope_county) IS NULL) OR (EXISTS ( SELECT
       FROM county_files v
      WHERE ((v.season = senior_high_admissions.season) AND (v.city = senior_high_admissions.city) AND (v.file = senior_high_admissions.file))))))
    WHEN 'school'::text THEN false
    ELSE false
END);

policy scope_reads for select to zhongzhao_app
  using (
CASE ( SELECT scope_side() AS scope_side)
    WHEN 'office'::text THEN ((( SELECT scope_all_cities() AS scope_all_cities) OR (city = ANY (( SELECT scope_cities() AS scope_cities)::text[]))) AND ((( SELECT scope_county() AS scope_county) IS NULL) OR (EXISTS ( SELECT
       FROM county_files v
      WHERE ((v.season = senior_high_admissions.season) AND (v.city = senior_high_admissions.city) AND (v.file = senior_high_admissions.file))))))
    WHEN 'school'::text THEN false
    ELSE false
END);

policy scope_updates for update to zhongzhao_app
  using (
CASE ( SELECT scope_side() AS scope_side)
    WHEN 'office'::text THEN ((( SELECT scope_all_cities() AS scope_all_cities) OR (city = ANY (( SELECT scope_cities() AS scope_cities)::text[]))) AND ((( SELECT scope_county() AS scope_county) IS NULL) OR (EXISTS ( SELECT
       FROM county_files v
      WHERE ((v.season = senior_high_admissions.season) AND (v.city = senior_high_admissions.city) AND (v.file = senior_high_admissions.file))))))
    WHEN 'school'::text THEN false
    ELSE false
END);

table sessions (
  token_hash text not null,
  user_name text not null,
  opened_at timestamp with time zone not null,
  last_seen_at timestamp with time zone not null,
  locked boolean not null default false,
  ended_at timestamp with time zone,
  PRIMARY KEY (token_hash),
  CHECK ((token_hash ~ '^[0-9a-f]{64}$'::text)),
  FOREIGN KEY (user_name) REFERENCES users(user_name)
);

CREATE INDEX sessions_open ON public.sessions USING btree (user_name) WHERE (ended_at IS NULL);

policy reader_reads for select to zhongzhao_reader
  using (((( SELECT NULLIF(((scope_side() = 'office'::text) AND (scope_county() IS NULL)), false) AS "nullif") IS NOT NULL) AND
CASE ( SELECT scope_side() AS scope_side)
    WHEN 'office'::text THEN (EXISTS ( SELECT
       FROM users u
      WHERE (u.user_name = sessions.user_name)))
    WHEN 'school'::text THEN (user_name = ( SELECT scope_user() AS scope_user))
    ELSE false
END));

policy runner_all for all to zhongzhao_runner
  using (true);

policy scope_deletes for delete to zhongzhao_app
  using (
CASE ( SELECT scope_side() AS scope_side)
    WHEN 'office'::text THEN (EXISTS ( SELECT
       FROM users u
      WHERE (u.user_name = sessions.user_name)))
    WHEN 'school'::text THEN (user_name = ( SELECT scope_user() AS scope_user))
    ELSE false
END);

policy scope_inserts for insert to zhongzhao_app
  with check (
CASE ( SELECT scope_side() AS scope_side)
    WHEN 'office'::text THEN (EXISTS ( SELECT
       FROM users u
      WHERE (u.user_name = sessions.user_name)))
    WHEN 'school'::text THEN (user_name = ( SELECT scope_user() AS scope_user))
    ELSE false
END);

policy scope_reads for select to zhongzhao_app
  using (
CASE ( SELECT scope_side() AS scope_side)
    WHEN 'office'::text THEN (EXISTS ( SELECT
       FROM users u
      WHERE (u.user_name = sessions.user_name)))
    WHEN 'school'::text THEN (user_name = ( SELECT scope_user() AS scope_user))
    ELSE false
END);

policy scope_updates for update to zhongzhao_app
  using (
CASE ( SELECT scope_side() AS scope_side)
    WHEN 'office'::text THEN (EXISTS ( SELECT
       FROM users u
      WHERE (u.user_name = sessions.user_name)))
    WHEN 'school'::text THEN (user_name = ( SELECT scope_user() AS scope_user))
    ELSE false
END);

table settings (
  key text not null,
  value jsonb not null,
  PRIMARY KEY (key)
);

policy reader_reads for select to zhongzhao_reader
  using (((( SELECT NULLIF(((scope_side() = 'office'::text) AND (scope_county() IS NULL)), false) AS "nullif") IS NOT NULL) AND
CASE ( SELECT scope_side() AS scope_side)
    WHEN 'office'::text THEN (key <> 'identity-key'::text)
    WHEN 'school'::text THEN (key <> 'identity-key'::text)
    ELSE false
END));

policy runner_all for all to zhongzhao_runner
  using (true);

policy scope_deletes for delete to zhongzhao_app
  using (
CASE ( SELECT scope_side() AS scope_side)
    WHEN 'office'::text THEN (key <> 'identity-key'::text)
    WHEN 'school'::text THEN false
    ELSE false
END);

policy scope_inserts for insert to zhongzhao_app
  with check (
CASE ( SELECT scope_side() AS scope_side)
    WHEN 'office'::text THEN (key <> 'identity-key'::text)
    WHEN 'school'::text THEN false
    ELSE false
END);

policy scope_reads for select to zhongzhao_app
  using (
CASE ( SELECT scope_side() AS scope_side)
    WHEN 'office'::text THEN (key <> 'identity-key'::text)
    WHEN 'school'::text THEN (key <> 'identity-key'::text)
    ELSE false
END);

policy scope_updates for update to zhongzhao_app
  using (
CASE ( SELECT scope_side() AS scope_side)
    WHEN 'office'::text THEN (key <> 'identity-key'::text)
    WHEN 'school'::text THEN false
    ELSE false
END);

table signed_reports (
  season smallint not null,
  report text not null,
  city text not null,
  day date not null,
  version smallint not null,
  state text not null,
  content jsonb,
  hash text,
  prepared_by text,
  prepared_at timestamp with time zone,
  reviewed_by text,
  reviewed_at timestamp with time zone,
  approved_by text,
  approved_at timestamp with time zone,
  published_by text,
  published_at timestamp with time zone,
  withdrawn_by text,
  withdrawn_at timestamp with time zone,
  withdrawn_reason text,
  PRIMARY KEY (season, report, city, day, version),
  CHECK (((state = 'open'::text) = (hash IS NULL))),
  CHECK (((hash IS NULL) = (content IS NULL))),
  CHECK ((hash ~ '^[0-9a-f]{64}$'::text)),
  CHECK ((state = ANY (ARRAY['open'::text, 'prepared'::text, 'reviewed'::text, 'approved'::text, 'published'::text, 'withdrawn'::text]))),
  CHECK ((version >= 1)),
  FOREIGN KEY (season) REFERENCES seasons(season)
);

CREATE UNIQUE INDEX signed_reports_in_force ON public.signed_reports USING btree (season, report, city, day) WHERE (state <> 'withdrawn'::text);

policy reader_reads for select to zhongzhao_reader
  using (((( SELECT NULLIF(((scope_side() = 'office'::text) AND (scope_county() IS NULL)), false) AS "nullif") IS NOT NULL) AND
CASE ( SELECT scope_side() AS scope_side)
    WHEN 'office'::text THEN (( SELECT scope_all_cities() AS scope_all_cities) OR (city = ANY (( SELECT scope_cities() AS scope_cities)::text[])))
    WHEN 'school'::text THEN false
    ELSE false
END));

policy runner_all for all to zhongzhao_runner
  using (true);

policy scope_deletes for delete to zhongzhao_app
  using (
CASE ( SELECT scope_side() AS scope_side)
    WHEN 'office'::text THEN ((( SELECT scope_all_cities() AS scope_all_cities) OR (city = ANY (( SELECT scope_cities() AS scope_cities)::text[]))) AND (( SELECT scope_county() AS scope_county) IS NULL))
    WHEN 'school'::text THEN false
    ELSE false
END);

policy scope_inserts for insert to zhongzhao_app
  with check (
CASE ( SELECT scope_side() AS scope_side)
    WHEN 'office'::text THEN ((( SELECT scope_all_cities() AS scope_all_cities) OR (city = ANY (( SELECT scope_cities() AS scope_cities)::text[]))) AND (( SELECT scope_county() AS scope_county) IS NULL))
    WHEN 'school'::text THEN false
    ELSE false
END);

policy scope_reads for select to zhongzhao_app
  using (
CASE ( SELECT scope_side() AS scope_side)
    WHEN 'office'::text THEN (( SELECT scope_all_cities() AS scope_all_cities) OR (city = ANY (( SELECT scope_cities() AS scope_cities)::text[])))
    WHEN 'school'::text THEN false
    ELSE false
END);

policy scope_updates for update to zhongzhao_app
  using (
CASE ( SELECT scope_side() AS scope_side)
    WHEN 'office'::text THEN ((( SELECT scope_all_cities() AS scope_all_cities) OR (city = ANY (( SELECT scope_cities() AS scope_cities)::text[]))) AND (( SELECT scope_county() AS scope_county) IS NULL))
    WHEN 'school'::text THEN false
    ELSE false
END);

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

policy reader_reads for select to zhongzhao_reader
  using (((( SELECT NULLIF(((scope_side() = 'office'::text) AND (scope_county() IS NULL)), false) AS "nullif") IS NOT NULL) AND
CASE ( SELECT scope_side() AS scope_side)
    WHEN 'office'::text THEN (( SELECT scope_all_cities() AS scope_all_cities) OR (city = ANY (( SELECT scope_cities() AS scope_cities)::text[])))
    WHEN 'school'::text THEN false
    ELSE false
END));

policy runner_all for all to zhongzhao_runner
  using (true);

policy scope_deletes for delete to zhongzhao_app
  using (
CASE ( SELECT scope_side() AS scope_side)
    WHEN 'office'::text THEN (( SELECT scope_all_cities() AS scope_all_cities) OR (city = ANY (( SELECT scope_cities() AS scope_cities)::text[])))
    WHEN 'school'::text THEN false
    ELSE false
END);

policy scope_inserts for insert to zhongzhao_app
  with check (
CASE ( SELECT scope_side() AS scope_side)
    WHEN 'office'::text THEN (( SELECT scope_all_cities() AS scope_all_cities) OR (city = ANY (( SELECT scope_cities() AS scope_cities)::text[])))
    WHEN 'school'::text THEN false
    ELSE false
END);

policy scope_reads for select to zhongzhao_app
  using (
CASE ( SELECT scope_side() AS scope_side)
    WHEN 'office'::text THEN (( SELECT scope_all_cities() AS scope_all_cities) OR (city = ANY (( SELECT scope_cities() AS scope_cities)::text[])))
    WHEN 'school'::text THEN false
    ELSE false
END);

policy scope_updates for update to zhongzhao_app
  using (
CASE ( SELECT scope_side() AS scope_side)
    WHEN 'office'::text THEN (( SELECT scope_all_cities() AS scope_all_cities) OR (city = ANY (( SELECT scope_cities() AS scope_cities)::text[])))
    WHEN 'school'::text THEN false
    ELSE false
END);

table snapshot_conflicts (
  season smallint not null,
  city text not null,
  snapshot integer not null,
  file integer not null,
  kind text not null,
  listed_school text,
  listed_major text,
  state text not null,
  school text,
  major text,
  PRIMARY KEY (season, city, snapshot, file)
);

policy reader_reads for select to zhongzhao_reader
  using (((( SELECT NULLIF(((scope_side() = 'office'::text) AND (scope_county() IS NULL)), false) AS "nullif") IS NOT NULL) AND ((( SELECT NULLIF(scope_all_cities(), false) AS "nullif") IS NOT NULL) OR (city = ANY (( SELECT scope_cities() AS scope_cities)::text[])))));

policy runner_all for all to zhongzhao_runner
  using (true);

policy scope_deletes for delete to zhongzhao_app
  using (
CASE ( SELECT scope_side() AS scope_side)
    WHEN 'office'::text THEN false
    WHEN 'school'::text THEN false
    ELSE false
END);

policy scope_inserts for insert to zhongzhao_app
  with check (
CASE ( SELECT scope_side() AS scope_side)
    WHEN 'office'::text THEN false
    WHEN 'school'::text THEN false
    ELSE false
END);

policy scope_reads for select to zhongzhao_app
  using (
CASE ( SELECT scope_side() AS scope_side)
    WHEN 'office'::text THEN ((( SELECT scope_all_cities() AS scope_all_cities) OR (city = ANY (( SELECT scope_cities() AS scope_cities)::text[]))) AND ((( SELECT scope_county() AS scope_county) IS NULL) OR (EXISTS ( SELECT
       FROM county_files v
      WHERE ((v.season = snapshot_conflicts.season) AND (v.city = snapshot_conflicts.city) AND (v.file = snapshot_conflicts.file))))))
    WHEN 'school'::text THEN false
    ELSE false
END);

policy scope_updates for update to zhongzhao_app
  using (
CASE ( SELECT scope_side() AS scope_side)
    WHEN 'office'::text THEN false
    WHEN 'school'::text THEN false
    ELSE false
END);

table snapshot_rows (
  season smallint not null,
  city text not null,
  snapshot integer not null,
  file integer not null,
  school text not null,
  major text not null,
  admitted_on date not null,
  status text not null,
  owned boolean not null default false,
  PRIMARY KEY (season, city, snapshot, file),
  CHECK ((status = ANY (ARRAY['staged'::text, 'new'::text, 'changed'::text, 'unchanged'::text, 'conflict'::text, 'kept'::text])))
);

policy reader_reads for select to zhongzhao_reader
  using (((( SELECT NULLIF(((scope_side() = 'office'::text) AND (scope_county() IS NULL)), false) AS "nullif") IS NOT NULL) AND ((( SELECT NULLIF(scope_all_cities(), false) AS "nullif") IS NOT NULL) OR (city = ANY (( SELECT scope_cities() AS scope_cities)::text[])))));

policy runner_all for all to zhongzhao_runner
  using (true);

policy scope_deletes for delete to zhongzhao_app
  using (
CASE ( SELECT scope_side() AS scope_side)
    WHEN 'office'::text THEN false
    WHEN 'school'::text THEN false
    ELSE false
END);

policy scope_inserts for insert to zhongzhao_app
  with check (
CASE ( SELECT scope_side() AS scope_side)
    WHEN 'office'::text THEN false
    WHEN 'school'::text THEN false
    ELSE false
END);

policy scope_reads for select to zhongzhao_app
  using (
CASE ( SELECT scope_side() AS scope_side)
    WHEN 'office'::text THEN ((( SELECT scope_all_cities() AS scope_all_cities) OR (city = ANY (( SELECT scope_cities() AS scope_cities)::text[]))) AND ((( SELECT scope_county() AS scope_county) IS NULL) OR (EXISTS ( SELECT
       FROM county_files v
      WHERE ((v.season = snapshot_rows.season) AND (v.city = snapshot_rows.city) AND (v.file = snapshot_rows.file))))))
    WHEN 'school'::text THEN false
    ELSE false
END);

policy scope_updates for update to zhongzhao_app
  using (
CASE ( SELECT scope_side() AS scope_side)
    WHEN 'office'::text THEN false
    WHEN 'school'::text THEN false
    ELSE false
END);

table snapshots (
  season smallint not null,
  city text not null,
  snapshot integer not null,
  business_date date not null,
  state text not null,
  previous integer,
  late boolean not null,
  declared_empty boolean not null,
  package_hash text,
  row_count integer not null,
  added integer not null,
  changed integer not null,
  vanished integer not null,
  unchanged integer not null,
  conflicts integer not null,
  arrived_by text not null,
  arrived_at timestamp with time zone not null,
  confirmed_by text,
  applied_at timestamp with time zone,
  run integer,
  PRIMARY KEY (season, city, snapshot),
  CHECK ((state = ANY (ARRAY['held'::text, 'applied'::text, 'superseded'::text]))),
  FOREIGN KEY (season) REFERENCES seasons(season)
);

policy reader_reads for select to zhongzhao_reader
  using (((( SELECT NULLIF(((scope_side() = 'office'::text) AND (scope_county() IS NULL)), false) AS "nullif") IS NOT NULL) AND
CASE ( SELECT scope_side() AS scope_side)
    WHEN 'office'::text THEN (( SELECT scope_all_cities() AS scope_all_cities) OR (city = ANY (( SELECT scope_cities() AS scope_cities)::text[])))
    WHEN 'school'::text THEN false
    ELSE false
END));

policy runner_all for all to zhongzhao_runner
  using (true);

policy scope_deletes for delete to zhongzhao_app
  using (
CASE ( SELECT scope_side() AS scope_side)
    WHEN 'office'::text THEN false
    WHEN 'school'::text THEN false
    ELSE false
END);

policy scope_inserts for insert to zhongzhao_app
  with check (
CASE ( SELECT scope_side() AS scope_side)
    WHEN 'office'::text THEN false
    WHEN 'school'::text THEN false
    ELSE false
END);

policy scope_reads for select to zhongzhao_app
  using (
CASE ( SELECT scope_side() AS scope_side)
    WHEN 'office'::text THEN (( SELECT scope_all_cities() AS scope_all_cities) OR (city = ANY (( SELECT scope_cities() AS scope_cities)::text[])))
    WHEN 'school'::text THEN false
    ELSE false
END);

policy scope_updates for update to zhongzhao_app
  using (
CASE ( SELECT scope_side() AS scope_side)
    WHEN 'office'::text THEN false
    WHEN 'school'::text THEN false
    ELSE false
END);

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

policy reader_reads for select to zhongzhao_reader
  using (((( SELECT NULLIF(((scope_side() = 'office'::text) AND (scope_county() IS NULL)), false) AS "nullif") IS NOT NULL) AND
CASE ( SELECT scope_side() AS scope_side)
    WHEN 'office'::text THEN (( SELECT scope_all_cities() AS scope_all_cities) OR (city = ANY (( SELECT scope_cities() AS scope_cities)::text[])))
    WHEN 'school'::text THEN true
    ELSE false
END));

policy runner_all for all to zhongzhao_runner
  using (true);

policy scope_deletes for delete to zhongzhao_app
  using (
CASE ( SELECT scope_side() AS scope_side)
    WHEN 'office'::text THEN ((( SELECT scope_all_cities() AS scope_all_cities) OR (city = ANY (( SELECT scope_cities() AS scope_cities)::text[]))) AND (( SELECT scope_county() AS scope_county) IS NULL))
    WHEN 'school'::text THEN false
    ELSE false
END);

policy scope_inserts for insert to zhongzhao_app
  with check (
CASE ( SELECT scope_side() AS scope_side)
    WHEN 'office'::text THEN ((( SELECT scope_all_cities() AS scope_all_cities) OR (city = ANY (( SELECT scope_cities() AS scope_cities)::text[]))) AND (( SELECT scope_county() AS scope_county) IS NULL))
    WHEN 'school'::text THEN false
    ELSE false
END);

policy scope_reads for select to zhongzhao_app
  using (
CASE ( SELECT scope_side() AS scope_side)
    WHEN 'office'::text THEN (( SELECT scope_all_cities() AS scope_all_cities) OR (city = ANY (( SELECT scope_cities() AS scope_cities)::text[])))
    WHEN 'school'::text THEN true
    ELSE false
END);

policy scope_updates for update to zhongzhao_app
  using (
CASE ( SELECT scope_side() AS scope_side)
    WHEN 'office'::text THEN ((( SELECT scope_all_cities() AS scope_all_cities) OR (city = ANY (( SELECT scope_cities() AS scope_cities)::text[]))) AND (( SELECT scope_county() AS scope_county) IS NULL))
    WHEN 'school'::text THEN false
    ELSE false
END);

table users (
  user_name text not null,
  side text not null,
  level text not null,
  region text not null,
  office text,
  school text,
  school_kinds text[],
  person text not null default ''::text,
  title text not null default ''::text,
  phone text not null default ''::text,
  email text not null default ''::text,
  duties text[] not null default '{}'::text[],
  password text not null,
  password_history text[] not null,
  must_change_password boolean not null default true,
  failed_sign_ins smallint not null default 0,
  locked_until timestamp with time zone,
  disabled_at timestamp with time zone,
  sample boolean not null default false,
  created_by text not null,
  created_at timestamp with time zone not null,
  last_signed_in_at timestamp with time zone,
  sex text not null default ''::text,
  unit text not null default ''::text,
  mobile text not null default ''::text,
  PRIMARY KEY (user_name),
  CHECK ((password_history[1] = password)),
  CHECK (((side = 'school'::text) = (level = 'school'::text))),
  CHECK (((side = 'school'::text) = (school IS NOT NULL))),
  CHECK (((side = 'office'::text) OR (office IS NULL))),
  CHECK ((level = ANY (ARRAY['province'::text, 'city'::text, 'county'::text, 'school'::text]))),
  CHECK ((sex = ANY (ARRAY[''::text, 'M'::text, 'F'::text]))),
  CHECK ((side = ANY (ARRAY['office'::text, 'school'::text]))),
  CHECK ((user_name ~ '^[A-Za-z0-9][A-Za-z0-9._-]{1,63}$'::text))
);

CREATE INDEX users_by_region ON public.users USING btree (region);

CREATE INDEX users_by_school ON public.users USING btree (school) WHERE (school IS NOT NULL);

policy reader_reads for select to zhongzhao_reader
  using (((( SELECT NULLIF(((scope_side() = 'office'::text) AND (scope_county() IS NULL)), false) AS "nullif") IS NOT NULL) AND
CASE ( SELECT scope_side() AS scope_side)
    WHEN 'office'::text THEN ((user_name = ( SELECT scope_user() AS scope_user)) OR (( SELECT scope_all_cities() AS scope_all_cities) OR (region = ( SELECT scope_region() AS scope_region)) OR ((( SELECT scope_level() AS scope_level) = 'city'::text) AND (EXISTS ( SELECT
       FROM regions r
      WHERE ((r.code = users.region) AND (r.parent = ( SELECT scope_region() AS scope_region))))))))
    WHEN 'school'::text THEN (school = ( SELECT scope_school() AS scope_school))
    ELSE false
END));

policy runner_all for all to zhongzhao_runner
  using (true);

policy scope_deletes for delete to zhongzhao_app
  using (
CASE ( SELECT scope_side() AS scope_side)
    WHEN 'office'::text THEN ((user_name = ( SELECT scope_user() AS scope_user)) OR ((( SELECT scope_all_cities() AS scope_all_cities) OR (region = ( SELECT scope_region() AS scope_region)) OR ((( SELECT scope_level() AS scope_level) = 'city'::text) AND (EXISTS ( SELECT
       FROM regions r
      WHERE ((r.code = users.region) AND (r.parent = ( SELECT scope_region() AS scope_region))))))) AND ((level <> 'province'::text) OR ( SELECT scope_all_cities() AS scope_all_cities))))
    WHEN 'school'::text THEN false
    ELSE false
END);

policy scope_inserts for insert to zhongzhao_app
  with check (
CASE ( SELECT scope_side() AS scope_side)
    WHEN 'office'::text THEN ((user_name = ( SELECT scope_user() AS scope_user)) OR ((( SELECT scope_all_cities() AS scope_all_cities) OR (region = ( SELECT scope_region() AS scope_region)) OR ((( SELECT scope_level() AS scope_level) = 'city'::text) AND (EXISTS ( SELECT
       FROM regions r
      WHERE ((r.code = users.region) AND (r.parent = ( SELECT scope_region() AS scope_region))))))) AND ((level <> 'province'::text) OR ( SELECT scope_all_cities() AS scope_all_cities))))
    WHEN 'school'::text THEN false
    ELSE false
END);

policy scope_reads for select to zhongzhao_app
  using (
CASE ( SELECT scope_side() AS scope_side)
    WHEN 'office'::text THEN ((user_name = ( SELECT scope_user() AS scope_user)) OR (( SELECT scope_all_cities() AS scope_all_cities) OR (region = ( SELECT scope_region() AS scope_region)) OR ((( SELECT scope_level() AS scope_level) = 'city'::text) AND (EXISTS ( SELECT
       FROM regions r
      WHERE ((r.code = users.region) AND (r.parent = ( SELECT scope_region() AS scope_region))))))))
    WHEN 'school'::text THEN (school = ( SELECT scope_school() AS scope_school))
    ELSE false
END);

policy scope_updates for update to zhongzhao_app
  using (
CASE ( SELECT scope_side() AS scope_side)
    WHEN 'office'::text THEN ((user_name = ( SELECT scope_user() AS scope_user)) OR ((( SELECT scope_all_cities() AS scope_all_cities) OR (region = ( SELECT scope_region() AS scope_region)) OR ((( SELECT scope_level() AS scope_level) = 'city'::text) AND (EXISTS ( SELECT
       FROM regions r
      WHERE ((r.code = users.region) AND (r.parent = ( SELECT scope_region() AS scope_region))))))) AND ((level <> 'province'::text) OR ( SELECT scope_all_cities() AS scope_all_cities))))
    WHEN 'school'::text THEN (user_name = ( SELECT scope_user() AS scope_user))
    ELSE false
END);

view county_files as
 SELECT season,
    city,
    file
   FROM candidates
  WHERE (county = ( SELECT scope_county() AS scope_county));

view school_files as
 SELECT season,
    city,
    file
   FROM files
  WHERE ((school = ( SELECT scope_school() AS scope_school)) AND (state <> ALL (ARRAY['dispatched'::text, 'in-pool'::text, 'held'::text])))
UNION ALL
 SELECT i.season,
    i.city,
    i.file
   FROM (dispatch_lists l
     JOIN list_items i USING (season, city, list))
  WHERE ((l.school = ( SELECT scope_school() AS scope_school)) AND (l.state = ANY (ARRAY['released'::text, 'submitted'::text, 'closed'::text])))
UNION ALL
 SELECT season,
    city,
    file
   FROM applications
  WHERE ((school = ( SELECT scope_school() AS scope_school)) AND (file IS NOT NULL));

grant delete, insert, select, update to zhongzhao_app on
  applications,
  batch_closings,
  candidate_numbers,
  choices,
  city_standings,
  daily_report_closings,
  dispatch_lists,
  duty_grants,
  flexible_quotas,
  function_grants,
  identities,
  inbox_arrivals,
  list_items,
  majors,
  number_counters,
  phase_vacancies,
  plan_lines,
  preferences,
  proposals,
  region_locks,
  registration_points,
  rounds,
  school_details,
  school_schedules,
  school_statuses,
  schools,
  score_corrections,
  scores,
  senior_high_admissions,
  snapshot_conflicts,
  snapshot_rows,
  snapshots,
  subjects;

grant insert, select, update to zhongzhao_app on
  candidates,
  city_principles,
  daily_reports,
  files,
  lottery_draws,
  notices,
  questions,
  relative_declarations,
  rosters,
  sessions,
  signed_reports,
  users;

grant select to zhongzhao_app on
  blocks,
  choice_counts,
  chooser_counts,
  county_files,
  decisions,
  events,
  fences,
  findings,
  imports,
  offices,
  overlay_signatures,
  policy_bases,
  policy_overlays,
  policy_versions,
  regions,
  report_reads,
  roster_rows,
  run_steps,
  runs,
  school_files,
  school_outcomes,
  seal_heads,
  seals,
  seasons,
  settings,
  situations;

grant select, usage to zhongzhao_app on
  applications_application_seq,
  file_ids,
  imports_import_seq,
  policy_versions_id_seq,
  proposals_proposal_seq,
  relative_declarations_declaration_seq,
  report_reads_read_seq,
  runs_run_seq,
  score_corrections_correction_seq;

grant select to zhongzhao_reader on
  applications,
  batch_closings,
  blocks,
  candidate_numbers,
  candidates,
  choice_counts,
  choices,
  chooser_counts,
  city_principles,
  city_standings,
  county_files,
  daily_report_closings,
  daily_reports,
  decisions,
  dispatch_lists,
  duty_grants,
  events,
  fences,
  files,
  findings,
  flexible_quotas,
  function_grants,
  identities,
  imports,
  inbox_arrivals,
  list_items,
  lottery_draws,
  majors,
  notices,
  number_counters,
  offices,
  overlay_signatures,
  phase_vacancies,
  plan_lines,
  policy_bases,
  policy_overlays,
  policy_versions,
  preferences,
  proposals,
  questions,
  region_locks,
  regions,
  registration_points,
  relative_declarations,
  report_reads,
  roster_rows,
  rosters,
  rounds,
  run_steps,
  runs,
  school_details,
  school_files,
  school_outcomes,
  school_schedules,
  school_statuses,
  schools,
  score_corrections,
  scores,
  seal_heads,
  seals,
  seasons,
  senior_high_admissions,
  sessions,
  settings,
  signed_reports,
  situations,
  snapshot_conflicts,
  snapshot_rows,
  snapshots,
  subjects,
  users;
