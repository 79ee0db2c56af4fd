/** Draws of lots 派位: the hash of the applicants is published, then a seed is drawn for them. */
import type { Session } from '../connect.ts';

type Reader = Pick<Session, 'query'>;

export interface Draw {
  /** Counted per city and season. */
  readonly draw: number;
  readonly inputHash: string;
  /** null: published, not drawn yet. */
  readonly seed: string | null;
}

export interface DrawPlace {
  readonly season: number;
  readonly city: string;
  readonly batch: string;
  readonly round: number;
}

/** The last publication for a round; null: none. */
export async function latestDraw(session: Reader, place: DrawPlace): Promise<Draw | null> {
  const [row] = await session.query<Draw>(
    `select draw, input_hash as "inputHash", seed from lottery_draws
     where season = $1::smallint and city = $2 and batch = $3 and round = $4::smallint
     order by draw desc limit 1`,
    [place.season, place.city, place.batch, place.round],
  );
  return row ?? null;
}

/** @returns its number */
export async function publishApplicants(
  session: Reader,
  place: DrawPlace,
  published: {
    readonly inputHash: string;
    readonly by: string;
    readonly at: Date;
    readonly on: string;
  },
): Promise<number> {
  const [row] = await session.query<{ draw: number }>(
    `insert into lottery_draws
       (season, city, draw, batch, round, input_hash, published_by, published_at, published_on)
     select $1::smallint, $2, coalesce(max(draw), 0) + 1, $3, $4::smallint, $5, $6,
       $7::timestamptz, $8::date
     from lottery_draws where season = $1::smallint and city = $2
     returning draw`,
    [
      place.season,
      place.city,
      place.batch,
      place.round,
      published.inputHash,
      published.by,
      published.at,
      published.on,
    ],
  );
  return (row as { draw: number }).draw;
}

/** Writes the seed of a published draw. A seed that any city has drawn before is refused. */
export async function recordSeed(
  session: Reader,
  place: { readonly season: number; readonly city: string; readonly draw: number },
  drawn: {
    readonly seed: string;
    readonly overlayVersion: number;
    readonly by: string;
    readonly confirmedBy: string;
    readonly at: Date;
  },
): Promise<void> {
  await session.query(
    `update lottery_draws set seed = $4, overlay_version = $5, drawn_by = $6, confirmed_by = $7,
       drawn_at = $8
     where season = $1::smallint and city = $2 and draw = $3 and seed is null`,
    [
      place.season,
      place.city,
      place.draw,
      drawn.seed,
      drawn.overlayVersion,
      drawn.by,
      drawn.confirmedBy,
      drawn.at,
    ],
  );
}

/** The draw that gave a seed. */
export interface DrawOfSeed {
  readonly draw: number;
  readonly round: number;
  readonly inputHash: string;
}

/** null: the seed was written into the settings, and no applicants were published for it. */
export async function drawOfSeed(
  session: Reader,
  place: Omit<DrawPlace, 'round'> & { readonly seed: string },
): Promise<DrawOfSeed | null> {
  const [row] = await session.query<DrawOfSeed>(
    `select draw, round::integer as round, input_hash as "inputHash" from lottery_draws
     where season = $1::smallint and city = $2 and batch = $3 and seed = $4`,
    [place.season, place.city, place.batch, place.seed],
  );
  return row ?? null;
}

/**
 * Acts by which a person changes who takes part in a lottery, or with what: against a seed that is
 * known already, they could be aimed at somebody. What the season does by itself – dispatches,
 * returns, withdrawals – is not among them.
 */
const HAND_CHANGES = [
  'hold',
  'release-hold',
  'edit-candidate',
  'enter-preference',
  'import',
  'senior-high-import',
  'senior-high-release',
  'supplement',
  'assign-number',
  'readmit',
];

/**
 * How many files were changed so since the applicants of a draw were published; null: the trail
 * does not hold the publication, so nobody can say.
 */
export async function handChangesSince(
  session: Reader,
  place: { readonly season: number; readonly city: string; readonly draw: number },
): Promise<number | null> {
  const [row] = await session.query<{ files: number | null }>(
    `with published as (
       select event from events
       where season = $1::smallint and city = $2 and name = 'draw-seed'
         and note ->> 'step' = 'publish' and (note ->> 'draw')::integer = $3::integer)
     select case when exists (select from published) then
       (select count(distinct e.file)::integer from events e, published p
        where e.season = $1::smallint and e.city = $2 and e.name = any ($4::text[])
          and e.event > p.event) end as files`,
    [place.season, place.city, place.draw, HAND_CHANGES],
  );
  return row?.files ?? null;
}
