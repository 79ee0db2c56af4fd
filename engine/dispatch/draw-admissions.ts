/**
 * 指定派位录取: fills one school's remaining places from its applicants in the order of the lottery
 * (dispatch.md §2), each with a major, for direct admission. Pure, so that anybody can draw it
 * again from the run's input and the published seed.
 *
 * It is the run for one school of dispatch.md §5 in mode lottery, with two differences that follow
 * from admitting instead of sending:
 * - the ratio is 1: there are places for as many as the plan has, not for as many as may be read
 * - whoever could be sent but can't be admitted – no major left that he accepts, or a quota rule
 *   stands against it – gives his place up, and the lottery goes on with the next; so the run is
 *   repeated without them until all who are placed can be admitted.
 */
import { createHash } from 'node:crypto';
import { ABSENT } from '../decimal.ts';
import type { DispatchRules, FullPolicy } from '../policy/types.ts';
import { AdmissionQuotas } from './admission.ts';
import { asLottery, withDispatch } from './by-hand.ts';
import { textAt } from './bytes.ts';
import { checkResult, requireClean } from './check.ts';
import { csvLine } from './csv-bytes.ts';
import { placesOf } from './places.ts';
import { type DispatchResult, type SchoolOutcome, SUGGESTION_REASONS } from './result.ts';
import { type DispatchOptions, dispatch } from './run.ts';
import type { World } from './world.ts';

/** One applicant, in the order in which he was drawn. */
export interface Drawn {
  readonly candidateNo: string;
  /** Internal id; 0 where there is no database. */
  readonly file: number;
  /** Place in the order of the lottery, from 1. */
  readonly position: number;
  /** Ordinal of his choice of the school. */
  readonly ordinal: number;
  /** Hundredths; null: no total. It plays no part. */
  readonly score: number | null;
  /** `admitted`, or why not: a reason of dispatch.md, of the majors, or a rule's code. */
  readonly outcome: string;
  /** Where admitted. */
  readonly major: string | null;
  /** Ids of the quota rules that were met. */
  readonly rules: readonly string[];
}

export interface Drawing {
  /** Everybody who took part, in the order of the lottery. */
  readonly order: readonly Drawn[];
  readonly admitted: readonly Drawn[];
  /** The school's numbers; null: it has no plan line here. */
  readonly outcome: SchoolOutcome | null;
  /** How often the lottery went on without those who could not be admitted. */
  readonly passes: number;
}

/**
 * SHA-256, hex, over the drawing in its order: a line of candidate number, position, outcome and
 * major for each applicant. The same input and seed give the same.
 */
export function drawingHash(order: Drawing['order']): string {
  const hash = createHash('sha256');
  for (const { candidateNo, position, outcome, major } of order) {
    hash.update(csvLine([candidateNo, String(position), outcome, major ?? '']));
  }
  return hash.digest('hex');
}

/** In hundredths: as many as there are places. */
const NO_MORE_THAN_PLACES = 100;

/** The rules of the batch as a lottery for direct admission. */
export function lotteryRules(rules: DispatchRules): DispatchRules {
  return { ...asLottery(rules, rules.seed ?? ''), ratio: NO_MORE_THAN_PLACES };
}

type Randomness = Pick<DispatchOptions, 'random' | 'recheckSample'>;

/**
 * Draws the admissions of a school.
 *
 * @param world of the city's batch and round
 * @param policy in effect for the city; the batch's seed is the one that was drawn
 * @throws seed-missing, unknown-school, unknown-batch
 */
export async function drawAdmissions(
  world: World,
  policy: FullPolicy,
  school: string,
  randomness: Randomness,
): Promise<Drawing> {
  const byLot = withDispatch(policy, world.batch, lotteryRules);
  const barred = new Map<number, string>();
  let first: DispatchResult | undefined;
  for (let passes = 1; ; passes += 1) {
    const shown = withoutCandidates(world, barred);
    const { result } = await dispatch(shown, byLot, { ...randomness, school });
    requireClean(checkResult(shown, byLot, result, school));
    first ??= result;
    const sorted = await sort(shown, byLot, result, school);
    for (const [candidate, code] of sorted.barred) barred.set(candidate, code);
    if (sorted.barred.size > 0) continue;
    return makeDrawing(world, { first, last: result, barred, rules: sorted.rules, school, passes });
  }
}

/** Those who are barred do not take part any more: as if they had an application open. */
function withoutCandidates(world: World, barred: ReadonlyMap<number, string>): World {
  if (barred.size === 0) return world;
  const openApplications = world.candidates.openApplications.slice();
  for (const candidate of barred.keys()) openApplications[candidate] = 1;
  return { ...world, candidates: { ...world.candidates, openApplications } };
}

interface Sorted {
  /** Candidate → why he can't be admitted. */
  readonly barred: ReadonlyMap<number, string>;
  /** Candidate → ids of the quota rules that were met. */
  readonly rules: ReadonlyMap<number, readonly string[]>;
}

/** Who of those placed can be admitted, in the order of the lottery. */
async function sort(
  world: World,
  policy: FullPolicy,
  result: DispatchResult,
  code: string,
): Promise<Sorted> {
  const quotas = new AdmissionQuotas(world, policy, placesOf(world));
  const school = world.schools.findIndex(each => each.code === code);
  const barred = new Map<number, string>();
  const rules = new Map<number, readonly string[]>();
  for (const participant of result.lists[1] ?? []) {
    const candidate = result.participants[participant];
    const major = result.suggestedMajor[participant];
    if (major === -1) {
      barred.set(candidate, SUGGESTION_REASONS[result.suggestionReason[participant]]);
      continue;
    }
    const line = world.lines.findIndex(
      each => each.school === code && each.major === world.majors[major].code,
    );
    const choice = result.placedChoice[participant];
    const admission = { candidate, choice, school, line, belowLine: false };
    const verdict = await quotas.ask(admission);
    if (verdict.refusal === null) {
      quotas.take(admission);
      rules.set(candidate, verdict.rules);
    } else {
      barred.set(candidate, verdict.refusal.code);
    }
  }
  return { barred, rules };
}

interface Passes {
  /** With everybody. */
  readonly first: DispatchResult;
  /** With those who are admitted, and those behind them. */
  readonly last: DispatchResult;
  readonly barred: ReadonlyMap<number, string>;
  readonly rules: Sorted['rules'];
  readonly school: string;
  readonly passes: number;
}

function makeDrawing(world: World, passes: Passes): Drawing {
  const { first, last, barred, rules } = passes;
  const school = world.schools.findIndex(each => each.code === passes.school);
  const inLast = new Map(Array.from(last.participants, (candidate, at) => [candidate, at]));
  const order = Array.from(first.participants, (candidate, at): Drawn => {
    const choice = choiceOf(world, candidate, school);
    const own = inLast.get(candidate) ?? -1;
    const reason = last.reasons[last.reasonOf[choice]];
    const admitted = own !== -1 && last.placedChoice[own] === choice;
    return {
      candidateNo: textAt(world.candidates.number, candidate),
      file: world.candidates.file[candidate],
      position: first.position[at],
      ordinal: world.choices.ordinal[choice],
      score: first.score[at] === ABSENT ? null : first.score[at],
      outcome: admitted ? 'admitted' : (barred.get(candidate) ?? reason),
      major: admitted ? world.majors[last.suggestedMajor[own]].code : null,
      rules: rules.get(candidate) ?? [],
    };
  }).sort((one, other) => one.position - other.position);
  return {
    order,
    admitted: order.filter(({ outcome }) => outcome === 'admitted'),
    outcome: last.schools.find(each => each.school === school) ?? null,
    passes: passes.passes,
  };
}

function choiceOf(world: World, candidate: number, school: number): number {
  const { first, school: schools } = world.choices;
  for (let choice = first[candidate]; choice < first[candidate + 1]; choice += 1) {
    if (schools[choice] === school) return choice;
  }
  throw new Error('a participant without a choice of the school');
}
