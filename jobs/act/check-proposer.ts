/**
 * Two people answer for an act, and both must be entitled to it when it takes effect: who has lost
 * the function, moved elsewhere or declared a relative since is no proposer any more.
 */
import { readUser } from '../../db/access/user.ts';
import type { Session } from '../../db/connect.ts';
import { CodedError } from '../../engine/errors.ts';
import type { FullPolicy } from '../../engine/policy/types.ts';
import type { CityPolicies } from './city-policies.ts';
import { actError } from './errors.ts';
import type { FunctionJob, Target } from './function-job.ts';
import { checkEveryKind, checkRelatives, checkRight, checkScope } from './guards.ts';
import type { Proposal } from './proposals.ts';

interface Asked {
  readonly session: Session;
  readonly season: number;
  readonly proposal: Proposal;
  readonly target: Target;
  /** In effect for the target. */
  readonly policy: FullPolicy;
  readonly policies: CityPolicies;
}

/**
 * Of the proposer, and of whoever has signed since.
 *
 * @throws proposer-lost, with what the first of them lacks now
 */
export async function checkProposer(job: FunctionJob, asked: Asked): Promise<void> {
  const { proposedBy, signedBy } = asked.proposal;
  for (const name of [proposedBy, ...signedBy]) await checkSigner(job, asked, name);
}

async function checkSigner(job: FunctionJob, asked: Asked, name: string): Promise<void> {
  const { session, season, proposal, target, policy, policies } = asked;
  const { proposal: number, input } = proposal;
  const lost = (why: string) => actError('proposer-lost', { user: name, proposal: number, why });
  const user = await readUser(session, season, name, await policies.of(null));
  if (user === null) throw lost('没有此用户');
  try {
    checkRight(job, user, input);
    await checkRelatives(job, { session, season, user }, city => policies.of(city));
    await checkScope(session, season, user, target);
    checkEveryKind(job, user, policy);
  } catch (error) {
    throw error instanceof CodedError ? lost(error.message.replace(/。$/, '')) : error;
  }
}
