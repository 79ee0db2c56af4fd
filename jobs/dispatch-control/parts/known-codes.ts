/** Codes and subjects that a city's settings are held against. */
import type { Session } from '../../../db/connect.ts';
import type { Knowledge } from '../../../engine/policy/check-context.ts';
import type { FullPolicy } from '../../../engine/policy/types.ts';

/**
 * Schools that the province's own documents name count as known: they were checked when the base
 * was adopted, and what is wrong in it is not the city's to mend.
 *
 * @param base the policy in effect without the city's settings
 */
export async function knownCodes(
  session: Pick<Session, 'query'>,
  season: number,
  city: string,
  base: FullPolicy,
): Promise<Partial<Knowledge>> {
  const codesOf = async (table: string) => {
    const sql = `select code from ${table} where season = $1::smallint`;
    return (await session.query<{ code: string }>(sql, [season])).map(row => row.code);
  };
  const subjects = await session.query<{ name: string }>(
    'select name from subjects where season = $1::smallint and city = $2 order by position',
    [season, city],
  );
  const named = [
    ...base.special.map(each => each.school),
    ...base.schoolLines.map(each => each.school),
    ...base.schoolReviews.map(each => each.school),
    ...base.batches.flatMap(each => each.schools ?? []),
  ].filter(school => school !== null);
  return {
    schools: new Set([...(await codesOf('schools')), ...named]),
    regions: new Set(await codesOf('regions')),
    subjects:
      subjects.length === 0 ? null : new Map([[city, subjects.map(subject => subject.name)]]),
  };
}
