/**
 * Action rules 处理规则 (stages review and deadline): what is done with a file, application or plan
 * change when something holds. Decided by json-rules-engine like requirements, through the same
 * situations: a sweep over 50,000 files asks it once for each situation.
 */
import { isInForce } from '../policy/lookup.ts';
import type { ActionRule, Attribute, FactValue, Requirement } from '../policy/types.ts';
import { type NamedConditions, readRule } from './atoms.ts';
import { checkFactType } from './columns.ts';
import { RuleEngine } from './engine-room.ts';
import { wordChain } from './explain.ts';
import { RuleMemo } from './memo.ts';
import type { RuleExplanation } from './stage.ts';

type Facts = Readonly<Record<string, FactValue>>;

/** When a rule is asked for. */
export interface Instant {
  /** Business date YYYY-MM-DD: which rules are valid. */
  readonly date: string;
  /** Now, in Asia/Shanghai, YYYY-MM-DDTHH:MM: which rules' `at` has come. */
  readonly now: string;
}

export interface ActionDecision {
  readonly rule: ActionRule;
  readonly then: ActionRule['then'];
}

/** Files that are alike in every fact that the rules read. */
export interface FactGroup {
  readonly facts: Facts;
  /** How many they are. */
  readonly count: number;
}

/** One row of the table of situations. */
export interface ActionSituation {
  readonly rule: string;
  /** Outcomes of the atoms of `when` as '0'/'1' in their order, or `missing:FACT`. */
  readonly situation: string;
  readonly outcome: 'acts' | 'does-not-hold' | 'missing-data';
  /** The absent fact; null: none. */
  readonly missing: string | null;
  /** How many files it decided. */
  readonly files: number;
  /** json-rules-engine's own condition tree, as JSON. */
  readonly tree: unknown;
  readonly example: Facts;
}

/** Why a rule acted or did not, with the file's own values. */
export interface ActionExplanation {
  readonly rule: string;
  readonly title: string;
  readonly basis: string;
  readonly outcome: ActionSituation['outcome'] | 'not-reached';
  readonly then: ActionRule['then'];
  /** Chinese: `档案状态 录取 等于 录取：成立`. */
  readonly atoms: RuleExplanation['atoms'];
}

export interface ActionRecheck {
  readonly compared: number;
  /** By rule id; null: no rule acts. */
  readonly mismatches: readonly {
    readonly group: number;
    readonly engine: string | null;
    readonly table: string | null;
  }[];
}

interface Row {
  readonly action: ActionRule;
  readonly memo: RuleMemo;
}

/**
 * Decides which action rule, if any, acts on a set of facts.
 *
 * An action whose `when` reads an absent fact does not act, whether or not evaluation would have
 * reached that fact: to json-rules-engine null fails every numeric comparison, so that a `not` over
 * it passes (spec/policy.md, "what bites" 5), and a file would be reverted because something of it
 * is not known. The situation `missing:FACT` is recorded, so that it can be seen how often it was.
 */
export class ActionDecider {
  readonly #rows: readonly Row[];
  readonly #conditions: NamedConditions;
  readonly #attributes: readonly Attribute[];
  /** What engines of their own have said, by rule id and facts. */
  readonly #rechecks: Map<string, Promise<boolean>>;

  /**
   * @param rules in the order of the policy
   * @param like of the same rules: what the engine has told it is not asked again
   * @throws CodedError unknown-condition, condition-too-deep, unknown-operator
   */
  constructor(
    rules: readonly ActionRule[],
    conditions: NamedConditions,
    attributes: readonly Attribute[] = [],
    like?: ActionDecider,
  ) {
    this.#conditions = conditions;
    this.#attributes = attributes;
    this.#rechecks = like === undefined ? new Map() : like.#rechecks;
    this.#rows =
      like === undefined
        ? rules.map(action => {
            return { action, memo: new RuleMemo(readRule(asRequirement(action), conditions)) };
          })
        : like.#rows.map(({ action, memo }) => ({ action, memo: memo.again() }));
  }

  /**
   * The same rules with an empty table of situations, for the next of many cities under one policy:
   * the engine is not asked again what it has said.
   */
  again(): ActionDecider {
    const rules = this.#rows.map(({ action }) => action);
    return new ActionDecider(rules, this.#conditions, this.#attributes, this);
  }

  /** Every fact that the rules in force read, in their order: what to group files by. */
  factNames(instant: Instant): string[] {
    return [...new Set(this.#inForce(instant).flatMap(({ memo }) => memo.reading.facts))];
  }

  /**
   * The first rule, in the order of the policy, that is in force and whose `when` holds.
   *
   * @param facts every fact that the rules in force read; null: absent
   * @returns null: nothing is done
   * @throws CodedError unknown-fact, fact-type, rule-failed, rule-undecided, atom-differs
   */
  async decide(facts: Facts, instant: Instant): Promise<ActionDecision | null> {
    const [decision] = await this.decideGroups([{ facts, count: 1 }], instant);
    return decision ?? null;
  }

  /** As decide, for each group; a group's files all have the one decision. */
  async decideGroups(
    groups: readonly FactGroup[],
    instant: Instant,
  ): Promise<(ActionDecision | null)[]> {
    const rows = this.#inForce(instant);
    const names = this.factNames(instant);
    const decisions: (ActionDecision | null)[] = [];
    for (const { facts, count } of groups) {
      this.#checkTypes(facts, names);
      decisions.push(await decideOne(rows, facts, count));
    }
    return decisions;
  }

  /** Every rule in force, in order; those after the first that acts are `not-reached`. */
  async explain(facts: Facts, instant: Instant): Promise<ActionExplanation[]> {
    this.#checkTypes(facts, this.factNames(instant));
    let acted = false;
    const explanations: ActionExplanation[] = [];
    for (const { action, memo } of this.#inForce(instant)) {
      const ofPair = { reading: memo.reading, facts };
      const [told] = wordChain([{ ofPair, finding: await memo.find(facts) }], this.#attributes);
      const { rule, title, basis, atoms, outcome } = told as RuleExplanation;
      const own = outcomeOf(outcome);
      const shown = acted ? 'not-reached' : own;
      explanations.push({ rule, title, basis, outcome: shown, then: action.then, atoms });
      acted ||= own === 'acts';
    }
    return explanations;
  }

  /**
   * Asks engines of its own about `sample` random groups, or about all where they are fewer, and
   * compares with the decisions that were made. It shares no atom, table or engine with decide;
   * groups of the same facts are asked about once.
   *
   * @param random uniform in [0, 1)
   */
  async recheck(
    groups: readonly FactGroup[],
    decisions: readonly (ActionDecision | null)[],
    instant: Instant,
    sample: number,
    random: () => number,
  ): Promise<ActionRecheck> {
    const inForce = this.#inForce(instant).map(({ action, memo }) => {
      const { facts: names } = memo.reading;
      const engine = new RuleEngine(readRule(asRequirement(action), this.#conditions));
      return { action, names, engine };
    });
    const mismatches: { group: number; engine: string | null; table: string | null }[] = [];
    const drawn = drawDistinct(groups.length, sample, random);
    for (const group of drawn) {
      const { facts } = groups[group] as FactGroup;
      let engine: string | null = null;
      for (const row of inForce) {
        if (!(await this.#acts(row, facts))) continue;
        engine = row.action.id;
        break;
      }
      const table = decisions[group]?.rule.id ?? null;
      if (engine !== table) mismatches.push({ group, engine, table });
    }
    return { compared: drawn.length, mismatches };
  }

  /** By an engine of its own. */
  #acts(
    row: { readonly action: ActionRule; readonly names: readonly string[]; engine: RuleEngine },
    facts: Facts,
  ): Promise<boolean> {
    const key = JSON.stringify([row.action.id, ...row.names.map(name => facts[name] ?? null)]);
    const known = this.#rechecks.get(key);
    if (known !== undefined) return known;
    const asked = row.engine.decide(facts).then(({ outcome }) => outcome === 'pass');
    this.#rechecks.set(key, asked);
    asked.catch(() => this.#rechecks.delete(key));
    return asked;
  }

  /** The situations met so far, rule by rule. */
  situations(): ActionSituation[] {
    return this.#rows.flatMap(({ action, memo }) =>
      memo.situations().map(({ situation, decision, example, count }) => ({
        rule: action.id,
        situation,
        outcome: outcomeOf(decision.outcome),
        missing: decision.missing,
        files: count,
        tree: decision.tree,
        example,
      })),
    );
  }

  /** How often json-rules-engine decided a rule; questions for explanations not counted. */
  engineRuns(): number {
    return this.#rows.reduce((sum, { memo }) => sum + memo.engineRuns, 0);
  }

  #inForce({ date, now }: Instant): Row[] {
    return this.#rows.filter(
      ({ action }) => isInForce(action.valid, date) && (action.at === null || action.at <= now),
    );
  }

  #checkTypes(facts: Facts, names: readonly string[]): void {
    for (const name of names) {
      const value = facts[name];
      if (value !== undefined) checkFactType(name, [value], this.#attributes);
    }
  }
}

/** So many different places out of a number of them; all, in their order, where they are fewer. */
function drawDistinct(length: number, count: number, random: () => number): number[] {
  const places = Array.from({ length }, (_, place) => place);
  if (length <= count) return places;
  for (let at = 0; at < count; at += 1) {
    const other = at + Math.min(length - at - 1, Math.floor(random() * (length - at)));
    [places[at], places[other]] = [places[other] as number, places[at] as number];
  }
  return places.slice(0, count);
}

async function decideOne(
  rows: readonly Row[],
  facts: Facts,
  count: number,
): Promise<ActionDecision | null> {
  for (const { action, memo } of rows) {
    const known = memo.decide(facts);
    const remembered = known instanceof Promise ? await known : known;
    remembered.count += count;
    if (remembered.decision.outcome === 'pass') return { rule: action, then: action.then };
  }
  return null;
}

/**
 * An action as the rule room reads rules: `when` is what is required; absent facts pass it over.
 * Its code is never shown.
 */
function asRequirement({ id, title, basis, when, valid }: ActionRule): Requirement {
  return {
    id,
    title,
    basis,
    applies: null,
    requires: when,
    refuse: 'does-not-hold',
    missing: 'pass',
    valid,
    school: null,
    major: null,
  };
}

/** Without `applies`, a rule is skipped only for an absent fact. */
function outcomeOf(outcome: RuleExplanation['outcome']): ActionSituation['outcome'] {
  if (outcome === 'pass') return 'acts';
  return outcome === 'skip' ? 'missing-data' : 'does-not-hold';
}
