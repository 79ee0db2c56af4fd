/** Functions of one user beyond the duties, or less than they give 权限管理. */
import type { Session } from '../connect.ts';
import { accessError, USERS_BASIS } from './errors.ts';
import { functionsOfSide } from './functions.ts';
import { type Act, requireFunctions, requireUser, sideName } from './users.ts';

/**
 * Grants functions to a user within the caller's scope.
 *
 * @returns those that changed something
 * @throws self-elevation, unknown-user, user-out-of-scope, unknown-function, lacks-function
 */
export function grantFunctions(
  session: Session,
  act: Act,
  user: string,
  functions: readonly string[],
): Promise<string[]> {
  return change(session, act, user, functions, true);
}

/** Takes functions away, those of duties too. Returns and throws as grantFunctions. */
export function revokeFunctions(
  session: Session,
  act: Act,
  user: string,
  functions: readonly string[],
): Promise<string[]> {
  return change(session, act, user, functions, false);
}

async function change(
  session: Session,
  act: Act,
  user: string,
  functions: readonly string[],
  granted: boolean,
): Promise<string[]> {
  if (user === act.by.user) throw accessError('self-elevation', {}, { basis: USERS_BASIS });
  const { side } = await requireUser(session, act, user);
  const known = functionsOfSide(side, act.policy.duties);
  const unknown = functions.filter(each => !known.has(each));
  if (unknown.length > 0) {
    const detail = { side: sideName(side), functions: unknown.join('、') };
    throw accessError('unknown-function', detail);
  }
  // An office bounds what its schools may do, though it has none of their functions.
  if (side === act.by.side) requireFunctions(act.by, functions);
  const changed = await session.query<{ function: string }>(
    `insert into function_grants (user_name, function, granted, granted_by, granted_at)
     select $1, function, $3, $4, $5 from (select distinct unnest($2::text[]) as function) f
     on conflict (user_name, function) do update
       set granted = excluded.granted, granted_by = excluded.granted_by,
           granted_at = excluded.granted_at
       where function_grants.granted <> excluded.granted
     returning function`,
    [user, functions, granted, act.by.user, act.at],
  );
  return changed.map(row => row.function).sort();
}
