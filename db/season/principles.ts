/** Admission principles 录取原则 as cities file them with the province, and its answers. */

import type { Session } from '../connect.ts';
import type { PrinciplesState } from '../dispatch/standing.ts';

type Reader = Pick<Session, 'query'>;

export interface Principles {
  /** Counted per city and season. */
  readonly filing: number;
  /** SHA-256 of the paper. */
  readonly documentHash: string;
  readonly documentReference: string;
  readonly state: Exclude<PrinciplesState, 'none'>;
  /** Of an objection. */
  readonly reason: string | null;
}

/** The last filing; null: none. */
export async function standingPrinciples(
  session: Reader,
  season: number,
  city: string,
): Promise<Principles | null> {
  const [row] = await session.query<Principles>(
    `select filing, document_hash as "documentHash", document_reference as "documentReference",
       state, reason
     from city_principles where season = $1::smallint and city = $2
     order by filing desc limit 1`,
    [season, city],
  );
  return row ?? null;
}

export interface Filing {
  readonly season: number;
  readonly city: string;
  readonly documentHash: string;
  readonly documentReference: string;
  readonly overlayVersion: number;
  readonly signedBy: string;
  readonly countersignedBy: string;
  readonly at: Date;
  /** Business date. */
  readonly on: string;
  readonly late: boolean;
}

/** @returns its number */
export async function filePrinciples(session: Reader, filing: Filing): Promise<number> {
  const [row] = await session.query<{ filing: number }>(
    `insert into city_principles (season, city, filing, document_hash, document_reference,
       overlay_version, signed_by, countersigned_by, filed_at, filed_on, late)
     select $1::smallint, $2, coalesce(max(filing), 0) + 1, $3, $4, $5::integer, $6, $7,
       $8::timestamptz, $9::date, $10::boolean
     from city_principles where season = $1::smallint and city = $2
     returning filing`,
    [
      filing.season,
      filing.city,
      filing.documentHash,
      filing.documentReference,
      filing.overlayVersion,
      filing.signedBy,
      filing.countersignedBy,
      filing.at,
      filing.on,
      filing.late,
    ],
  );
  return (row as { filing: number }).filing;
}

export interface PrinciplesAnswer {
  readonly state: 'acknowledged' | 'objected';
  readonly by: string;
  readonly at: Date;
  /** Of an objection. */
  readonly reason: string | null;
}

export async function answerPrinciples(
  session: Reader,
  place: { readonly season: number; readonly city: string; readonly filing: number },
  answer: PrinciplesAnswer,
): Promise<void> {
  await session.query(
    `update city_principles set state = $4, answered_by = $5, answered_at = $6, reason = $7
     where season = $1::smallint and city = $2 and filing = $3`,
    [place.season, place.city, place.filing, answer.state, answer.by, answer.at, answer.reason],
  );
}
