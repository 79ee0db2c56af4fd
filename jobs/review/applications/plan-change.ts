/**
 * Plan up or down, and flexible quota: what the school's application and the city's review share.
 * Whether an application waits for an officer is the city's setting for the school and batch
 * (设置院校是否审核), else the review rules; the flexible quota needs no review (calendar rule 2), and
 * no setting makes it wait.
 */

import type { Session } from '../../../db/connect.ts';
import type { Application } from '../../../db/season/applications.ts';
import { planStanding } from '../../../db/season/plan.ts';
import {
  type LineKey,
  lockPlanLines,
  writeFlexible,
  writePlanned,
} from '../../../db/season/plan-lines.ts';
import type { Batch, FullPolicy } from '../../../engine/policy/types.ts';
import type { Act } from '../../act/act.ts';
import { type Automatic, AutomaticReview } from '../parts/automatic.ts';
import { applicationError } from './errors.ts';
import { applicationFacts, placeFacts, type QuotaQuestion } from './quota-rules.ts';

export interface PlanChange {
  readonly kind: 'plan-change' | 'flexible';
  readonly city: string;
  readonly school: string;
  /** null: the flexible quota. */
  readonly major: string | null;
  readonly batch: Batch;
  /** Up (positive) or down (negative). */
  readonly places: number;
}

export function planChangeOf(application: Application, policy: FullPolicy): PlanChange {
  const { kind, city, school, major, batch: id, places } = application;
  const batch = policy.batches.find(each => each.id === id) as Batch;
  const which = kind === 'flexible' ? 'flexible' : 'plan-change';
  return { kind: which, city, school, major, batch, places: places as number };
}

export function quotaQuestionOf(change: PlanChange): QuotaQuestion {
  const { places } = change;
  return { ...change, places: Math.abs(places), reduction: Math.max(0, -places) };
}

/** @throws no-plan: no line is no right, which is not a line of 0 */
export async function requirePlan<I>(
  act: Act<I>,
  { city, school, batch }: Pick<PlanChange, 'city' | 'school' | 'batch'>,
  major: string | null,
): Promise<void> {
  const { lines } = await act.asRunner(session =>
    planStanding(session, act.season, { city, school, batch: batch.id }),
  );
  if (lines.some(line => major === null || line.major === major)) return;
  const named = major === null ? '任何专业' : `专业 ${major} `;
  throw applicationError('no-plan', { school, city, batch: batch.title, major: named });
}

/** What is done without an officer; null: it waits for one. */
export async function automaticPlanReview<I>(
  act: Act<I>,
  change: PlanChange,
): Promise<Automatic | null> {
  const { kind, city, school, batch, major } = change;
  const policy = await act.cityPolicy(city);
  const flexible = kind === 'flexible';
  const review = new AutomaticReview(
    act,
    flexible ? { ...policy, schoolReviews: [] } : policy,
    { school, batch: batch.id },
    'planChanges',
  );
  const facts = await placeFacts(act, change, review.factNames);
  const standing = await act.asRunner(session =>
    planStanding(session, act.season, { city, school, batch: batch.id }),
  );
  const more = applicationFacts(quotaQuestionOf(change));
  const asked = facts.of({ stage: 'review', file: null, major, standing, more });
  return review.decide(asked, flexible ? null : 'approve-plan-change');
}

/** @returns planned (or flexible) places before and after @throws no-plan, below-zero */
export async function changePlan<I>(
  act: Act<I>,
  change: PlanChange,
): Promise<{ readonly before: number; readonly after: number }> {
  // A school may write no plan: what it may have without an officer is written by the runner.
  if (act.user.side === 'school') return act.asRunner(session => write(act, session, change));
  return write(act, act.session, change);
}

async function write<I>(act: Act<I>, session: Session, change: PlanChange) {
  const { city, school, batch, major, places, kind } = change;
  const line: LineKey = { city, school, major: major ?? '', batch: batch.id };
  if (kind === 'flexible') {
    const { flexible: before } = await planStanding(session, act.season, line);
    requireNotNegative(before, places);
    await writeFlexible(session, act.season, line, before + places);
    return { before, after: before + places };
  }
  const [locked] = await lockPlanLines(session, act.season, [line]);
  const before = locked?.planned ?? null;
  if (before === null) {
    throw applicationError('no-plan', {
      school,
      city,
      batch: batch.title,
      major: `专业 ${line.major} `,
    });
  }
  requireNotNegative(before, places);
  await writePlanned(session, act.season, line, before + places);
  return { before, after: before + places };
}

function requireNotNegative(before: number, places: number): void {
  if (before + places < 0) throw applicationError('below-zero', { before, places });
}
