/**
 * 注册与注销、修改注册考生专业、注销已注册考生、重新开放注册: what happens to a student between the
 * admission and the filing of the roster.
 */
import t from 'tap';
import { adopt, policyFiles, SEASON } from '../jobs/night-world.ts';
import { actWorld, refused } from './act-world.ts';
import {
  filesOfList,
  type ListedFile,
  type ReleasedList,
  releaseLists,
  standing,
} from './released.ts';

const CITY = '440400';
const OFFICER = `city-${CITY}`;
const world = await actWorld(t, { candidates: 1000, dispatched: true });
const [long, second] = (await releaseLists(world, CITY)) as [ReleasedList, ReleasedList];
const LEADER = `school-${long.school}`;
const CLERK = `${LEADER}-clerk`;
const HASH = 'a'.repeat(64);

/** Both schools admit all whom they were sent; no officer has to look at them. */
t.before(async () => {
  for (const list of [long, second]) {
    const place = { city: CITY, list: list.list };
    const candidates = (await filesOfList(world, list)).map(file => file.candidate);
    const user = `school-${list.school}`;
    await world.do(user, 'decide-files', { ...place, candidates, decision: 'admit' });
    await world.do(user, 'submit-dispatch-list', place);
  }
});
const students = (await filesOfList(world, long)).filter(file => file.origin === 'fresh');
const nth = (index: number) => students[index] as ListedFile;
const register = (...candidates: string[]) => ({ candidates });
const undo = (...candidates: string[]) => ({ candidates, action: 'undo' });
const act = (user: string, id: string, input: object) => [user, id, input as never] as const;
const set = (candidate: string, column: string, value: unknown) =>
  world.query(
    `update files f set ${column} = $2 from candidate_numbers n
     where n.season = f.season and n.city = f.city and n.file = f.file and n.candidate_no = $1`,
    [candidate, value],
  );

t.test('a school confirms who has arrived, and takes a confirmation back', async t => {
  world.at = '2016-08-25T09:00';
  const [one, two] = [nth(0).candidate, nth(1).candidate];
  const { answer } = await world.do(CLERK, 'register-students', register(one, two));
  t.match(answer.counts, { done: 2, unchanged: 0 });
  t.match(await standing(world, one), {
    state: 'registered',
    event_name: 'register',
    from_state: 'admitted',
    actor: CLERK,
    phase: 'phase-1',
  });
  const again = await world.do(CLERK, 'register-students', register(one));
  t.match(again.answer, { counts: { done: 0, unchanged: 1 }, lines: [/未变/] });
  await world.do(LEADER, 'register-students', undo(two));
  t.match(await standing(world, two), { state: 'admitted', event_name: 'undo-registration' });
  const twice = await world.do(LEADER, 'register-students', undo(two));
  t.match(twice.answer.counts, { done: 0, unchanged: 1 });
});

t.test('register-students refuses whom it does not concern, wholly', async t => {
  const [free] = await world.query<{ candidate: string }>(
    `select c.candidate_no as candidate from candidates c
     left join files f using (season, city, file)
     where f.file is null limit 1`,
  );
  const pool = free?.candidate as string;
  const [foreign] = await filesOfList(world, second);
  const id = 'register-students';
  await refused(t, world, act(LEADER, id, register(nth(1).candidate, pool)), 'not-admitted');
  await refused(t, world, act(LEADER, id, undo(pool)), 'not-registered');
  const other = register(nth(1).candidate, foreign?.candidate as string);
  await refused(t, world, act(LEADER, id, other), 'out-of-scope');
  await refused(t, world, act(OFFICER, id, register(nth(1).candidate)), 'wrong-side');
  await refused(t, world, act(LEADER, id, register('169999999999')), 'unknown-candidate');
  await set(nth(1).candidate, 'open_applications', 1);
  await refused(t, world, act(LEADER, id, register(nth(1).candidate)), 'application-open');
  await set(nth(1).candidate, 'open_applications', 0);
});

t.test('after the last day only an office reopens registration, before the sweep', async t => {
  const { candidate } = nth(2);
  const reopen = (more: object = {}) => ({ candidates: [candidate], reason: '住院治疗', ...more });
  const refuseReopen = (code: string, more: object = {}, user = OFFICER) =>
    refused(t, world, act(user, 'reopen-registration', reopen(more)), code);
  world.at = '2016-08-30T23:59';
  await refuseReopen('deadline-not-passed');
  world.at = '2016-08-31T09:00';
  for (const input of [register(candidate), undo(nth(0).candidate)]) {
    await refused(t, world, act(LEADER, 'register-students', input), 'window-closed');
  }
  await refuseReopen('beyond-sweep', { until: '2016-09-01' });
  await refuseReopen('beyond-sweep', { until: '2016-08-30' });
  await refuseReopen('wrong-input', { reason: undefined });
  await refuseReopen('out-of-scope', {}, 'city-440600');
  await refuseReopen('not-admitted', { candidates: [nth(0).candidate] });
  await world.do(OFFICER, 'reopen-registration', reopen());
  const reopened = await standing(world, candidate);
  t.match(reopened, {
    state: 'admitted',
    reopened_until: '2016-08-31',
    event_name: 'reopen-registration',
    note: { until: '2016-08-31', reason: '住院治疗' },
  });
  await world.do(LEADER, 'register-students', register(candidate));
  t.match(await standing(world, candidate), { state: 'registered' });
  await refuseReopen('not-admitted');
});

t.test('a transferred student has a last day of his own', async t => {
  const { candidate } = nth(3);
  await set(candidate, 'register_by', '2016-09-12');
  world.at = '2016-09-13T09:00';
  await refused(t, world, act(LEADER, 'register-students', register(candidate)), 'window-closed');
  world.at = '2016-09-12T09:00';
  await world.do(LEADER, 'register-students', register(candidate));
  t.match(await standing(world, candidate), { state: 'registered' });
  world.at = '2016-08-25T09:00';
});

t.test('a registered student changes the major where there is room, once told why', async t => {
  const { candidate, suggested } = nth(0);
  const change = (major: string) => ({ candidate_no: candidate, major });
  const id = 'change-registered-major';
  const lines = await world.query<{ major: string; articulated: boolean }>(
    `select p.major, m.articulated from plan_lines p
     join majors m on m.season = p.season and m.school = p.school and m.code = p.major
     where p.city = $1 and p.school = $2 order by p.major`,
    [CITY, long.school],
  );
  const own = lines.find(line => line.major === suggested);
  const target = lines.find(
    line => line.major !== suggested && line.articulated === own?.articulated,
  )?.major as string;
  const planned = (places: number) =>
    world.query(
      'update plan_lines set planned = $4 where city = $1 and school = $2 and major = $3',
      [CITY, long.school, target, places],
    );
  await world.query('update flexible_quotas set places = 0 where school = $1', [long.school]);
  await planned(0);
  await refused(t, world, act(LEADER, id, change(target)), 'over-plan');
  await planned(500);
  await refused(t, world, act(LEADER, id, change('9999')), 'unknown-major');
  await world.query(
    `insert into majors (season, school, code, name) values (${SEASON}, $1, '98', '无计划专业')`,
    [long.school],
  );
  await refused(t, world, act(LEADER, id, change('98')), 'no-plan');
  await refused(t, world, act(`school-${second.school}`, id, change(target)), 'out-of-scope');
  const admitted = { candidate_no: nth(1).candidate, major: target };
  await refused(t, world, act(LEADER, id, admitted), 'not-registered');
  await world.do(LEADER, id, change(target));
  t.match(await standing(world, candidate), {
    state: 'registered',
    major: target,
    event_name: id,
    event_major: target,
    decision: 'phase-1-within-plan',
    note: { from: suggested },
  });
  const same = await world.do(LEADER, id, change(target));
  t.match(same.answer.lines, [/未变/]);
});

t.test('into or out of 3+2 needs an approved paper, which is used once', async t => {
  const { candidate, file } = nth(0);
  const { major: from } = (await standing(world, candidate)) as { major: string };
  const id = 'change-registered-major';
  await world.query(
    `insert into majors (season, school, code, name, articulated, college)
     values (${SEASON}, $1, '97', '三二分段专业', true, '某学院')`,
    [long.school],
  );
  await world.query(
    `insert into plan_lines (season, city, school, major, batch, planned)
     values (${SEASON}, $1, $2, '97', 'vocational', 5)`,
    [CITY, long.school],
  );
  const change = { candidate_no: candidate, major: '97' };
  const asked = (more: object = {}) => ({
    ...{ candidate_no: candidate, batch: 'vocational', major: '97', ground: 'articulated' },
    ...{ request_hash: HASH, request_reference: '卷宗 12', ...more },
  });
  const refuse = (code: string, more?: object) =>
    refused(t, world, act(LEADER, 'apply-approval-paper', asked(more)), code);
  await refused(t, world, act(LEADER, id, change), 'articulated-needs-approval');
  // A paper for a dispatch is none for a change of major.
  await world.query(
    `insert into applications (season, kind, subject, state, city, school, file, major, opened_by,
       opened_at, opened_on, note)
     values (${SEASON}, 'approval-paper', 'file', 'approved', $1, $2, $3, '97', $4, now(), $5,
       '{"ground":"below-line"}')`,
    [CITY, long.school, file, LEADER, '2016-08-24'],
  );
  await refused(t, world, act(LEADER, id, change), 'articulated-needs-approval');
  await refuse('articulated-same', { major: from });
  await refuse('not-signed', { request_hash: undefined, request_reference: undefined });
  await refuse('not-registered-here', { candidate_no: nth(1).candidate });
  const { answer } = await world.do(LEADER, 'apply-approval-paper', asked());
  const { application } = answer.values as { application: number };
  await refuse('application-open');
  await refused(t, world, act(LEADER, id, change), 'articulated-needs-approval');
  await world.do(OFFICER, 'review-approval-paper', { application, verdict: 'approve' });
  await world.do(LEADER, id, change);
  t.match(await standing(world, candidate), { major: '97', note: { from, application } });
  const papers = await world.query('select state from applications order by application');
  t.same(papers, [{ state: 'approved' }, { state: 'used' }]);
  const back = { candidate_no: candidate, major: from };
  await refused(t, world, act(LEADER, id, back), 'articulated-needs-approval');
});

t.test('a registration is cancelled once, and never after the roster is filed', async t => {
  const { candidate } = nth(0);
  const id = 'cancel-registered';
  const cancel = (who: string) => ({ candidate_no: who, reason: '参军入伍' });
  await refused(t, world, act(LEADER, id, cancel(nth(1).candidate)), 'not-registered');
  await refused(t, world, act(`school-${second.school}`, id, cancel(candidate)), 'out-of-scope');
  await world.do(LEADER, id, cancel(candidate));
  t.match(await standing(world, candidate), {
    state: 'cancelled',
    school: null,
    reason: '参军入伍',
    event_name: 'cancel-registration',
    event_school: long.school,
    decision: 'cancel-registered cancelled-registration',
  });
  await refused(t, world, act(LEADER, id, cancel(candidate)), 'already-cancelled');
  const { candidate: filed } = nth(2);
  await set(filed, 'state', 'filed');
  await refused(t, world, act(LEADER, id, cancel(filed)), 'roster-filed');
  await refused(t, world, act(LEADER, 'register-students', undo(filed)), 'roster-filed');
  const change = { candidate_no: filed, major: '97' };
  await refused(t, world, act(LEADER, 'change-registered-major', change), 'roster-filed');
});

/** Adopts the calendar with where a cancelled file goes, and with 08-31 confirming still. */
function adoptCalendar(to: string): Promise<void> {
  const files = policyFiles((path, text) => {
    if (path !== 'calendar.yaml') return text;
    const moved = text.replace('value: cancelled }', `value: ${to} }`);
    return moved.replace(
      '    basis: sample\n    value: false',
      '    basis: sample\n    value: true',
    );
  });
  return adopt(world.database, files);
}

t.test('values in YAML alone say where a cancelled file goes, and if 08-31 confirms', async t => {
  const cancel = (candidate: string) => ({ candidate_no: candidate, reason: '回乡就读' });
  const [one, two] = [nth(4).candidate, nth(5).candidate];
  world.at = '2016-08-31T09:00';
  await refused(t, world, act(LEADER, 'register-students', register(one)), 'window-closed');
  await adoptCalendar('in-pool');
  await world.do(LEADER, 'register-students', register(one, two));
  await world.do(LEADER, 'cancel-registered', cancel(one));
  t.match(await standing(world, one), { state: 'in-pool', school: null, reason: null });
  await refused(t, world, act(LEADER, 'cancel-registered', cancel(one)), 'already-cancelled');
  await adoptCalendar('held');
  await world.do(LEADER, 'cancel-registered', cancel(two));
  t.match(await standing(world, two), { state: 'held', school: null, hold_level: 'city' });
});

t.test('without an announced last day nobody is registered', async t => {
  const undated = (path: string, text: string) =>
    path === 'calendar.yaml'
      ? text.replace(/(id: phase-1-confirmation.*date: )[\d-]+/u, '$1null')
      : text;
  const [waiting] = await world.query<{ candidate: string }>(
    `select candidate_no as candidate from files f join candidates c using (season, city, file)
     where f.school = $1 and f.state = 'admitted' and f.register_by is null
       and f.reopened_until is null order by 1 limit 1`,
    [long.school],
  );
  const candidate = waiting?.candidate as string;
  world.at = '2016-08-25T09:00';
  await adopt(world.database, policyFiles(undated));
  const input = register(candidate);
  await refused(t, world, act(LEADER, 'register-students', input), 'registration-undated');
  await set(candidate, 'register_by', '2016-08-26');
  await world.do(LEADER, 'register-students', input);
  t.match(await standing(world, candidate), { state: 'registered' }, 'by a day of his own');
});
