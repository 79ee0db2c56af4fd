/**
 * Many dispatches over one world: what a policy would do, for policy after policy (engine/trial).
 *
 * Two things are kept from one dispatch to the next: the columns of facts that no policy changes,
 * and what json-rules-engine has decided of a rule by its situation. A further policy then costs
 * the passes over the pairs, and the engine is asked only about what is new in it. Results are
 * those of a dispatch by itself, byte for byte; a test holds this.
 */
import type { Policy } from '../policy/types.ts';
import { compileRemembering, type DecisionMemory } from '../rules/compile.ts';
import type { FactColumn, FactSource } from '../rules/facts.ts';
import type { StageId } from '../rules/stage.ts';
import {
  type DispatchOptions,
  type DispatchRun,
  dispatch,
  type KnownRefusals,
  type Placement,
  placement,
} from './run.ts';
import type { World } from './world.ts';

export type TrialOptions = Pick<DispatchOptions, 'random' | 'recheckSample' | 'school'>;

/** Facts that are what the world says, under any policy; names that end in a dot are beginnings. */
const WORLD_FACTS = [
  'candidate.no',
  'candidate.sex',
  'candidate.origin',
  'candidate.city',
  'candidate.county',
  'candidate.total',
  'candidate.subject.',
  'file.',
  'choice.',
  'school.',
  'plan.',
  'major.',
];

export class WorldMemory {
  readonly world: World;
  readonly #columns: Map<string, FactColumn>;
  readonly #decisions: DecisionMemory;

  constructor(
    world: World,
    columns: Map<string, FactColumn> = new Map(),
    decisions: DecisionMemory = new Map(),
  ) {
    this.world = world;
    this.#columns = columns;
    this.#decisions = decisions;
  }

  /** Dispatches the world under a policy. @throws what `dispatch` does */
  dispatch(policy: Policy, options: TrialOptions): Promise<DispatchRun> {
    return dispatch(this.world, policy, this.#optionsFor(policy, options));
  }

  /** Only places everybody: `placement`. */
  place(policy: Policy, options: TrialOptions, known?: KnownRefusals): Promise<Placement> {
    return placement(this.world, policy, this.#optionsFor(policy, options), known);
  }

  #optionsFor(policy: Policy, options: TrialOptions): DispatchOptions {
    const compile = compileRemembering(this.#decisions);
    return {
      ...options,
      compileStage: (rules, facts) => compile(rules, this.#remembering(rules.stage, policy, facts)),
    };
  }

  /**
   * The same world with something changed.
   *
   * @param facts what the change may be seen by, as names or beginnings that end in a dot
   */
  changed(world: World, facts: readonly string[]): WorldMemory {
    const kept = [...this.#columns].filter(([key]) => !isOneOf(factOf(key), facts));
    return new WorldMemory(world, new Map(kept), this.#decisions);
  }

  #remembering(stage: StageId, policy: Policy, source: FactSource): FactSource {
    return fact => {
      const token = tokenOf(stage, policy, fact);
      if (token === null) return source(fact);
      const key = `${fact}|${token}`;
      const column = this.#columns.get(key) ?? source(fact);
      this.#columns.set(key, column);
      return column;
    };
  }
}

/** What a column depends on beside the world; null: it is not kept. */
function tokenOf(stage: StageId, policy: Policy, fact: string): string | null {
  if (fact === 'candidate.score' || fact === 'candidate.bonus') {
    return JSON.stringify(policy.preferences);
  }
  // An attribute of the policy's own may bear any name, also one of these.
  if (policy.attributes.some(({ name }) => fact === `candidate.${name}`)) return null;
  if (!isOneOf(fact, WORLD_FACTS)) return null;
  // What plan.* means is the school's sums in one stage, the line's own in the other.
  return fact.startsWith('plan.') ? stage : '';
}

function factOf(key: string): string {
  return key.slice(0, key.indexOf('|'));
}

function isOneOf(fact: string, names: readonly string[]): boolean {
  return names.some(name => (name.endsWith('.') ? fact.startsWith(name) : fact === name));
}
