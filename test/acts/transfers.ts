/** Transfers 转学, as applications.test.ts tests them in its world. */
import type { Test } from 'tap';
import { expireApplications } from '../../db/season/application-lists.ts';
import { planStanding } from '../../db/season/plan.ts';
import { SEASON } from '../jobs/night-world.ts';
import { refused } from './act-world.ts';
import {
  type ApplicationWorld,
  AUGUST,
  apply,
  approve,
  BATCH,
  FOSHAN,
  NEW,
  OLD,
  PHASE_2,
  PLANNED,
  refuse,
  refusesAsEveryReview,
  SIGNED,
  stateOf,
} from './application-world.ts';

const OFFICE = `city-${FOSHAN}`;
const OLD_SCHOOL = `school-${OLD}`;
const NEW_SCHOOL = `school-${NEW}`;
const ID = 'apply-transfer';
const REVIEW = 'review-transfer';

export async function transfers(t: Test, world: ApplicationWorld): Promise<void> {
  await t.test('frees the old place and takes the new one at once', t => oneTransaction(t, world));
  await t.test('refuses by consent, school, signature and limit', t => refusals(t, world));
  await t.test('stays within the plan in phase 1, and not after it', t => withinPlan(t, world));
  await t.test('ends with its consent when it is refused', t => endsTogether(t, world));
  await t.test('expires with its consent', t => expiresTogether(t, world));
  await t.test('takes from the pool after a withdrawal', t => fromPool(t, world));
}

const inputOf = (world: ApplicationWorld, candidate_no: string) => ({
  candidate_no,
  major: world.majors[NEW],
  ...SIGNED,
});

function consent(world: ApplicationWorld, candidate_no: string): Promise<number> {
  return apply(world, OLD_SCHOOL, 'apply-withdrawal', { candidate_no, ...SIGNED });
}

async function oneTransaction(t: Test, world: ApplicationWorld): Promise<void> {
  const candidate = await world.bring(FOSHAN, OLD, 'registered');
  const withdrawal = await consent(world, candidate);
  const transfer = await apply(world, NEW_SCHOOL, ID, inputOf(world, candidate));
  const row = await world.file(candidate);
  t.match(row, { state: 'registered', school: OLD, open_applications: 1, last_event: ID });
  await refused(t, world, [NEW_SCHOOL, ID, inputOf(world, candidate)], 'application-open');
  const again = { candidate_no: candidate, ...SIGNED };
  await refused(t, world, [OLD_SCHOOL, 'apply-withdrawal', again], 'application-open');
  const alone = [OFFICE, 'review-withdrawal', approve(withdrawal)] as const;
  await refused(t, world, alone, 'reviewed-with-transfer');
  await refusesAsEveryReview(t, world, REVIEW, transfer);

  const used = (school: string) =>
    planStanding(world.database, SEASON, { city: FOSHAN, school, batch: BATCH });
  const [oldBefore, newBefore] = [await used(OLD), await used(NEW)];
  const { answer } = await world.do(OFFICE, REVIEW, approve(transfer));
  t.equal((await used(OLD)).used, oldBefore.used - 1, 'the old place is free');
  t.equal((await used(NEW)).used, newBefore.used + 1, 'the new one is taken');
  const after = await world.file(candidate);
  t.match(after, {
    state: 'admitted',
    school: NEW,
    major: world.majors[NEW],
    returned_by: [OLD],
    open_applications: 0,
    transfers: 1,
    phase: 'phase-1',
    // Before the phase's own deadline it is that deadline.
    register_by: '2016-08-30',
    last_event: 'transfer',
  });
  t.equal(answer.values?.['letter'], after.letter);
  t.ok((after.letter ?? 0) > 0, 'the new school numbers its letter');
  t.match(after.decision, /transfers-at-most-once/);
  t.match(after.note, { from: { school: OLD, major: world.majors[OLD] } });
  t.equal(await stateOf(world, withdrawal), 'used');
  t.equal(await stateOf(world, transfer), 'approved');
  await refused(t, world, [OFFICE, REVIEW, approve(transfer)], 'application-decided');

  const back = { candidate_no: candidate, major: world.majors[OLD], ...SIGNED };
  const second = { candidate_no: candidate, ...SIGNED };
  await apply(world, NEW_SCHOOL, 'apply-withdrawal', second);
  await refused(t, world, [OLD_SCHOOL, ID, back], 'transfer-limit');
}

async function refusals(t: Test, world: ApplicationWorld): Promise<void> {
  const candidate = await world.bring(FOSHAN, OLD, 'admitted');
  const [nowhere] = (await world.fresh(FOSHAN)) as [string];
  const input = inputOf(world, candidate);
  await refused(t, world, [NEW_SCHOOL, ID, input], 'no-consent');
  await refused(t, world, [NEW_SCHOOL, ID, inputOf(world, nowhere)], 'no-consent');
  await refused(t, world, [NEW_SCHOOL, ID, inputOf(world, '1')], 'unknown-candidate');
  await refused(t, world, [OFFICE, ID, input], 'wrong-side');
  await consent(world, candidate);
  const own = { ...input, major: world.majors[OLD] };
  await refused(t, world, [OLD_SCHOOL, ID, own], 'same-school');
  const { candidate_no, major } = input;
  await refused(t, world, [NEW_SCHOOL, ID, { candidate_no, major }], 'not-signed');
  await refused(t, world, [NEW_SCHOOL, ID, { ...input, major: '9999' }], 'unknown-major');
  world.at = '2017-01-01T09:00';
  await refused(t, world, [NEW_SCHOOL, ID, input], 'window-closed');
  world.at = AUGUST;
}

async function withinPlan(t: Test, world: ApplicationWorld): Promise<void> {
  const candidate = await world.bring(FOSHAN, OLD, 'admitted');
  await consent(world, candidate);
  const plan = (planned: number) =>
    world.query('update plan_lines set planned = $4 where (city, school, major) = ($1, $2, $3)', [
      FOSHAN,
      NEW,
      world.majors[NEW],
      planned,
    ]);
  const input = inputOf(world, candidate);
  const transfer = await apply(world, NEW_SCHOOL, ID, input);
  await plan(0);
  await world.query('delete from flexible_quotas where (city, school) = ($1, $2)', [FOSHAN, NEW]);
  await refused(t, world, [OFFICE, REVIEW, approve(transfer)], 'over-plan');
  const other = await world.bring(FOSHAN, OLD, 'admitted');
  await consent(world, other);
  await refused(t, world, [NEW_SCHOOL, ID, inputOf(world, other)], 'over-plan');
  world.at = '2016-09-02T09:00';
  const { answer } = await world.do(OFFICE, REVIEW, approve(transfer));
  t.equal(answer.values?.['register_by'], '2016-11-07', 'phase 2 has its own deadline');
  t.match(await world.file(candidate), { phase: 'phase-2', school: NEW });
  await plan(PLANNED);
  world.at = '2016-12-20T09:00';
  const late = await apply(world, NEW_SCHOOL, ID, inputOf(world, other));
  await world.do(OFFICE, REVIEW, approve(late));
  const { register_by: day } = await world.file(other);
  t.equal(day, '2016-12-27', 'after the deadline it is the policy’s days');
}

async function endsTogether(t: Test, world: ApplicationWorld): Promise<void> {
  const candidate = await world.bring(FOSHAN, OLD, 'admitted');
  const withdrawal = await consent(world, candidate);
  const transfer = await apply(world, NEW_SCHOOL, ID, inputOf(world, candidate));
  await world.do(OFFICE, REVIEW, refuse(transfer));
  t.equal(await stateOf(world, withdrawal), 'refused', 'they count as one');
  t.match(await world.file(candidate), {
    state: 'admitted',
    school: OLD,
    open_applications: 0,
    transfers: 0,
  });
  await refused(t, world, [NEW_SCHOOL, ID, inputOf(world, candidate)], 'no-consent');
}

async function fromPool(t: Test, world: ApplicationWorld): Promise<void> {
  const candidate = await world.bring(FOSHAN, OLD, 'admitted');
  const withdrawal = await consent(world, candidate);
  await world.do(OFFICE, 'review-withdrawal', approve(withdrawal));
  const back = { candidate_no: candidate, major: world.majors[OLD], ...SIGNED };
  await refused(t, world, [OLD_SCHOOL, ID, back], 'same-school');
  world.at = PHASE_2;
  const transfer = await apply(world, NEW_SCHOOL, ID, inputOf(world, candidate));
  t.match(await world.file(candidate), { state: 'in-pool', open_applications: 1 });
  await world.do(OFFICE, REVIEW, approve(transfer));
  t.match(await world.file(candidate), {
    state: 'admitted',
    school: NEW,
    phase: 'phase-2',
    transfers: 1,
    open_applications: 0,
    returned_by: [OLD],
  });
  t.equal(await stateOf(world, withdrawal), 'approved', 'it was carried out by itself');
}

async function expiresTogether(t: Test, world: ApplicationWorld): Promise<void> {
  const candidate = await world.bring(FOSHAN, OLD, 'admitted');
  const withdrawal = await consent(world, candidate);
  const transfer = await apply(world, NEW_SCHOOL, ID, inputOf(world, candidate));
  const how = { at: new Date(), decision: 'application-expired', reason: 'expired' };
  const numbers = [withdrawal, transfer];
  const expired = await expireApplications(world.database, SEASON, numbers, how);
  t.same(
    expired.map(({ application }) => application),
    [transfer],
    'the file counts one less, not two',
  );
  t.equal(await stateOf(world, withdrawal), 'expired');
  // The sweep's event does this.
  await world.query('update files set open_applications = 0 where (city, file) = ($1, $2)', [
    FOSHAN,
    expired[0]?.file,
  ]);
}
