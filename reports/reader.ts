/**
 * Who reads a report, and what of it: the reader's function, and the reader's scope, held by the
 * database (row-level security) from here to the end of the snapshot. Reports that the schedule
 * makes are the province's own and see everything.
 */

import { enterScope } from '../db/access/scope.ts';
import { readUser, type User } from '../db/access/user.ts';
import { SCHEDULE } from '../db/access/users.ts';
import { reportError } from './errors.ts';
import { type PolicyInForce, policyInForce } from './policy-words.ts';
import type { Parameters, Report, SelectContext } from './report.ts';

export interface Reader {
  /** null: the schedule, which sees everything. */
  readonly user: User | null;
  /** null: none adopted. */
  readonly policy: PolicyInForce | null;
}

/**
 * Enters the reader's scope until the transaction ends: rows may be streamed inside it.
 *
 * @throws unknown-reader, no-report-right, outside-scope: a city or school that is asked for by
 *   name and is not the reader's; nothing is silently left out of what was asked for
 */
export async function enterReader(
  context: SelectContext,
  report: Pick<Report, 'id' | 'title'>,
  parameters: Parameters = {},
): Promise<Reader> {
  const { session, season, actor } = context;
  const policy = await policyInForce(session, season);
  if (actor === SCHEDULE) return { user: null, policy };
  const user = await readUser(session, season, actor, policy?.base ?? { duties: [] });
  if (user === null || user.disabled) throw reportError('unknown-reader', { user: actor });
  if (!user.functions.has(report.id)) {
    throw reportError('no-report-right', { user: actor, title: report.title });
  }
  checkAsked(user, parameters);
  await enterScope(session, user, 'read');
  return { user, policy };
}

/**
 * The same check for a report that is then read outside of the scope: what it shows is bounded by
 * what `work` finds inside.
 *
 * @param work reads in the reader's scope, which ends with it
 * @throws as enterReader, and what the work throws
 */
export async function asReader<T>(
  context: SelectContext,
  report: Pick<Report, 'id' | 'title'>,
  parameters: Parameters,
  work: (reader: Reader) => Promise<T>,
): Promise<T> {
  if (context.actor === SCHEDULE) return work(await enterReader(context, report, parameters));
  await context.session.query('savepoint reader');
  const found = await work(await enterReader(context, report, parameters));
  await context.session.query('rollback to savepoint reader');
  return found;
}

/** @throws outside-scope: the city of what was asked for by its number is not the reader's */
export function requireCity({ user }: Reader, city: string, what: string): void {
  if (user === null || user.cities === 'all' || user.cities.includes(city)) return;
  throw reportError('outside-scope', { what, user: user.user });
}

function checkAsked(user: User, { city, school }: Parameters): void {
  const refuse = (what: string) => reportError('outside-scope', { what, user: user.user });
  const foreign = user.cities !== 'all' && !user.cities.includes(String(city));
  if (city !== undefined && foreign) throw refuse(`地市 ${city}`);
  if (user.school !== null && school !== undefined && school !== user.school) {
    throw refuse(`院校 ${school}`);
  }
}
