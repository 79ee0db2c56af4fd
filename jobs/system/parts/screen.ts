/**
 * One's own session screen 锁定系统: locked by a word, opened by the password. Wrong passwords count
 * as failed sign-ins, and stay counted although the act is refused.
 */
import { accessError } from '../../../db/access/errors.ts';
import { lockSession, unlockSession } from '../../../db/access/sessions.ts';
import type { Act } from '../../act/act.ts';
import type { Answer } from '../../act/function-job.ts';

export const PASSWORD = {
  type: 'string',
  minLength: 1,
  maxLength: 400,
  description: '密码',
} as const;

/** @throws no-session */
export async function lockScreen<I>(act: Act<I>): Promise<Answer> {
  await lockSession(act.session, ownToken(act));
  act.record({ note: { screen: 'locked' } });
  return { lines: ['屏幕已锁定，输入密码后继续。'] };
}

/** @throws no-session; answers wrong-sign-in, sign-in-locked, user-disabled */
export async function unlockScreen<I>(act: Act<I>, password: string): Promise<Answer> {
  const token = ownToken(act);
  const answer = await unlockSession(act.session, { token, password, at: act.at });
  if (!answer.signedIn) return { lines: [], refusal: answer.refusal };
  act.record({ note: { screen: 'unlocked' } });
  return { lines: ['屏幕已解锁。'] };
}

/** The session that the caller speaks through. @throws no-session */
export function ownToken<I>(act: Act<I>): string {
  if (act.token === null) throw accessError('no-session');
  return act.token;
}
