/** Whether a request that was done before asks for the same as it did then. */
import type { Session } from '../../db/connect.ts';
import { canonicalJson } from '../../engine/policy/canonical.ts';
import type { Json } from '../../engine/policy/json.ts';
import type { FunctionJob } from './function-job.ts';
import { type Given, isEmpty } from './given.ts';
import { recordable } from './recordable.ts';

/**
 * A confirmation that says nothing again is the same as long as its proposal is.
 *
 * @param session as the runner
 * @param before the input as the ledger has kept it
 */
export async function asksTheSame(
  job: FunctionJob,
  session: Session,
  { input, confirm, withdraw }: Given,
  before: unknown,
): Promise<boolean> {
  if (withdraw !== null) return (before as { readonly withdraw?: unknown }).withdraw === withdraw;
  const bare = confirm !== null && isEmpty(input);
  if (bare) return (before as { readonly confirm?: unknown }).confirm === confirm;
  const recorded = await recordable(job, session, input);
  const asked = { ...recorded, ...(confirm === null ? {} : { confirm }) };
  return canonicalJson(asked as Json) === canonicalJson(before as Json);
}
