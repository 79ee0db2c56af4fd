/**
 * The world of a run as far as one candidate sees it, so that the rules can say why, with the
 * candidate's own values: the same builder, facts and compiled stage as the run's, over one row.
 *
 * What the school had in use when the run began is not counted again – files have moved since – but
 * taken back from the room that the run wrote down: used = rounded plan + flexible − room.
 */

import type { Session } from '../../db/connect.ts';
import { type CityKey, readReference } from '../../db/dispatch/read-city.ts';
import { CityBuilder } from '../../engine/dispatch/build.ts';
import { choicePairs, schoolRules } from '../../engine/dispatch/eligibility.ts';
import { factsOfWorld } from '../../engine/dispatch/facts-of-world.ts';
import { type Places, placesOf, roundedPlaces } from '../../engine/dispatch/places.ts';
import { preferencePoints, scoresOf } from '../../engine/dispatch/preference-points.ts';
import type { World } from '../../engine/dispatch/world.ts';
import type { Batch, Policy } from '../../engine/policy/types.ts';
import { compileStage } from '../../engine/rules/compile.ts';
import type { RuleExplanation } from '../../engine/rules/stage.ts';
import type { SchoolNumbers } from './reason-sentences.ts';

export interface CandidateKey extends CityKey {
  readonly file: number;
  /** The round whose choices the run used: its own, or the highest earlier one (dispatch.md §1). */
  readonly choicesRound: number;
}

export interface Explained {
  readonly ordinal: number;
  /** What the rules say now; null: they let the candidate through. */
  readonly code: string | null;
  readonly rules: readonly RuleExplanation[];
}

/**
 * What the rules of schools say of some of the candidate's choices.
 *
 * @param ordinals the choices that a rule refused
 * @param numbers by school code, as the run wrote them down
 */
export async function explainChoices(
  session: Session,
  key: CandidateKey,
  policy: Policy,
  batch: Batch,
  ordinals: ReadonlySet<number>,
  numbers: ReadonlyMap<string, SchoolNumbers>,
): Promise<Explained[]> {
  const world = await readOne(session, key);
  const { bonus } = preferencePoints(world, policy);
  const score = scoresOf(world, bonus);
  const places = placesThen(world, batch, numbers);
  const facts = factsOfWorld({ world, policy, batch, places, bonus, score, plan: 'school' });
  const stage = compileStage(schoolRules(world, policy), facts);
  const pairs = choicePairs(world);
  const explained: Explained[] = [];
  for (let choice = 0; choice < world.choices.count; choice += 1) {
    const ordinal = world.choices.ordinal[choice] as number;
    if (!ordinals.has(ordinal)) continue;
    const rules = await stage.explain(pairs, choice);
    const code = rules.find(rule => rule.code !== null)?.code ?? null;
    explained.push({ ordinal, code, rules });
  }
  return explained;
}

function placesThen(
  world: World,
  batch: Batch,
  numbers: ReadonlyMap<string, SchoolNumbers>,
): Places {
  const places = placesOf(world);
  const { ratio, rounding } = batch.dispatch;
  const occupied = Int32Array.from(world.schools, (school, at) => {
    const then = numbers.get(school.code);
    if (then === undefined) return 0;
    const rounded = roundedPlaces(places.planned[at] as number, ratio, rounding);
    return Math.max(rounded + (places.flexible[at] as number) - then.roomBefore, 0);
  });
  return { ...places, occupied };
}

interface CandidateRow {
  readonly candidateNo: string;
  readonly total: number | null;
  readonly texts: readonly (string | null)[];
  readonly marks: readonly (number | null)[] | null;
}

async function readOne(session: Session, key: CandidateKey): Promise<World> {
  const input = await readReference(session, key);
  const builder = new CityBuilder(input);
  const where = [key.season, key.city, key.file];
  const [row] = await session.query<CandidateRow>(
    `select c.candidate_no as "candidateNo", c.total,
       array[c.sex, c.birth_date::text, c.county, c.origin]
         || array(select c.attributes ->> a.name
                  from unnest($4::text[]) with ordinality as a (name, n)
                  order by n) as texts, s.marks
     from candidates c left join scores s using (season, city, file)
     where c.season = $1::smallint and c.city = $2 and c.file = $3`,
    [...where, key.attributes],
  );
  if (row === undefined) return builder.finish();
  const bytes = (text: string) => Buffer.from(text);
  const number = bytes(row.candidateNo);
  const raw = builder.candidate(key.file, number, 0, number.length);
  if (row.total !== null) builder.total(raw, row.total);
  row.texts.forEach((text, column) => {
    if (text === null) return;
    const value = bytes(text);
    builder.text(raw, column, value, 0, value.length);
  });
  input.subjects.forEach((subject, at) => {
    const slot = (subject as { slot?: number }).slot ?? at + 1;
    const mark = row.marks?.[slot - 1] ?? null;
    if (mark !== null) builder.mark(raw, at, mark);
  });
  const preferences = await session.query<{ feature: string; confirmedBy: string }>(
    `select feature, confirmed_by as "confirmedBy" from preferences
     where season = $1::smallint and city = $2 and file = $3`,
    where,
  );
  for (const { feature, confirmedBy } of preferences) builder.preference(raw, feature, confirmedBy);
  await addChoices(session, key, builder, raw);
  return builder.finish();
}

async function addChoices(
  session: Session,
  key: CandidateKey,
  builder: CityBuilder,
  raw: number,
): Promise<void> {
  const choices = await session.query<{
    ordinal: number;
    school: string;
    majors: string;
    adjustment: boolean | null;
  }>(
    `select ordinal, school, majors, adjustment from choices
     where season = $1::smallint and city = $2 and batch = $3 and file = $4 and round = $5`,
    [key.season, key.city, key.batch, key.file, key.choicesRound],
  );
  for (const { ordinal, school, majors, adjustment } of choices) {
    const code = Buffer.from(school);
    const text = Buffer.concat([code, Buffer.from(majors)]);
    builder.choice(
      raw,
      key.choicesRound,
      ordinal,
      text,
      0,
      code.length,
      code.length,
      text.length,
      adjustment,
    );
  }
}
