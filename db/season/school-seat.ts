/** Where a school lies and who is in charge of it, for what is settled by the school's own city. */
import type { Session } from '../connect.ts';

export interface SchoolSeat {
  readonly school: string;
  readonly name: string;
  readonly kind: string;
  readonly owner: string;
  /** `external`: another system prints its rosters. */
  readonly roster: 'here' | 'external';
  /** The city it lies in; '': in none of the province's. */
  readonly city: string;
}

/** null: there is no such school. */
export async function schoolSeat(
  session: Pick<Session, 'query'>,
  season: number,
  school: string,
): Promise<SchoolSeat | null> {
  const [row] = await session.query<SchoolSeat>(
    `select s.code as school, s.name, s.kind, s.owner, s.roster,
            case r.level when 'city' then r.code when 'county' then r.parent else '' end as city
       from schools s
       left join regions r on r.season = s.season and r.code = s.region
      where s.season = $1::smallint and s.code = $2`,
    [season, school],
  );
  return row ?? null;
}
