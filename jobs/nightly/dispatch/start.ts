/** May this batch of this city be dispatched now: the start rules of the policy decide. */
import { type CityStanding, earlierBatchOpen } from '../../../db/dispatch/standing.ts';
import { CodedError } from '../../../engine/errors.ts';
import type { Batch, FactValue, FullPolicy, Policy } from '../../../engine/policy/types.ts';
import { evaluateRequirements } from '../../../engine/rules/requirements.ts';

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
