/** Schools that settings name. */
import type { Session } from '../../../db/connect.ts';
import { schoolInBatch } from '../../../engine/policy/lookup.ts';
import type { Batch } from '../../../engine/policy/types.ts';
import type { Act } from '../../act/act.ts';
import { actError } from '../../act/errors.ts';
import { requireKindsInCharge } from '../../dispatch/parts/round.ts';
import { controlError } from '../errors.ts';

export interface KnownSchool {
  readonly code: string;
  readonly kind: string;
}

export async function allSchools(
  session: Pick<Session, 'query'>,
  season: number,
): Promise<KnownSchool[]> {
  return session.query<KnownSchool>(
    'select code, kind from schools where season = $1::smallint order by code collate "C"',
    [season],
  );
}

/** @throws unknown-school */
export async function schoolOf<I>(act: Act<I>, code: string): Promise<KnownSchool> {
  const [school] = await act.session.query<KnownSchool>(
    'select code, kind from schools where season = $1::smallint and code = $2',
    [act.season, code],
  );
  if (school === undefined) throw actError('unknown-school', { school: code });
  return school;
}

/** @throws unknown-school, not-in-batch */
export async function requireInBatch<I>(act: Act<I>, code: string, batch: Batch): Promise<void> {
  if (schoolInBatch(batch, await schoolOf(act, code))) return;
  throw controlError('not-in-batch', { school: code, batch: batch.title });
}

/**
 * What holds for all schools of a batch is for whoever is in charge of all kinds in it, as its
 * dispatch is (calendar rule 19).
 *
 * @throws out-of-scope
 */
export function requireWholeBatch<I>(act: Act<I>, batch: Batch): Promise<void> {
  return act.asRunner(session => requireKindsInCharge(session, act.season, act.user, batch));
}

/**
 * Each office answers for its kinds of schools (calendar rule 19): what moves a school into a
 * batch or out of it is for whoever is in charge of its kind.
 *
 * @throws out-of-scope
 */
export async function requireKindsMoved<I>(
  act: Act<I>,
  before: Batch,
  after: Pick<Batch, 'schools' | 'kinds'>,
): Promise<void> {
  const schools = await allSchools(act.session, act.season);
  const foreign = schools.find(
    school =>
      schoolInBatch(before, school) !== schoolInBatch({ ...before, ...after }, school) &&
      !act.user.kinds.includes(school.kind),
  );
  if (foreign === undefined) return;
  throw actError('out-of-scope', { what: `院校 ${foreign.code}`, user: act.user.user });
}
