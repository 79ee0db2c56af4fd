/** The situations that rules about files have met: coverage and evidence, as of a dispatch. */

import type { ActionSituation } from '../../engine/rules/actions.ts';
import type { Session } from '../connect.ts';
import type { EventFrame } from './set-events.ts';

export async function writeSituations(
  session: Session,
  { season, city, run }: EventFrame,
  stage: 'deadline',
  situations: readonly ActionSituation[],
): Promise<void> {
  if (situations.length === 0) return;
  await session.query(
    `insert into situations
       (season, city, run, stage, rule, situation, outcome, code, pairs, tree, example)
     select $1::smallint, $2, $3::integer, $4, s.rule, s.situation, s.outcome, null, s.files,
       s.tree, s.example
     from unnest($5::text[], $6::text[], $7::text[], $8::integer[], $9::jsonb[], $10::jsonb[])
       s (rule, situation, outcome, files, tree, example)`,
    [
      ...[season, city, run, stage],
      situations.map(each => each.rule),
      situations.map(each => each.situation),
      situations.map(each => each.outcome),
      situations.map(each => each.files),
      situations.map(each => JSON.stringify(each.tree ?? null)),
      situations.map(each => JSON.stringify(each.example)),
    ],
  );
}
