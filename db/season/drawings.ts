/** What a lottery for direct admission 派位录取 leaves for those who ask why. */
import type { Drawn } from '../../engine/dispatch/draw-admissions.ts';
import type { Session } from '../connect.ts';

type Reader = Pick<Session, 'query'>;

/** The completed lottery of a school in a round; null: none yet. */
export async function completedDrawing(
  session: Reader,
  season: number,
  place: {
    readonly city: string;
    readonly batch: string;
    readonly round: number;
    readonly school: string;
  },
): Promise<number | null> {
  const [row] = await session.query<{ run: number }>(
    `select run from runs
     where season = $1::smallint and job = 'lottery-admission' and state = 'completed'
       and scope @> $2::jsonb and result -> 'answer' -> 'values' ? 'seed'
     order by run limit 1`,
    [season, JSON.stringify(place)],
  );
  return row?.run ?? null;
}

/** One decision per applicant, as a run writes them. As the runner. */
export async function insertDrawing(
  session: Reader,
  season: number,
  at: { readonly city: string; readonly run: number; readonly school: string },
  order: readonly Drawn[],
): Promise<void> {
  const admitted = order.map(({ outcome }) => outcome === 'admitted');
  await session.query(
    `insert into decisions (season, city, run, file, candidate_no, school, ordinal, position, score,
       major, reasons, suggestion_reason)
     select $1::smallint, $2, $3, w.file, w.candidate_no, w.school, w.ordinal, w.position, w.score,
       w.major, w.reasons, ''
     from unnest($4::integer[], $5::text[], $6::text[], $7::smallint[], $8::integer[],
       $9::integer[], $10::text[], $11::text[])
       as w (file, candidate_no, school, ordinal, position, score, major, reasons)`,
    [
      season,
      at.city,
      at.run,
      order.map(({ file }) => file),
      order.map(({ candidateNo }) => candidateNo),
      admitted.map(each => (each ? at.school : null)),
      order.map(({ ordinal }, index) => (admitted[index] ? ordinal : null)),
      order.map(({ position }) => position),
      order.map(({ score }) => score),
      order.map(({ major }) => major),
      order.map(
        ({ ordinal, outcome }) => `${ordinal}:${outcome === 'admitted' ? 'placed' : outcome}`,
      ),
    ],
  );
}

/** Whether any school's places were drawn for in a round. */
export async function anyDrawing(
  session: Reader,
  {
    season,
    ...place
  }: {
    readonly season: number;
    readonly city: string;
    readonly batch: string;
    readonly round: number;
  },
): Promise<boolean> {
  const rows = await session.query(
    `select 1 from runs
     where season = $1::smallint and job = 'lottery-admission' and state = 'completed'
       and scope @> $2::jsonb and result -> 'answer' -> 'values' ? 'seed' limit 1`,
    [season, JSON.stringify(place)],
  );
  return rows.length > 0;
}
