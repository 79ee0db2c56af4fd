/**
 * 审核调整区域间计划: two approvals, by the city that gives and by the city that receives, of two
 * people. At the second the lines of both are locked and the giving city's free places counted
 * again; then the places move, and the sum over the province stays.
 */
import {
  type Application,
  readApplication,
  recordFirstApproval,
} from '../../db/season/applications.ts';
import type { Act } from '../act/act.ts';
import { type Answer, functionJob, type Place, type Target } from '../act/function-job.ts';
import { applicationError } from './applications/errors.ts';
import { decisionOf } from './applications/opening.ts';
import {
  lockMove,
  movePlaces,
  type RegionMove,
  requireFreePlaces,
} from './applications/region-move.ts';
import {
  APPLICATION_REVIEW,
  conclude,
  noteOf,
  ofKind,
  type ReviewInput,
  underReview,
} from './applications/reviewing.ts';
import { planSpans, withGrace } from './applications/windows.ts';

const TITLE = '审核调整区域间计划';

export const job = functionJob<ReviewInput>({
  id: 'review-region-move',
  title: TITLE,
  ...APPLICATION_REVIEW,
  // Each of the two cities answers for itself.
  levels: ['city'],
  window: withGrace(planSpans),
  target,
  async effect(act) {
    const application = await underReview(act);
    const { application: number, firstCity, city: to, otherCity } = application;
    const from = otherCity ?? '';
    const city = act.target.ofUser?.[0] ?? '';
    if (firstCity === city) {
      const other = city === from ? to : from;
      throw applicationError('city-approved', { city, application: number, other });
    }
    if (application.firstBy === act.user.user) {
      throw applicationError('same-person', { application: number, user: act.user.user });
    }
    if (act.input.verdict === 'refuse') return refuse(act, application, city);
    const { school, major, places } = application;
    const batch = act.batch(application.batch ?? '');
    const move = { from, to, school, major: major ?? '', batch, places: places ?? 0 };
    return firstCity === null
      ? approveFirst(act, application, move, city)
      : approveSecond(act, application, move, city);
  },
});

/** Both cities; the user must be of the one that has not approved yet, or of either. */
async function target(place: Place<ReviewInput>): Promise<Target> {
  const { session, season, input, user } = place;
  const found = await readApplication(session, season, input.application);
  const application = ofKind(found, ['region-move'], input.application, TITLE);
  const { city: to, otherCity, firstCity, school, batch } = application;
  const from = otherCity ?? '';
  const own = [from, to].filter(city => user.cities !== 'all' && user.cities.includes(city));
  const acting = own.find(city => city !== firstCity) ?? own[0] ?? from;
  return {
    cities: [from, to],
    ofUser: [acting],
    school,
    ...(batch === null ? {} : { batch }),
  };
}

/** An event in the chain of each of the two cities. */
function record(
  act: Act<ReviewInput>,
  application: Application,
  city: string,
  rules: readonly string[],
  more: object,
): void {
  const { city: to, otherCity, school, major, batch, places } = application;
  const note = noteOf(application, { from: otherCity, to, places, for: city, ...more });
  for (const chain of [otherCity ?? '', to]) {
    act.record({ city: chain, school, major, batch, ...decisionOf(rules), note });
  }
}

async function refuse(
  act: Act<ReviewInput>,
  application: Application,
  city: string,
): Promise<Answer> {
  const { reason = '' } = act.input;
  await conclude(act, application, { state: 'refused', reason });
  record(act, application, city, [], { verdict: 'refuse', reason });
  return { lines: [`第 ${application.application} 号申请已由 ${city} 退回，理由：${reason}。`] };
}

async function approveFirst(
  act: Act<ReviewInput>,
  application: Application,
  move: RegionMove,
  city: string,
): Promise<Answer> {
  const rules = await requireFreePlaces(act, move);
  const { application: number } = application;
  const approval = { by: act.user.user, city, at: act.at };
  await recordFirstApproval(act.session, act.season, number, approval);
  record(act, application, city, rules, { verdict: 'approve', approval: 1 });
  const other = city === move.from ? move.to : move.from;
  return {
    lines: [`第 ${number} 号申请已由 ${city} 审核通过，尚待 ${other} 审核。`],
    values: { application: number, state: 'half-approved' },
  };
}

async function approveSecond(
  act: Act<ReviewInput>,
  application: Application,
  move: RegionMove,
  city: string,
): Promise<Answer> {
  // The other city's line is not the user's to write: the runner moves both.
  await act.asRunner(session => lockMove(session, act.season, move));
  const rules = await requireFreePlaces(act, move);
  const moved = await act.asRunner(session => movePlaces(session, act.season, move));
  const { application: number } = application;
  await conclude(act, application, { state: 'approved', note: { ...moved, second_city: city } });
  record(act, application, city, rules, { verdict: 'approve', approval: 2, ...moved });
  const { giving, receiving } = moved;
  return {
    lines: [
      `第 ${number} 号申请已由两市审核通过：${move.from} 计划 ${giving.before} → ${giving.after}，` +
        `${move.to} 计划 ${receiving.before} → ${receiving.after}。`,
    ],
    values: { application: number, state: 'approved', ...moved },
  };
}
