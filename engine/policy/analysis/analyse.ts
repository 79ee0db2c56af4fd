/**
 * The analysis of a checked policy: what its rules come to together. Every fact's range is cut at
 * the thresholds, json-rules-engine decides one representative of each cell, and whatever is wrong
 * is shown with a case that can be kept as a test.
 */
import type { Problem } from '../../problem.ts';
import { type Knowledge, NO_KNOWLEDGE } from '../check-context.ts';
import { type ReadDocument, readDocument } from '../document.ts';
import type { FaultCode, FaultDetail } from '../faults.ts';
import {
  entriesOf,
  isObject,
  type Json,
  type JsonObject,
  own,
  type Path,
  textOf,
} from '../json.ts';
import { effectivePolicy } from '../load.ts';
import type { FullPolicy, PolicyBundle } from '../types.ts';
import { calendarFindings } from './calendar-findings.ts';
import { CaseMaker, exampleYaml } from './cases.ts';
import { type Chain, chainsOf } from './chains.ts';
import { codeFindings } from './code-findings.ts';
import {
  actionFindings,
  type Decided,
  type RuleFinding,
  relationFindings,
  requirementFindings,
  uncoveredFindings,
} from './findings.ts';
import {
  cellCount,
  cellsOfRule,
  factsOfRule,
  RULE_CELLS_MAX,
  type RuleCells,
} from './rule-cells.ts';
import { independentGroups, JOINT_CELLS_MAX } from './scan.ts';
import { middleLine, valueFindings } from './value-findings.ts';

/** A finding at a place of the documents, made without a chain of rules. */
export interface PlacedFinding {
  readonly code: FaultCode;
  /** `calendar`, `batches`, …; of a city, of the documents in its file. */
  readonly document: string;
  readonly path: Path;
  readonly city: string | null;
  readonly detail: FaultDetail;
  readonly nearest?: string;
}

export interface Analysis {
  /** By file, line and column. */
  readonly problems: readonly Problem[];
  /** What was looked at, for people who ask how far the findings reach. */
  readonly rules: number;
  readonly cells: number;
}

/**
 * Analyses a policy that has no errors of form.
 *
 * @param knowledge codes, subjects and full marks of the year, where they are known
 * @param progress called as chains are done
 * @throws CodedError what the rules throw
 */
export async function analysePolicy(
  bundle: PolicyBundle,
  knowledge: Partial<Knowledge> = {},
  progress: (done: number, all: number) => void = () => {},
): Promise<Analysis> {
  const places = new Places(bundle);
  const base = effectivePolicy(bundle, null);
  const cities = [...bundle.overlays.keys()].sort();
  const ofCities = cities.map(city => [city, effectivePolicy(bundle, city)] as const);
  const usualLine = middleLine(ofCities.map(([, policy]) => policy));
  const known = { ...NO_KNOWLEDGE, usualLine, ...knowledge };
  const work: { policy: FullPolicy; chain: Chain }[] = chainsOf(base, null).map(chain => ({
    policy: base,
    chain,
  }));
  const placed = [...findingsOfValues(base, null, base, known)];
  for (const [city, policy] of ofCities) {
    work.push(...chainsOf(policy, city, base).map(chain => ({ policy, chain })));
    placed.push(...findingsOfValues(policy, city, base, known));
  }
  const problems = placed.map(finding => places.placed(finding));
  let cells = 0;
  let rules = 0;
  for (const [done, { policy, chain }] of work.entries()) {
    const found = await analyseChain(policy, chain);
    cells += found.cells;
    rules += chain.rules.length;
    problems.push(...found.findings.map(finding => places.ofRule(finding)));
    progress(done + 1, work.length);
  }
  return { problems: sorted(problems), rules, cells };
}

function findingsOfValues(
  policy: FullPolicy,
  city: string | null,
  base: FullPolicy,
  known: Knowledge,
): PlacedFinding[] {
  return [
    ...calendarFindings(policy, city, base),
    ...valueFindings(policy, city, base, known),
    ...codeFindings(policy, city, base, known),
  ];
}

/** All findings of one chain, and how many cells were decided. */
export async function analyseChain(
  policy: FullPolicy,
  chain: Chain,
): Promise<{ findings: RuleFinding[]; cells: number }> {
  const tables: RuleCells[] = [];
  const findings: RuleFinding[] = [];
  for (const rule of chain.rules) {
    const table = await cellsOfRule(rule, chain.domains);
    if (table !== null) tables.push(table);
    else {
      const count = cellCount(factsOfRule(rule), chain.domains);
      findings.push(tooWide(chain, rule.id, count, RULE_CELLS_MAX));
    }
  }
  const decided: Decided = { chain, tables, cases: new CaseMaker(policy, chain, tables) };
  const acts = chain.rules[0]?.action != null;
  findings.push(...(await (acts ? actionFindings : requirementFindings)(decided)));
  const rules = tables.map(table => table.rule);
  // Actions of independent groups meet in the same file; requirements there never hide each other.
  const groups = acts ? [rules] : independentGroups(rules, chain.domains);
  for (const group of groups) {
    const own = tables.filter(table => group.includes(table.rule));
    const { findings: between, wide } = await relationFindings(decided, own);
    findings.push(...between);
    if (wide) {
      const facts = [...new Set(own.flatMap(table => table.facts))];
      const last = own.at(-1)?.rule.id ?? '';
      findings.push(tooWide(chain, last, cellCount(facts, chain.domains), JOINT_CELLS_MAX));
    }
  }
  if (acts) {
    for (const group of independentGroups(rules, chain.domains)) {
      const own = tables.filter(table => group.includes(table.rule));
      findings.push(...(await uncoveredFindings(decided, own)));
    }
  }
  return { findings, cells: tables.reduce((sum, table) => sum + table.outcomes.length, 0) };
}

function tooWide(chain: Chain, rule: string, count: number, limit: number): RuleFinding {
  const detail = { name: rule, count, limit };
  return { code: 'analysis-too-wide', chain, rule, key: null, detail, example: null };
}

function sorted(problems: readonly Problem[]): Problem[] {
  return problems.toSorted(
    (a, b) =>
      (a.file < b.file ? -1 : a.file > b.file ? 1 : 0) || a.line - b.line || a.column - b.column,
  );
}

/** Where things stand in the files of a bundle. */
class Places {
  readonly #bundle: PolicyBundle;
  readonly #read = new Map<string, ReadDocument>();

  constructor(bundle: PolicyBundle) {
    this.#bundle = bundle;
  }

  placed({ code, document, path, city, detail, nearest }: PlacedFinding): Problem {
    const [file, at] = this.#place(city, document, path);
    return file.problemAt(code, at, 'value', detail, nearest);
  }

  ofRule({ code, chain, rule, key, detail, example }: RuleFinding): Problem {
    const path = rule === null ? [chain.list] : [chain.list, rule, key ?? 'id'];
    const [file, at] = this.#place(chain.city, chain.document, path);
    const problem = file.problemAt(code, at, 'value', detail);
    return example === null ? problem : { ...problem, example: exampleYaml(example) };
  }

  /** A text in a path stands for the entry with that identity; where a city has it, in its file. */
  #place(city: string | null, document: string, path: Path): [ReadDocument, Path] {
    const base = this.#document(`${document}.yaml`);
    if (city !== null) {
      const own_ = this.#document(`cities/${city}.yaml`);
      const part = isObject(own_?.value) ? own(own_.value, document) : undefined;
      const found = indexed(part, path);
      if (own_ !== undefined && found !== null) return [own_, [document, ...found]];
    }
    const found = indexed(base?.value, path) ?? path;
    return [base ?? readDocument(`${document}.yaml`, ''), found];
  }

  #document(path: string): ReadDocument | undefined {
    const known = this.#read.get(path);
    if (known !== undefined) return known;
    const city = /^cities\/(.*)\.yaml$/.exec(path)?.[1];
    const text =
      city === undefined
        ? this.#bundle.base.documents[path]
        : this.#bundle.overlays.get(city)?.document;
    if (text === undefined) return undefined;
    const read = readDocument(path, text);
    this.#read.set(path, read);
    return read;
  }
}

/** The path with identities of entries turned into their indexes; null: there is no such entry. */
function indexed(value: Json | undefined, path: Path): Path | null {
  if (!isObject(value)) return null;
  const [list = '', identity, ...rest] = path;
  if (own(value, String(list)) === undefined) return null;
  if (typeof identity !== 'string' || !Array.isArray(own(value, String(list)))) return path;
  const index = entriesOf(value, String(list)).find(entry => identifies(entry.value, identity));
  return index === undefined ? null : [...index.path, ...rest];
}

/** An entry by its id, or a line by `school region batch`. */
function identifies(entry: JsonObject, identity: string): boolean {
  const id = textOf(entry, 'id');
  if (id !== undefined) return id === identity;
  const parts = ['school', 'region', 'batch'].flatMap(key => textOf(entry, key) ?? []);
  return parts.join(' ') === identity || textOf(entry, 'name') === identity;
}
