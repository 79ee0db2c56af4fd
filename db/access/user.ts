/**
 * Who acts: a user with scope, functions and declaration, as the runner of jobs and the reports
 * see it. Read fresh for every act: a grant that was taken away a minute ago is gone.
 */
import type { FullPolicy } from '../../engine/policy/types.ts';
import type { Session } from '../connect.ts';
import { type DutyChange, effectiveFunctions } from './functions.ts';

export interface User {
  /** Sign-in name, e.g. city-440100. */
  readonly user: string;
  readonly side: 'office' | 'school';
  readonly level: Level;
  /** Province, city or county code; of a school: where it lies. */
  readonly region: string;
  /** Home cities whose files and plans are in scope; a school's are bounded by the school. */
  readonly cities: readonly string[] | 'all';
  /** County users: their county only. */
  readonly county: string | null;
  /** School kinds in scope. */
  readonly kinds: readonly string[];
  readonly school: string | null;
  /** ids of duties.yaml */
  readonly duties: readonly string[];
  /** Effective: those of the side and the duties, what was granted, without what was removed. */
  readonly functions: ReadonlySet<string>;
  readonly disabled: boolean;
  readonly mustChangePassword: boolean;
  /** Rule 10; null: undeclared. */
  readonly declaration: { readonly relatives: readonly string[] } | null;
}

export type Level = 'province' | 'city' | 'county' | 'school';

/** Lower is higher up. */
export const LEVEL_RANK: Readonly<Record<Level, number>> = {
  province: 0,
  city: 1,
  county: 2,
  school: 3,
};

export const SCHOOL_KINDS = ['senior-high', 'vocational', 'technical'] as const;

interface Row {
  readonly side: 'office' | 'school';
  readonly level: Level;
  readonly region: string;
  readonly parent: string | null;
  readonly school: string | null;
  readonly kinds: string[] | null;
  readonly officeKinds: string | null;
  readonly schoolKind: string | null;
  readonly duties: string[];
  readonly disabled: boolean;
  readonly mustChange: boolean;
  readonly granted: string[] | null;
  readonly removed: string[] | null;
  readonly ofDuties: DutyChange[] | null;
  readonly relatives: string[] | null;
}

/**
 * The user of that name with what holds in the season; null: there is none.
 *
 * @param policy its duties' functions are the default ones
 */
export async function readUser(
  session: Pick<Session, 'prepared'>,
  season: number,
  name: string,
  policy: Pick<FullPolicy, 'duties'>,
): Promise<User | null> {
  const [row] = await session.prepared<Row>(
    'user',
    `select u.side, u.level, u.region, r.parent, u.school, u.school_kinds as kinds,
            o.school_kinds as "officeKinds", s.kind as "schoolKind", u.duties,
            u.disabled_at is not null as disabled, u.must_change_password as "mustChange",
            g.granted, g.removed, h."ofDuties", d.relatives
       from users u
       left join regions r on r.season = $1 and r.code = u.region
       left join regions p on p.season = $1 and p.code = r.parent
       left join offices o on o.season = $1 and o.code = u.office
       left join schools s on s.season = $1 and s.code = u.school
       left join relative_declarations d
         on d.season = $1 and d.user_name = u.user_name and d.lifted_at is null
       cross join lateral (
         select array_agg(function) filter (where granted) as granted,
                array_agg(function) filter (where not granted) as removed
           from function_grants where user_name = u.user_name) g
       cross join lateral (
         select jsonb_agg(jsonb_build_object('duty', duty, 'function', function,
                  'granted', granted)) as "ofDuties"
           from (select distinct on (duty, function) duty, function, granted
                   from duty_grants
                  where duty = any (u.duties) and region in (u.region, r.parent, p.parent)
                  order by duty, function, array_position(
                    array[u.region, r.parent, p.parent], region)) nearest) h
      where u.user_name = $2`,
    [season, name],
  );
  if (row === undefined) return null;
  const { side, level, region, duties } = row;
  return {
    user: name,
    side,
    level,
    region,
    cities: citiesOf(row),
    county: level === 'county' ? region : null,
    kinds: kindsOf(row),
    school: row.school,
    duties,
    functions: effectiveFunctions({ side, level, duties }, policy.duties, {
      granted: row.granted ?? [],
      removed: row.removed ?? [],
      ofDuties: row.ofDuties ?? [],
    }),
    disabled: row.disabled,
    mustChangePassword: row.mustChange,
    declaration: row.relatives === null ? null : { relatives: row.relatives },
  };
}

function citiesOf(row: Row): readonly string[] | 'all' {
  if (row.level === 'province' || row.level === 'school') return 'all';
  if (row.level === 'city') return [row.region];
  // A county that the season does not know has no city: then nothing is in scope.
  return row.parent === null ? [] : [row.parent];
}

function kindsOf(row: Row): readonly string[] {
  if (row.schoolKind !== null) return [row.schoolKind];
  if (row.kinds !== null) return row.kinds;
  if (row.officeKinds !== null) return officeKinds(row.officeKinds);
  return SCHOOL_KINDS;
}

/** As the row of an office has them: separated by spaces. */
export function officeKinds(text: string): string[] {
  return text.split(' ').filter(kind => kind !== '');
}
