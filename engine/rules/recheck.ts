/**
 * The random re-check: pairs decided through situations are decided again by the unmodified engine,
 * from their facts alone. It shares no atom, key or table with decide, and asks its own engines.
 */

import type { FactColumns } from './columns.ts';
import { MISSING_DATA, RuleEngine } from './engine-room.ts';
import { checkedIndex, type RuleTable } from './situations.ts';
import type { Pairs } from './stage.ts';

export interface Recheck {
  readonly chainOf: (pair: number) => readonly RuleTable[];
  readonly columns: FactColumns;
  readonly codes: readonly string[];
  /** A bit per pair that was settled before decide; null: decide never saw this array. */
  readonly settled: Uint8Array | null;
  readonly pairs: Pairs;
  readonly decided: Uint8Array;
  readonly codeIndex: (code: string) => number;
  readonly sample: number;
  /** Uniform in [0, 1). */
  readonly random: () => number;
}

export interface RecheckResult {
  readonly compared: number;
  readonly mismatches: { pair: number; engine: string; table: string }[];
}

const PASS = 'pass';

/** Draws `sample` pairs, with replacement; those settled before are drawn, but not compared. */
export async function recheckPairs(recheck: Recheck): Promise<RecheckResult> {
  const { pairs, decided, random, sample } = recheck;
  const codeOf = new Map<number, string>([[0, PASS]]);
  for (const code of recheck.codes) codeOf.set(checkedIndex(code, recheck.codeIndex), code);
  const engines = new Map<RuleTable, RuleEngine>();
  const mismatches: RecheckResult['mismatches'] = [];
  let compared = 0;
  for (let drawn = 0; drawn < sample && pairs.count > 0; drawn += 1) {
    const pair = Math.min(pairs.count - 1, Math.floor(random() * pairs.count));
    const written = decided[pair] as number;
    const table = codeOf.get(written) ?? `#${written}`;
    if (wasSettled(recheck, pair, codeOf.has(written))) continue;
    const engine = await decideByEngine(recheck, pair, engines);
    compared += 1;
    if (engine !== table) mismatches.push({ pair, engine, table });
  }
  return { compared, mismatches };
}

/** Where decide never saw the array, a code that is none of this stage's was there before it. */
function wasSettled({ settled }: Recheck, pair: number, ownCode: boolean): boolean {
  if (settled === null) return !ownCode;
  return ((settled[pair >> 3] as number) & (1 << (pair & 7))) !== 0;
}

async function decideByEngine(
  { chainOf, columns, pairs }: Recheck,
  pair: number,
  engines: Map<RuleTable, RuleEngine>,
): Promise<string> {
  for (const table of chainOf(pair)) {
    let engine = engines.get(table);
    if (engine === undefined) {
      engine = new RuleEngine(table.reading);
      engines.set(table, engine);
    }
    const decision = await engine.decide(columns.factsOf(table.reading.facts, pairs, pair));
    if (decision.outcome === 'refuse') return decision.code ?? PASS;
    if (decision.outcome === 'missing-data') return MISSING_DATA;
  }
  return PASS;
}
