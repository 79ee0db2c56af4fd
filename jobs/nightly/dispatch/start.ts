/** May this batch of this city be dispatched now: the start rules of the policy decide. */
import type { Session } from '../../../db/connect.ts';
import {
  type CityStanding,
  cityStandings,
  earlierBatchOpen,
} from '../../../db/dispatch/standing.ts';
import { CodedError } from '../../../engine/errors.ts';
import type { Batch, FactValue, FullPolicy, Policy } from '../../../engine/policy/types.ts';
import { evaluateRequirements } from '../../../engine/rules/requirements.ts';
import { fail } from './errors.ts';

export interface StartQuestion {
  readonly policy: Policy & Pick<FullPolicy, 'values'>;
  readonly batch: Batch;
  readonly round: number;
  readonly standing: CityStanding;
  /** Business date. */
  readonly date: string;
}

/** The facts of the stage `start` (spec/policy.md). */
export function startFacts(question: StartQuestion): Record<string, FactValue> {
  const { policy, batch, round, standing, date } = question;
  const { window } = batch;
  return {
    'batch.id': batch.id,
    'batch.order': batch.order,
    'batch.round': round,
    'batch.earlier-open': earlierBatchOpen(policy.batches, batch, standing, date),
    'batch.choices-awaited': standing.awaitingChoices.has(`${batch.id}|${round}`),
    'batch.window-open': window !== null && window[0] <= date && date <= window[1],
    'phase.id': batch.phase,
    'city.code': standing.city,
    'city.senior-high-complete': standing.seniorHighComplete,
    'city.policy-adopted': standing.policyAdopted,
    'city.principles': standing.principles,
    // A policy that says nothing of it requires nothing.
    'city.principles-required':
      policy.values.find(each => each.id === 'principles-required')?.value === true,
    'city.own-system': policy.ownSystem,
    today: date,
  };
}

/**
 * Asks the start rules, in their order.
 *
 * @throws CodedError with the code, the title and the basis of the first rule that refuses
 */
export async function requireStart(question: StartQuestion): Promise<void> {
  const { policy, date, standing, batch } = question;
  const facts = startFacts(question);
  const { refusal } = await evaluateRequirements(policy.start, policy.conditions, date, facts);
  if (refusal === null) return;
  throw new CodedError(
    refusal.code,
    {
      sentence: '{city} 的 {batch} 现在不能投档，不符合“{rule}”：{why}（依据：{basis}）。',
      advice: '请办妥该项后重新运行；其他地市不受影响。',
      exitCode: 4,
    },
    {
      city: standing.city,
      batch: batch.title,
      rule: refusal.title,
      why: refusal.explanation,
      basis: refusal.basis,
    },
    { basis: refusal.basis },
  );
}

/** @throws unknown-city */
export async function standingOf(
  session: Session,
  season: number,
  city: string,
): Promise<CityStanding> {
  const standings = await cityStandings(session, season);
  const standing = standings.find(each => each.city === city);
  if (standing === undefined) throw fail('unknown-city', { city });
  return standing;
}

/** @throws unknown-batch */
export function batchOf(policy: Policy, id: string): Batch {
  const batch = policy.batches.find(each => each.id === id);
  if (batch === undefined) throw fail('unknown-batch', { batch: id });
  return batch;
}

/** The round that goes on: the highest that the city has opened. */
export function currentRound(standing: CityStanding, batch: Batch): number {
  return standing.openedRounds.get(batch.id) ?? 1;
}

/** @throws round-not-open, batch-closed */
export function requireOpenRound(batch: Batch, round: number, standing: CityStanding): void {
  const { city } = standing;
  if (round < 1 || round > currentRound(standing, batch)) {
    throw fail('round-not-open', { city, batch: batch.id, round });
  }
  if (standing.closedBatches.has(batch.id)) {
    throw fail('batch-closed', { city, batch: batch.title });
  }
}
