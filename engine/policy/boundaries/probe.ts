/**
 * Finds, for one fact and a few of its values, the case in which they make a difference to a chain
 * of rules, and has the engine decide it for each value.
 */
import type { StageId } from '../../rules/stage.ts';
import { CaseMaker } from '../analysis/cases.ts';
import type { Chain } from '../analysis/chains.ts';
import { CELL, cellsOfRule, type Domains, type RuleCells } from '../analysis/rule-cells.ts';
import { independentGroups, REFUSING, scanOf } from '../analysis/scan.ts';
import type { Example } from '../examples.ts';
import type { FactValue, FullPolicy } from '../types.ts';

export interface Question {
  /** The rule whose threshold it is; null: whichever. */
  readonly rule: string | null;
  readonly fact: string;
  readonly values: readonly FactValue[];
  /** Facts that are fixed in this question. */
  readonly fixed: Readonly<Record<string, FactValue>>;
  readonly basis: string;
  title(value: FactValue): string;
}

export interface Probed {
  readonly examples: readonly (Example & { readonly basis: string })[];
  /** Whether the decisions differ at all. */
  readonly differs: boolean;
}

/** A chain with what the engine has said of it, for many questions. */
export class Prober {
  readonly #policy: FullPolicy;
  readonly #chain: Chain;
  #tables: readonly RuleCells[] | null = null;

  constructor(policy: FullPolicy, chain: Chain) {
    this.#policy = policy;
    this.#chain = chain;
  }

  get stage(): StageId {
    return this.#chain.stage;
  }

  /** @throws CodedError what the rules throw */
  async ask(question: Question): Promise<Probed> {
    const { fact, values, fixed, basis } = question;
    const tables = await this.#decided();
    const cases = new CaseMaker(this.#policy, this.#chain, tables);
    const around = await this.#telling(question);
    const examples: (Example & { basis: string })[] = [];
    for (const value of values) {
      const cell = { ...around, ...fixed, [fact]: value };
      const example = await cases.example(question.title(value), basis, cell);
      examples.push({ ...example, basis });
    }
    const differs = new Set(examples.map(({ expect }) => JSON.stringify(expect))).size > 1;
    return { examples, differs };
  }

  async #decided(): Promise<readonly RuleCells[]> {
    if (this.#tables !== null) return this.#tables;
    this.#tables = await tablesOf(this.#chain, this.#chain.domains);
    return this.#tables;
  }

  /** The other facts of the rules that read the fact: such that its values tell. */
  async #telling(question: Question): Promise<Readonly<Record<string, FactValue>>> {
    const { fact, values, fixed, rule } = question;
    const domains: Domains = new Map<string, readonly FactValue[]>([
      ...this.#chain.domains,
      ...Object.entries(fixed).map(([name, value]) => [name, [value]] as const),
      [fact, values],
    ]);
    const { rules } = this.#chain;
    const own = independentGroups(rules, domains).find(group =>
      group.some(each => (rule === null ? each.reading.facts.includes(fact) : each.id === rule)),
    );
    if (own === undefined) return {};
    const joint = await tablesOf({ ...this.#chain, rules: own }, domains);
    // Of too many rules together, the one that is asked about alone.
    const alone = joint.filter(table => table.rule.id === rule);
    const tables = scanOf(joint, domains, [fact]) === null ? alone : joint;
    const scan = tables.length === 0 ? null : scanOf(tables, domains, [fact]);
    if (scan === null || scan.count === 0) return {};
    const place = tables.findIndex(table => table.rule.id === rule);
    const cell = tellingCell(scan, values.length, tables, place);
    return scan.at(cell);
  }
}

async function tablesOf(chain: Chain, domains: Domains): Promise<RuleCells[]> {
  const tables: RuleCells[] = [];
  for (const rule of chain.rules) {
    const table = await cellsOfRule(rule, domains);
    if (table !== null) tables.push(table);
  }
  return tables;
}

/** Points for what makes a case worth showing. */
const OF_THE_RULE = 4;
const DIFFERS = 2;
const ALL_KNOWN = 1;

/**
 * The first of the best runs of cells that differ in one fact only.
 *
 * @param place of the rule among the tables; -1: whichever speaks
 */
function tellingCell(
  scan: NonNullable<ReturnType<typeof scanOf>>,
  width: number,
  tables: readonly RuleCells[],
  place: number,
): number {
  const acts = tables[0]?.rule.action !== null;
  const settles = new Set(acts ? [CELL.pass] : REFUSING);
  let best = -1;
  let found = 0;
  let verdicts = new Set<number>();
  let known = true;
  let spoken = false;
  scan.each((cell, codes) => {
    const speaker = codes.findIndex(code => settles.has(code));
    const code = speaker === -1 ? 0 : (codes[speaker] as number);
    verdicts.add(speaker * 8 + code);
    spoken ||= place !== -1 && speaker === place && code !== CELL.missing;
    known &&= !codes.includes(CELL.missing);
    if (cell % width !== width - 1) return;
    const differs = verdicts.size > 1;
    const score =
      (differs && spoken ? OF_THE_RULE : 0) + (differs ? DIFFERS : 0) + (known ? ALL_KNOWN : 0);
    if (score > best) {
      best = score;
      found = cell;
    }
    verdicts = new Set();
    known = true;
    spoken = false;
  });
  return found;
}
