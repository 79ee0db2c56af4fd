/**
 * Sessions 登录会话: kept by the hash of their token, so that whoever reads the table cannot take
 * one over. Ending one ends it here, whatever cookie is still about.
 */
import { createHash } from 'node:crypto';
import type { Session } from '../connect.ts';
import { accessError } from './errors.ts';
import { type Credentials, type SignIn, signIn } from './sign-in.ts';

export interface OpenSession {
  readonly user: string;
  /** The screen is locked: the password to go on. */
  readonly locked: boolean;
  readonly openedAt: Date;
  readonly lastSeenAt: Date;
}

/** @param token at least 128 random bits, made by the caller and known to nobody else */
export async function openSession(
  session: Session,
  opened: { readonly user: string; readonly token: string; readonly at: Date },
): Promise<void> {
  await session.query(
    `insert into sessions (token_hash, user_name, opened_at, last_seen_at) values ($1, $2, $3, $3)`,
    [hashOf(opened.token), opened.user, opened.at],
  );
}

/** The open session of a token, seen now; null where there is none, or its user is disabled. */
export async function seeSession(
  session: Session,
  token: string,
  at: Date,
): Promise<OpenSession | null> {
  const [row] = await session.query<OpenSession>(
    `update sessions s set last_seen_at = greatest(s.last_seen_at, $2)
       from users u
      where s.token_hash = $1 and s.ended_at is null and u.user_name = s.user_name
        and u.disabled_at is null
      returning s.user_name as user, s.locked, s.opened_at as "openedAt",
                s.last_seen_at as "lastSeenAt"`,
    [hashOf(token), at],
  );
  return row ?? null;
}

/** 退出系统. Ending one that is ended already does nothing. */
export async function endSession(session: Session, token: string, at: Date): Promise<void> {
  await session.query(
    'update sessions set ended_at = $2 where token_hash = $1 and ended_at is null',
    [hashOf(token), at],
  );
}

/** Ends all sessions of a user: disabled, or the password set anew. @returns how many */
export async function endSessionsOf(session: Session, user: string, at: Date): Promise<number> {
  const ended = await session.query(
    'update sessions set ended_at = $2 where user_name = $1 and ended_at is null returning 1',
    [user, at],
  );
  return ended.length;
}

/** Ends the others: a new password ends what was opened with the old one. @returns how many */
export async function endOtherSessions(
  session: Session,
  own: { readonly user: string; readonly token: string | null; readonly at: Date },
): Promise<number> {
  const kept = own.token === null ? '' : hashOf(own.token);
  const ended = await session.query(
    `update sessions set ended_at = $3
      where user_name = $1 and token_hash <> $2 and ended_at is null returning 1`,
    [own.user, kept, own.at],
  );
  return ended.length;
}

/** 锁定系统, the screen of one session. @throws no-session */
export async function lockSession(session: Session, token: string): Promise<void> {
  const locked = await session.query(
    'update sessions set locked = true where token_hash = $1 and ended_at is null returning 1',
    [hashOf(token)],
  );
  if (locked.length === 0) throw accessError('no-session');
}

/**
 * Opens a locked screen by the password; wrong ones count as failed sign-ins, and are answered,
 * not thrown (see signIn).
 *
 * @throws no-session
 */
export async function unlockSession(
  session: Session,
  given: { readonly token: string } & Pick<Credentials, 'password' | 'at' | 'cost'>,
): Promise<SignIn> {
  const { token, ...credentials } = given;
  const open = await seeSession(session, token, given.at);
  if (open === null) throw accessError('no-session');
  const answer = await signIn(session, { ...credentials, user: open.user });
  if (answer.signedIn) {
    await session.query('update sessions set locked = false where token_hash = $1', [
      hashOf(token),
    ]);
  }
  return answer;
}

function hashOf(token: string): string {
  return createHash('sha256').update(token).digest('hex');
}
