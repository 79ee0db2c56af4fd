/**
 * The first user of a real province. Every other user is made by one who is there already
 * (users.ts); somebody has to be the first, and that is whoever holds the database. Possible only
 * as long as no user of the province is enabled, so that it is no way round the rights of others.
 */
import type { Session } from '../connect.ts';
import { accessError } from './errors.ts';
import { hashPassword, requireStrongPassword, type ScryptCost } from './passwords.ts';
import { requireUserName } from './users.ts';

/** "zzfirstu" in bytes: one at a time. */
const LOCK = '8825486696090825845';

export interface FirstUser {
  readonly season: number;
  readonly user: string;
  /** Chosen by the user himself: it need not be changed. */
  readonly password: string;
  readonly at: Date;
}

/**
 * Makes it: an officer of the province, with every function of the office side.
 *
 * @param session in a transaction, as the runner
 * @throws wrong-user-data, province-has-users, no-province-region, weak-password, user-exists
 */
export async function createFirstUser(
  session: Pick<Session, 'query'>,
  { season, user, password, at }: FirstUser,
  cost?: ScryptCost,
): Promise<void> {
  requireUserName(user);
  await session.query('select pg_advisory_xact_lock($1)', [LOCK]);
  const [state] = await session.query<{ others: number; region: string | null }>(
    `select (select count(*)::integer from users
              where level = 'province' and disabled_at is null) as others,
       (select min(code) from regions
         where season = $1::smallint and level = 'province') as region`,
    [season],
  );
  if ((state?.others ?? 0) > 0) throw accessError('province-has-users', { count: state?.others });
  if (state?.region == null) throw accessError('no-province-region', { season });
  requireStrongPassword(password, user);
  const hash = await hashPassword(password, cost);
  const made = await session.query(
    `insert into users (user_name, side, level, region, duties, password, password_history,
       must_change_password, created_by, created_at)
     values ($1, 'office', 'province', $2, '{head}', $3, array[$3::text], false, $1, $4)
     on conflict (user_name) do nothing returning 1`,
    [user, state.region, hash, at],
  );
  if (made.length === 0) throw accessError('user-exists', { user });
}
