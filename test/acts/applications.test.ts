/**
 * Withdrawal, approval paper, plan change, region move and transfer: what each does, what another
 * function or list reads back of it, and each refusal by its code.
 */
import t, { type Test } from 'tap';
import { pendingApplications } from '../../db/season/application-lists.ts';
import { planStanding } from '../../db/season/plan.ts';
import { verifyChain } from '../../db/trail.ts';
import { SEASON } from '../jobs/night-world.ts';
import { MORNING, refused } from './act-world.ts';
import {
  AUGUST,
  applicationWorld,
  apply,
  approve,
  BATCH,
  brokenCounts,
  CITIES,
  FOSHAN,
  NEW,
  OLD,
  PLANNED,
  REASON,
  refuse,
  refusesAsEveryReview,
  SIGNED,
  stateOf,
} from './application-world.ts';
import { transfers } from './transfers.ts';

const OFFICE = `city-${FOSHAN}`;
const SECOND = `city-${FOSHAN}-2`;
const OLD_SCHOOL = `school-${OLD}`;
const NEW_SCHOOL = `school-${NEW}`;
t.test('applications and their reviews', async t => {
  const world = await applicationWorld(t);
  world.at = AUGUST;
  /** Whatever a test has done, the files count their open applications right. */
  const test = (title: string, work: (t: Test) => Promise<void>) =>
    t.test(title, async t => {
      world.at = AUGUST;
      await work(t);
      t.same(await brokenCounts(world), []);
    });

  test('a withdrawal frees the place, and the school has lost the file', async t => {
    const candidate = await world.bring(FOSHAN, OLD, 'registered');
    const reading = await world.bring(FOSHAN, OLD, 'reading');
    const id = 'apply-withdrawal';
    const input = { candidate_no: candidate, ...SIGNED };
    world.at = MORNING;
    await refused(t, world, [OLD_SCHOOL, id, input], 'window-closed');
    world.at = AUGUST;
    await refused(t, world, [NEW_SCHOOL, id, input], 'out-of-scope');
    await refused(t, world, [OLD_SCHOOL, id, { candidate_no: candidate }], 'not-signed');
    const half = { candidate_no: candidate, request_hash: SIGNED.request_hash };
    await refused(t, world, [OLD_SCHOOL, id, half], 'not-signed');
    await refused(t, world, [OLD_SCHOOL, id, { ...SIGNED, candidate_no: reading }], 'not-admitted');
    await refused(
      t,
      world,
      [OLD_SCHOOL, id, { ...SIGNED, candidate_no: '1' }],
      'unknown-candidate',
    );

    const application = await apply(world, OLD_SCHOOL, id, input);
    t.match(await world.file(candidate), { open_applications: 1, last_event: id });
    await refused(t, world, [OLD_SCHOOL, id, input], 'application-open');
    const [waiting] = await pendingApplications(world.database, SEASON, '2016-08-04', {
      city: FOSHAN,
    });
    t.match(waiting, { application, kind: 'withdrawal', ageDays: 3, waitsFor: [FOSHAN] });

    const review = 'review-withdrawal';
    await refusesAsEveryReview(t, world, review, application);
    const kinds = (list: string[] | null) =>
      world.query('update users set school_kinds = $2 where user_name = $1', [SECOND, list]);
    await kinds(['technical']);
    await refused(t, world, [SECOND, review, approve(application)], 'out-of-scope');
    await kinds(null);
    await world.query('update applications set request_hash = null where application = $1', [
      application,
    ]);
    await refused(t, world, [OFFICE, review, approve(application)], 'not-signed');
    await world.query('update applications set request_hash = $2 where application = $1', [
      application,
      SIGNED.request_hash,
    ]);
    const place = { city: FOSHAN, school: OLD, batch: BATCH };
    const before = await planStanding(world.database, SEASON, place);
    await world.do(OFFICE, review, approve(application));
    const after = await planStanding(world.database, SEASON, place);
    t.equal(after.used, before.used - 1, 'the place is free');
    t.match(await world.file(candidate), {
      state: 'in-pool',
      school: null,
      returned_by: [OLD],
      open_applications: 0,
      letter: null,
      last_event: 'withdraw',
      decision: 'signed-application',
    });
    await refused(t, world, [OFFICE, review, approve(application)], 'application-decided');
    await refused(t, world, [OFFICE, review, refuse(application)], 'application-decided');
  });

  test('a withdrawal that is refused leaves the candidate admitted', async t => {
    const candidate = await world.bring(FOSHAN, OLD, 'admitted');
    const input = { candidate_no: candidate, ...SIGNED };
    const application = await apply(world, OLD_SCHOOL, 'apply-withdrawal', input);
    await world.do(OFFICE, 'review-withdrawal', refuse(application));
    t.equal(await stateOf(world, application), 'refused');
    t.match(await world.file(candidate), {
      state: 'admitted',
      school: OLD,
      open_applications: 0,
      last_event: 'review-withdrawal',
      note: { verdict: 'refuse', reason: REASON },
    });
    t.ok(await apply(world, OLD_SCHOOL, 'apply-withdrawal', input), 'it may be asked for again');
  });

  test('an approval paper names candidate, school and major', async t => {
    world.at = MORNING;
    const [candidate] = (await world.fresh(FOSHAN)) as [string];
    const elsewhere = await world.bring(FOSHAN, NEW, 'reading');
    const id = 'apply-approval-paper';
    const major = world.majors[OLD] as string;
    const paper = { batch: BATCH, major, ground: 'below-line' };
    const input = { candidate_no: candidate, ...paper, ...SIGNED };
    await refused(t, world, [OLD_SCHOOL, id, { ...input, candidate_no: '1' }], 'unknown-candidate');
    await refused(t, world, [OFFICE, id, input], 'wrong-side');
    const away = { ...input, candidate_no: elsewhere };
    await refused(t, world, [OLD_SCHOOL, id, away], 'not-in-pool');
    await refused(t, world, [OLD_SCHOOL, id, { ...input, major: '9999' }], 'unknown-major');
    const unsigned = { candidate_no: candidate, ...paper };
    await refused(t, world, [OLD_SCHOOL, id, unsigned], 'not-signed');
    await refused(t, world, [OLD_SCHOOL, id, { ...input, batch: 'early' }], 'unknown-batch');
    world.at = AUGUST;
    await refused(t, world, [OLD_SCHOOL, id, input], 'window-closed');
    world.at = MORNING;
    const key = [FOSHAN, OLD, major];
    const planless = 'delete from plan_lines where (city, school, major) = ($1, $2, $3)';
    await world.query(planless, key);
    await refused(t, world, [OLD_SCHOOL, id, input], 'no-plan');
    await world.query(
      `insert into plan_lines (season, city, school, major, batch, planned)
       values ($1, $2, $3, $4, $5, $6)`,
      [SEASON, ...key, BATCH, PLANNED],
    );

    const application = await apply(world, OLD_SCHOOL, id, input);
    t.match(await world.file(candidate), { state: 'in-pool', open_applications: 1 });
    await refused(
      t,
      world,
      [NEW_SCHOOL, id, { ...input, major: world.majors[NEW] }],
      'application-open',
    );
    const review = 'review-approval-paper';
    await refusesAsEveryReview(t, world, review, application);
    await world.do(OFFICE, review, approve(application));
    t.match(await world.file(candidate), { open_applications: 0, last_event: review });
    await refused(t, world, [OFFICE, review, approve(application)], 'application-decided');
    const [approved] = await world.query(
      `select state, school, major, note from applications where application = $1`,
      [application],
    );
    const names = { state: 'approved', school: OLD, major, note: { ground: 'below-line' } };
    t.match(approved, names, 'and waits for the point dispatch that uses it');
  });

  test('an approval paper that is refused is no paper', async t => {
    world.at = MORNING;
    const [candidate] = (await world.fresh(FOSHAN)) as [string];
    const major = world.majors[OLD] as string;
    const input = { candidate_no: candidate, batch: BATCH, major, ground: 'outside-choices' };
    const signed = { ...input, ...SIGNED };
    const application = await apply(world, OLD_SCHOOL, 'apply-approval-paper', signed);
    await world.do(OFFICE, 'review-approval-paper', refuse(application));
    t.equal(await stateOf(world, application), 'refused');
    t.match(await world.file(candidate), { open_applications: 0 });
  });

  test('transfers', t => transfers(t, world));

  test('two offices that review one application at once: one of them decides', async t => {
    const results: string[] = [];
    for (let round = 0; round < 5; round += 1) {
      const candidate = await world.bring(FOSHAN, OLD, 'admitted');
      const input = { candidate_no: candidate, ...SIGNED };
      const application = await apply(world, OLD_SCHOOL, 'apply-withdrawal', input);
      const both = await Promise.allSettled([
        world.do(OFFICE, 'review-withdrawal', approve(application)),
        world.do(SECOND, 'review-withdrawal', refuse(application)),
      ]);
      const lost = both.filter(each => each.status === 'rejected');
      t.equal(lost.length, 1, 'one winner');
      t.match(lost[0], { reason: { code: 'application-decided' } });
      const state = await stateOf(world, application);
      results.push(state);
      const file = await world.file(candidate);
      t.equal(file.state, state === 'approved' ? 'in-pool' : 'admitted', state);
      t.equal(file.open_applications, 0);
    }
    t.comment(results.join(' '));
  });

  test('two schools that ask for one candidate at once: one of them has asked', async t => {
    world.at = MORNING;
    const [candidate] = (await world.fresh(FOSHAN)) as [string];
    const ask = (school: string) =>
      world.do(`school-${school}`, 'apply-approval-paper', {
        candidate_no: candidate,
        batch: BATCH,
        major: world.majors[school],
        ground: 'outside-choices',
        ...SIGNED,
      });
    const both = await Promise.allSettled([ask(OLD), ask(NEW)]);
    const lost = both.filter(each => each.status === 'rejected');
    t.equal(lost.length, 1);
    t.match(lost[0], { reason: { code: 'application-open' } });
    t.match(await world.file(candidate), { open_applications: 1 });
  });

  test('the chains of all cities are whole', async t => {
    for (const city of CITIES) {
      const check = await world.database.session(session => verifyChain(session, SEASON, city));
      t.match(check, { fault: null }, city);
    }
  });
});
