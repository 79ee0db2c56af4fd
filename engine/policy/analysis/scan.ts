/**
 * Several rules over the cells of all their facts together: what is refused, or done, first by
 * which. Only tables are looked up here; they were filled by the engine (rule-cells.ts).
 */

import type { FactValue } from '../types.ts';
import { TODAY } from './domains.ts';
import {
  type AnalysedRule,
  CELL,
  cellCount,
  type Domains,
  factsOfCell,
  factsOfRule,
  type RuleCells,
  stridesOf,
  valuesOf,
} from './rule-cells.ts';

/** Cells that rules are held against each other in; beyond, pair by pair, and that is said. */
export const JOINT_CELLS_MAX = 2_000_000;

/** The cells of some rules, one after the other. */
export interface Scan {
  readonly facts: readonly string[];
  readonly count: number;
  /** The facts of a cell. */
  at(cell: number): Record<string, FactValue>;
  /** Calls back for each cell; `codes` has each rule's outcome there, and is used again. */
  each(visit: (cell: number, codes: Uint8Array) => void): void;
}

/**
 * @param leading a fact whose values come one directly after the other
 * @returns null where there are more than `JOINT_CELLS_MAX`
 */
export function scanOf(
  tables: readonly RuleCells[],
  domains: Domains,
  leading: readonly string[] = [],
): Scan | null {
  const facts = [...new Set([...leading, ...tables.flatMap(table => table.facts)])];
  const count = cellCount(facts, domains);
  if (count > JOINT_CELLS_MAX) return null;
  const strides = stridesOf(facts, domains);
  return {
    facts,
    count,
    at: cell => factsOfCell(cell, facts, strides, domains),
    each: visit => {
      walk(tables, facts, domains, count, visit);
    },
  };
}

/** An odometer over the facts: each step moves the offsets of the rules that read the fact. */
function walk(
  tables: readonly RuleCells[],
  facts: readonly string[],
  domains: Domains,
  count: number,
  visit: (cell: number, codes: Uint8Array) => void,
): void {
  const sizes = facts.map(fact => valuesOf(fact, domains).length);
  const moves = facts.map(fact =>
    tables.map(table => {
      const place = table.facts.indexOf(fact);
      return place === -1 ? 0 : (table.strides[place] as number);
    }),
  );
  const digits = facts.map(() => 0);
  const offsets = tables.map(() => 0);
  const codes = new Uint8Array(tables.length);
  const shift = (fact: number, by: number) => {
    const move = moves[fact] as number[];
    for (let rule = 0; rule < tables.length; rule += 1) {
      offsets[rule] = (offsets[rule] as number) + (move[rule] as number) * by;
    }
  };
  for (let cell = 0; cell < count; cell += 1) {
    for (let rule = 0; rule < tables.length; rule += 1) {
      codes[rule] = (tables[rule] as RuleCells).outcomes[offsets[rule] as number] as number;
    }
    visit(cell, codes);
    for (let fact = 0; fact < facts.length; fact += 1) {
      const digit = (digits[fact] as number) + 1;
      if (digit < (sizes[fact] as number)) {
        digits[fact] = digit;
        shift(fact, 1);
        break;
      }
      digits[fact] = 0;
      shift(fact, 1 - digit);
    }
  }
}

/**
 * Rules that share facts, directly or through others, stand in one group: what one group says is
 * independent of the others. The day is no fact in this sense, and a fact of one value neither.
 */
export function independentGroups(
  rules: readonly AnalysedRule[],
  domains: Domains,
): AnalysedRule[][] {
  const groups: { facts: Set<string>; rules: AnalysedRule[] }[] = [];
  for (const rule of rules) {
    const read = factsOfRule(rule).filter(
      fact => fact !== TODAY && valuesOf(fact, domains).length > 1,
    );
    const joined = groups.filter(group => read.some(fact => group.facts.has(fact)));
    const merged = {
      facts: new Set([...read, ...joined.flatMap(group => [...group.facts])]),
      rules: [...joined.flatMap(group => group.rules), rule],
    };
    for (const group of joined) groups.splice(groups.indexOf(group), 1);
    groups.push(merged);
  }
  const place = new Map(rules.map((rule, at) => [rule, at]));
  return groups.map(group =>
    group.rules.sort((a, b) => (place.get(a) as number) - (place.get(b) as number)),
  );
}

/** What some rules are to each other, cell by cell. */
export interface Relations {
  /** By rule: cells in which it speaks (refuses, or acts). */
  readonly speaks: readonly number[];
  /** By rule: the first cell in which it speaks, and no earlier one does; -1: there is none. */
  readonly first: readonly number[];
  /** By rule: a cell in which it speaks; -1: none. */
  readonly some: readonly number[];
  /** By rule and later rule: cells of both, and the first cell of both where nobody was before. */
  readonly both: readonly (readonly number[])[];
  readonly clash: readonly (readonly number[])[];
  /** By rule: which earlier ones speak in every cell in which it does. */
  readonly coveredBy: readonly (readonly number[])[];
  /** By rule: which earlier ones speak first in any of its cells. */
  readonly foundBefore: readonly (readonly number[])[];
}

/**
 * @param speaking the code by which a rule speaks: `refuse` of requirements, `pass` of actions
 * @param before codes by which an earlier rule settles the matter
 */
export function relationsOf(scan: Scan, size: number, speaking: number, before: readonly number[]) {
  const none = () => Array.from({ length: size }, () => -1);
  const grid = (value: number) => Array.from({ length: size }, () => Array(size).fill(value));
  const speaks = Array<number>(size).fill(0);
  const [first, some] = [none(), none()];
  const both: number[][] = grid(0);
  const clash: number[][] = grid(-1);
  const ahead: number[][] = grid(0);
  const firsts: number[][] = grid(0);
  const settles = new Set(before);
  scan.each((cell, codes) => {
    let settled = -1;
    for (let rule = 0; rule < size; rule += 1) {
      const code = codes[rule] as number;
      if (code === speaking) {
        bump(speaks, rule);
        if (some[rule] === -1) some[rule] = cell;
        if (settled === -1 && first[rule] === -1) first[rule] = cell;
        if (settled !== -1) bump(firsts[rule] as number[], settled);
        for (let early = 0; early < rule; early += 1) {
          if (settles.has(codes[early] as number)) bump(ahead[rule] as number[], early);
          if (codes[early] !== speaking) continue;
          bump(both[early] as number[], rule);
          const row = clash[early] as number[];
          if (settled === early && row[rule] === -1) row[rule] = cell;
        }
      }
      if (settled === -1 && settles.has(code)) settled = rule;
    }
  });
  const indexes = [...Array(size).keys()];
  const coveredBy = indexes.map(rule =>
    indexes.filter(early => early < rule && ahead[rule]?.[early] === speaks[rule]),
  );
  const foundBefore = indexes.map(rule =>
    indexes.filter(early => (firsts[rule]?.[early] ?? 0) > 0),
  );
  return { speaks, first, some, both, clash, coveredBy, foundBefore } satisfies Relations;
}

function bump(counts: number[], at: number): void {
  counts[at] = (counts[at] as number) + 1;
}

/** Codes by which a requirement settles a case. */
export const REFUSING: readonly number[] = [CELL.refuse, CELL.missing];
