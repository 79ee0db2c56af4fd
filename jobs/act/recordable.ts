/**
 * The input of an act as the ledger keeps it: codes and numbers. What is a person's own – name,
 * identity number, telephone – is replaced by one keyed hash over all of it, so that a repeated
 * request is still known as the same, and nothing of the person stands in the ledger. A bare hash
 * would be reversed in minutes by trying all identity numbers. Of a secret – a password – not even
 * that is kept: who has the key could try the common ones.
 */
import type { Session } from '../../db/connect.ts';
import { identityHasher } from '../../db/identity-hmac.ts';
import { canonicalJson } from '../../engine/policy/canonical.ts';
import type { Json } from '../../engine/policy/json.ts';
import type { FunctionJob } from './function-job.ts';

/** What stands for a secret. */
const HIDDEN = '***';

/** @param session as the runner: the key is hidden from everybody else */
export async function recordable(
  job: Pick<FunctionJob, 'personal' | 'secret'>,
  session: Session,
  input: Readonly<Record<string, unknown>>,
): Promise<Record<string, unknown>> {
  const shown = Object.entries(input).map(([name, value]): [string, unknown] =>
    job.secret?.includes(name) ? [name, HIDDEN] : [name, value],
  );
  const personal = shown.filter(([name]) => job.personal?.includes(name));
  if (personal.length === 0) return Object.fromEntries(shown);
  const own = canonicalJson(Object.fromEntries(personal) as Json);
  const hashOf = await identityHasher(session);
  const rest = shown.filter(([name]) => !job.personal?.includes(name));
  return { ...Object.fromEntries(rest), personal: hashOf(own).toString('hex') };
}
