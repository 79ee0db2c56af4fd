/**
 * What offices and schools keep beside the files: notices 公告, questions 问题解答, daily reports
 * 招生日报, rosters 录取名册 and signed reports.
 *
 * Decisions that took thought:
 * - A roster's rows are copied, personal data included, instead of pointing at candidates: what was
 *   printed and filed must still be what it was when somebody corrects a name afterwards.
 * - A roster belongs to the office that files it, which is the school's and not the students':
 *   `rosters.city` is that of the office ('' the province), `roster_rows.city` the home city.
 * - A signed report keeps its rows for the same reason: who reviews, approves and publishes it
 *   signs what the first one prepared, not what the database has become meanwhile.
 */
import type { Knex } from 'knex';
import { CITY, kindInScope, OWN_SCHOOL, type Protection, protect, WHOLE_CITY } from './protect.ts';

export async function up(knex: Knex): Promise<void> {
  await knex.raw(TABLES);
  for (const [table, protection] of PROTECTIONS) await protect(knex, table, protection);
}

const TABLES = `
create table notices (
  season smallint not null references seasons,
  notice integer not null, -- numbered per season, without gaps
  city text not null, -- of the office that published it; '': the province
  title text not null,
  body text not null,
  levels text[] not null check (levels <@ '{province,city,county,school}' and levels <> '{}'),
  regions text[] not null, -- cities and counties; empty: all
  school_kinds text[] not null, -- empty: all
  pinned boolean not null default false,
  state text not null default 'published' check (state in ('published', 'withdrawn')),
  published_by text not null,
  published_at timestamptz not null,
  published_on date not null,
  withdrawn_by text,
  withdrawn_at timestamptz,
  withdrawn_reason text,
  primary key (season, notice),
  check ((state = 'withdrawn') = (withdrawn_by is not null))
);

create table questions (
  season smallint not null references seasons,
  question integer not null, -- numbered per season, without gaps
  city text not null, -- where the school lies; '': the province answers
  school text not null,
  title text not null,
  body text not null,
  state text not null default 'open' check (state in ('open', 'answered', 'closed')),
  asked_by text not null,
  asked_at timestamptz not null,
  asked_on date not null,
  assigned_to text,
  answer text,
  answered_by text,
  answered_at timestamptz,
  public boolean not null default false, -- everybody reads question and answer, not who asked
  closed_by text,
  closed_at timestamptz,
  closed_reason text,
  primary key (season, question),
  check (not public or answer is not null)
);
create index questions_by_school on questions (season, school);

create table daily_reports (
  season smallint not null references seasons,
  school text not null,
  day date not null,
  city text not null, -- where the school lies; '': outside the province
  admitted integer not null check (admitted >= 0), -- until the day's end
  registered integer not null check (registered >= 0), -- until the day's end
  admitted_that_day integer not null check (admitted_that_day >= 0),
  system_admitted integer not null, -- what the events say, when it was last filed
  system_registered integer not null,
  system_admitted_that_day integer not null,
  remark text not null default '',
  filed_by text not null,
  filed_at timestamptz not null,
  primary key (season, school, day)
);

-- A city's signature closes a day: its schools change nothing of it any more.
create table daily_report_closings (
  season smallint not null references seasons,
  city text not null,
  day date not null,
  closed_by text not null,
  closed_at timestamptz not null,
  primary key (season, city, day)
);

create table rosters (
  season smallint not null references seasons,
  roster integer not null, -- numbered per season, without gaps
  city text not null, -- of the office that files it; '': the province
  school text not null,
  phase text not null,
  version smallint not null check (version >= 1), -- from the second on it is marked 变更
  state text not null default 'issued'
    check (state in ('issued', 'refused', 'reviewed', 'filed', 'amended', 'superseded')),
  row_count integer not null,
  hash text not null check (hash ~ '^[0-9a-f]{64}$'), -- db/season/rosters.ts says of what
  issued_by text not null,
  issued_at timestamptz not null,
  issued_on date not null,
  reviewed_by text check (reviewed_by <> issued_by),
  reviewed_at timestamptz,
  review_reason text,
  filed_by text,
  filed_at timestamptz,
  filed_on date,
  amended_by text,
  amended_at timestamptz,
  amended_reason text,
  primary key (season, roster),
  check (state not in ('reviewed', 'filed', 'amended') or reviewed_by is not null)
);
create unique index rosters_in_force on rosters (season, school, phase)
  where state in ('issued', 'reviewed', 'filed');

create table roster_rows (
  season smallint not null,
  roster integer not null,
  seq integer not null,
  city text not null, -- home city
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
  total integer, -- hundredths
  primary key (season, roster, seq),
  foreign key (season, roster) references rosters (season, roster)
);

create table signed_reports (
  season smallint not null references seasons,
  report text not null,
  city text not null, -- '': of the whole province
  day date not null,
  version smallint not null check (version >= 1),
  state text not null
    check (state in ('open', 'prepared', 'reviewed', 'approved', 'published', 'withdrawn')),
  content jsonb, -- section → rows, as prepared
  hash text check (hash ~ '^[0-9a-f]{64}$'), -- of the content's canonical JSON
  prepared_by text,
  prepared_at timestamptz,
  reviewed_by text,
  reviewed_at timestamptz,
  approved_by text,
  approved_at timestamptz,
  published_by text,
  published_at timestamptz,
  withdrawn_by text,
  withdrawn_at timestamptz,
  withdrawn_reason text,
  primary key (season, report, city, day, version),
  check ((state = 'open') = (hash is null)),
  check ((hash is null) = (content is null))
);
create unique index signed_reports_in_force on signed_reports (season, report, city, day)
  where state <> 'withdrawn';

-- Students of a school. Partial: a night's dispatch, which writes none of these, is not slowed.
create index files_of_students on files (season, school)
  where state in ('admitted', 'registered', 'filed');
create index events_of_admissions on events (season, school)
  where to_state in ('admitted', 'registered', 'filed');

-- What was issued stays as it was issued; a later one takes its place. Nothing of the others is
-- deleted either: withdrawn, superseded and amended ones stay on record.
create trigger append_only before update or delete or truncate on roster_rows
  for each statement execute function refuse_change();
revoke insert, update, delete on roster_rows from zhongzhao_app;
revoke delete on notices, questions, daily_reports, rosters, signed_reports from zhongzhao_app;
`;

/** The reader's level, region and kinds are among those that the notice is addressed to. */
const ADDRESSED = `(state = 'published' and (select scope_level()) = any (levels)
  and (school_kinds = '{}' or school_kinds && (select scope_kinds())::text[])
  and (regions = '{}' or (select scope_region()) = any (regions)
    or exists (select from regions r where r.season = notices.season
      and r.code = (select scope_region()) and r.parent = any (notices.regions))))`;

const VISIBLE_ROSTER = `exists (select from rosters r
  where r.season = roster_rows.season and r.roster = roster_rows.roster)`;

const PROTECTIONS: readonly (readonly [string, Protection])[] = [
  [
    'notices',
    { office: `(${WHOLE_CITY} or ${ADDRESSED})`, school: ADDRESSED, officeWrites: WHOLE_CITY },
  ],
  [
    'questions',
    {
      office: `(${WHOLE_CITY} or public)`,
      school: `(${OWN_SCHOOL} or public)`,
      officeWrites: `${WHOLE_CITY} and ${kindInScope('questions')}`,
      schoolWrites: OWN_SCHOOL,
    },
  ],
  [
    'daily_reports',
    { office: CITY, school: OWN_SCHOOL, officeWrites: 'false', schoolWrites: OWN_SCHOOL },
  ],
  ['daily_report_closings', { office: CITY, school: 'true', officeWrites: WHOLE_CITY }],
  [
    'rosters',
    {
      office: WHOLE_CITY,
      school: OWN_SCHOOL,
      officeWrites: `${WHOLE_CITY} and ${kindInScope('rosters')}`,
    },
  ],
  ['roster_rows', { office: VISIBLE_ROSTER, school: VISIBLE_ROSTER, officeWrites: 'false' }],
  ['signed_reports', { office: CITY, officeWrites: WHOLE_CITY }],
];
