/**
 * Signing in 登录, and changing one's password.
 *
 * A refusal is answered, not thrown: a thrown one would roll the caller's transaction back, and
 * with it the count of failed attempts. Attempts on one account wait for each other (row lock), so
 * that many at once are counted one by one.
 */
import type { CodedError } from '../../engine/errors.ts';
import type { Session } from '../connect.ts';
import { isSampleDatabase } from '../policies.ts';
import { accessError } from './errors.ts';
import {
  HISTORY_MAX_PASSWORDS,
  hashPassword,
  requireNewPassword,
  requireStrongPassword,
  SCRYPT_COST,
  type ScryptCost,
  verifyNothing,
  verifyPassword,
} from './passwords.ts';

const FAILURES_MAX = 5;
const LOCK_MINUTES = 15;
const MINUTE_MILLISECONDS = 60_000;

export type SignIn =
  | { readonly signedIn: true; readonly user: string; readonly mustChangePassword: boolean }
  | { readonly signedIn: false; readonly refusal: CodedError };

export interface Credentials {
  readonly user: string;
  readonly password: string;
  readonly at: Date;
  /** What an unknown user costs: what the known ones were hashed with. */
  readonly cost?: ScryptCost;
}

interface Account {
  readonly password: string;
  readonly failures: number;
  readonly lockedUntil: Date | null;
  readonly disabled: boolean;
  readonly sample: boolean;
  readonly mustChange: boolean;
}

/**
 * Checks name and password. Commit what it wrote in either case.
 *
 * @param session in a transaction of the runner
 * @returns refusals: wrong-sign-in, sign-in-locked, user-disabled
 */
export async function signIn(session: Session, given: Credentials): Promise<SignIn> {
  const { user, password, at, cost = SCRYPT_COST } = given;
  const account = await lockAccount(session, user);
  if (account === undefined) {
    await verifyNothing(password, cost);
    return refused(wrong());
  }
  const right = await verifyPassword(password, account.password);
  if (account.lockedUntil !== null && account.lockedUntil > at) {
    return refused(accessError('sign-in-locked', { until: shanghai(account.lockedUntil) }));
  }
  if (!right) return refused(await countFailure(session, user, account, at));
  if (account.disabled || (account.sample && !(await isSampleDatabase(session)))) {
    return refused(accessError('user-disabled', { user }));
  }
  await session.query(
    `update users set failed_sign_ins = 0, locked_until = null, last_signed_in_at = $2
      where user_name = $1`,
    [user, at],
  );
  return { signedIn: true, user, mustChangePassword: account.mustChange };
}

async function lockAccount(session: Session, user: string): Promise<Account | undefined> {
  const [account] = await session.query<Account>(
    `select password, failed_sign_ins as failures, locked_until as "lockedUntil",
            disabled_at is not null as disabled, sample, must_change_password as "mustChange"
       from users where user_name = $1 for update`,
    [user],
  );
  return account;
}

async function countFailure(
  session: Session,
  user: string,
  account: Account,
  at: Date,
): Promise<CodedError> {
  const failures = account.failures + 1;
  const locks = failures >= FAILURES_MAX;
  const until = locks ? new Date(at.getTime() + LOCK_MINUTES * MINUTE_MILLISECONDS) : null;
  await session.query(
    'update users set failed_sign_ins = $2, locked_until = $3 where user_name = $1',
    [user, locks ? 0 : failures, until],
  );
  return until === null ? wrong() : accessError('sign-in-locked', { until: shanghai(until) });
}

function wrong(): CodedError {
  return accessError('wrong-sign-in', { failures: FAILURES_MAX, minutes: LOCK_MINUTES });
}

function refused(refusal: CodedError): SignIn {
  return { signedIn: false, refusal };
}

function shanghai(at: Date): string {
  return at.toLocaleString('sv-SE', { timeZone: 'Asia/Shanghai' }).slice(0, 16);
}

/**
 * Changes one's own password 修改密码; the first sign-in asks for it.
 *
 * @throws unknown-user, wrong-old-password, weak-password, reused-password
 */
export async function setPassword(
  session: Session,
  change: {
    readonly user: string;
    readonly old: string;
    readonly new: string;
    readonly cost?: ScryptCost;
  },
): Promise<void> {
  const { user, old, new: next, cost = SCRYPT_COST } = change;
  const [row] = await session.query<{ password: string; history: string[] }>(
    `select password, password_history as history from users where user_name = $1 for update`,
    [user],
  );
  if (row === undefined) throw accessError('unknown-user', { user });
  if (!(await verifyPassword(old, row.password))) throw accessError('wrong-old-password');
  requireStrongPassword(next, user);
  await requireNewPassword(next, row.history);
  await storePassword(session, user, await hashPassword(next, cost), row.history, false);
}

/** Keeps a new hash and the last five; a password set by an office is changed at once. */
export async function storePassword(
  session: Session,
  user: string,
  hash: string,
  history: readonly string[],
  mustChange: boolean,
): Promise<void> {
  await session.query(
    `update users set password = $2, password_history = $3, must_change_password = $4,
            failed_sign_ins = 0, locked_until = null
      where user_name = $1`,
    [user, hash, [hash, ...history].slice(0, HISTORY_MAX_PASSWORDS), mustChange],
  );
}
