/**
 * What the quota rules of the policy (spec/policy.md, stage quota) say of an admission straight
 * from the pool: asked of json-rules-engine for one candidate, school and plan line, with what that
 * line and the school have in use at this moment. Nobody is placed here.
 */
import type { FactValue, FullPolicy } from '../policy/types.ts';
import { findFact } from '../rules/catalogue.ts';
import { FactColumns } from '../rules/columns.ts';
import { type Refusal, RequirementDecider } from '../rules/requirements.ts';
import { stageFacts } from '../rules/stage-facts.ts';
import { factsOfWorld } from './facts-of-world.ts';
import type { Places } from './places.ts';
import { preferencePoints, scoresOf } from './preference-points.ts';
import type { World } from './world.ts';

/** Indexes into the world. */
export interface Admission {
  readonly candidate: number;
  readonly choice: number;
  readonly school: number;
  /** Plan line. */
  readonly line: number;
  /** By an approved paper, below the line. */
  readonly belowLine: boolean;
}

export interface AdmissionVerdict {
  /** null: no quota rule stands against it. */
  readonly refusal: Refusal | null;
  /** Ids of the rules that apply and were met. */
  readonly rules: readonly string[];
}

/** Admissions of one act, one after the other: each that is taken counts for those after it. */
export class AdmissionQuotas {
  readonly #world: World;
  readonly #places: Places;
  readonly #decider: RequirementDecider;
  readonly #columns: FactColumns;
  /** What is known of a file in the pool and of an act without an application. */
  readonly #plain: Readonly<Record<string, FactValue>>;
  /** By plan line: admitted here so far. */
  readonly #taken: Int32Array;

  constructor(world: World, policy: FullPolicy, places: Places) {
    const batch = policy.batches.find(each => each.id === world.batch);
    if (batch === undefined) throw new Error(`batch ${world.batch} is not in the policy`);
    const { bonus } = preferencePoints(world, policy);
    const score = scoresOf(world, bonus);
    const source = factsOfWorld({ world, policy, batch, places, bonus, score, plan: 'line' });
    this.#world = world;
    this.#places = places;
    this.#columns = new FactColumns(source, policy.attributes);
    this.#plain = stageFacts('quota', { 'application.kind': 'admission' }, policy.attributes);
    this.#taken = new Int32Array(world.lines.length);
    this.#decider = new RequirementDecider(
      policy.quotas,
      policy.conditions,
      world.date,
      policy.attributes,
    );
  }

  async ask(admission: Admission): Promise<AdmissionVerdict> {
    const facts: Record<string, FactValue> = {};
    for (const name of this.#decider.factNames) facts[name] = this.#fact(name, admission);
    const { refusal, outcomes } = await this.#decider.decide(facts);
    const met = outcomes.filter(({ outcome }) => outcome === 'pass');
    return { refusal, rules: met.map(({ rule }) => rule) };
  }

  /** Counts an admission: its place is gone for those who come after. */
  take({ line }: Admission): void {
    this.#taken[line] += 1;
  }

  #fact(name: string, admission: Admission): FactValue {
    const plan = this.#planFact(name, admission);
    if (plan !== undefined) return plan;
    const { candidate, choice, school, line, belowLine } = admission;
    if (name === 'file.below-line') return belowLine;
    // No stage of a dispatch has it, so no world tells it.
    if (findFact(name, [], null)?.scope === null) return this.#plain[name] ?? null;
    const pair = {
      count: 1,
      candidate: Uint32Array.of(candidate),
      school: Uint32Array.of(school),
      major: Uint32Array.of(line),
      choice: Uint32Array.of(choice),
    };
    return this.#columns.factsOf([name], pair, 0)[name] ?? null;
  }

  #planFact(name: string, { school, line }: Admission): number | undefined {
    const planned = this.#world.lines[line].planned;
    const used = this.#places.lineOccupied[line] + this.#taken[line];
    if (name === 'plan.planned') return planned;
    if (name === 'plan.used') return used;
    if (name === 'plan.free') return planned - used;
    if (name === 'plan.flexible-free') return this.#flexibleFree(school);
    return undefined;
  }

  /** Flexible places that no line has taken, these admissions included. */
  #flexibleFree(school: number): number {
    const { lineFirst, lineOccupied, flexible } = this.#places;
    let used = 0;
    for (let line = lineFirst[school]; line < lineFirst[school + 1]; line += 1) {
      const files = lineOccupied[line] + this.#taken[line];
      used += Math.max(0, files - this.#world.lines[line].planned);
    }
    return Math.max(0, flexible[school] - used);
  }
}
