/**
 * The second enforcement of scope: inside `enterScope` and `leaveScope` the database itself shows
 * and takes only rows of the user's scope (row-level security, migration 0004-access).
 *
 * Both settings and role are local to the transaction: a connection that goes back to the pool
 * carries nothing of a user. Trail and ledger are written after `leaveScope`.
 *
 * Just-in-time compilation is off inside: the planner counts every look-up that a policy might do,
 * so that its estimate of a small statement is high enough to compile it, which then takes longer
 * than the statement.
 */
import { isInTransaction, type Session } from '../connect.ts';
import { keptStatements } from '../kept-statements.ts';
import { accessError } from './errors.ts';
import type { User } from './user.ts';

/** The role that everything done for a user runs in. */
const APP_ROLE = 'zhongzhao_app';
/** The role in which offices read that have whole cities in scope (migration 0022-reader-role). */
const READER_ROLE = 'zhongzhao_reader';

const SET = `select set_config('zhongzhao.user', $1, true), set_config('zhongzhao.side', $2, true),
  set_config('zhongzhao.level', $3, true), set_config('zhongzhao.region', $4, true),
  set_config('zhongzhao.cities', $5, true), set_config('zhongzhao.county', $6, true),
  set_config('zhongzhao.kinds', $7, true), set_config('zhongzhao.school', $8, true),
  set_config('jit', 'off', true), set_config('role', $9, true)`;

/**
 * Acts for the user from here on.
 *
 * @param session inside a transaction
 * @param purpose `read`: nothing will be written, and statements may be as large as a province
 * @throws scope-needs-transaction
 */
export async function enterScope(
  session: Pick<Session, 'query' | 'client'>,
  user: Pick<User, 'user' | 'side' | 'level' | 'region' | 'cities' | 'county' | 'kinds' | 'school'>,
  purpose: 'act' | 'read' = 'act',
): Promise<void> {
  // Outside a transaction the settings would end with their statement, and all that follows would
  // run as the owner.
  if (!isInTransaction(session)) throw accessError('scope-needs-transaction');
  const { side, level, region, cities, county, kinds, school } = user;
  await session.query(SET, [
    user.user,
    side,
    level,
    region,
    cities === 'all' ? '*' : cities.join(','),
    county ?? '',
    kinds.join(','),
    school ?? '',
    purpose === 'read' && side === 'office' && county === null ? READER_ROLE : APP_ROLE,
  ]);
  keptStatements(session.client).inScope = true;
}

/** Back to the runner, with nothing left of the user. */
export async function leaveScope(session: Pick<Session, 'query' | 'client'>): Promise<void> {
  await session.query(SET, [...new Array(8).fill(''), 'none']);
  keptStatements(session.client).inScope = false;
}

/** Out of the scope for a while, with the user's settings kept: `resumeScope` goes back. */
export async function suspendScope(session: Pick<Session, 'query' | 'client'>): Promise<void> {
  await session.query('set local role none');
  keptStatements(session.client).inScope = false;
}

/** Back into the scope that `enterScope` has set up in this transaction. */
export async function resumeScope(session: Pick<Session, 'query' | 'client'>): Promise<void> {
  await session.query(`set local role ${APP_ROLE}`);
  keptStatements(session.client).inScope = true;
}
