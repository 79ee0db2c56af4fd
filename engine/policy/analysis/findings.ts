/** What the analysis finds of rules: not yet placed in a file, and with the case as an example. */
import type { Example } from '../examples.ts';
import type { FaultCode, FaultDetail } from '../faults.ts';
import type { FactValue } from '../types.ts';
import type { CaseMaker } from './cases.ts';
import type { Chain } from './chains.ts';
import { type AnalysedRule, CELL, factsOfCell, type RuleCells } from './rule-cells.ts';
import { REFUSING, type Relations, relationsOf, type Scan, scanOf } from './scan.ts';

type Facts = Readonly<Record<string, FactValue>>;

export interface RuleFinding {
  readonly code: FaultCode;
  readonly chain: Chain;
  /** null: of the chain as a whole. */
  readonly rule: string | null;
  /** The part of the rule that is shown; null: the rule's id. */
  readonly key: 'applies' | 'requires' | 'when' | null;
  readonly detail: FaultDetail;
  readonly example: Example | null;
}

/** Rules that were decided cell by cell, and the chain that they stand in. */
export interface Decided {
  readonly chain: Chain;
  readonly tables: readonly RuleCells[];
  readonly cases: CaseMaker;
}

/** What each requirement is by itself, whatever the others say. */
export async function requirementFindings(decided: Decided): Promise<RuleFinding[]> {
  const found: RuleFinding[] = [];
  for (const table of decided.tables) {
    const counts = countsOf(table);
    const { rule } = table;
    const { applies } = rule.reading.rule;
    if (isNeverInForce(table)) {
      found.push(neverInForce(decided, table));
      continue;
    }
    if (counts[CELL.pass] + counts[CELL.refuse] === 0) {
      // Without `applies` nothing but an absent fact, or its dates, keeps a rule from speaking.
      if (counts[CELL.skip] === 0) continue;
      const key = applies === null ? 'requires' : 'applies';
      found.push(await finding(decided, table, 'rule-never-applies', key, nearest(table)));
    } else if (counts[CELL.refuse] === 0) {
      const cell = table.outcomes.indexOf(CELL.pass);
      found.push(await finding(decided, table, 'rule-never-refuses', 'requires', cell));
    } else if (counts[CELL.pass] === 0) {
      const code = applies === null ? 'rule-refuses-all' : 'rule-always-refuses';
      const cell = table.outcomes.indexOf(CELL.refuse);
      found.push(await finding(decided, table, code, 'requires', cell));
    }
  }
  return found;
}

/** Actions that never act. */
export async function actionFindings(decided: Decided): Promise<RuleFinding[]> {
  const found: RuleFinding[] = [];
  for (const table of decided.tables) {
    const counts = countsOf(table);
    if (isNeverInForce(table)) {
      found.push(neverInForce(decided, table));
      continue;
    }
    if (counts[CELL.pass] > 0 || counts[CELL.refuse] + counts[CELL.skip] === 0) continue;
    found.push(await finding(decided, table, 'action-never-acts', 'when', nearest(table)));
  }
  return found;
}

function isNeverInForce({ outcomes }: RuleCells): boolean {
  return outcomes.every(code => code === CELL.notInForce);
}

function neverInForce({ chain }: Decided, { rule }: RuleCells): RuleFinding {
  const detail = { name: rule.id };
  const code = 'rule-never-in-force';
  return { code, chain, rule: rule.id, key: null, detail, example: null };
}

function countsOf(table: RuleCells): number[] {
  const counts = Array<number>(5).fill(0);
  for (const code of table.outcomes) counts[code] = (counts[code] as number) + 1;
  return counts;
}

/** Of a rule that no case meets: a case in which no fact is absent, to start from. */
function nearest(table: RuleCells): number {
  const wanted = table.rule.action === null ? CELL.skip : CELL.refuse;
  return Math.max(0, table.outcomes.indexOf(wanted));
}

async function finding(
  { chain, cases }: Decided,
  table: RuleCells,
  code: FaultCode,
  key: RuleFinding['key'],
  cell: number,
): Promise<RuleFinding> {
  const { rule, facts, strides } = table;
  const values = factsOfCell(cell, facts, strides, chain.domains);
  const { title, basis } = rule.reading.rule;
  const example = await cases.example(`${title}（${rule.id}）`, basis, values);
  return { code, chain, rule: rule.id, key, detail: { name: rule.id }, example };
}

/** What the rules of one group are to each other: covered by earlier ones, or at odds. */
export async function relationFindings(
  decided: Decided,
  group: readonly RuleCells[],
): Promise<{ findings: RuleFinding[]; wide: boolean }> {
  const scan = scanOf(group, decided.chain.domains);
  if (scan !== null) return { findings: await between(decided, group, scan), wide: false };
  const findings: RuleFinding[] = [];
  for (let late = 1; late < group.length; late += 1) {
    for (let early = 0; early < late; early += 1) {
      const pair = [group[early] as RuleCells, group[late] as RuleCells];
      const own = scanOf(pair, decided.chain.domains);
      if (own !== null) findings.push(...(await between(decided, pair, own)));
    }
  }
  return { findings: firstOfEach(findings), wide: true };
}

function firstOfEach(findings: readonly RuleFinding[]): RuleFinding[] {
  const seen = new Map(findings.toReversed().map(each => [`${each.code} ${each.rule}`, each]));
  return [...seen.values()].toReversed();
}

async function between(
  decided: Decided,
  group: readonly RuleCells[],
  scan: Scan,
): Promise<RuleFinding[]> {
  const acts = group[0]?.rule.action !== null;
  const speaking = acts ? CELL.pass : CELL.refuse;
  const before = acts ? [CELL.pass] : REFUSING;
  const relations = relationsOf(scan, group.length, speaking, before);
  const shadowed = await shadowedOf(decided, group, scan, relations);
  if (!acts) return shadowed;
  return [...shadowed, ...(await clashesOf(decided, group, scan, relations))];
}

async function shadowedOf(
  decided: Decided,
  group: readonly RuleCells[],
  scan: Scan,
  relations: Relations,
): Promise<RuleFinding[]> {
  const found: RuleFinding[] = [];
  for (const [at, { rule }] of group.entries()) {
    if (relations.speaks[at] === 0 || relations.first[at] !== -1) continue;
    const alone = relations.coveredBy[at]?.[0];
    const by = alone === undefined ? (relations.foundBefore[at] ?? []) : [alone];
    const others = by.map(each => group[each]?.rule as AnalysedRule);
    const same = rule.action === null || others.every(other => sameAct(other, rule));
    const code = same ? 'rule-shadowed' : 'action-shadowed';
    const detail = { name: rule.id, others: others.map(other => other.id).join('、') };
    const cell = relations.some[at] as number;
    found.push(await jointFinding(decided, code, rule, detail, scan.at(cell)));
  }
  return found;
}

/** Events that change nothing: a rule of them before others is an exception, not an opponent. */
const HARMLESS: ReadonlySet<string> = new Set(['wait', 'remind']);

async function clashesOf(
  decided: Decided,
  group: readonly RuleCells[],
  scan: Scan,
  { speaks, first, both, clash }: Relations,
): Promise<RuleFinding[]> {
  const found: RuleFinding[] = [];
  for (let late = 0; late < group.length; late += 1) {
    const after = group[late]?.rule as AnalysedRule;
    if (first[late] === -1) continue;
    for (let early = 0; early < late; early += 1) {
      const ahead = group[early]?.rule as AnalysedRule;
      const cell = clash[early]?.[late] ?? -1;
      if (cell === -1 || sameAct(ahead, after) || isHarmless(ahead) || isHarmless(after)) continue;
      const exception = both[early]?.[late] === speaks[early];
      const code = exception ? 'actions-overlap' : 'actions-contradict';
      const detail = {
        name: after.id,
        others: ahead.id,
        does: actOf(after),
        instead: actOf(ahead),
      };
      found.push(await jointFinding(decided, code, after, detail, scan.at(cell)));
    }
  }
  return found;
}

async function jointFinding(
  { chain, cases }: Decided,
  code: FaultCode,
  rule: AnalysedRule,
  detail: FaultDetail,
  facts: Facts,
): Promise<RuleFinding> {
  const { title, basis } = rule.reading.rule;
  const example = await cases.example(`${title}（${rule.id}）`, basis, facts);
  return { code, chain, rule: rule.id, key: null, detail, example };
}

function isHarmless({ action }: AnalysedRule): boolean {
  return HARMLESS.has(String(action?.then['event']));
}

function sameAct(a: AnalysedRule, b: AnalysedRule): boolean {
  return actOf(a) === actOf(b);
}

function actOf({ action }: AnalysedRule): string {
  const { event, ...rest } = action?.then ?? {};
  const more = Object.entries(rest).sort(([a], [b]) => (a < b ? -1 : 1));
  return [String(event), ...more.map(([name, value]) => `${name} ${String(value)}`)].join('，');
}

/** What a review is about: files by their state, applications by their matter. */
const REVIEWED_BY = ['file.state', 'application.kind'] as const;

/**
 * Cases that no review rule covers, though rules decide others of the same state or matter: they
 * wait for an officer, which should be what was meant.
 */
export async function uncoveredFindings(
  decided: Decided,
  group: readonly RuleCells[],
): Promise<RuleFinding[]> {
  const { chain, cases } = decided;
  const scan = chain.stage === 'review' ? scanOf(group, chain.domains) : null;
  const subject = REVIEWED_BY.find(fact => scan?.facts.includes(fact));
  if (scan === null || subject === undefined) return [];
  const decidedOnes = new Set<FactValue>();
  const open = new Map<FactValue, number>();
  const automatic = group.map(({ rule }) => !isHarmless(rule));
  scan.each((cell, codes) => {
    const acting = codes.indexOf(CELL.pass);
    if (acting !== -1 && !automatic[acting]) return;
    const facts = scan.at(cell);
    const value = facts[subject] as FactValue;
    if (acting !== -1) decidedOnes.add(value);
    else if (!open.has(value) && Object.values(facts).every(each => each !== null)) {
      open.set(value, cell);
    }
  });
  const found: RuleFinding[] = [];
  for (const [value, cell] of open) {
    if (!decidedOnes.has(value)) continue;
    const title = `没有审核规则的情形：${String(value)}`;
    const example = await cases.example(title, 'sample', scan.at(cell));
    const detail = { name: String(value) };
    found.push({ code: 'review-uncovered', chain, rule: null, key: null, detail, example });
  }
  return found;
}
