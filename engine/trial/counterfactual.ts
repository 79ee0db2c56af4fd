/**
 * What is the smallest change that would have changed a candidate's outcome 怎样才会不同: more points, a
 * rule less, more places at a school, another order of choices – one at a time, everything else as
 * it was. Every answer is a dispatch of the whole city in memory with that change made, and of the
 * next smaller one, which does not help. Nobody else's data come out of it.
 */
import { ABSENT } from '../decimal.ts';
import { rulesInForce } from '../dispatch/by-hand.ts';
import { choicePairs } from '../dispatch/eligibility.ts';
import type { DispatchResult } from '../dispatch/result.ts';
import { groundOf } from '../dispatch/run.ts';
import type { TrialOptions, WorldMemory } from '../dispatch/world-memory.ts';
import type { Policy, Requirement } from '../policy/types.ts';
import type { RuleExplanation } from '../rules/stage.ts';
import { withChoiceFirst, withMorePlaces, withMorePoints } from './changed-worlds.ts';
import { reasonAt } from './compare.ts';
import { readsNone, risesWith } from './rising.ts';
import { type Search, smallest } from './smallest.ts';

/** More places than these are no small change; what needs more is said to. */
export const PLACES_TRIED_MAX = 100;
/** Where more may also harm, amounts are tried one by one, up to so many. */
export const SCAN_TESTS_MAX = 40;

export type Change =
  /** Hundredths, added to the total. */
  | { readonly kind: 'points'; readonly points: number }
  | { readonly kind: 'rule'; readonly rule: RuleExplanation }
  | { readonly kind: 'places'; readonly places: number }
  /** This choice first, the others after it. */
  | { readonly kind: 'order' };

/** A change that leads to a better place, by a dispatch with it. */
export interface Flip {
  readonly change: Change;
  /** The choice by which the candidate would be placed; as the choices stand, not reordered. */
  readonly placed: number;
  /** Nothing smaller of the kind does it. */
  readonly proven: boolean;
}

/** Something that was tried and does not lead to this choice or a better one by itself. */
export interface Vain {
  readonly kind: Change['kind'];
  /** points: hundredths; places: their number; else 0. */
  readonly upTo: number;
}

/** A choice that is better than what became of the candidate. */
export interface MissedChoice {
  /** Index into World.choices. */
  readonly choice: number;
  readonly reason: string;
  /** The rule that refused; null: none did. */
  readonly rule: RuleExplanation | null;
  readonly flips: readonly Flip[];
  readonly vain: readonly Vain[];
}

export interface Counterfactual {
  /** By which choice the candidate was placed; -1: unplaced. */
  readonly placed: number;
  /** By ordinal: those before the one by which the candidate was placed, or all. */
  readonly missed: readonly MissedChoice[];
  /** So many points fewer, and the place would have been lost; null: none, or not looked for. */
  readonly margin: number | null;
  /** Points are tried in steps of this: the smallest difference that totals of the city have. */
  readonly pointStep: number;
  /** Dispatches that were run for it. */
  readonly runs: number;
}

export interface CounterfactualInput {
  readonly memory: WorldMemory;
  readonly policy: Policy;
  readonly options: TrialOptions;
  /** The run itself. */
  readonly result: DispatchResult;
  /** Index among the participants. */
  readonly participant: number;
  /** SCAN_TESTS_MAX unless told. */
  readonly scanMax?: number;
  readonly onRun?: (runs: number) => void;
}

export function counterfactual(input: CounterfactualInput): Promise<Counterfactual> {
  return new Asking(input).answer();
}

const isPoints = (fact: string) => fact === 'candidate.total' || fact === 'candidate.score';
const isPlaces = (fact: string) => fact.startsWith('plan.');

class Asking {
  readonly #input: CounterfactualInput;
  readonly #candidate: number;
  readonly #from: number;
  readonly #end: number;
  readonly #placed: number;
  readonly #step: number;
  readonly #most: number;
  readonly #pointsRise: boolean;
  readonly #pointsMatter: boolean;
  /** Every rule that may decide about the candidate's choices. */
  readonly #rules: readonly Requirement[];
  /** Points (in steps) → choice. */
  readonly #byPoints = new Map<number, number>();
  /** What the rules refuse as things are; null: not asked yet. */
  #refusal: Uint8Array | null = null;
  #runs = 0;

  constructor(input: CounterfactualInput) {
    this.#input = input;
    const { memory, policy, result, participant } = input;
    const { world } = memory;
    this.#candidate = result.participants[participant]!;
    this.#from = world.choices.first[this.#candidate]!;
    this.#end = world.choices.first[this.#candidate + 1]!;
    this.#placed = result.placedChoice[participant]!;
    this.#step = pointStep(world.candidates.total);
    this.#most = highestTotal(memory);
    this.#rules = this.#rulesOfChoices();
    const { mode, ties } = this.#dispatchRules();
    // By `reject-all` who has the score of others may lose with them where a lower score wins.
    this.#pointsRise =
      (mode === 'lottery' || ties.ending !== 'reject-all') &&
      risesWith(this.#rules, policy, isPoints);
    const ranked = mode !== 'lottery' || !readsNone(this.#rules, policy, isPoints);
    this.#pointsMatter = ranked && world.candidates.total[this.#candidate] !== ABSENT;
  }

  async answer(): Promise<Counterfactual> {
    const missed: MissedChoice[] = [];
    const stop = this.#placed === -1 ? this.#end : this.#placed;
    for (let choice = this.#from; choice < stop; choice += 1) {
      missed.push(await this.#miss(choice));
    }
    const margin = missed.length === 0 && this.#placed !== -1 ? await this.#margin() : null;
    return {
      placed: this.#placed,
      missed,
      margin,
      pointStep: this.#step,
      runs: this.#runs,
    };
  }

  async #miss(choice: number): Promise<MissedChoice> {
    const reason = reasonAt(this.#input.result, choice);
    const rule = await this.#refusedBy(choice, reason);
    const found: (Flip | Vain)[] = [];
    const lacksRoom = reason === 'full' || reason === 'closed-by-tie';
    if (this.#pointsMatter && (lacksRoom || reason === 'below-bands' || rule !== null)) {
      found.push(await this.#points(choice, reason));
    }
    if (rule !== null) found.push(await this.#withoutRule(choice, rule));
    if (lacksRoom) found.push(await this.#places(choice));
    if (lacksRoom && this.#orderMatters() && choice > this.#from) {
      found.push(await this.#order(choice));
    }
    return {
      ...{ choice, reason, rule },
      flips: found.flatMap(each => ('change' in each ? [each] : [])),
      vain: found.flatMap(each => ('change' in each ? [] : [each])),
    };
  }

  /** As good as the choice, or better. */
  #reaches(placed: number, choice: number): boolean {
    return placed !== -1 && placed <= choice;
  }

  async #points(choice: number, reason: string): Promise<Flip | Vain> {
    const total = this.#input.memory.world.candidates.total[this.#candidate]!;
    const max = Math.floor((this.#most - total) / this.#step);
    const guess = this.#pointsGuess(choice, reason);
    const test = async (steps: number) => this.#reaches(await this.#pointsTo(steps), choice);
    const found = await smallest(test, this.#search(max, this.#pointsRise, guess));
    if (found === null) return { kind: 'points', upTo: Math.max(0, max) * this.#step };
    const placed = await this.#pointsTo(found.amount);
    const change = { kind: 'points' as const, points: found.amount * this.#step };
    return { change, placed, proven: found.proven };
  }

  /** What the last one sent there had more than the candidate. */
  #pointsGuess(choice: number, reason: string): number | undefined {
    if (reason !== 'full' && reason !== 'closed-by-tie') return undefined;
    const lowest = this.#lowestAt(choice);
    const own = this.#input.result.score[this.#input.participant]!;
    if (lowest === ABSENT || own === ABSENT) return undefined;
    return Math.max(1, Math.ceil((lowest - own) / this.#step));
  }

  /** Score of the last one sent to the school of a choice; ABSENT: none. */
  #lowestAt(choice: number): number {
    const school = this.#input.memory.world.choices.school[choice];
    const outcome = this.#input.result.schools.find(each => each.school === school);
    return outcome?.lowestScore ?? ABSENT;
  }

  async #pointsTo(steps: number): Promise<number> {
    const known = this.#byPoints.get(steps);
    if (known !== undefined) return known;
    const { memory } = this.#input;
    const world = withMorePoints(memory.world, this.#candidate, steps * this.#step);
    const changed = memory.changed(world, ['candidate.total', 'candidate.score']);
    const placed = await this.#place(changed);
    this.#byPoints.set(steps, placed);
    return placed;
  }

  async #withoutRule(choice: number, rule: RuleExplanation): Promise<Flip | Vain> {
    const { policy, memory } = this.#input;
    const refusing = this.#rulesAt(choice).find(each => each.id === rule.rule);
    const without = (rules: readonly Requirement[]) => rules.filter(each => each !== refusing);
    const placed = await this.#dispatch(memory, {
      ...policy,
      eligibility: without(policy.eligibility),
      special: without(policy.special),
    });
    if (!this.#reaches(placed, choice)) return { kind: 'rule', upTo: 0 };
    return { change: { kind: 'rule', rule }, placed, proven: true };
  }

  async #places(choice: number): Promise<Flip | Vain> {
    const { memory, policy } = this.#input;
    const { world } = memory;
    const school = world.schools[world.choices.school[choice]!]!.code;
    const placedBy = new Map<number, number>();
    const ruled = [...policy.eligibility, ...policy.special];
    // Places are facts of everybody's choices of the school.
    const seen = !readsNone(ruled, policy, isPlaces);
    const test = async (places: number) => {
      const changed = memory.changed(withMorePlaces(world, school, places), ['plan.']);
      const placed = seen ? await this.#dispatch(changed, policy) : await this.#place(changed);
      placedBy.set(places, placed);
      return this.#reaches(placed, choice);
    };
    const rising =
      this.#dispatchRules().ties.ending !== 'reject-all' &&
      readsNone(this.#rules, policy, isPlaces);
    // Without a guess the most is tried first: mostly that already is in vain.
    const found = await smallest(test, this.#search(PLACES_TRIED_MAX, rising, undefined));
    if (found === null) return { kind: 'places', upTo: PLACES_TRIED_MAX };
    const { amount: places, proven } = found;
    return { change: { kind: 'places', places }, placed: placedBy.get(places)!, proven };
  }

  /** Where everybody is handled by rank alone, the order of one's choices opens no school. */
  #orderMatters(): boolean {
    const { mode } = this.#dispatchRules();
    return mode === 'choice-first' || mode === 'banded';
  }

  async #order(choice: number): Promise<Flip | Vain> {
    const { memory } = this.#input;
    const world = withChoiceFirst(memory.world, this.#candidate, choice);
    const placed = await this.#place(memory.changed(world, ['choice.']));
    if (placed !== this.#from) return { kind: 'order', upTo: 0 };
    return { change: { kind: 'order' }, placed: choice, proven: true };
  }

  /** How many points fewer would have lost the place. */
  async #margin(): Promise<number | null> {
    if (!this.#pointsMatter || !this.#pointsRise) return null;
    const total = this.#input.memory.world.candidates.total[this.#candidate]!;
    const max = Math.floor(total / this.#step);
    const test = async (steps: number) => (await this.#pointsTo(-steps)) !== this.#placed;
    const over = this.#input.result.score[this.#input.participant]! - this.#lowestAt(this.#placed);
    const guess = Math.max(1, Math.floor(over / this.#step) + 1);
    const found = await smallest(test, this.#search(max, true, guess));
    return found === null ? null : found.amount * this.#step;
  }

  #search(max: number, rising: boolean, guess: number | undefined): Search {
    const scanMax = this.#input.scanMax ?? SCAN_TESTS_MAX;
    return { max, rising, scanMax, ...(guess === undefined ? {} : { guess }) };
  }

  /** @returns the choice by which the candidate is placed, or -1 */
  async #dispatch(memory: WorldMemory, policy: Policy): Promise<number> {
    this.#runs += 1;
    this.#input.onRun?.(this.#runs);
    const { result } = await memory.dispatch(policy, this.#input.options);
    return result.placedChoice[this.#input.participant]!;
  }

  /** The same where only the candidate's own facts, or rooms, have changed. */
  async #place(memory: WorldMemory): Promise<number> {
    const { policy, options, participant } = this.#input;
    if (this.#refusal === null) {
      this.#refusal = (await this.#input.memory.place(policy, options)).refusal;
    }
    this.#runs += 1;
    this.#input.onRun?.(this.#runs);
    const known = { refusal: this.#refusal, candidate: this.#candidate };
    return (await memory.place(policy, options, known)).placedChoice[participant]!;
  }

  async #refusedBy(choice: number, reason: string): Promise<RuleExplanation | null> {
    const { memory, policy, options } = this.#input;
    if (!this.#rulesAt(choice).some(({ refuse }) => refuse === reason || reason === MISSING)) {
      return null;
    }
    const { schoolStage } = groundOf(memory.world, policy, options);
    const told = await schoolStage.explain(choicePairs(memory.world), choice);
    return told.find(({ code }) => code === reason) ?? null;
  }

  #rulesAt(choice: number): readonly Requirement[] {
    const { memory, policy } = this.#input;
    return rulesInForce(memory.world, policy, memory.world.choices.school[choice]!);
  }

  #rulesOfChoices(): readonly Requirement[] {
    const rules = new Set<Requirement>();
    for (let choice = this.#from; choice < this.#end; choice += 1) {
      for (const rule of this.#rulesAt(choice)) rules.add(rule);
    }
    return [...rules];
  }

  #dispatchRules() {
    const { memory, policy } = this.#input;
    return policy.batches.find(({ id }) => id === memory.world.batch)!.dispatch;
  }
}

const MISSING = 'missing-data';

/** Where all totals are tens, a point is still what people count in. */
const POINT_STEP_MAX = 100;

/** The greatest step that all totals are multiples of. */
function pointStep(totals: Int32Array): number {
  let step = 0;
  for (const total of totals) {
    if (total === ABSENT) continue;
    let [a, b] = [step, Math.abs(total)];
    while (b !== 0) [a, b] = [b, a % b];
    step = a;
    if (step === 1) break;
  }
  return Math.max(1, Math.min(step, POINT_STEP_MAX));
}

/** Nobody can have more: full marks in every subject, or the highest total there is. */
function highestTotal({ world }: WorldMemory): number {
  let highest = world.subjects.reduce((sum, subject) => sum + subject.full, 0);
  for (const total of world.candidates.total) if (total > highest) highest = total;
  return highest;
}
