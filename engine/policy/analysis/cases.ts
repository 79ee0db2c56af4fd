/**
 * Cells as ready examples 样例: the facts of a case with all that its stage needs to be decided,
 * what the policy decides of it, and how it is written in `tests/*.yaml`.
 */
import { stringify } from 'yaml';
import { decideExample, type Example, type Outcome } from '../examples.ts';
import type { FactValue, FullPolicy } from '../types.ts';
import type { Chain } from './chains.ts';
import { TODAY } from './domains.ts';
import { CELL, type RuleCells } from './rule-cells.ts';
import { independentGroups, scanOf } from './scan.ts';

type Facts = Readonly<Record<string, FactValue>>;

/** Completes cells of one chain to examples that the policy can decide. */
export class CaseMaker {
  readonly #policy: FullPolicy;
  readonly #chain: Chain;
  readonly #tables: readonly RuleCells[];
  #background: Facts | null = null;

  constructor(policy: FullPolicy, chain: Chain, tables: readonly RuleCells[]) {
    this.#policy = policy;
    this.#chain = chain;
    this.#tables = tables;
  }

  /** An example of these facts, with what the policy decides as what is expected. */
  async example(title: string, basis: string, cell: Facts): Promise<Example> {
    const { stage, city, school, major } = this.#chain;
    const place: Record<string, FactValue> = {};
    if (school !== null) place['school.code'] = school;
    if (major !== null) place['major.code'] = major;
    const dated = typeof cell[TODAY] === 'string' ? { date: cell[TODAY] } : {};
    const reads = new Set(this.#chain.rules.flatMap(({ reading }) => reading.facts));
    const all = { ...place, ...this.#others(cell), ...cell };
    const kept = Object.entries(all).filter(
      ([name, value]) => value !== null && (name !== TODAY || reads.has(TODAY)),
    );
    const given = {
      title,
      basis,
      ...(city === null ? {} : { city }),
      stage,
      ...dated,
      facts: Object.fromEntries(kept),
    };
    const expect = await decideExample(this.#policy, { ...given, expect: { outcome: 'pass' } });
    return { ...given, expect };
  }

  /** Facts of rules that the cell does not speak of, by which those rules let it pass. */
  #others(cell: Facts): Facts {
    if (this.#chain.rules.some(rule => rule.action !== null)) return {};
    this.#background ??= passingFacts(this.#chain, this.#tables);
    const rest = Object.entries(this.#background).filter(([name]) => !(name in cell));
    return Object.fromEntries(rest);
  }
}

/** A case that all rules of a chain let pass, group by group; where none is, any case. */
export function passingFacts(chain: Chain, tables: readonly RuleCells[]): Facts {
  const facts: Record<string, FactValue> = {};
  const rules = tables.map(table => table.rule);
  for (const group of independentGroups(rules, chain.domains)) {
    const own = tables.filter(table => group.includes(table.rule));
    const scan = scanOf(own, chain.domains);
    if (scan === null) continue;
    let best = -1;
    let found = 0;
    scan.each((cell, codes) => {
      let score = 0;
      for (const code of codes) score += SCORES[code] as number;
      if (score <= best) return;
      best = score;
      found = cell;
    });
    Object.assign(facts, scan.at(found));
  }
  delete facts[TODAY];
  return facts;
}

/** By code of a cell: passing beats being passed over, and any refusal is worse than both. */
const SCORES: readonly number[] = (() => {
  const scores = Array<number>(5).fill(0);
  scores[CELL.pass] = 1000;
  scores[CELL.skip] = 999;
  scores[CELL.notInForce] = 998;
  return scores;
})();

/** An entry of `tests:` in YAML, indented as it stands there. */
export function exampleYaml({
  title,
  basis,
  city,
  stage,
  date,
  facts,
  expect,
}: Example & {
  readonly basis?: string;
}): string {
  const lines = [`title: ${scalar(title)}`];
  if (basis !== undefined) lines.push(`basis: ${scalar(basis)}`);
  if (city !== undefined) lines.push(`city: ${scalar(city)}`);
  lines.push(`stage: ${stage}`);
  if (date !== undefined) lines.push(`date: ${date}`);
  const given = Object.entries(facts);
  lines.push(given.length === 0 ? 'facts: {}' : 'facts:');
  lines.push(...given.map(([name, value]) => `  ${key(name)}: ${scalar(value)}`));
  lines.push(`expect: { ${outcomeYaml(expect)} }`);
  return lines.map((line, at) => `${at === 0 ? '  - ' : '    '}${line}`).join('\n');
}

function outcomeYaml(expect: Outcome): string {
  return Object.entries(expect)
    .filter(([, value]) => value !== undefined)
    .map(([name, value]) => `${name}: ${scalar(value)}`)
    .join(', ');
}

function key(name: string): string {
  return scalar(name);
}

/** One line, quoted where it would be read as something else. */
function scalar(value: FactValue): string {
  const written = stringify(value, { lineWidth: 0 }).trimEnd();
  const quoted = written.includes('\n') || (FULL_WIDTH.test(written) && !/^["']/.test(written));
  return quoted ? JSON.stringify(value) : written;
}

/** Outside quotes the loader takes them for slips. */
const FULL_WIDTH = /[\uFF1A\uFF10-\uFF19\u3000\u00A0]/;
