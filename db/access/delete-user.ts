/**
 * A user made by mistake may be deleted; one with history never is: the trail names him. Every act
 * leaves a line in the ledger, so that the ledger is asked, and not the trail with its millions of
 * events.
 */
import type { Session } from '../connect.ts';
import { accessError } from './errors.ts';

const HISTORY = `
select exists (select from users where user_name = $1 and last_signed_in_at is not null)
    or exists (select from sessions where user_name = $1)
    or exists (select from relative_declarations where user_name = $1 or lifted_by = $1)
    or exists (select from users where created_by = $1)
    or exists (select from function_grants where granted_by = $1)
    or exists (select from duty_grants where granted_by = $1)
    or exists (select from runs where actor = $1)
    or exists (select from policy_bases where adopted_by = $1)
    or exists (select from policy_overlays where adopted_by = $1)
    or exists (select from imports where imported_by = $1) as there`;

/**
 * Deletes a user without history; whether the caller may, has been asked.
 *
 * @param session of the runner: nobody else may delete users
 * @throws user-has-history
 */
export async function deleteUser(session: Session, user: string): Promise<void> {
  const [history] = await session.query<{ there: boolean }>(HISTORY, [user]);
  if (history?.there !== false) throw accessError('user-has-history', { user });
  await session.query('delete from function_grants where user_name = $1', [user]);
  await session.query('delete from users where user_name = $1', [user]);
}
