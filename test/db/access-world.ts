/**
 * Two cities, two schools, four candidates, and a row in every table that belongs to a city, a file
 * or a user; and what each kind of user may see and write of it.
 *
 * A (440100): candidates 1 (county 440103, read by school X on list 1) and 2 (county 440104, on X's
 * list 2, which is not released). B (440400): candidates 3 (read by school Y) and 4 (in the pool).
 */
import { ensureSampleUsers } from '../../db/access/sample-users.ts';
import { enterScope, leaveScope } from '../../db/access/scope.ts';
import { readUser, type User } from '../../db/access/user.ts';
import type { Database, Session } from '../../db/connect.ts';
import { readPolicyFolder } from '../../db/package/policy-folder.ts';
import { effectivePolicy, loadPolicy } from '../../engine/policy/load.ts';
import type { FullPolicy } from '../../engine/policy/types.ts';

export const SEASON = 2016;
export const AT = new Date('2016-07-15T02:00:00Z');
export const A = '440100';
export const B = '440400';

export function shippedPolicy(): FullPolicy {
  const folder = new URL('../../rules/guangdong-2016', import.meta.url).pathname;
  const { bundle } = loadPolicy(readPolicyFolder(folder));
  if (bundle === undefined) throw new Error('the shipped policy does not load');
  return effectivePolicy(bundle, null);
}

const HASH = 'a'.repeat(64);

const PLACES = `
insert into seasons (season) values (2016);
insert into settings values ('clock', '1'), ('identity-key', '"secret"');
insert into regions (season, code, name, parent, level) values
  (2016, '440000', '省', '', 'province'),
  (2016, '440100', '甲', '440000', 'city'), (2016, '440400', '乙', '440000', 'city'),
  (2016, '440103', '甲一', '440100', 'county'), (2016, '440104', '甲二', '440100', 'county'),
  (2016, '440402', '乙一', '440400', 'county');
insert into offices (season, code, name, kind, region, school_kinds) values
  (2016, 'ZB440100', '甲招办', 'admission', '440100', 'vocational');
insert into schools (season, code, name, kind, owner, region) values
  (2016, '4401001', 'X', 'vocational', 'city', '440100'),
  (2016, '4404001', 'Y', 'technical', 'city', '440400');
insert into majors (season, school, code, name) values
  (2016, '4401001', '01', 'm'), (2016, '4404001', '01', 'm');
insert into policy_bases values ('${HASH}', 2016, 1, '{}', '', now(), 'province');
insert into policy_overlays
  select 2016, city, 1, '${HASH}', '', '', now(), 'city'
    from unnest('{440100,440400}'::text[]) city;
insert into overlay_signatures
  select 2016, city, 1, 'province', null, now() from unnest('{440100,440400}'::text[]) city;
insert into city_principles (season, city, filing, document_hash, document_reference,
    overlay_version, signed_by, countersigned_by, filed_at, filed_on, late)
  select 2016, city, 1, '${HASH}', 'x', 1, 'x', 'y', now(), '2016-07-14', false
    from unnest('{440100,440400}'::text[]) city;
insert into lottery_draws (season, city, draw, batch, round, input_hash, published_by,
    published_at, published_on)
  select 2016, city, 1, 'b', 1, '${HASH}', 'x', now(), '2016-07-18'
    from unnest('{440100,440400}'::text[]) city;
insert into subjects (season, city, code, name, full_mark, position, slot)
  select 2016, city, '01', '语文', 100, 1, 1 from unnest('{440100,440400}'::text[]) city;
insert into city_standings (season, city)
  select 2016, city from unnest('{440100,440400}'::text[]) city;
insert into rounds select 2016, city, 'b', 2, '2016-07-25', 'x'
  from unnest('{440100,440400}'::text[]) city;
insert into batch_closings select 2016, city, 'b', '2016-07-29', 'x'
  from unnest('{440100,440400}'::text[]) city;
insert into region_locks select 2016, city, 'city', 'x', now(), 'x'
  from unnest('{440100,440400}'::text[]) city;
insert into plan_lines select 2016, city, school, '01', 'b', 5
  from unnest('{440100,440400}'::text[]) city, unnest('{4401001,4404001}'::text[]) school;
insert into flexible_quotas select 2016, city, school, 'b', 5
  from unnest('{440100,440400}'::text[]) city, unnest('{4401001,4404001}'::text[]) school;
insert into school_statuses (season, school, batch, region, status) values
  (2016, '4401001', 'b', '440100', 'open'), (2016, '4401001', 'b', '440400', 'open'),
  (2016, '4401001', 'b', '', 'open');
insert into duty_grants select region, 'data', 'x', true, 'x', now()
  from unnest('{440000,440100,440103,440400}'::text[]) region;
insert into school_details (season, school, updated_by, updated_at)
  select 2016, code, 'x', now() from schools;
insert into registration_points values (2016, 'p1', '甲一点', '440100', '440103'),
  (2016, 'p2', '甲二点', '440100', '440104'), (2016, 'p3', '乙一点', '440400', '440402');
`;

const PEOPLE = `
insert into candidates (season, city, file, candidate_no, name, sex, county, origin, total)
  values (2016, '440100', 1, '1', '某', 'F', '440103', 'fresh', 40000),
         (2016, '440100', 2, '2', '某', 'M', '440104', 'fresh', 40000),
         (2016, '440400', 3, '3', '某', 'F', '440402', 'fresh', 40000),
         (2016, '440400', 4, '4', '某', 'M', '440402', 'fresh', 40000);
insert into candidate_numbers select season, candidate_no, city, file from candidates;
insert into identities select season, decode('0' || candidate_no, 'hex'), city, file
  from candidates;
insert into scores select season, city, file, '{100}' from candidates;
insert into preferences select season, city, file, 'x' from candidates;
insert into score_corrections (season, city, file, marks_before, marks_after, affected, reason,
    proposed_by, proposed_at)
  select season, city, file, '{100}', '{200}', '[]', 'x', 'x', now() from candidates;
insert into choices select season, city, 'b', 1, file, 1,
  case file when 3 then '4404001' else '4401001' end, '', true from candidates;
insert into choice_counts select c.season, c.city, k.county, 'b', 1, c.school, c.file, 1, 1
  from choices c join candidates k using (season, city, file);
insert into chooser_counts select season, city, county, 'b', 1, count(*), count(*)
  from candidates group by season, city, county;
insert into senior_high_admissions select season, city, file, 's' from candidates;
insert into runs (season, job, identity, scope, business_date, attempt, state, fence, actor, host,
    pid, started_at)
  select 2016, 'dispatch', run::text, jsonb_build_object('city', city), '2016-07-20', 1,
         'completed', 1, 'schedule', 'h', 1, now()
    from (values (1, '440100'), (2, '440100'), (3, '440400')) r (run, city) order by run;
insert into dispatch_lists (season, city, list, run, batch, round, school, state, planned, flexible,
    room_before, room_after, sent, last_ordinal, overrun) values
  (2016, '440100', 1, 1, 'b', 1, '4401001', 'released', 5, 0, 5, 4, 1, 1, 0),
  (2016, '440100', 2, 2, 'b', 1, '4401001', 'draft', 5, 0, 5, 4, 1, 1, 0),
  (2016, '440400', 1, 3, 'b', 1, '4404001', 'released', 5, 0, 5, 4, 1, 1, 0);
insert into list_items (season, city, list, seq, file, ordinal) values
  (2016, '440100', 1, 1, 1, 1), (2016, '440100', 2, 1, 2, 1), (2016, '440400', 1, 1, 3, 1);
insert into decisions (season, city, run, file, candidate_no, school, reasons)
  select season, city, run, file, file::text, school, ''
    from dispatch_lists join list_items using (season, city, list);
insert into school_outcomes select season, city, run, school, 5, 0, 5, 4, 1, null, 1, 0, false
  from dispatch_lists;
insert into situations select season, city, run, 's', 'r', '1', 'pass', null, 1, '{}', '{}'
  from dispatch_lists;
insert into findings
  select season, run, 1, 'P1', 'error', city, 'b', run, '{}', 'nothing', '', '[]', 0
  from dispatch_lists;
insert into files (season, city, file, state, school, batch, list, event) values
  (2016, '440100', 1, 'reading', '4401001', 'b', 1, 1),
  (2016, '440100', 2, 'dispatched', '4401001', 'b', 2, 2),
  (2016, '440400', 3, 'reading', '4404001', 'b', 1, 1),
  (2016, '440400', 4, 'in-pool', null, null, null, 2);
insert into events (season, city, event, file, name, school, list, actor, at, business_date)
  select 2016, city, event, file, 'dispatch', school, list, 'x', now(), '2016-07-20'
    from (values ('440100', 1, 1, '4401001', 1), ('440100', 2, 2, '4401001', 2),
                 ('440100', 3, null, null, null), ('440400', 1, 3, '4404001', 1),
                 ('', 1, null, null, null)) e (city, event, file, school, list);
insert into seals values (2016, 1, '2016-07-20', now(), '', '${HASH}');
insert into seal_heads select 2016, 1, city, 1, 1, '${HASH}'
  from unnest('{440100,440400}'::text[]) city;
insert into proposals (season, function, input, city, school, proposed_by, proposed_at,
    business_date) values
  (2016, 'release-list', '{}', '440100', '4401001', 'x', now(), '2016-07-20'),
  (2016, 'release-list', '{}', '440400', '4404001', 'x', now(), '2016-07-20');
insert into applications (season, kind, subject, city, school, file, opened_by, opened_at,
    opened_on) values
  (2016, 'withdrawal', 'file|440100|1', '440100', '4401001', 1, 'x', now(), '2016-07-30'),
  (2016, 'withdrawal', 'file|440400|3', '440400', '4404001', 3, 'x', now(), '2016-07-30');
insert into report_reads (season, reader, report, parameters, candidate_no, people, in_full,
    purpose, read_at) values (2016, 'x', 'candidate-trail', '{}', '1', 1, true, '', now());
insert into number_counters values (2016, 'letter|4401001', 1);
insert into school_schedules
  select 2016, city, school, 'b', '2016-07-20', '2016-07-29', 'x', now()
    from unnest('{440100,440400}'::text[]) city, unnest('{4401001,4404001}'::text[]) school;
insert into phase_vacancies values (2016, 'phase-2', '4401001', '2016-08-20', 5, 3, 2),
  (2016, 'phase-2', '4404001', '2016-08-20', 5, 5, 0);
insert into snapshots (season, city, snapshot, business_date, state, late, declared_empty,
    row_count, added, changed, vanished, unchanged, conflicts, arrived_by, arrived_at)
  select 2016, city, 1, '2016-07-20', 'applied', false, false, 1, 1, 0, 0, 0, 0, 'x', now()
    from unnest('{440100,440400}'::text[]) city;
insert into snapshot_rows
  select season, city, 1, file, '4401001', '01', '2016-07-20', 'new', true from candidates;
insert into snapshot_conflicts select season, city, 1, file, 'registered', null, null, 'registered'
  from candidates;
insert into inbox_arrivals
  select 2016, city, 'import', '2016-07-20', min(run), '2016-07-20', now(), 'accepted', false, null,
    0, 0, null
  from runs, unnest('{440100,440400}'::text[]) city group by city;
insert into blocks select 2016, city, 1, 1, 1, '', '' from unnest('{440100,440400}'::text[]) city;
`;

const DESK = `
insert into notices (season, notice, city, title, body, levels, regions, school_kinds, published_by,
    published_at, published_on) values
  (2016, 1, '440100', 't', 'b', '{school}', '{440100}', '{}', 'x', now(), '2016-07-20'),
  (2016, 2, '440400', 't', 'b', '{school,county}', '{440400}', '{}', 'x', now(), '2016-07-20'),
  (2016, 3, '', 't', 'b', '{county}', '{440100}', '{}', 'x', now(), '2016-07-20');
insert into questions (season, question, city, school, title, body, asked_by, asked_at, asked_on,
    answer, public) values
  (2016, 1, '440100', '4401001', 't', 'b', 'x', now(), '2016-07-20', null, false),
  (2016, 2, '440400', '4404001', 't', 'b', 'x', now(), '2016-07-20', 'a', true);
insert into daily_reports
  select 2016, school, '2016-07-20', city, 1, 1, 1, 1, 1, 1, '', 'x', now()
    from (values ('440100', '4401001'), ('440400', '4404001')) s (city, school);
insert into daily_report_closings
  select 2016, city, '2016-07-20', 'x', now() from unnest('{440100,440400}'::text[]) city;
insert into rosters (season, roster, city, school, phase, version, row_count, hash, issued_by,
    issued_at, issued_on)
  select 2016, roster, city, school, phase, 1, 1, '${HASH}', 'x', now(), '2016-09-08'
    from (values (1, '440100', '4401001', 'p1'), (2, '440400', '4404001', 'p1'),
                 (3, '', '4401001', 'p2')) r (roster, city, school, phase);
insert into roster_rows
  select 2016, roster, 1, '440400', 4, '4', '某', 'F', null, '', '', 'fresh', '01', 'm', false, 1
    from rosters;
insert into signed_reports (season, report, city, day, version, state)
  select 2016, 'r', city, '2016-07-20', 1, 'open' from unnest('{"",440100,440400}'::text[]) city;
`;

const USERS = `
insert into sessions
  select encode(sha256(user_name::bytea), 'hex'), user_name, now(), now() from users;
insert into function_grants select user_name, 'x', true, 'x', now() from users;
insert into relative_declarations (season, user_name, relatives, declared_at)
  select 2016, user_name, '{}', now() from users;
`;

/** Fills a fresh database. */
export async function fillWorld(database: Database): Promise<void> {
  await database.transaction(async session => {
    await session.query(PLACES);
    await session.query(PEOPLE);
    await session.query(DESK);
    await ensureSampleUsers(session, SEASON, AT);
    await session.query(USERS);
  });
}

const POLICY = shippedPolicy();

export async function userOf(database: Database, name: string): Promise<User> {
  const user = await database.session(session => readUser(session, SEASON, name, POLICY));
  if (user === null) throw new Error(`no user ${name}`);
  return user;
}

/** Does the work as the user; what it did is rolled back. */
export async function tryAs<T>(
  session: Session,
  user: User,
  work: () => Promise<T>,
  purpose: 'act' | 'read' = 'act',
): Promise<T | { readonly refused: string }> {
  await session.query('savepoint attempt');
  try {
    await enterScope(session, user, purpose);
    return await work();
  } catch (error) {
    return { refused: String((error as { code?: unknown }).code) };
  } finally {
    await session.query('rollback to savepoint attempt');
    await leaveScope(session);
  }
}
