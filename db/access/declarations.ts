/**
 * Rule 10: whoever takes part declares each year the direct relatives who apply, or that there are
 * none. One may add to a declaration, never take away: only the province lifts one, on record, and
 * its user declares anew.
 */
import type { Session } from '../connect.ts';
import { accessError, RELATIVES_BASIS } from './errors.ts';
import type { User } from './user.ts';

/**
 * Declares, or adds to what was declared. The same again changes nothing.
 *
 * @param declared relatives: candidate numbers, empty for none
 * @returns whether something changed
 * @throws unknown-relative, already-declared
 */
export async function declareRelatives(
  session: Session,
  declared: {
    readonly season: number;
    readonly user: string;
    readonly relatives: readonly string[];
    readonly at: Date;
  },
): Promise<boolean> {
  const { season, user, at } = declared;
  const relatives = [...new Set(declared.relatives)].sort();
  // By the function too: a relative may live in a city that the user does not see.
  const [unknown] = await session.query<{ candidate: string }>(
    `select given.candidate from unnest($2::text[]) given (candidate)
      where not exists (select from candidate_numbers n
              where n.season = $1 and n.candidate_no = given.candidate)
        and not exists (select from candidate_for_entry($1::smallint, given.candidate))
      order by 1 limit 1`,
    [season, relatives],
  );
  if (unknown !== undefined) {
    throw accessError('unknown-relative', { candidate: unknown.candidate });
  }
  const [open] = await session.query<{ declaration: number; relatives: string[] }>(
    `select declaration, relatives from relative_declarations
      where season = $1 and user_name = $2 and lifted_at is null for update`,
    [season, user],
  );
  if (open === undefined) {
    await session.query(
      `insert into relative_declarations (season, user_name, relatives, declared_at)
       values ($1, $2, $3, $4)`,
      [season, user, relatives, at],
    );
    return true;
  }
  const former = new Set(open.relatives);
  if (!former.isSubsetOf(new Set(relatives))) {
    throw accessError('already-declared', {}, { basis: RELATIVES_BASIS });
  }
  if (former.size === relatives.length) return false;
  await session.query(
    'update relative_declarations set relatives = $2, declared_at = $3 where declaration = $1',
    [open.declaration, relatives, at],
  );
  return true;
}

/**
 * Lifts the declaration in force, which stays on record.
 *
 * @throws province-only, own-account, reason-required, no-declaration
 */
export async function liftDeclaration(
  session: Session,
  lifted: {
    readonly season: number;
    readonly user: string;
    readonly by: Pick<User, 'user' | 'level'>;
    readonly reason: string;
    readonly at: Date;
  },
): Promise<void> {
  const { season, user, by, reason, at } = lifted;
  if (by.level !== 'province') throw accessError('province-only', {}, { basis: RELATIVES_BASIS });
  if (user === by.user) throw accessError('own-account', {}, { basis: RELATIVES_BASIS });
  if (reason.trim() === '') throw accessError('reason-required');
  const done = await session.query(
    `update relative_declarations set lifted_at = $3, lifted_by = $4, lifted_reason = $5
      where season = $1 and user_name = $2 and lifted_at is null returning 1`,
    [season, user, at, by.user, reason.trim()],
  );
  if (done.length === 0) throw accessError('no-declaration', { user });
}
