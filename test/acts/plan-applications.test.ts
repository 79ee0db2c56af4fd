/**
 * Plan up or down, flexible quota and region moves: who decides, what it does to the plan, each
 * refusal by its code.
 */
import t, { type Test } from 'tap';
import { pendingApplications } from '../../db/season/application-lists.ts';
import { policyFiles, SEASON } from '../jobs/night-world.ts';
import { MORNING, refused } from './act-world.ts';
import {
  type ApplicationWorld,
  AUGUST,
  applicationWorld,
  apply,
  approve,
  BATCH,
  brokenCounts,
  FOSHAN,
  NEW,
  OLD,
  PLANNED,
  provinceSum,
  REASON,
  refuse,
  refusesAsEveryReview,
  SHUNDE,
  SIGNED,
  stateOf,
  ZHUHAI,
} from './application-world.ts';

const OFFICE = `city-${FOSHAN}`;
const OLD_SCHOOL = `school-${OLD}`;
const NEW_SCHOOL = `school-${NEW}`;

/** In Foshan, changes of one school wait for an officer and those of the other do not. */
const SETTINGS = `reviews:
  schools:
    - { school: "${OLD}", batch: ${BATCH}, plan-changes: yes, basis: sample }
    - { school: "${NEW}", batch: ${BATCH}, plan-changes: no, basis: sample }
`;
const SMALL_CHANGES = `  - id: small-plan-change
    title: 不超过两个名额的计划增减自动通过
    basis: sample
    when:
      all:
        - { fact: application.kind, operator: equal, value: plan-change }
        - { fact: application.places, operator: lessThanInclusive, value: 2 }
    then: { event: approve-plan-change }

schools: []`;

const withSettings = policyFiles((path, text) => {
  if (path === `cities/${FOSHAN}.yaml`) return `${text}\n${SETTINGS}`;
  if (path !== 'reviews.yaml') return text;
  return text.replace('\nschools: []', SMALL_CHANGES);
});

t.test('changes of plan', async t => {
  const world = await applicationWorld(t, { files: withSettings });
  const test = (title: string, work: (t: Test) => Promise<void>) =>
    t.test(title, async t => {
      world.at = MORNING;
      await work(t);
      t.same(await brokenCounts(world), []);
    });
  const change = (school: string, places: number, more: object = {}) => ({
    city: FOSHAN,
    batch: BATCH,
    kind: 'plan',
    major: world.majors[school],
    places,
    reason: REASON,
    ...more,
  });

  test('plan up or down waits for the city of the line', async t => {
    const id = 'apply-plan-change';
    const input = change(OLD, 5);
    await refused(t, world, [OFFICE, id, input], 'wrong-side');
    await refused(t, world, [OLD_SCHOOL, id, { ...input, places: 0 }], 'wrong-input');
    await refused(t, world, [OLD_SCHOOL, id, { ...input, major: undefined }], 'wrong-input');
    await refused(t, world, [OLD_SCHOOL, id, { ...input, batch: 'early' }], 'unknown-batch');
    await refused(t, world, [OLD_SCHOOL, id, { ...input, major: '9999' }], 'no-plan');
    await refused(t, world, [OLD_SCHOOL, id, { ...input, city: '449900' }], 'no-plan');
    world.at = '2016-08-10T09:00';
    await refused(t, world, [OLD_SCHOOL, id, input], 'window-closed');
    world.at = MORNING;
    for (let taken = 0; taken < 3; taken += 1) await world.bring(FOSHAN, OLD, 'reading');
    const tooMany = change(OLD, 3 - PLANNED - 1);
    await refused(t, world, [OLD_SCHOOL, id, tooMany], 'below-used');

    const up = await apply(world, OLD_SCHOOL, id, input);
    t.equal(await world.planned(FOSHAN, OLD), PLANNED, 'nothing yet');
    await refused(t, world, [OLD_SCHOOL, id, change(OLD, -1)], 'application-open');
    const review = 'review-plan-change';
    await refusesAsEveryReview(t, world, review, up);
    const { answer } = await world.do(OFFICE, review, approve(up));
    t.match(answer.values, { before: PLANNED, after: PLANNED + 5 });
    t.equal(await world.planned(FOSHAN, OLD), PLANNED + 5);
    await refused(t, world, [OFFICE, review, approve(up)], 'application-decided');
    t.equal(await world.planned(FOSHAN, OLD), PLANNED + 5, 'once only');

    const down = await apply(world, OLD_SCHOOL, id, change(OLD, -(PLANNED + 2)));
    await world.bring(FOSHAN, OLD, 'reading');
    await refused(t, world, [OFFICE, review, approve(down)], 'below-used');
    await world.do(OFFICE, review, refuse(down));
    t.equal(await stateOf(world, down), 'refused');
  });

  test('places that files without a major will take are not given away', async t => {
    const majorOf = (major: string | null) =>
      world.query(
        "update files set major = $3 where city = $1 and school = $2 and state = 'reading'",
        [FOSHAN, OLD, major],
      );
    await majorOf(null);
    const others = [FOSHAN, OLD, world.majors[OLD]];
    const lines = await world.query<{ major: string; planned: number }>(
      'select major, planned from plan_lines where city = $1 and school = $2 and major <> $3',
      others,
    );
    const where = 'where city = $1 and school = $2 and major <> $3';
    await world.query(`update plan_lines set planned = 0 ${where}`, others);
    const all = await world.planned(FOSHAN, OLD);
    const [row] = await world.query<{ reading: number; flexible: number }>(
      `select (select count(*)::integer from files where city = $1 and school = $2
           and state = 'reading') as reading,
         (select coalesce(sum(places), 0)::integer from flexible_quotas
           where city = $1 and school = $2 and batch = $3) as flexible`,
      [FOSHAN, OLD, BATCH],
    );
    const { reading = 0, flexible = 0 } = row ?? {};
    t.ok(reading > flexible);
    const least = reading - flexible;
    const id = 'apply-plan-change';
    await refused(t, world, [OLD_SCHOOL, id, change(OLD, least - all - 1)], 'below-used');
    const down = await apply(world, OLD_SCHOOL, id, change(OLD, least - all));
    await world.do(OFFICE, 'review-plan-change', refuse(down));
    await majorOf(world.majors[OLD] ?? '');
    for (const { major, planned } of lines) {
      await world.query(
        'update plan_lines set planned = $4 where city = $1 and school = $2 and major = $3',
        [FOSHAN, OLD, major, planned],
      );
    }
  });

  test('an officer’s setting for the school wins over a rule', async t => {
    const id = 'apply-plan-change';
    const { answer: waits } = await world.do(OLD_SCHOOL, id, change(OLD, 1));
    t.match(waits.values, { state: 'open' }, 'set to yes: the rule is not asked');
    await world.do(OFFICE, 'review-plan-change', refuse(waits.values?.['application']));
    const { answer: passes } = await world.do(NEW_SCHOOL, id, change(NEW, 7));
    t.match(passes.values, {
      state: 'approved',
      decision: 'set-school-review',
      after: PLANNED + 7,
    });
    const shunde = { city: SHUNDE };
    const { answer: small } = await world.do(NEW_SCHOOL, id, change(NEW, 2, shunde));
    t.match(
      small.values,
      { state: 'approved', decision: 'small-plan-change' },
      'not set: the rule',
    );
    const { answer: large } = await world.do(NEW_SCHOOL, id, change(NEW, 3, shunde));
    t.match(large.values, { state: 'open' });
    t.equal(await world.planned(SHUNDE, NEW), PLANNED + 2);
  });

  test('flexible quota takes effect at once, and the event names the rule', async t => {
    const id = 'apply-plan-change';
    const flexible = (places: number) =>
      change(OLD, places, { kind: 'flexible', major: undefined });
    const quota = async () => {
      const [row] = await world.query<{ places: number }>(
        'select places from flexible_quotas where (city, school, batch) = ($1, $2, $3)',
        [FOSHAN, OLD, BATCH],
      );
      return row?.places ?? 0;
    };
    const before = await quota();
    await refused(t, world, [OLD_SCHOOL, id, { ...flexible(1), major: '0101' }], 'wrong-input');
    const { answer } = await world.do(OLD_SCHOOL, id, flexible(4));
    const decision = 'flexible-without-review';
    t.match(answer.values, { state: 'approved', decision }, 'though the city reviews plan changes');
    t.equal(await quota(), before + 4);
    const [event] = await world.query(
      'select name, decision, school, note from events where city = $1 order by event desc limit 1',
      [FOSHAN],
    );
    t.match(event, { name: id, decision: /flexible-without-review/, school: OLD });
    await refused(t, world, [OLD_SCHOOL, id, flexible(-(before + 5))], 'below-used');
    const nowhere = { ...flexible(1), city: '449900' };
    await refused(t, world, [OLD_SCHOOL, id, nowhere], 'no-plan');
    await world.do(OLD_SCHOOL, id, flexible(-4));
    t.equal(await quota(), before);
  });

  test('a region move needs both cities, and keeps the sum', t => regionMove(t, world));
  test('a region move that one city refuses is over', async t => {
    const move = await apply(world, OLD_SCHOOL, 'apply-region-move', moveOf(world, 2));
    await world.do(`city-${SHUNDE}`, 'review-region-move', approve(move));
    await world.do(OFFICE, 'review-region-move', refuse(move));
    t.equal(await stateOf(world, move), 'refused');
    const again = [`city-${SHUNDE}`, 'review-region-move', approve(move)] as const;
    await refused(t, world, again, 'application-decided');
  });

  test('both cities at once: both approvals count, in whatever order', async t => {
    const sum = await provinceSum(world);
    for (let round = 0; round < 3; round += 1) {
      const move = await apply(world, OLD_SCHOOL, 'apply-region-move', moveOf(world, 1));
      await Promise.all(
        [FOSHAN, SHUNDE].map(city => world.do(`city-${city}`, 'review-region-move', approve(move))),
      );
      t.equal(await stateOf(world, move), 'approved');
    }
    t.equal(await provinceSum(world), sum);
  });
});

const moveOf = (world: ApplicationWorld, places: number) => ({
  from: FOSHAN,
  to: SHUNDE,
  batch: BATCH,
  major: world.majors[OLD],
  places,
});

async function regionMove(t: Test, world: ApplicationWorld): Promise<void> {
  const id = 'apply-region-move';
  const review = 'review-region-move';
  const input = moveOf(world, 6);
  const [giving, receiving] = [await world.planned(FOSHAN, OLD), await world.planned(SHUNDE, OLD)];
  const sum = await provinceSum(world);
  await refused(t, world, [OFFICE, id, input], 'wrong-side');
  await refused(t, world, [OLD_SCHOOL, id, { ...input, to: FOSHAN }], 'same-city');
  await refused(t, world, [OLD_SCHOOL, id, { ...input, to: '449900' }], 'unknown-city');
  await refused(t, world, [OLD_SCHOOL, id, { ...input, places: 0 }], 'wrong-input');
  await refused(t, world, [OLD_SCHOOL, id, { ...input, major: '9999' }], 'no-plan');
  await refused(t, world, [OLD_SCHOOL, id, { ...input, places: 1_000 }], 'below-used');
  world.at = '2016-08-10T09:00';
  await refused(t, world, [OLD_SCHOOL, id, input], 'window-closed');
  world.at = MORNING;

  const move = await apply(world, OLD_SCHOOL, id, input);
  await refused(t, world, [OLD_SCHOOL, id, input], 'application-open');
  await refused(t, world, [OLD_SCHOOL, review, approve(move)], 'wrong-side');
  await refused(t, world, ['province', review, approve(move)], 'wrong-level');
  await refused(t, world, [`city-${ZHUHAI}`, review, approve(move)], 'out-of-scope');
  await refused(t, world, [OFFICE, review, approve(999_999)], 'unknown-application');
  await refused(
    t,
    world,
    [OFFICE, review, { application: move, verdict: 'refuse' }],
    'reason-needed',
  );
  const { answer } = await world.do(OFFICE, review, approve(move));
  t.match(answer.values, { state: 'half-approved' });
  t.equal(await world.planned(FOSHAN, OLD), giving, 'nothing yet');
  await refused(t, world, [OFFICE, review, approve(move)], 'city-approved');
  await refused(t, world, [`${OFFICE}-2`, review, approve(move)], 'city-approved');
  const waiting = await pendingApplications(world.database, SEASON, '2016-07-25');
  t.match(
    waiting.find(({ application }) => application === move),
    { state: 'half-approved', waitsFor: [SHUNDE], ageDays: 4, city: SHUNDE, otherCity: FOSHAN },
  );
  const shunde = `city-${SHUNDE}`;
  const firstBy = (user: string) =>
    world.query('update applications set first_by = $2 where application = $1', [move, user]);
  await firstBy(shunde);
  await refused(t, world, [shunde, review, approve(move)], 'same-person');
  await firstBy(OFFICE);

  const line = [FOSHAN, OLD, world.majors[OLD]];
  const resize = (planned: number) =>
    world.query('update plan_lines set planned = $4 where (city, school, major) = ($1, $2, $3)', [
      ...line,
      planned,
    ]);
  await resize(5);
  await refused(t, world, [shunde, review, approve(move)], 'below-used');
  await resize(giving);
  await world.do(shunde, review, approve(move));
  t.equal(await world.planned(FOSHAN, OLD), giving - 6);
  t.equal(await world.planned(SHUNDE, OLD), receiving + 6);
  t.equal(await provinceSum(world), sum, 'zero-sum');
  const chains = await world.query(
    `select city, actor from events where name = $1 and (note ->> 'application')::integer = $2
      order by city, event`,
    [review, move],
  );
  t.same(
    chains,
    [FOSHAN, SHUNDE].flatMap(city => [OFFICE, shunde].map(actor => ({ city, actor }))),
    'both approvals stand in the chains of both cities',
  );
  await refused(t, world, [shunde, review, approve(move)], 'application-decided');
}

t.test('a rule changed in YAML alone changes what happens', async t => {
  const files = policyFiles((path, text) => {
    if (path === 'quotas.yaml') {
      const rule = text.indexOf('  - id: signed-application');
      const end = text.indexOf('  - id: signed-paper');
      return (text.slice(0, rule) + text.slice(end)).replace(
        '{ fact: file.transfers, operator: lessThan, value: 1 }',
        '{ fact: file.transfers, operator: lessThan, value: 0 }',
      );
    }
    if (path !== 'reviews.yaml') return text;
    const rule = text.indexOf('  - id: flexible-without-review');
    return `${text.slice(0, rule)}\nschools: []\n`;
  });
  const world = await applicationWorld(t, { files, candidates: 120 });
  world.at = AUGUST;
  const candidate = await world.bring(FOSHAN, OLD, 'admitted');
  const input = { candidate_no: candidate };
  t.ok(await apply(world, OLD_SCHOOL, 'apply-withdrawal', input), 'no signature is asked for');
  const transfer = { candidate_no: candidate, major: world.majors[NEW], ...SIGNED };
  await refused(t, world, [NEW_SCHOOL, 'apply-transfer', transfer], 'transfer-limit');
  world.at = MORNING;
  const flexible = { city: FOSHAN, batch: BATCH, kind: 'flexible', places: 3 };
  const { answer } = await world.do(OLD_SCHOOL, 'apply-plan-change', flexible);
  t.match(answer.values, { state: 'open' }, 'flexible quota waits for the city');
  await world.do(OFFICE, 'review-plan-change', approve(answer.values?.['application']));
  const [quota] = await world.query<{ places: number }>(
    'select places from flexible_quotas where (city, school) = ($1, $2)',
    [FOSHAN, OLD],
  );
  t.ok((quota?.places ?? 0) >= 3, 'and has its places then');
});
