/**
 * One candidate to one school by hand 点投: the run of dispatch.md itself, over a world in which
 * this candidate is the only one who takes part and that school his only choice. So permission,
 * conditions, room and suggested major are those of any run, and its independent check applies; no
 * rule is told a second time here.
 *
 * Whoever is alone has no rivals: lots and ties decide nothing, and a seed that is not drawn yet
 * keeps nobody back. An earlier choice that is open does not bar a dispatch by hand, since a person
 * decides on it.
 */
import { ABSENT } from '../decimal.ts';
import type { DispatchRules, Policy, Requirement } from '../policy/types.ts';
import { inForce, readRule } from '../rules/atoms.ts';
import type { RuleExplanation } from '../rules/stage.ts';
import { checkResult, requireClean } from './check.ts';
import { choicePairs, schoolRules } from './eligibility.ts';
import { type DispatchResult, type SchoolOutcome, SUGGESTION_REASONS } from './result.ts';
import { type DispatchOptions, dispatch, groundOf } from './run.ts';
import type { World } from './world.ts';

/** Why the candidate may not go there: a reason of dispatch.md §4 and §5, or a rule's code. */
export interface HandRefusal {
  readonly code: string;
  /** The rule that refused; null: none did. */
  readonly rule: RuleExplanation | null;
  /** It is a matter of the line alone: below it, or without the total that it asks for. */
  readonly belowLine: boolean;
}

export interface HandAnswer {
  /** null: nothing bars it. */
  readonly refusal: HandRefusal | null;
  /** Hundredths; ABSENT: no total. */
  readonly score: number;
  readonly ordinal: number;
  /** Suggested; null: none. */
  readonly major: string | null;
  readonly suggestionReason: (typeof SUGGESTION_REASONS)[number];
  /** The school's numbers; null: it has no plan line here. */
  readonly outcome: SchoolOutcome | null;
  /** Ids of the rules in force for this school. */
  readonly rules: readonly string[];
}

type Randomness = Pick<DispatchOptions, 'random' | 'recheckSample'>;

/** Stands for a seed where there is nothing to be drawn. */
const NOTHING_TO_DRAW = 'by-hand';

/**
 * Asks whether the one candidate of the world who takes part may go to the school.
 *
 * @param world with that candidate, in the pool, and one choice; beside him only files that occupy
 *   places at the school
 */
export async function askByHand(
  world: World,
  policy: Policy,
  school: string,
  randomness: Randomness,
): Promise<HandAnswer> {
  const alone = withDispatch(policy, world.batch, rules => ({
    ...rules,
    seed: rules.seed ?? NOTHING_TO_DRAW,
  }));
  const { result } = await dispatch(world, alone, { ...randomness, school });
  requireClean(checkResult(world, alone, result, school));
  const [candidate] = result.participants;
  if (candidate === undefined || result.participants.length !== 1) {
    throw new Error(`${result.participants.length} candidates take part in a dispatch by hand`);
  }
  const choice = world.choices.first[candidate];
  const at = world.schools.findIndex(each => each.code === school);
  const major = world.majors[result.suggestedMajor[0]]?.code ?? null;
  return {
    refusal: await refusalOf(world, alone, result, { candidate, choice }),
    score: result.score[0],
    ordinal: world.choices.ordinal[choice],
    major,
    suggestionReason: SUGGESTION_REASONS[result.suggestionReason[0]],
    outcome: result.schools.find(each => each.school === at) ?? null,
    rules: rulesInForce(world, policy, at).map(rule => rule.id),
  };
}

async function refusalOf(
  world: World,
  policy: Policy,
  result: DispatchResult,
  { candidate, choice }: { readonly candidate: number; readonly choice: number },
): Promise<HandRefusal | null> {
  const code = result.reasons[result.reasonOf[choice]];
  if (code === 'placed') return null;
  if (code === 'below-bands') return { code, rule: null, belowLine: true };
  const { schoolStage, batch } = groundOf(world, policy, { random: () => 0, recheckSample: 0 });
  const lacking = world.candidates.total[candidate] === ABSENT && batch.dispatch.mode !== 'lottery';
  if (code === 'missing-data' && lacking) return { code, rule: null, belowLine: true };
  const told = await schoolStage.explain(choicePairs(world), choice);
  const rule = told.find(each => each.code === code) ?? null;
  const asked = [...policy.eligibility, ...policy.special].find(each => each.id === rule?.rule);
  return { code, rule, belowLine: asked !== undefined && readsLine(asked, policy) };
}

function readsLine(rule: Requirement, { conditions }: Policy): boolean {
  return readRule(rule, conditions).facts.some(fact => fact.startsWith('line.'));
}

/**
 * The policy under which an approved paper 批件 sends somebody below the line: without the rules
 * that read a line, bands, and the need for a total. All other conditions stay.
 */
export function withoutLines(policy: Policy, batch: string): Policy {
  const others = (rules: readonly Requirement[]) => rules.filter(rule => !readsLine(rule, policy));
  const lineless = withDispatch(policy, batch, rules => asLottery(rules, NOTHING_TO_DRAW));
  return { ...lineless, eligibility: others(policy.eligibility), special: others(policy.special) };
}

/** By lot nobody needs a total, and scores give no majors (dispatch.md §5, §6). */
export function asLottery(rules: DispatchRules, seed: string): DispatchRules {
  const { majors } = rules;
  const mode = majors.mode === 'gap' ? 'score-first' : majors.mode;
  return { ...rules, mode: 'lottery', bands: [], seed, majors: { ...majors, mode } };
}

/** The policy with other rules for dispatching one batch. */
export function withDispatch<P extends Policy>(
  policy: P,
  id: string,
  change: (rules: DispatchRules) => DispatchRules,
): P {
  const batches = policy.batches.map(batch =>
    batch.id === id ? { ...batch, dispatch: change(batch.dispatch) } : batch,
  );
  return { ...policy, batches };
}

/**
 * Whether a major's own special conditions (dispatch.md §6) bar the world's one participant.
 *
 * @param line plan line, by index
 * @returns the rule that refuses; null: none does
 */
export async function askMajor(
  world: World,
  policy: Policy,
  candidate: number,
  line: number,
): Promise<RuleExplanation | null> {
  const { majorStage } = groundOf(world, policy, { random: () => 0, recheckSample: 0 });
  const school = world.schools.findIndex(each => each.code === world.lines[line].school);
  const pairs = {
    count: 1,
    candidate: Uint32Array.of(candidate),
    school: Uint32Array.of(school),
    major: Uint32Array.of(line),
    choice: Uint32Array.of(world.choices.first[candidate]),
  };
  const told = await majorStage.explain(pairs, 0);
  return told.find(each => each.code !== null) ?? null;
}

/** The rules that stand behind sending a file to a school (by index), in their order. */
export function rulesInForce(world: World, policy: Policy, school: number): Requirement[] {
  const rules = schoolRules(world, policy);
  return [...rules.common, ...(rules.byTarget.get(school) ?? [])].filter(rule =>
    inForce(rule, world.date),
  );
}
