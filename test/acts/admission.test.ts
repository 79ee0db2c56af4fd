/**
 * Admissions: reviewed by officers in phase 1 (审核录取、审核退档), entered by schools and reviewed by
 * the home city in phase 2 (录取在库考生、批量投入录取), or passed by a rule that the city has set
 * (自动审核管理).
 */
import t from 'tap';
import { readPolicy } from '../../db/policies.ts';
import { fixVacancies } from '../../db/season/vacancies.ts';
import { SEASON } from '../jobs/night-world.ts';
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
const OFFICER = `city-${CITY}`;
const world = await actWorld(t, { candidates: 1000, dispatched: true });
const [long, second, third] = (await releaseLists(world, CITY)) as [
  ReleasedList,
  ReleasedList,
  ReleasedList,
];
const leader = (list: ReleasedList) => `school-${list.school}`;
const place = ({ city, list }: ReleasedList) => ({ city, list });
const files = (await filesOfList(world, long)).filter(file => file.suggested !== null);
const nth = (index: number) => files[index] as ListedFile;
const approve = (...candidates: string[]) => ({ candidates, verdict: 'approve' });
const refusal = (...candidates: string[]) => ({ candidates, verdict: 'refuse' });
const listState = async ({ city, list }: ReleasedList) => {
  const [row] = await world.query<{ state: string }>(
    'select state from dispatch_lists where city = $1 and list = $2',
    [city, list],
  );
  return row?.state;
};

/** An officer's setting leaves the lists to officers; the first two are proposed for return. */
t.before(async () => {
  for (const { school } of [long, second]) {
    const edit = { kind: 'school-review', school, batch: 'vocational', files: true } as const;
    await setOverlay(world, CITY, edit);
  }
  await world.do(leader(long), 'decide-files', {
    ...place(long),
    candidates: files.slice(3).map(file => file.candidate),
    decision: 'admit',
    decisions: [
      { candidate_no: nth(0).candidate, decision: 'return', reason: 'health' },
      { candidate_no: nth(1).candidate, decision: 'return', reason: '面试印象不佳' },
      { candidate_no: nth(2).candidate, decision: 'return', reason: 'candidate-request' },
    ],
  });
});

t.test('nothing is reviewed before the school has submitted its list', async t => {
  const admit = approve(nth(3).candidate);
  await refused(t, world, [OFFICER, 'review-admission', admit], 'list-not-submitted');
  const back = approve(nth(0).candidate);
  await refused(t, world, [OFFICER, 'review-return', back], 'list-not-submitted');
  const { answer } = await world.do(leader(long), 'submit-dispatch-list', place(long));
  t.match(answer.counts, { admitted: 0, waiting: files.length });
});

t.test('an officer admits what a school has proposed, by the rule of the plan', async t => {
  const { candidate, suggested } = nth(3);
  await world.do(OFFICER, 'review-admission', approve(candidate, nth(4).candidate));
  t.match(await standing(world, candidate), {
    state: 'admitted',
    school: long.school,
    major: suggested,
    phase: 'phase-1',
    letter: 1,
    decided_by: null,
    event_name: 'approve-admission',
    decision: 'phase-1-within-plan',
    actor: OFFICER,
  });
  t.match(await standing(world, nth(4).candidate), { letter: 2 });
  await refused(t, world, [OFFICER, 'review-admission', approve(candidate)], 'not-waiting');
});

t.test('an officer sends a proposal back to the school, with a reason', async t => {
  const { candidate } = nth(5);
  const act = ['review-admission', refusal(candidate)] as const;
  await refused(t, world, [OFFICER, ...act], 'no-reason');
  await world.do(OFFICER, 'review-admission', { ...refusal(candidate), reason: '材料不全' });
  t.match(await standing(world, candidate), {
    state: 'reading',
    reopened_for_review: true,
    event_name: 'refuse-admission',
    note: { reason: '材料不全' },
  });
  const again = { ...place(long), candidates: [candidate], decision: 'admit' };
  await world.do(leader(long), 'decide-files', again);
  const admit = approve(candidate);
  await refused(t, world, [OFFICER, 'review-admission', admit], 'list-not-submitted');
  await world.do(leader(long), 'submit-dispatch-list', place(long));
  t.match(await standing(world, candidate), { state: 'proposed', reopened_for_review: false });
});

t.test('the last of too many is refused by the rule of the plan, the others are not', async t => {
  const [major, members] = [...Map.groupBy(files.slice(6), file => file.suggested)].find(
    ([, same]) => same.length >= 2,
  ) as [string, ListedFile[]];
  const [first, other] = members as [ListedFile, ListedFile];
  const line = [CITY, long.school, major];
  const where = 'where city = $1 and school = $2 and major = $3';
  const [before] = await world.query<{ planned: number }>(
    `select planned from plan_lines ${where}`,
    line,
  );
  await world.query('update flexible_quotas set places = 0 where school = $1', [long.school]);
  const admitted = nth(3).suggested === major || nth(4).suggested === major;
  const taken = [nth(3), nth(4)].filter(file => file.suggested === major).length;
  t.ok(admitted ? taken > 0 : taken === 0);
  await world.query(`update plan_lines set planned = $4 ${where}`, [...line, taken + 1]);
  const both = approve(first.candidate, other.candidate);
  await refused(t, world, [OFFICER, 'review-admission', both], 'over-plan');
  await world.do(OFFICER, 'review-admission', approve(first.candidate));
  await refused(t, world, [OFFICER, 'review-admission', approve(other.candidate)], 'over-plan');
  await world.query(`update plan_lines set planned = $4 ${where}`, [...line, before?.planned]);
});

t.test('whoever proposed it, or answers for others, does not review it', async t => {
  const waiting = await world.query<{ candidate: string; file: number }>(
    `select c.candidate_no as candidate, c.file from files f
     join candidates c using (season, city, file)
     where f.city = $1 and f.list = $2 and f.state = 'proposed' limit 1`,
    [CITY, long.list],
  );
  const [{ candidate, file }] = waiting as [{ candidate: string; file: number }];
  const by = (user: string | null) =>
    world.query('update files set decided_by = $3 where city = $1 and file = $2', [
      CITY,
      file,
      user,
    ]);
  await by(OFFICER);
  await refused(t, world, [OFFICER, 'review-admission', approve(candidate)], 'same-person');
  await by(leader(long));
  await by(OFFICER);
  await world.query('update files set decided_by = $3 where city = $1 and file = $2', [
    CITY,
    nth(0).file,
    OFFICER,
  ]);
  await refused(t, world, [OFFICER, 'review-return', approve(nth(0).candidate)], 'same-person');
  await world.query('update files set decided_by = $3 where city = $1 and file = any($2)', [
    CITY,
    [nth(0).file, file],
    leader(long),
  ]);
  for (const id of ['review-admission', 'review-return']) {
    await refused(t, world, ['city-440600', id, approve(candidate)], 'out-of-scope');
  }
  const kinds = (value: string[] | null) =>
    world.query('update users set school_kinds = $2 where user_name = $1', [`${OFFICER}-2`, value]);
  await kinds(['senior-high']);
  await refused(t, world, [`${OFFICER}-2`, 'review-admission', approve(candidate)], 'out-of-scope');
  await kinds(null);
});

t.test('a return is approved for a reason that the policy lists, else sent back', async t => {
  const [listed, weak, other] = [nth(0), nth(1), nth(2)];
  const review = (more: object) => world.do(OFFICER, 'review-return', more as never);
  await review(approve(listed.candidate));
  t.match(await standing(world, listed.candidate), {
    state: 'in-pool',
    school: null,
    returned_by: [long.school],
    event_name: 'approve-return',
    event_school: long.school,
    actor: OFFICER,
  });
  const act = (input: object) => [OFFICER, 'review-return', input as never] as const;
  await refused(t, world, act(approve(listed.candidate)), 'not-waiting');
  await refused(t, world, act(approve(weak.candidate)), 'unlisted-reason');
  await refused(t, world, act(refusal(weak.candidate)), 'no-reason');
  await world.query('update files set reason = null where city = $1 and file = $2', [
    CITY,
    other.file,
  ]);
  await refused(t, world, act(approve(other.candidate)), 'no-reason');
  await review({ ...refusal(weak.candidate, other.candidate), reason: '理由不足' });
  t.match(await standing(world, weak.candidate), {
    state: 'reading',
    reopened_for_review: true,
    event_name: 'refuse-return',
  });
});

t.test(
  'reviewers have a grace after the phase, and the list closes with its last file',
  async t => {
    const again = [nth(1).candidate, nth(2).candidate];
    const back = { ...place(long), candidates: again, decision: 'return', reason: 'false-data' };
    await world.do(leader(long), 'decide-files', back);
    await world.do(leader(long), 'submit-dispatch-list', place(long));
    await world.do(OFFICER, 'review-return', approve(...again));
    const rows = await world.query<{ candidate: string }>(
      `select c.candidate_no as candidate from files f join candidates c using (season, city, file)
     where f.city = $1 and f.list = $2 and f.state = 'proposed' order by f.file`,
      [CITY, long.list],
    );
    const rest = rows.map(row => row.candidate);
    world.at = '2016-08-02T09:00';
    await refused(t, world, [OFFICER, 'review-admission', approve(...rest)], 'window-closed');
    world.at = '2016-08-01T09:00';
    t.equal(await listState(long), 'submitted');
    const { answer } = await world.do(OFFICER, 'review-admission', approve(...rest));
    t.match(answer.counts, { admitted: rest.length, settled: 1 });
    t.equal(await listState(long), 'closed');
    world.at = '2016-07-21T09:00';
  },
);

const AUTOMATIC = {
  id: 'fresh-entries',
  title: '应届生拟录取自动通过',
  basis: 'sample',
  when: {
    all: [
      { fact: 'file.state', operator: 'equal', value: 'pending-review' },
      { fact: 'candidate.origin', operator: 'equal', value: 'fresh' },
    ],
  },
  then: { event: 'approve-entry' },
};

t.test('what a city lets pass by itself is never what only officers decide', async t => {
  const set = (input: object, user = OFFICER) =>
    [user, 'set-auto-review', { city: CITY, ...input }] as const;
  await refused(t, world, set({ rule: AUTOMATIC }), 'round-under-way');
  await world.query(`update dispatch_lists set state = 'closed' where city = $1`, [CITY]);
  await refused(t, world, set({}), 'one-edit');
  await refused(t, world, set({ rule: AUTOMATIC, remove: 'x' }), 'one-edit');
  await refused(t, world, set({ disable: 'listed-return' }), 'one-edit');
  await refused(t, world, set({ rule: AUTOMATIC }, 'city-440600'), 'out-of-scope');
  const about = (fact: string, operator: string, value: unknown) => ({
    rule: { ...AUTOMATIC, when: { all: [...AUTOMATIC.when.all, { fact, operator, value }] } },
  });
  const never = [
    { rule: { ...AUTOMATIC, then: { event: 'assign-number' } } },
    { rule: { ...AUTOMATIC, then: { event: 'withdraw' } } },
    { rule: { ...AUTOMATIC, then: { event: 'transfer' } } },
    about('candidate.origin', 'equal', 'veteran'),
    about('candidate.origin', 'notEqual', 'fresh'),
    about('candidate.origin', 'in', ['fresh', 'junior-graduate']),
    about('file.below-line', 'equal', true),
    about('application.kind', 'in', ['transfer']),
    about('application.kind', 'equal', 'withdrawal'),
    {
      rule: {
        ...AUTOMATIC,
        when: { not: { fact: 'candidate.origin', operator: 'equal', value: 'fresh' } },
      },
    },
    { disable: 'non-fresh-by-officer', from: '2016-07-20' },
    { rule: { ...AUTOMATIC, id: 'below-line-by-officer' } },
  ];
  for (const input of never) await refused(t, world, set(input), 'never-automatic');
  const faulty = about('candidate.shoe-size', 'equal', 41);
  await refused(t, world, set(faulty), 'settings-rejected');
});

t.test('a city sets, repeats, removes and sets again a rule of its own', async t => {
  const set = (input: object) => world.do(OFFICER, 'set-auto-review', { city: CITY, ...input });
  const rules = async () => {
    const stored = await world.database.session(session => readPolicy(session, SEASON));
    return stored?.overlays.get(CITY)?.document ?? '';
  };
  const { answer } = await set({ rule: AUTOMATIC });
  t.match(await rules(), /fresh-entries/);
  const [event] = await world.query(
    `select name, actor, note from events where city = $1 and name = 'set-auto-review'`,
    [CITY],
  );
  t.match(event, { actor: OFFICER, note: { version: answer.values?.['version'] } });
  const same = await set({ rule: AUTOMATIC });
  t.match(same.answer, { lines: [/未作改动/], values: { changed: false } });
  await set({ remove: 'fresh-entries' });
  t.notMatch(await rules(), /fresh-entries/);
});

/** Phase 2 begins; the third school has its plan filled, the second one has room. */
const pool = await world.query<{ candidate: string; origin: string; file: number }>(
  `select c.candidate_no as candidate, c.origin, c.file from candidates c
   left join files f using (season, city, file)
   where c.city = $1 and f.file is null order by c.origin, c.file`,
  [CITY],
);
const young = pool.filter(row => row.origin === 'fresh').map(row => row.candidate);
const older = pool.filter(row => row.origin !== 'fresh').map(row => row.candidate);
const [{ major }] = (await world.query<{ major: string }>(
  `select major from plan_lines where city = $1 and school = $2 order by major limit 1`,
  [CITY, second.school],
)) as [{ major: string }];
const FORM = {
  request_hash: 'a'.repeat(64),
  request_reference: '报读确认表第1号',
  clerk: '李经办',
};
const entry = (candidate: string | undefined, more: object = {}) => ({
  candidate_no: candidate as string,
  major,
  ...FORM,
  ...more,
});
const SCHOOL = leader(second);

t.test('vacancies are fixed once per phase and date, by what the plan lines lack', async t => {
  await world.query(
    `update plan_lines p set planned = least(planned, (select count(*) from files f
       where f.season = p.season and f.city = p.city and f.school = p.school
         and f.batch = p.batch and f.major = p.major
         and f.state in ('admitted', 'registered')))
     where school = $1`,
    [third.school],
  );
  world.at = '2016-08-20T09:00';
  const early = [SCHOOL, 'admit-from-pool', entry(young[0])] as const;
  await refused(t, world, early as never, 'vacancies-not-fixed');
  const fixed = await world.database.transaction(async session => [
    await fixVacancies(session, SEASON, 'phase-2', '2016-08-20'),
    await fixVacancies(session, SEASON, 'phase-2', '2016-08-20'),
  ]);
  t.ok((fixed[0] as number) > 0);
  t.equal(fixed[1], 0);
  const rows = await world.query<{ school: string; planned: number; used: number }>(
    `select school, planned, used, vacancies from phase_vacancies where school = any($1)
     order by array_position($1, school)`,
    [[long.school, third.school]],
  );
  t.match(rows, [
    { school: long.school, used: files.length - 3 },
    { school: third.school, vacancies: 0 },
  ]);
  const [own] = rows as unknown as [{ planned: number; used: number; vacancies: number }];
  t.ok(own.vacancies >= own.planned - own.used);
});

t.test('a school with vacancies enters a candidate, whom the home city admits', async t => {
  const [candidate, refusedOne] = young as [string, string];
  const { answer } = await world.do(SCHOOL, 'admit-from-pool', entry(candidate));
  t.match(answer.lines, [/待生源地市招办审核/]);
  t.match(await standing(world, candidate), {
    state: 'pending-review',
    school: second.school,
    major,
    batch: 'vocational',
    phase: 'phase-2',
    event_name: 'enter',
    note: FORM,
  });
  await world.do(`${SCHOOL}-clerk`, 'admit-from-pool', entry(refusedOne));
  await world.do(OFFICER, 'review-admission', approve(candidate));
  t.match(await standing(world, candidate), {
    state: 'admitted',
    phase: 'phase-2',
    event_name: 'approve-entry',
    letter: 1,
  });
  const no = refusal(refusedOne);
  await refused(t, world, [OFFICER, 'review-admission', no], 'no-reason');
  await world.do(OFFICER, 'review-admission', { ...no, reason: '确认表不实' });
  t.match(await standing(world, refusedOne), {
    state: 'in-pool',
    school: null,
    event_name: 'refuse-entry',
  });
});

t.test('admit-from-pool refuses what its row names, by code', async t => {
  const [admitted, free, pending] = young as [string, string, string];
  const enter = (input: object, user = SCHOOL) =>
    [user, 'admit-from-pool', input as never] as const;
  await world.do(SCHOOL, 'admit-from-pool', entry(pending));
  await refused(t, world, enter(entry(pending)), 'already-entered');
  await refused(t, world, enter(entry(pending), leader(long)), 'pending-elsewhere');
  await refused(t, world, enter(entry(admitted), leader(long)), 'admitted-elsewhere');
  await refused(t, world, enter(entry(nth(3).candidate)), 'admitted-elsewhere');
  const { request_hash, ...noHash } = entry(free);
  t.ok(request_hash);
  await refused(t, world, enter(noHash), 'no-confirmation-form');
  const { clerk, ...noClerk } = entry(free);
  t.ok(clerk);
  await refused(t, world, enter(noClerk), 'no-clerk');
  await refused(t, world, enter(entry(free, { major: '9999' })), 'unknown-major');
  await refused(t, world, enter(entry(free), leader(third)), 'no-vacancy');
  await refused(t, world, enter(entry('169999999999')), 'unknown-candidate');
  const [senior] = await world.query<{ candidate: string }>(
    `select c.candidate_no as candidate from files f join candidates c using (season, city, file)
     where f.city = $1 and f.state = 'senior-high' limit 1`,
    [CITY],
  );
  await refused(t, world, enter(entry(senior?.candidate)), 'event-not-allowed');
  await world.query(
    `insert into files (season, city, file, state, open_applications, event)
     select season, city, file, 'in-pool', 1, 0 from candidates where candidate_no = $1`,
    [young[4]],
  );
  await refused(t, world, enter(entry(young[4])), 'application-open');
  await refused(t, world, enter(entry(free), OFFICER), 'wrong-side');
  for (const day of ['2016-08-15', '2016-11-08', '2017-03-01']) {
    world.at = `${day}T09:00`;
    await refused(t, world, enter(entry(free)), 'window-closed');
  }
  world.at = '2016-11-11T09:00';
  await refused(t, world, [OFFICER, 'review-admission', approve(pending)], 'window-closed');
  world.at = '2016-11-10T09:00';
  await world.do(OFFICER, 'review-admission', approve(pending));
  world.at = '2016-08-22T09:00';
});

t.test('phase 2 is not limited by the plan: counts are reported, nothing is blocked', async t => {
  await world.query('update plan_lines set planned = 0 where school = $1', [second.school]);
  await world.query('update flexible_quotas set places = 0 where school = $1', [second.school]);
  const candidate = young[5] as string;
  await world.do(SCHOOL, 'admit-from-pool', entry(candidate));
  await world.do(OFFICER, 'review-admission', approve(candidate));
  t.match(await standing(world, candidate), { state: 'admitted', phase: 'phase-2' });
});

t.test('admit-many does the good rows and lists the bad ones with code and sentence', async t => {
  const rows = [
    entry(young[6]),
    entry(young[6]),
    entry(young[7], { major: '9999' }),
    entry('169999999999'),
    { candidate_no: young[8], major },
    { candidate_no: young[9], major, ...FORM, clerk: undefined },
    entry(older[0]),
  ].map(({ ...row }) => JSON.parse(JSON.stringify(row)));
  const { answer } = await world.do(SCHOOL, 'admit-many', { rows, clerk: '王经办' });
  const verdicts = answer.values?.['verdicts'] as { code: string; sentence: string }[];
  t.same(
    verdicts.map(({ code }) => code),
    [
      'done',
      'already-entered',
      'unknown-major',
      'unknown-candidate',
      'no-confirmation-form',
      'done',
      'done',
    ],
  );
  t.match(answer.counts, { done: 3, refused: 4 });
  t.match(await standing(world, young[9] as string), {
    state: 'pending-review',
    note: { clerk: '王经办' },
  });
  for (const { code, sentence } of verdicts) {
    if (code !== 'done') t.match(sentence, /[\u4e00-\u9fff].*。$/u);
  }
  const again = await world.do(SCHOOL, 'admit-many', { rows, clerk: '王经办' });
  t.match(again.answer.counts, { done: 0, refused: 7 });
  const act = (input: object, user = SCHOOL) => [user, 'admit-many', input as never] as const;
  await refused(t, world, act({ rows: [] }), 'wrong-input');
  await refused(t, world, act({ rows }, OFFICER), 'wrong-side');
});

t.test("a city's rule admits a fresh entry at once, never one who is not fresh", async t => {
  await world.do(OFFICER, 'set-auto-review', { city: CITY, rule: AUTOMATIC });
  // The officers' own setting for the school wins over the rule.
  await world.do(SCHOOL, 'admit-from-pool', entry(young[11]));
  t.match(await standing(world, young[11] as string), { state: 'pending-review' });
  const setting = { kind: 'school-review', school: second.school, batch: 'vocational' } as const;
  await setOverlay(world, CITY, { ...setting, files: null });
  const { answer } = await world.do(SCHOOL, 'admit-from-pool', entry(young[10]));
  t.match(answer.lines, [/已录取/]);
  t.match(await standing(world, young[10] as string), {
    state: 'admitted',
    event_name: 'approve-entry',
    decision: 'fresh-entries',
    phase: 'phase-2',
  });
  const everybody = { ...AUTOMATIC, when: { all: [AUTOMATIC.when.all[0]] } };
  await world.do(OFFICER, 'set-auto-review', { city: CITY, rule: everybody });
  await world.do(SCHOOL, 'admit-from-pool', entry(older[1]));
  t.match(await standing(world, older[1] as string), { state: 'pending-review' });
});

t.test("a city's rule that looks at the plan sees the rows before it in the same act", async t => {
  const free = { fact: 'plan.free', operator: 'greaterThan', value: 0 };
  const rule = { ...AUTOMATIC, when: { all: [...AUTOMATIC.when.all, free] } };
  await world.do(OFFICER, 'set-auto-review', { city: CITY, rule });
  await world.query(
    `update plan_lines p set planned = 1 + (select count(*) from files f where f.city = p.city
       and f.school = p.school and f.major = p.major and f.batch = p.batch
       and f.state <> 'pending-review')
     where city = $1 and school = $2 and major = $3`,
    [CITY, second.school, major],
  );
  const rows = [entry(young[14]), entry(young[15])];
  await world.do(SCHOOL, 'admit-many', { rows, clerk: '王经办' });
  t.match(await standing(world, young[14] as string), { state: 'admitted' });
  t.match(await standing(world, young[15] as string), { state: 'pending-review' });
  await world.query('update plan_lines set planned = 0 where school = $1', [second.school]);
});

t.test('vacancies after registration open the phase to a school that had none', async t => {
  const user = leader(third);
  const [line] = await world.query<{ major: string }>(
    'select major from plan_lines where city = $1 and school = $2 order by major limit 1',
    [CITY, third.school],
  );
  const more = entry(young[12], { major: line?.major });
  world.at = '2016-09-02T09:00';
  await world.query(
    'update plan_lines set planned = planned + 1 where city = $1 and school = $2 and major = $3',
    [CITY, third.school, line?.major],
  );
  await refused(t, world, [user, 'admit-from-pool', more], 'no-vacancy');
  await world.database.transaction(session =>
    fixVacancies(session, SEASON, 'phase-2', '2016-09-02'),
  );
  await world.do(user, 'admit-from-pool', more);
  t.match(await standing(world, young[12] as string), { school: third.school });
  // What was open at the start stays open, whatever the phase itself has taken.
  await world.do(SCHOOL, 'admit-from-pool', entry(young[13]));
  t.match(await standing(world, young[13] as string), { school: second.school });
});

t.test('letters of a school are numbered without a gap, over both phases', async t => {
  for (const { school } of [long, second]) {
    const rows = await world.query<{ letter: number }>(
      `select (note ->> 'letter')::integer as letter from events
       where school = $1 and to_state = 'admitted' and note ? 'letter' order by city, event`,
      [school],
    );
    t.same(
      rows.map(row => row.letter),
      rows.map((_, index) => index + 1),
    );
  }
});
