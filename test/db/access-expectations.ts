/** Who sees and writes which rows of the world of access-world.ts: a row's label per table. */

export const KINDS = ['province', 'city-440100', 'county-440103', 'school-4401001'] as const;
export type Kind = (typeof KINDS)[number];

export interface Expectation {
  readonly table: string;
  /** SQL: the label of a row. */
  readonly label: string;
  /** Labels by kind of user, joined by a space, in the order of KINDS. */
  readonly sees: readonly [string, string, string, string];
  readonly writes: readonly [string, string, string, string];
}

type Four = readonly [string, string, string, string];
const NOTHING: Four = ['', '', '', ''];

const PERSON: Four = ['1 2 3 4', '1 2', '1', '1'];
const PERSON_OFFICE: Four = ['1 2 3 4', '1 2', '1', ''];
const LISTED: Four = ['1 2 3', '1 2', '1', '1'];
const RUN: Four = ['1 2 3', '1 2', '1 2', ''];
const RUN_OF_SCHOOL: Four = ['1 2 3', '1 2', '1 2', '1'];
const CITIES = '440100 440400';
const PLAN = '440100:4401001 440100:4404001';
const PLANS = `${PLAN} 440400:4401001 440400:4404001`;
const PLANNED: Four = [PLANS, PLAN, PLAN, '440100:4401001 440400:4401001'];
const LISTS: Four = ['440100:1 440100:2 440400:1', '440100:1 440100:2', '440100:1 440100:2', ''];
const A_USERS =
  'city-440100 city-440100-2 county-440103 county-440104 school-4401001 school-4401001-clerk';
const USERS =
  `${A_USERS} city-440400 city-440400-2 county-440402 province province-2 ` +
  'school-4404001 school-4404001-clerk';
const SCHOOL_USERS = 'school-4401001 school-4401001-clerk';
const OF_USER: Four = [USERS, A_USERS, 'county-440103', 'school-4401001'];

const entry = (table: string, label: string, sees: Four, writes: Four = sees): Expectation => ({
  table,
  label,
  sees,
  writes,
});

const publicOfCity = (table: string, writes: Four = [CITIES, '440100', '', '']) =>
  entry(table, 'city', [CITIES, '440100', '440100', CITIES], writes);

const FOR_ALL = (all: string): Four => [all, all, all, all];

export const EXPECTATIONS: readonly Expectation[] = [
  entry('candidates', 'file', PERSON, PERSON_OFFICE),
  entry('candidate_numbers', 'file', PERSON, PERSON_OFFICE),
  entry('identities', 'file', PERSON),
  entry('scores', 'file', PERSON, PERSON_OFFICE),
  entry('preferences', 'file', PERSON, PERSON_OFFICE),
  entry('choices', 'file', ['1 2 3 4', '1 2', '1', '1 2 4'], PERSON_OFFICE),
  entry('choice_counts', 'ordinal', PERSON_OFFICE, NOTHING),
  entry(
    'chooser_counts',
    'county',
    ['440103 440104 440402', '440103 440104', '440103', ''],
    NOTHING,
  ),
  entry('senior_high_admissions', 'file', PERSON_OFFICE),
  entry('files', 'file', ['1 2 3 4', '1 2', '1', '1 4']),
  entry(
    'dispatch_lists',
    `city || ':' || list`,
    [LISTS[0], LISTS[1], LISTS[2], '440100:1'],
    [LISTS[0], LISTS[1], '', '440100:1'],
  ),
  entry('list_items', 'file', LISTED, ['1 2 3', '1 2', '', '']),
  entry('decisions', 'file', LISTED, NOTHING),
  entry('school_outcomes', 'run', RUN_OF_SCHOOL, NOTHING),
  entry('situations', 'run', RUN, NOTHING),
  entry('findings', 'run', RUN, NOTHING),
  entry('runs', 'run', RUN_OF_SCHOOL, NOTHING),
  entry('plan_lines', `city || ':' || school`, PLANNED, [PLANS, PLAN, '', '']),
  entry('flexible_quotas', `city || ':' || school`, PLANNED, [PLANS, PLAN, '', '']),
  entry(
    'events',
    `city || ':' || event`,
    [
      ':1 440100:1 440100:2 440100:3 440400:1',
      '440100:1 440100:2 440100:3',
      '440100:1',
      '440100:1',
    ],
    NOTHING,
  ),
  entry('report_reads', 'read', ['1', '', '', ''], NOTHING),
  entry('blocks', 'city', [CITIES, '440100', '440100', ''], NOTHING),
  entry('seal_heads', 'city', [CITIES, '440100', '440100', ''], NOTHING),
  entry('applications', 'file', ['1 3', '1', '1', '1'], ['1 3', '1', '', '1']),
  entry(
    'proposals',
    'city',
    [CITIES, '440100', '440100', '440100'],
    [CITIES, '440100', '440100', ''],
  ),
  entry(
    'school_schedules',
    `city || ':' || school`,
    [PLANS, PLAN, PLAN, '440100:4401001 440400:4401001'],
    [PLANS, PLAN, '', ''],
  ),
  entry('notices', 'notice', ['1 2 3', '1', '3', '1'], ['1 2 3', '1', '', '']),
  entry('questions', 'question', ['1 2', '1 2', '2', '1 2'], ['1 2', '1', '', '1']),
  entry('daily_reports', 'city', [CITIES, '440100', '440100', '440100'], ['', '', '', '440100']),
  entry(
    'daily_report_closings',
    'city',
    [CITIES, '440100', '440100', CITIES],
    [CITIES, '440100', '', ''],
  ),
  entry('rosters', 'roster', ['1 2 3', '1', '', '1 3'], ['1 2 3', '1', '', '']),
  entry('roster_rows', 'roster', ['1 2 3', '1', '', '1 3'], NOTHING),
  entry(
    'signed_reports',
    `'r' || city`,
    ['r r440100 r440400', 'r440100', 'r440100', ''],
    ['r r440100 r440400', 'r440100', '', ''],
  ),
  entry(
    'phase_vacancies',
    'school',
    ['4401001 4404001', '4401001 4404001', '4401001 4404001', '4401001'],
    NOTHING,
  ),
  entry('score_corrections', 'file', PERSON_OFFICE, ['1 2 3 4', '1 2', '', '']),
  entry('registration_points', 'code', ['p1 p2 p3', 'p1 p2', 'p1', '']),
  entry('duty_grants', 'region', ['440000 440100 440103 440400', '440100 440103', '440103', '']),
  entry(
    'school_details',
    'school',
    ['4401001 4404001', '4401001 4404001', '4401001 4404001', '4401001'],
    ['4401001 4404001', '4401001', '', ''],
  ),
  entry('snapshots', 'city', [CITIES, '440100', '440100', ''], NOTHING),
  entry('snapshot_rows', 'file', PERSON_OFFICE, NOTHING),
  entry('snapshot_conflicts', 'file', PERSON_OFFICE, NOTHING),
  entry('inbox_arrivals', 'city', [CITIES, '440100', '440100', ''], NOTHING),
  publicOfCity('subjects'),
  publicOfCity('city_standings'),
  publicOfCity('rounds'),
  publicOfCity('batch_closings'),
  publicOfCity('policy_overlays', NOTHING),
  publicOfCity('overlay_signatures', NOTHING),
  publicOfCity('lottery_draws'),
  entry('city_principles', 'city', [CITIES, '440100', '440100', ''], [CITIES, '440100', '', '']),
  entry('school_statuses', `'r' || region`, FOR_ALL('r r440100 r440400'), [
    'r r440100 r440400',
    'r440100',
    '',
    '',
  ]),
  entry('region_locks', 'region', FOR_ALL(CITIES), [CITIES, '440100', '', '']),
  entry('schools', 'code', FOR_ALL('4401001 4404001'), ['4401001 4404001', '4401001', '', '']),
  entry('majors', 'school', FOR_ALL('4401001 4404001'), ['4401001 4404001', '4401001', '', '']),
  entry('settings', 'key', FOR_ALL('clock'), NOTHING),
  entry('users', 'user_name', [USERS, A_USERS, 'county-440103', SCHOOL_USERS], OF_USER),
  entry('sessions', 'user_name', OF_USER),
  entry('relative_declarations', 'user_name', OF_USER),
  entry(
    'function_grants',
    'user_name',
    [USERS, A_USERS, 'county-440103', SCHOOL_USERS],
    [USERS, A_USERS, 'county-440103', ''],
  ),
];
