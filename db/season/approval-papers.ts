/** Approved papers 批件: each names candidate, school and major, and is used once. */
import type { Session } from '../connect.ts';

type Reader = Pick<Session, 'query'>;

/** For what a paper is asked: no paper serves for anything else. */
export const GROUNDS = ['outside-choices', 'below-line', 'articulated'] as const;
export type Ground = (typeof GROUNDS)[number];

export interface ApprovalPaper {
  readonly application: number;
  readonly major: string;
}

/**
 * The first approved paper, not yet used, that names the candidate, the school and the major, and
 * was approved on one of these grounds.
 */
export async function approvedPaper(
  session: Reader,
  season: number,
  named: {
    readonly city: string;
    readonly file: number;
    readonly school: string;
    /** null: whichever the paper names. */
    readonly batch: string | null;
    /** null: whichever the paper names. */
    readonly major: string | null;
    readonly grounds: readonly Ground[];
  },
): Promise<ApprovalPaper | null> {
  const { city, file, school, batch, major, grounds } = named;
  const [row] = await session.query<ApprovalPaper>(
    `select application, major from applications
     where season = $1::smallint and kind = 'approval-paper' and state = 'approved'
       and city = $2 and file = $3 and school = $4
       and ($5::text is null or coalesce(batch, $5) = $5)
       and major is not null and ($6::text is null or major = $6)
       and note ->> 'ground' = any ($7::text[])
     order by application limit 1`,
    [season, city, file, school, batch, major, grounds],
  );
  return row ?? null;
}

/** Marks a paper as used. @returns false where it was used, or is not approved any more */
export async function usePaper(
  session: Reader,
  season: number,
  application: number,
): Promise<boolean> {
  const rows = await session.query(
    `update applications set state = 'used'
     where season = $1::smallint and application = $2 and kind = 'approval-paper'
       and state = 'approved' returning application`,
    [season, application],
  );
  return rows.length === 1;
}
