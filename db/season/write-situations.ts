/** The situations that rules about files have met: coverage and evidence, as of a dispatch. */

import type { ActionSituation } from '../../engine/rules/actions.ts';
import type { Session } from '../connect.ts';
import type { EventFrame } from './set-events.ts';

/** The situations that a run has met in a city. */
export interface SituationsOfRun {
  readonly city: string;
  readonly run: number | null;
  readonly situations: readonly ActionSituation[];
}

export function writeSituations(
  session: Session,
  { season, city, run }: EventFrame,
  stage: 'deadline',
  situations: readonly ActionSituation[],
): Promise<void> {
  return writeSituationsOf(session, season, stage, [{ city, run, situations }]);
}

/** The same of several runs, in one statement. */
export async function writeSituationsOf(
  session: Session,
  season: number,
  stage: 'deadline',
  runs: readonly SituationsOfRun[],
): Promise<void> {
  const all = runs.flatMap(({ city, run, situations }) =>
    situations.map(situation => ({ city, run, ...situation })),
  );
  if (all.length === 0) return;
  await session.query(
    `insert into situations
       (season, city, run, stage, rule, situation, outcome, code, pairs, tree, example)
     select $1::smallint, s.city, s.run, $2, s.rule, s.situation, s.outcome, null, s.files,
       s.tree, s.example
     from unnest($3::text[], $4::integer[], $5::text[], $6::text[], $7::text[], $8::integer[],
       $9::jsonb[], $10::jsonb[])
       s (city, run, rule, situation, outcome, files, tree, example)`,
    [
      ...[season, stage],
      all.map(each => each.city),
      all.map(each => each.run),
      all.map(each => each.rule),
      all.map(each => each.situation),
      all.map(each => each.outcome),
      all.map(each => each.files),
      all.map(each => JSON.stringify(each.tree ?? null)),
      all.map(each => JSON.stringify(each.example)),
    ],
  );
}
