/** SQL of an act outside row-level security, and back. */
import { enterScope, leaveScope } from '../../db/access/scope.ts';
import type { User } from '../../db/access/user.ts';
import type { Session } from '../../db/connect.ts';
import { CodedError } from '../../engine/errors.ts';

/**
 * Back in the user's scope even after a refusal: an act of many rows takes it for one row's, and
 * goes on with the next. What PostgreSQL itself refuses has ended the transaction.
 */
export async function asRunner<T>(
  session: Session,
  user: User,
  work: (session: Session) => Promise<T>,
): Promise<T> {
  await leaveScope(session);
  try {
    const result = await work(session);
    await enterScope(session, user);
    return result;
  } catch (error) {
    if (error instanceof CodedError) await enterScope(session, user);
    throw error;
  }
}
