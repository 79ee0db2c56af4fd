/** Whether a school is open, suspended or finished in a batch, here or in the whole province. */
import type { Session } from '../connect.ts';

type Reader = Pick<Session, 'query'>;

export type SchoolStatus = 'open' | 'suspended' | 'finished';

export interface StatusKey {
  readonly season: number;
  readonly school: string;
  readonly batch: string;
  /** '': every city. */
  readonly region: string;
}

/** As set for that place itself; null: nobody has set any. */
export async function readSchoolStatus(
  session: Reader,
  { season, school, batch, region }: StatusKey,
): Promise<SchoolStatus | null> {
  const [row] = await session.query<{ status: SchoolStatus }>(
    `select status from school_statuses
     where season = $1::smallint and school = $2 and batch = $3 and region = $4`,
    [season, school, batch, region],
  );
  return row?.status ?? null;
}

export async function writeSchoolStatus(
  session: Reader,
  { season, school, batch, region }: StatusKey,
  status: SchoolStatus,
): Promise<void> {
  await session.query(
    `insert into school_statuses (season, school, batch, region, status)
     values ($1::smallint, $2, $3, $4, $5)
     on conflict (season, school, batch, region) do update set status = excluded.status`,
    [season, school, batch, region, status],
  );
}
