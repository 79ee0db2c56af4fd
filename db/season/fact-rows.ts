/**
 * What the facts of candidates and schools are made of, for acts on a few files (spec/policy.md
 * "Facts"). No names, no identity numbers: a rule reads none.
 */
import type { Session } from '../connect.ts';

type Reader = Pick<Session, 'query'>;

/** Scores are hundredths. */
export interface FactPerson {
  readonly file: number;
  readonly sex: string;
  readonly birthDate: string | null;
  readonly total: number | null;
  readonly attributes: Readonly<Record<string, string>>;
  /** By the name of the subject; absent: null. */
  readonly marks: Readonly<Record<string, number | null>>;
  /** Confirmed preference features. */
  readonly features: readonly string[];
}

/** Files of a city, by file; those that do not exist are left out. */
export async function readFactPeople(
  session: Reader,
  season: number,
  city: string,
  files: readonly number[],
): Promise<Map<number, FactPerson>> {
  const rows = await session.query<FactPerson>(
    `select c.file, c.sex, c.birth_date::text as "birthDate", c.total,
       coalesce(c.attributes, '{}') as attributes,
       coalesce((select jsonb_object_agg(u.name, s.marks[u.slot]) from scores s
         join subjects u on u.season = s.season and u.city = s.city
         where s.season = c.season and s.city = c.city and s.file = c.file), '{}') as marks,
       coalesce((select array_agg(p.feature order by p.feature collate "C") from preferences p
         where p.season = c.season and p.city = c.city and p.file = c.file
           and p.confirmed_by <> ''), '{}') as features
     from candidates c
     where c.season = $1::smallint and c.city = $2 and c.file = any($3::integer[])`,
    [season, city, files],
  );
  return new Map(rows.map(row => [row.file, row]));
}

export interface FactSchool {
  readonly code: string;
  readonly kind: string;
  readonly owner: string;
  readonly region: string;
  /** Here: in this city and batch; one that nobody has set is open. */
  readonly status: string;
  /** Its majors by code: whether 三二分段. */
  readonly majors: ReadonlyMap<string, boolean>;
}

/** A school with its majors; undefined: there is none of that code. */
export async function readFactSchool(
  session: Reader,
  season: number,
  place: { readonly city: string; readonly school: string; readonly batch: string },
): Promise<FactSchool | undefined> {
  const { city, school, batch } = place;
  type Row = Omit<FactSchool, 'majors'> & { readonly majors: Readonly<Record<string, boolean>> };
  const [row] = await session.query<Row>(
    `select s.code, s.kind, s.owner, s.region, coalesce((
       select t.status from school_statuses t
       where t.season = s.season and t.school = s.code and t.batch = $4 and t.region in ('', $2)
       order by t.region desc limit 1), 'open') as status,
       coalesce((select jsonb_object_agg(m.code, m.articulated) from majors m
         where m.season = s.season and m.school = s.code), '{}') as majors
     from schools s where s.season = $1::smallint and s.code = $3`,
    [season, city, school, batch],
  );
  return row === undefined ? undefined : { ...row, majors: new Map(Object.entries(row.majors)) };
}
