/**
 * A stage of rules made ready to decide pairs: common rules first, then those of the pair's own
 * school or plan line, in the order in which they stand; the first refusal wins (dispatch.md §4).
 */
import type { Requirement } from '../policy/types.ts';
import { inForce, type RuleReading, readRule } from './atoms.ts';
import { FactColumns } from './columns.ts';
import { MISSING_DATA } from './engine-room.ts';
import { ruleError } from './errors.ts';
import { explainRules } from './explain.ts';
import type { FactSource } from './facts.ts';
import type { Walk } from './keys.ts';
import { recheckPairs } from './recheck.ts';
import { type KnownDecisions, RuleTable } from './situations.ts';
import type {
  CompiledStage,
  CompileStage,
  Pairs,
  RuleExplanation,
  Situation,
  StageId,
  StageRules,
} from './stage.ts';

/** Pairs taken through all rules at a time: indexes and keys stay in the processor's cache. */
export const CHUNK_PAIRS = 16_384;

/** Makes a stage. Columns and tables are made when a pair first needs them. */
export const compileStage: CompileStage = (rules, facts) => new Stage(rules, facts, null);

/** What the engine has decided, by rule: worth keeping where policies have rules in common. */
export type DecisionMemory = Map<string, KnownDecisions>;

/** Makes stages that ask the engine only what the memory does not know yet of the same rule. */
export function compileRemembering(memory: DecisionMemory): CompileStage {
  return (rules, facts) => new Stage(rules, facts, memory);
}

/** Everything that a decision depends on beside the outcomes of the atoms. */
function memoryKey({ rule, named }: RuleReading): string {
  const { id, applies, requires, refuse, missing } = rule;
  return JSON.stringify([id, applies, requires, refuse, missing, [...named]]);
}

class Stage implements CompiledStage {
  readonly stage: StageId;
  readonly codes: readonly string[];
  readonly #columns: FactColumns;
  readonly #common: readonly RuleTable[];
  readonly #byTarget: ReadonlyMap<number, readonly RuleTable[]>;
  readonly #tables: readonly RuleTable[];
  readonly #rules: StageRules;
  readonly #memory: DecisionMemory | null;
  readonly #walk = makeWalk();
  readonly #grouping: Grouping;
  /** By the array that decide wrote into: a bit for every pair that was settled before. */
  readonly #settled = new WeakMap<Uint8Array, Uint8Array>();
  #busy = false;

  constructor(rules: StageRules, facts: FactSource, memory: DecisionMemory | null) {
    this.stage = rules.stage;
    this.#memory = memory;
    this.#rules = rules;
    this.#columns = new FactColumns(facts, rules.attributes ?? []);
    const tables = new Map<Requirement, RuleTable>();
    this.#common = this.#tablesOf(rules.common, tables);
    this.#byTarget = new Map(
      [...rules.byTarget]
        .map(([target, own]) => [target, this.#tablesOf(own, tables)] as const)
        .filter(([, own]) => own.length > 0),
    );
    this.#tables = [...tables.values()];
    this.#grouping = makeGrouping([...this.#byTarget.keys()]);
    const codes = this.#tables.map(table => table.reading.rule.refuse);
    this.codes = [...new Set([...codes, MISSING_DATA])];
  }

  /** One table per rule, also where it stands at several plan lines. */
  #tablesOf(rules: readonly Requirement[], known: Map<Requirement, RuleTable>): RuleTable[] {
    return rules
      .filter(rule => inForce(rule, this.#rules.date))
      .map(rule => {
        const reading = known.get(rule)?.reading ?? readRule(rule, this.#rules.conditions);
        const table =
          known.get(rule) ?? new RuleTable(reading, this.#columns, this.#decisionsOf(reading));
        known.set(rule, table);
        return table;
      });
  }

  #decisionsOf(reading: RuleReading): KnownDecisions | null {
    if (this.#memory === null) return null;
    const key = memoryKey(reading);
    const decisions = this.#memory.get(key) ?? new Map();
    this.#memory.set(key, decisions);
    return decisions;
  }

  async decide(pairs: Pairs, out: Uint8Array, codeIndex: (code: string) => number): Promise<void> {
    if (this.#busy) throw ruleError('stage-busy');
    this.#busy = true;
    try {
      for (const table of this.#tables) table.begin(codeIndex);
      const settled = new Uint8Array(Math.ceil(pairs.count / 8));
      for (let from = 0; from < pairs.count; from += CHUNK_PAIRS) {
        const to = Math.min(from + CHUNK_PAIRS, pairs.count);
        gatherUndecided(this.#walk, out, settled, from, to);
        await this.#decideChunk(pairs, out);
      }
      this.#settled.set(out, settled);
    } finally {
      this.#busy = false;
    }
  }

  async #decideChunk(pairs: Pairs, out: Uint8Array): Promise<void> {
    const walk = this.#walk;
    await decideActive(walk, this.#common, pairs, out);
    if (this.#byTarget.size === 0 || walk.count === 0) return;
    const grouping = this.#grouping;
    groupByTarget(grouping, walk, targetsOf(pairs, this.#rules.target));
    let from = 0;
    for (let group = 0; group < grouping.targets.length; group += 1) {
      const to = grouping.ends[group]!;
      if (to > from) {
        walk.active.set(grouping.pairs.subarray(from, to));
        walk.count = to - from;
        const own = this.#byTarget.get(grouping.targets[group]!) as readonly RuleTable[];
        await decideActive(walk, own, pairs, out);
      }
      from = to;
    }
  }

  recheck(
    pairs: Pairs,
    decided: Uint8Array,
    codeIndex: (code: string) => number,
    sample: number,
    random: () => number,
  ): ReturnType<CompiledStage['recheck']> {
    return recheckPairs({
      chainOf: pair => this.#chainOf(pairs, pair),
      columns: this.#columns,
      codes: this.codes,
      settled: this.#settled.get(decided) ?? null,
      pairs,
      decided,
      codeIndex,
      sample,
      random,
    });
  }

  explain(pairs: Pairs, pair: number): Promise<RuleExplanation[]> {
    const chain = this.#chainOf(pairs, pair).map(({ reading }) => ({
      reading,
      facts: this.#columns.factsOf(reading.facts, pairs, pair),
    }));
    return explainRules(chain, this.#rules.attributes ?? []);
  }

  situations(): readonly Situation[] {
    return this.#tables.flatMap(table => table.situations());
  }

  engineRuns(): number {
    return this.#tables.reduce((sum, table) => sum + table.engineRuns, 0);
  }

  #chainOf(pairs: Pairs, pair: number): readonly RuleTable[] {
    if (this.#byTarget.size === 0) return this.#common;
    const target = targetsOf(pairs, this.#rules.target)[pair]!;
    return [...this.#common, ...(this.#byTarget.get(target) ?? [])];
  }
}

/** Takes the active pairs through rules; those left active have passed them all. */
async function decideActive(
  walk: Walk,
  tables: readonly RuleTable[],
  pairs: Pairs,
  out: Uint8Array,
): Promise<void> {
  for (const table of tables) {
    if (walk.count === 0) return;
    const keys = table.enter(walk, pairs);
    while (!table.lookUp(walk, keys, out)) {
      await table.learn(pairs, walk.active[walk.next]!, keys[walk.next]!);
    }
    walk.count = walk.kept;
  }
}

function makeWalk(): Walk {
  return {
    active: new Uint32Array(CHUNK_PAIRS),
    narrowKeys: new Uint32Array(CHUNK_PAIRS),
    wideKeys: new Float64Array(CHUNK_PAIRS),
    count: 0,
    next: 0,
    kept: 0,
  };
}

/** Makes the undecided pairs of [from, to) active, and notes the others as settled before. */
function gatherUndecided(
  walk: Walk,
  out: Uint8Array,
  settled: Uint8Array,
  from: number,
  to: number,
): void {
  let count = 0;
  for (let pair = from; pair < to; pair += 1) {
    if (out[pair] === 0) {
      walk.active[count] = pair;
      count += 1;
    } else {
      settled[pair >> 3] = settled[pair >> 3]! | (1 << (pair & 7));
    }
  }
  walk.count = count;
}

function targetsOf(pairs: Pairs, target: StageRules['target']): Uint16Array | Uint32Array {
  if (target === 'school') return pairs.school;
  if (pairs.major === null) throw ruleError('no-target', { target: '专业' });
  return pairs.major;
}

/** Pairs of one chunk that have rules of their own, sorted by target; counting sort. */
interface Grouping {
  readonly targets: readonly number[];
  /** Target → its group + 1; 0: it has no rules. */
  readonly groupOf: Uint16Array | Uint32Array;
  /** Group → where its pairs end. */
  readonly ends: Uint32Array;
  readonly pairs: Uint32Array;
}

function makeGrouping(targets: readonly number[]): Grouping {
  const groupOf = new Uint32Array(targets.reduce((size, target) => Math.max(size, target + 1), 0));
  targets.forEach((target, group) => {
    groupOf[target] = group + 1;
  });
  const ends = new Uint32Array(targets.length);
  return { targets, groupOf, ends, pairs: new Uint32Array(targets.length > 0 ? CHUNK_PAIRS : 0) };
}

function groupByTarget(
  { groupOf, ends, pairs }: Grouping,
  walk: Walk,
  targets: Uint16Array | Uint32Array,
): void {
  const { active, count } = walk;
  ends.fill(0);
  for (let i = 0; i < count; i += 1) {
    const target = targets[active[i]!]!;
    const group = target < groupOf.length ? groupOf[target]! : 0;
    if (group > 0) ends[group - 1] = ends[group - 1]! + 1;
  }
  let sum = 0;
  for (let group = 0; group < ends.length; group += 1) {
    const size = ends[group]!;
    ends[group] = sum;
    sum += size;
  }
  for (let i = 0; i < count; i += 1) {
    const target = targets[active[i]!]!;
    const group = target < groupOf.length ? groupOf[target]! : 0;
    if (group === 0) continue;
    pairs[ends[group - 1]!] = active[i]!;
    ends[group - 1] = ends[group - 1]! + 1;
  }
}
