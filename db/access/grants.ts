/**
 * Functions of one user, or of all who have a duty in a region, beyond what the policy gives them,
 * or less than it gives 权限管理.
 */
import type { Session } from '../connect.ts';
import { accessError, USERS_BASIS } from './errors.ts';
import { functionsOfSide } from './functions.ts';
import { managesRegion } from './regions.ts';
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
  requireGrantable(act, side, functions);
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

/** Functions that exist on the side, and that an office giver has. */
function requireGrantable(act: Act, side: 'office' | 'school', functions: readonly string[]): void {
  const known = functionsOfSide(side, act.policy.duties);
  const unknown = functions.filter(each => !known.has(each));
  if (unknown.length > 0) {
    const detail = { side: sideName(side), functions: unknown.join('、') };
    throw accessError('unknown-function', detail);
  }
  // An office bounds what its schools may do, though it has none of their functions.
  if (side === act.by.side) requireFunctions(act.by, functions);
}

/** What is given to, or taken from, all who have a duty in a region and below. */
export interface DutyGrant {
  readonly region: string;
  readonly duty: string;
  readonly functions: readonly string[];
  readonly granted: boolean;
}

/**
 * Changes what a duty may in a region; what a lower region has said of it stays. Users of the
 * province have every function whatever their duties, so nobody there is elevated by it.
 *
 * @returns the functions that changed
 * @throws unknown-duty, region-out-of-scope, self-elevation, unknown-function, lacks-function
 */
export async function changeDuty(
  session: Session,
  act: Act,
  { region, duty, functions, granted }: DutyGrant,
): Promise<string[]> {
  const known = act.policy.duties.find(each => each.id === duty);
  if (known === undefined) {
    const side = `${sideName('office')}与${sideName('school')}`;
    throw accessError('unknown-duty', { side, duties: duty });
  }
  if (!(await managesRegion(session, act.season, act.by, region))) {
    throw accessError('user-out-of-scope', { user: duty, region }, { basis: USERS_BASIS });
  }
  const { by } = act;
  const own = by.level !== 'province' && by.region === region && by.duties.includes(duty);
  if (own) throw accessError('self-elevation', {}, { basis: USERS_BASIS });
  requireGrantable(act, known.side, functions);
  const changed = await session.query<{ function: string }>(
    `insert into duty_grants (region, duty, function, granted, granted_by, granted_at)
     select $1, $2, function, $4, $5, $6 from (select distinct unnest($3::text[]) as function) f
     on conflict (region, duty, function) do update
       set granted = excluded.granted, granted_by = excluded.granted_by,
           granted_at = excluded.granted_at
       where duty_grants.granted <> excluded.granted
     returning function`,
    [region, duty, functions, granted, by.user, act.at],
  );
  return changed.map(row => row.function).sort();
}
