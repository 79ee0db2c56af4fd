/**
 * One run of spec/dispatch.md: world and policy in, result out. Pure: no clock, no database; the
 * only randomness is the choice of the pairs that are rechecked, and it changes no result.
 */
import type { Batch, Policy } from '../policy/types.ts';
import { compileStage as compileRules } from '../rules/compile.ts';
import type { CompiledStage, CompileStage, Situation, StageId } from '../rules/stage.ts';
import { byteColumn } from './bytes.ts';
import {
  choicePairs,
  fixedReasons,
  participantsOf,
  reasonTable,
  schoolRules,
} from './eligibility.ts';
import { fail } from './errors.ts';
import { factsOfWorld } from './facts-of-world.ts';
import { type MajorPairs, majorPairs, majorRules } from './major-conditions.ts';
import { suggestMajors } from './majors.ts';
import type { Field } from './modes/field.ts';
import { countsOf, type Marks, reasonsOf, schoolOutcomes, sentLists } from './outcome.ts';
import { place } from './place.ts';
import { type Places, placesOf, roomOf, schoolIndexes } from './places.ts';
import { preferencePoints, scoresOf } from './preference-points.ts';
import { type Ranking, rank } from './rank.ts';
import { keyOf } from './reference.ts';
import type { DispatchResult } from './result.ts';
import { decidePairs } from './stages.ts';
import type { World } from './world.ts';

/** The parts of a run, in order. */
export type RunPart = 'participants' | 'rules' | 'rank' | 'place' | 'majors' | 'outcome';

export interface DispatchOptions {
  /** For the random recheck only. */
  readonly random: () => number;
  /** How many pairs per stage are decided again by the unmodified engine. */
  readonly recheckSample: number;
  /** 指定院校投档: the code of the only school that is open to new files. */
  readonly school?: string;
  /** How rules are compiled; by default, through situations of json-rules-engine. */
  readonly compileStage?: CompileStage;
  /** Called as each part ends, so that the caller, who has a clock, can time it. */
  readonly finished?: (part: RunPart) => void;
}

export interface DispatchRun {
  readonly result: DispatchResult;
  /** The table of situations of each stage: coverage and evidence. */
  readonly situations: readonly { readonly stage: StageId; readonly rows: readonly Situation[] }[];
  /** How often json-rules-engine was run to fill the tables. */
  readonly engineRuns: number;
  /** How many pairs were decided again by the engine itself, without a difference. */
  readonly rechecked: number;
}

/** What a run stands on before anybody is placed. */
export interface Ground {
  readonly world: World;
  readonly policy: Policy;
  readonly batch: Batch;
  readonly options: DispatchOptions;
  readonly places: Places;
  /** By candidate, hundredths; negated ranks. */
  readonly priority: Int32Array;
  /** By candidate, hundredths. */
  readonly score: Int32Array;
  /** School index, or -1. */
  readonly only: number;
  readonly schoolStage: CompiledStage;
  readonly majorStage: CompiledStage;
  /** FIXED_REASONS, then the codes of the rules. */
  readonly reasons: readonly string[];
}

/** How the participants were placed. */
interface Placing {
  readonly field: Field;
  readonly ranking: Ranking;
  readonly marks: Marks;
  /** By participant. */
  readonly score: Int32Array;
  readonly roomBefore: Int32Array;
  /** By school: participants in list order. */
  readonly lists: readonly Uint32Array[];
}

/**
 * Dispatches one round of a batch in one city (spec/dispatch.md).
 *
 * @throws unknown-batch, unknown-phase, unknown-school, seed-missing, gap-with-lottery,
 *   bands-missing, reserved-code, too-many-reasons, unknown-fact, bad-attribute, recheck-mismatch
 */
export async function dispatch(
  world: World,
  policy: Policy,
  options: DispatchOptions,
): Promise<DispatchRun> {
  const finished = options.finished ?? (() => undefined);
  const ground = groundOf(world, policy, options);
  const { schoolStage, majorStage } = ground;
  const { participants, refusal } = askedOf(ground);
  finished('participants');
  const schoolsRechecked = await decide(ground, schoolStage, choicePairs(world), refusal);
  finished('rules');
  const score = Int32Array.from(participants, candidate => ground.score[candidate]);
  const ranking = rank(world, ground.batch.dispatch, participants, score, ground.priority);
  finished('rank');
  const placing = placeAll(ground, participants, refusal, ranking, score);
  finished('place');
  const conditions = majorPairsOf(ground, placing);
  const barred = new Uint8Array(conditions.pairs.count);
  const majorsRechecked = await decide(ground, majorStage, conditions.pairs, barred);
  const majors = suggestAll(ground, placing, conditions, barred);
  finished('majors');
  const result = resultOf(ground, placing, majors);
  finished('outcome');
  return {
    result,
    situations: [
      { stage: 'eligibility', rows: schoolStage.situations() },
      { stage: 'special', rows: majorStage.situations() },
    ],
    engineRuns: schoolStage.engineRuns() + majorStage.engineRuns(),
    rechecked: schoolsRechecked + majorsRechecked,
  };
}

/** Where everybody is placed, and nothing more: no majors, no reasons, no lists. */
export interface Placement {
  /** By participant: the choice, or -1. */
  readonly placedChoice: Int32Array;
  /** By choice: why the candidate may not go there; 0: he may. */
  readonly refusal: Uint8Array;
}

/** What is known of another placement of the same world, but for one candidate. */
export interface KnownRefusals {
  readonly refusal: Uint8Array;
  /** Index of the one whose own facts have changed. */
  readonly candidate: number;
}

/**
 * Places everybody as `dispatch` does, for who asks many times about one candidate (engine/trial).
 *
 * @param known what rules have refused is taken from there; only the candidate is asked again, and
 *   nobody else's facts may have changed
 * @throws what `dispatch` does, without its recheck
 */
export async function placement(
  world: World,
  policy: Policy,
  options: DispatchOptions,
  known?: KnownRefusals,
): Promise<Placement> {
  const ground = groundOf(world, policy, options);
  const participants = participantsOf(world, ground.only);
  const refusal =
    known === undefined
      ? await refusalsOf(ground, participants, choicePairs(world))
      : await refusalsAgain(ground, known);
  const score = Int32Array.from(participants, candidate => ground.score[candidate]);
  const ranking = rank(world, ground.batch.dispatch, participants, score, ground.priority);
  const { field } = placeAll(ground, participants, refusal, ranking, score);
  return { placedChoice: field.placed, refusal };
}

async function refusalsOf(
  ground: Ground,
  participants: Uint32Array,
  pairs: MajorPairs['pairs'],
): Promise<Uint8Array> {
  const refusal = fixedOf(ground, participants);
  await decide(unchecked(ground), ground.schoolStage, pairs, refusal);
  return refusal;
}

async function refusalsAgain(ground: Ground, known: KnownRefusals): Promise<Uint8Array> {
  const { world } = ground;
  const from = world.choices.first[known.candidate];
  const end = world.choices.first[known.candidate + 1];
  const own = fixedOf(ground, Uint32Array.of(known.candidate)).slice(from, end);
  const choice = Uint32Array.from(own, (_, at) => from + at);
  const pairs = {
    count: own.length,
    candidate: new Uint32Array(own.length).fill(known.candidate),
    school: Uint32Array.from(choice, at => world.choices.school[at]),
    major: null,
    choice,
  };
  await decide(unchecked(ground), ground.schoolStage, pairs, own);
  const refusal = known.refusal.slice();
  refusal.set(own, from);
  return refusal;
}

function fixedOf({ world, batch, places }: Ground, participants: Uint32Array): Uint8Array {
  const scoreCounts = batch.dispatch.mode !== 'lottery';
  return fixedReasons(world, batch, places, participants, scoreCounts);
}

function unchecked(ground: Ground): Ground {
  return { ...ground, options: { ...ground.options, recheckSample: 0 } };
}

/**
 * Everything that is settled before anybody is asked: batch, places, scores, compiled rules. Also
 * for who explains a decision: `schoolStage.explain(choicePairs(world), choice)`.
 */
export function groundOf(world: World, policy: Policy, options: DispatchOptions): Ground {
  const batch = policy.batches.find(each => each.id === world.batch);
  if (batch === undefined) throw fail('unknown-batch', { batch: world.batch });
  requireRunnable(batch);
  const indexes = schoolIndexes(world);
  const only = options.school === undefined ? -1 : indexes.get(options.school);
  if (only === undefined) throw fail('unknown-school', { school: options.school ?? '' });
  const places = placesOf(world);
  const { bonus, priority } = preferencePoints(world, policy);
  const score = scoresOf(world, bonus);
  const facts = { world, policy, batch, places, bonus, score };
  const compileStage = options.compileStage ?? compileRules;
  const schoolStage = compileStage(
    schoolRules(world, policy),
    factsOfWorld({ ...facts, plan: 'school' }),
  );
  const majorStage = compileStage(
    majorRules(world, policy),
    factsOfWorld({ ...facts, plan: 'line' }),
  );
  const reasons = reasonTable([...schoolStage.codes, ...majorStage.codes]);
  return {
    world,
    policy,
    batch,
    options,
    places,
    priority,
    score,
    only,
    schoolStage,
    majorStage,
    reasons,
  };
}

/** The loader of policies refuses these too; a run on them would mean nothing. */
function requireRunnable({ id: batch, dispatch: rules }: Batch): void {
  const draws = rules.mode === 'lottery' || rules.ties.ending === 'lottery';
  if (draws && (rules.seed === null || rules.seed === '')) throw fail('seed-missing', { batch });
  if (rules.mode === 'lottery' && rules.majors.mode === 'gap') {
    throw fail('gap-with-lottery', { batch });
  }
  const falling = rules.bands.every((bound, at) => at === 0 || bound < rules.bands[at - 1]);
  if (rules.mode === 'banded' && (rules.bands.length === 0 || !falling)) {
    throw fail('bands-missing', { batch });
  }
}

function askedOf(ground: Ground) {
  const participants = participantsOf(ground.world, ground.only);
  return { participants, refusal: fixedOf(ground, participants) };
}

function decide(
  { world, options, reasons }: Ground,
  stage: CompiledStage,
  pairs: MajorPairs['pairs'],
  out: Uint8Array,
): Promise<number> {
  const recheck = { random: options.random, sample: options.recheckSample };
  return decidePairs(stage, world, pairs, out, code => reasons.indexOf(code), recheck);
}

function placeAll(
  { world, batch, places, only }: Ground,
  participants: Uint32Array,
  refusal: Uint8Array,
  ranking: Ranking,
  score: Int32Array,
): Placing {
  const roomBefore = roomOf(places, batch.dispatch.ratio, batch.dispatch.rounding);
  const field: Field = {
    choices: world.choices,
    participants,
    position: ranking.position,
    refusal,
    only,
    room: roomBefore.slice(),
    closed: new Uint8Array(world.schools.length),
    placed: new Int32Array(participants.length).fill(-1),
  };
  const marks = place(field, batch.dispatch, ranking.handled, score);
  const lists = sentLists(field, ranking.order);
  return { field, ranking, marks, score, roomBefore, lists };
}

function majorPairsOf({ world, policy, places }: Ground, { lists, field }: Placing): MajorPairs {
  const rules = majorRules(world, policy);
  return majorPairs(places.lineFirst, rules, lists, field.participants, field.placed);
}

/** The suggestions of all schools, by participant. */
function suggestAll(
  { world, batch, places }: Ground,
  { lists, field, score }: Placing,
  conditions: MajorPairs,
  barred: Uint8Array,
): Pick<DispatchResult, 'suggestedMajor' | 'suggestionReason'> {
  const input = {
    world,
    rules: batch.dispatch.majors,
    places,
    lineCodes: byteColumn(world.lines.map(line => line.major)),
    conditions,
    barred,
    placed: field.placed,
    score,
  };
  const majorAt = new Map(world.majors.map((each, at) => [keyOf([each.school, each.code]), at]));
  const majorOf = world.lines.map(line => majorAt.get(keyOf([line.school, line.major]))!);
  const suggestedMajor = new Int32Array(field.participants.length).fill(-1);
  const suggestionReason = new Uint8Array(field.participants.length);
  lists.forEach((list, school) => {
    if (list.length === 0) return;
    const { line, reason } = suggestMajors(input, school, list);
    for (let file = 0; file < list.length; file += 1) {
      if (line[file] !== -1) suggestedMajor[list[file]] = majorOf[line[file]];
      suggestionReason[list[file]] = reason[file];
    }
  });
  return { suggestedMajor, suggestionReason };
}

function resultOf(
  { places, reasons }: Ground,
  { field, ranking, marks, score, roomBefore, lists }: Placing,
  majors: Pick<DispatchResult, 'suggestedMajor' | 'suggestionReason'>,
): DispatchResult {
  const reasonOf = reasonsOf(field, roomBefore, marks);
  const { schools, numbered } = schoolOutcomes(field, places, roomBefore, lists, score);
  return Object.freeze({
    participants: field.participants,
    placedChoice: field.placed,
    position: ranking.position,
    score,
    reasonOf,
    reasons,
    ...majors,
    schools,
    lists: numbered,
    counts: countsOf(field, reasonOf, reasons),
  });
}
