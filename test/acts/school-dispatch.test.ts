/**
 * 指定录退档案 and 组长录退: a school decides the files of a released list and its team leader submits
 * it; what becomes of each file is the review rules' doing, or an officer's.
 */
import t from 'tap';
import { adopt, policyFiles, SEASON } from '../jobs/night-world.ts';
import { actWorld, refused } from './act-world.ts';
import { setOverlay } from './overlay.ts';
import {
  filesOfList,
  type ListedFile,
  type ReleasedList,
  releaseLists,
  standing,
} from './released.ts';

const CITY = '440400';
const BATCH = 'vocational';
const world = await actWorld(t, { candidates: 1000, dispatched: true });
const [long, second, third, fourth] = (await releaseLists(world, CITY)) as [
  ReleasedList,
  ReleasedList,
  ReleasedList,
  ReleasedList,
];
const LEADER = `school-${long.school}`;
const CLERK = `${LEADER}-clerk`;
const PLACE = { city: CITY, list: long.list };
const files = await filesOfList(world, long);
const fresh = files.filter(file => file.origin === 'fresh' && file.suggested !== null);
const graduates = files.filter(file => file.origin !== 'fresh');
const nth = (index: number) => fresh[index] as ListedFile;

const eventsOf = (candidate: string) =>
  world.query<{ name: string; decision: string; major: string | null }>(
    `select e.name, e.decision, e.major from events e
     join candidate_numbers n on n.season = e.season and n.city = e.city and n.file = e.file
     where n.candidate_no = $1 order by e.event`,
    [candidate],
  );
const planned = (major: string, places: number) =>
  world.query(
    `update plan_lines set planned = $4
     where city = $1 and school = $2 and major = $3 and season = ${SEASON}`,
    [CITY, long.school, major, places],
  );

t.test('a school proposes admission with a major, by the rule that says there is room', async t => {
  const { candidate, suggested } = nth(0);
  const report = await world.do(CLERK, 'decide-files', {
    ...PLACE,
    candidates: [candidate],
    decision: 'admit',
  });
  t.same(report.answer.counts, {
    admitted: 1,
    returned: 0,
    undone: 0,
    unchanged: 0,
    unlisted: 0,
  });
  t.match(await standing(world, candidate), {
    state: 'proposed',
    major: suggested,
    decided_by: CLERK,
    event_name: 'propose-admission',
    decision: 'phase-1-within-plan',
    actor: CLERK,
    from_state: 'reading',
  });
});

t.test('the same decision again changes nothing and says so', async t => {
  const { candidate } = nth(0);
  const before = await eventsOf(candidate);
  const input = { ...PLACE, candidates: [candidate], decision: 'admit' };
  const { answer } = await world.do(LEADER, 'decide-files', input);
  t.match(answer, { counts: { unchanged: 1, admitted: 0 }, lines: [/未变 1 份/] });
  t.same(await eventsOf(candidate), before);
});

t.test('a proposal is changed or taken back until the list is submitted', async t => {
  const { candidate, suggested } = nth(0);
  const decide = (more: object) =>
    world.do(CLERK, 'decide-files', { ...PLACE, candidates: [candidate], ...more });
  const other = fresh.find(file => file.suggested !== suggested)?.suggested as string;
  await decide({ decision: 'admit', major: other });
  t.match(await standing(world, candidate), { state: 'proposed', major: other });
  await decide({ decision: 'return', reason: '体检结论不宜就读所报专业' });
  t.match(await standing(world, candidate), {
    state: 'return-proposed',
    reason: 'health',
    major: suggested,
  });
  await decide({ decision: 'undo' });
  t.match(await standing(world, candidate), {
    state: 'reading',
    major: suggested,
    reason: null,
    decided_by: null,
  });
  const names = (await eventsOf(candidate)).map(event => event.name);
  t.same(names.slice(-6), [
    'propose-admission',
    'undo-proposal',
    'propose-admission',
    'undo-proposal',
    'propose-return',
    'undo-proposal',
  ]);
});

t.test(
  'what a suggestion names is not reserved: the school gives the place to another',
  async t => {
    const first = nth(0);
    const other = fresh.find(file => file.suggested !== first.suggested) as ListedFile;
    const major = first.suggested as string;
    const [quota] = await world.query<{ places: number }>(
      'select places from flexible_quotas where city = $1 and school = $2',
      [CITY, long.school],
    );
    await world.query('delete from flexible_quotas where city = $1 and school = $2', [
      CITY,
      long.school,
    ]);
    const [line] = await world.query<{ planned: number }>(
      'select planned from plan_lines where city = $1 and school = $2 and major = $3',
      [CITY, long.school, major],
    );
    await planned(major, 1);
    const give = { ...PLACE, candidates: [other.candidate], decision: 'admit', major };
    await world.do(CLERK, 'decide-files', give);
    t.match(await standing(world, other.candidate), { state: 'proposed', major });
    const input = { ...PLACE, candidates: [first.candidate], decision: 'admit' };
    await refused(t, world, [CLERK, 'decide-files', input], 'over-plan');
    await t.rejects(world.do(CLERK, 'decide-files', input), {
      message: /不符合“第一阶段在生源计划内录取[^”]*”：.*剩余计划数 0 高于 0.*依据：n66 一（一）/,
      basis: 'n66 一（一）',
    });
    await world.do(CLERK, 'decide-files', {
      ...PLACE,
      decisions: [{ candidate_no: other.candidate, decision: 'undo' }],
    });
    await world.do(CLERK, 'decide-files', input);
    await world.do(CLERK, 'decide-files', {
      ...PLACE,
      candidates: [first.candidate],
      decision: 'undo',
    });
    await planned(major, line?.planned ?? 0);
    if (quota !== undefined) {
      await world.query(
        `insert into flexible_quotas (season, city, school, batch, places)
       values (${SEASON}, $1, $2, $3, $4)`,
        [CITY, long.school, BATCH, quota.places],
      );
    }
  },
);

t.test('a quota rule changed in YAML alone changes what a school may propose', async t => {
  const input = { ...PLACE, candidates: [nth(0).candidate], decision: 'admit' };
  await adopt(
    world.database,
    policyFiles((path, text) =>
      path === 'quotas.yaml'
        ? text.replace(
            'rules:\n',
            `rules:
  - id: nobody-today
    title: 二十二日不预录
    basis: sample
    requires: { all: [ { fact: today, operator: notEqual, value: "2016-07-22" } ] }
    refuse: not-today
`,
          )
        : text,
    ),
  );
  world.at = '2016-07-22T09:00';
  await refused(t, world, [CLERK, 'decide-files', input], 'not-today');
  world.at = '2016-07-21T09:00';
});

t.test('decide-files refuses what its row names, by code', async t => {
  const { candidate } = nth(0);
  const admit = { ...PLACE, candidates: [candidate], decision: 'admit' };
  const refuse = (input: object, code: string, user = CLERK) =>
    refused(t, world, [user, 'decide-files', input as Record<string, unknown>], code);
  await refuse({ ...PLACE }, 'nothing-decided');
  await refuse({ ...PLACE, candidates: [candidate] }, 'nothing-decided');
  const twice = { candidate_no: candidate, decision: 'return', reason: 'health' };
  await refuse({ ...admit, decisions: [twice] }, 'wrong-input');
  await refuse({ ...admit, major: '9999' }, 'unknown-major');
  await world.query(
    `insert into majors (season, school, code, name) values (${SEASON}, $1, '98', '无计划专业')`,
    [long.school],
  );
  await refuse({ ...admit, major: '98' }, 'no-plan');
  await refuse({ ...admit, decision: 'return' }, 'no-reason');
  const [stranger] = await filesOfList(world, second);
  await refuse({ ...admit, candidates: [stranger?.candidate] }, 'not-on-list');
  await world.query(
    `update list_items set major = null where city = $1 and list = $2 and file = $3`,
    [CITY, long.list, nth(0).file],
  );
  await refuse(admit, 'no-major');
  await world.query(
    `update list_items set major = $4 where city = $1 and list = $2 and file = $3`,
    [CITY, long.list, nth(0).file, nth(0).suggested],
  );
  await refuse({ ...admit, list: 9999 }, 'unknown-list');
  await refuse(admit, 'out-of-scope', `school-${second.school}`);
  const [draft] = await world.query<{ list: number; school: string; candidate: string }>(
    `select l.list, l.school, c.candidate_no as candidate from dispatch_lists l
     join list_items i using (season, city, list) join candidates c using (season, city, file)
     where l.city = '440600' and l.state = 'draft' limit 1`,
  );
  const early = { city: '440600', list: draft?.list, candidates: [draft?.candidate] };
  const school = `school-${draft?.school}`;
  await refuse({ ...early, decision: 'undo' }, 'list-not-released', school);
  world.at = '2016-07-30T09:00';
  await refuse(admit, 'window-closed');
  world.at = '2016-07-21T09:00';
});

t.test('the team leader submits what is wholly decided, with reasons, within the plan', async t => {
  const refuse = (code: string, user = LEADER) =>
    refused(t, world, [user, 'submit-dispatch-list', PLACE], code);
  await refuse('no-function', CLERK);
  await world.query(
    `insert into function_grants (user_name, function, granted, granted_by, granted_at)
     values ($1, 'submit-dispatch-list', true, 'province', now())`,
    [CLERK],
  );
  await refuse('not-leader', CLERK);
  await refuse('undecided');
  await refuse('out-of-scope', `school-${second.school}`);
  const rest = [...fresh.slice(4), ...graduates].map(file => file.candidate);
  const decisions = [
    { candidate_no: nth(1).candidate, decision: 'return', reason: 'health' },
    { candidate_no: nth(2).candidate, decision: 'return', reason: '面试印象不佳' },
  ];
  await world.do(CLERK, 'decide-files', {
    ...PLACE,
    candidates: [nth(0).candidate, nth(3).candidate, ...rest],
    decision: 'admit',
    decisions,
  });
  const reason = (text: string | null) =>
    world.query('update files set reason = $3 where city = $1 and file = $2', [
      CITY,
      nth(1).file,
      text,
    ]);
  await reason(null);
  await refuse('no-reason');
  await reason('health');
  const major = nth(3).suggested as string;
  const [line] = await world.query<{ planned: number }>(
    'select planned from plan_lines where city = $1 and school = $2 and major = $3',
    [CITY, long.school, major],
  );
  await world.query('update flexible_quotas set places = 0 where school = $1', [long.school]);
  await planned(major, 0);
  await refuse('over-plan');
  await planned(major, line?.planned ?? 0);
});

t.test('the submission is the admission; letters are numbered without a gap', async t => {
  const { answer } = await world.do(LEADER, 'submit-dispatch-list', PLACE);
  const admitted = fresh.length - 2;
  t.match(answer.counts, { admitted, returned: 1, sentBack: 1, waiting: graduates.length });
  const letters = await world.query<{ letter: number }>(
    `select letter from files where city = $1 and school = $2 and state = 'admitted'
     order by letter`,
    [CITY, long.school],
  );
  t.same(
    letters.map(row => row.letter),
    Array.from({ length: admitted }, (_, index) => index + 1),
  );
  const first = await standing(world, nth(0).candidate);
  t.match(first, {
    state: 'admitted',
    phase: 'phase-1',
    event_name: 'approve-admission',
    decision: 'submit-is-admission',
    note: { letter: first['letter'] },
  });
  t.match(await standing(world, nth(1).candidate), {
    state: 'in-pool',
    school: null,
    list: null,
    returned_by: [long.school],
    event_name: 'approve-return',
    event_school: long.school,
    decision: 'listed-return',
  });
  t.match(await standing(world, nth(2).candidate), {
    state: 'reading',
    reopened_for_review: true,
    event_name: 'refuse-return',
    decision: 'weak-return-within-plan',
  });
  for (const { candidate } of graduates) {
    t.match(await standing(world, candidate), { state: 'proposed', school: long.school });
  }
  const [list] = await world.query(
    'select state from dispatch_lists where city = $1 and list = $2',
    [CITY, long.list],
  );
  t.same(list, { state: 'submitted' });
});

t.test('what came back for another look is decided and submitted again, alone', async t => {
  const refuse = (input: object, code: string) =>
    refused(t, world, [LEADER, 'decide-files', input as Record<string, unknown>], code);
  const weak = { ...PLACE, candidates: [nth(2).candidate] };
  await refused(t, world, [LEADER, 'submit-dispatch-list', PLACE], 'undecided');
  await refuse(
    { ...PLACE, candidates: [graduates[0]?.candidate], decision: 'undo' },
    'list-submitted',
  );
  await world.do(CLERK, 'decide-files', {
    ...weak,
    decision: 'return',
    reason: 'candidate-request',
  });
  const { answer } = await world.do(LEADER, 'submit-dispatch-list', PLACE);
  t.match(answer.counts, { admitted: 0, returned: 1, sentBack: 0, waiting: 0 });
  t.match(await standing(world, nth(2).candidate), {
    state: 'in-pool',
    returned_by: [long.school],
  });
  await refused(t, world, [LEADER, 'submit-dispatch-list', PLACE], 'nothing-reopened');
});

t.test("the city's setting wins over the rules: yes leaves all to officers", async t => {
  const user = `school-${second.school}`;
  const place = { city: CITY, list: second.list };
  const members = await filesOfList(world, second);
  const edit = { kind: 'school-review', school: second.school, batch: BATCH } as const;
  await setOverlay(world, CITY, { ...edit, files: true });
  const candidates = members.map(file => file.candidate);
  await world.do(user, 'decide-files', { ...place, candidates, decision: 'admit' });
  const { answer } = await world.do(user, 'submit-dispatch-list', place);
  t.match(answer.counts, { admitted: 0, returned: 0, sentBack: 0, waiting: members.length });
});

t.test('a review rule changed in YAML alone changes what a submission does', async t => {
  await adopt(
    world.database,
    policyFiles((path, text) =>
      path === 'reviews.yaml'
        ? text.replace('id: submit-is-admission\n', 'id: submit-is-admission-2016\n')
        : text,
    ),
  );
  const user = `school-${third.school}`;
  const place = { city: CITY, list: third.list };
  const members = await filesOfList(world, third);
  const candidates = members.map(file => file.candidate);
  await world.do(user, 'decide-files', { ...place, candidates, decision: 'admit' });
  const { answer } = await world.do(user, 'submit-dispatch-list', place);
  const young = members.filter(file => file.origin === 'fresh');
  t.match(answer.counts, { admitted: young.length, waiting: members.length - young.length });
  for (const { candidate } of young) {
    t.match(await standing(world, candidate), { decision: 'submit-is-admission-2016' });
  }
  const [list] = await world.query(
    'select state from dispatch_lists where city = $1 and list = $2',
    [CITY, third.list],
  );
  t.same(list, { state: young.length === members.length ? 'closed' : 'submitted' });
});

t.test('no waives the review, but neither rule 15 nor what is left to officers', async t => {
  const user = `school-${fourth.school}`;
  const place = { city: CITY, list: fourth.list };
  const members = await filesOfList(world, fourth);
  const young = members.filter(file => file.origin === 'fresh');
  t.ok(young.length > 0 && young.length < members.length);
  const edit = { kind: 'school-review', school: fourth.school, batch: BATCH } as const;
  await setOverlay(world, CITY, { ...edit, files: false });
  await world.query('update dispatch_lists set sent = planned + 1 where city = $1 and list = $2', [
    CITY,
    fourth.list,
  ]);
  await world.do(user, 'decide-files', {
    ...place,
    candidates: members.map(file => file.candidate),
    decision: 'return',
    reason: '面试印象不佳',
  });
  const { answer } = await world.do(user, 'submit-dispatch-list', place);
  t.match(answer.counts, { returned: young.length, waiting: members.length - young.length });
  t.match(await standing(world, young[0]?.candidate as string), {
    state: 'in-pool',
    decision: 'set-school-review',
  });
});
