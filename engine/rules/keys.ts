/**
 * From pairs to situation keys, without asking the engine. With constant facts a run of the engine
 * depends on them only through the outcomes of the rule's atoms and on which facts are absent, so a
 * pair's key numbers exactly that: mixed radix, one digit per part.
 *
 * - A digit per fact that the rule reads: which fact values are alike for the atoms that read this
 *   fact alone. Facts come dictionary-coded, so an atom is evaluated once per *distinct value* –
 *   not per candidate, and far from once per pair. (Interning vectors per entity was turned down:
 *   for 1.3 million candidates it costs an array per rule, and saves a pass of 2 ns per pair.)
 * - A digit of two per mixed atom (candidate.score ≥ line.region): a byte matrix over left value ×
 *   right value, filled where it is first looked at, by the engine's operator.
 *
 * A digit that can take one value only is left out.
 */
import type { FactValue } from '../policy/types.ts';
import type { Atom, RuleReading } from './atoms.ts';
import { valueFact } from './atoms.ts';
import type { FactColumns } from './columns.ts';
import { constantOf, entitiesOf } from './columns.ts';
import { engineOperator } from './engine-room.ts';
import { ruleError } from './errors.ts';
import type { FactColumn } from './facts.ts';
import type { Pairs } from './stage.ts';

/** Cells of one matrix, one byte each; beyond, the operator is called for every pair. */
export const MATRIX_LIMIT_CELLS = 8 * 1024 * 1024;

/** Different outcomes that the values of one fact may show for the atoms of one rule. */
export const DIGIT_LIMIT = 65_536;

/** Keys are held exactly in a double; a rule whose key would not fit is refused. */
export const KEY_LIMIT = Number.MAX_SAFE_INTEGER;

/** Up to here keys are 32-bit integers, which are faster. */
const NARROW_LIMIT = 0xffff_ffff;

/** Pairs under way through the rules: their indexes, still undecided, and their keys. */
export interface Walk {
  readonly active: Uint32Array;
  readonly narrowKeys: Uint32Array;
  readonly wideKeys: Float64Array;
  /** How many of `active` count. */
  count: number;
  /** Where the look-up goes on, and how many it has kept so far. */
  next: number;
  kept: number;
}

type Codes = FactColumn['codes'];
type Keys = Uint32Array | Float64Array;
type Entities = Uint16Array | Uint32Array | null;

/** A digit that depends on one fact. */
interface FactDigit {
  readonly column: FactColumn;
  readonly radix: number;
  /** Value code → digit. */
  readonly digits: Uint16Array;
}

/** A digit of two that depends on two facts. */
interface MixedDigit {
  readonly left: FactColumn;
  readonly right: FactColumn;
  readonly evaluate: (left: FactValue, right: FactValue) => number;
  /** left code × number of right values + right code → 0, 1 or UNKNOWN; null: too large. */
  readonly matrix: Uint8Array | null;
}

const UNKNOWN = 2;

/** Makes the situation keys of one rule. */
export class KeyMaker {
  readonly #facts: readonly FactDigit[];
  readonly #mixed: readonly MixedDigit[];
  /** How many keys there can be: keys are in [0, size). */
  readonly size: number;

  /** @throws CodedError rule-too-wide, fact-type, unknown-operator, rule-failed */
  constructor(reading: RuleReading, columns: FactColumns) {
    const rule = reading.rule.id;
    const sorted = sortAtoms(reading, columns);
    this.#facts = [...sorted.single]
      .map(([fact, atoms]) => factDigit(columns.column(fact), atoms, rule))
      .filter(digit => digit.radix > 1);
    this.#mixed = sorted.mixed.map(atom => mixedDigit(atom, columns, rule));
    this.size =
      this.#facts.reduce((size, digit) => size * digit.radix, 1) * 2 ** this.#mixed.length;
    if (this.size > KEY_LIMIT) throw ruleError('rule-too-wide', { rule, limit: KEY_LIMIT });
  }

  /** The keys of the active pairs, in the walk's narrow or wide array. */
  keysOf(walk: Walk, pairs: Pairs): Keys {
    const keys = this.size > NARROW_LIMIT ? walk.wideKeys : walk.narrowKeys;
    const { active, count } = walk;
    keys.fill(0, 0, count);
    for (const { column, radix, digits } of this.#facts) {
      addFactDigit(keys, active, count, entities(column, pairs), column.codes, digits, radix);
    }
    for (const digit of this.#mixed) {
      const left = entities(digit.left, pairs);
      const right = entities(digit.right, pairs);
      if (digit.matrix === null) addEvaluated(keys, active, count, left, right, digit);
      else addMixedDigit(keys, active, count, left, right, digit, digit.matrix);
    }
    return keys;
  }
}

/** An atom with both sides as functions of one value code, or a constant. */
interface SingleAtom {
  readonly outcome: (value: FactValue) => number;
}

interface SortedAtoms {
  /** Every fact that varies → the atoms that depend on it alone (maybe none: it may be absent). */
  readonly single: ReadonlyMap<string, readonly SingleAtom[]>;
  readonly mixed: readonly Atom[];
}

/** Sides that are the same for all pairs count as literals. */
function sortAtoms(reading: RuleReading, columns: FactColumns): SortedAtoms {
  const single = new Map<string, SingleAtom[]>();
  const mixed: Atom[] = [];
  for (const fact of reading.facts) {
    if (constantOf(columns.column(fact)) === null) single.set(fact, []);
  }
  for (const atom of reading.atoms) {
    const evaluate = atomOutcome(atom, reading.rule.id);
    const other = valueFact(atom.value);
    const left = constantOf(columns.column(atom.fact));
    const right = other === null ? { value: atom.value } : constantOf(columns.column(other));
    if (left === null && right === null) {
      mixed.push(atom);
    } else if (left === null && right !== null) {
      single.get(atom.fact)?.push({ outcome: value => evaluate(value, right.value) });
    } else if (left !== null && right === null && other !== null) {
      single.get(other)?.push({ outcome: value => evaluate(left.value, value) });
    }
  }
  return { single, mixed };
}

/**
 * The outcome of one atom by the engine's operator. An absent side gives 0 and is not put to it:
 * the rule is then settled by `missing`, and `in` would throw.
 */
export function atomOutcome(atom: Atom, rule: string): (left: unknown, right: unknown) => number {
  const operator = engineOperator(atom.operator, rule);
  const comparesFact = valueFact(atom.value) !== null;
  return (left, right) => {
    if (left === null || (comparesFact && right === null)) return 0;
    return operator(left, right) ? 1 : 0;
  };
}

function factDigit(column: FactColumn, atoms: readonly SingleAtom[], rule: string): FactDigit {
  const digitOf = new Map<string, number>();
  const digits = new Uint16Array(column.values.length);
  column.values.forEach((value, code) => {
    const alike = value === null ? 'absent' : atoms.map(atom => atom.outcome(value)).join('');
    let digit = digitOf.get(alike);
    if (digit === undefined) {
      digit = digitOf.size;
      if (digit >= DIGIT_LIMIT) throw ruleError('rule-too-wide', { rule, limit: DIGIT_LIMIT });
      digitOf.set(alike, digit);
    }
    digits[code] = digit;
  });
  return { column, radix: Math.max(1, digitOf.size), digits };
}

function mixedDigit(atom: Atom, columns: FactColumns, rule: string): MixedDigit {
  const left = columns.column(atom.fact);
  const right = columns.column(valueFact(atom.value) as string);
  const cells = left.values.length * right.values.length;
  const matrix = cells > MATRIX_LIMIT_CELLS ? null : new Uint8Array(cells).fill(UNKNOWN);
  return { left, right, evaluate: atomOutcome(atom, rule), matrix };
}

function entities(column: FactColumn, pairs: Pairs): Entities {
  return entitiesOf(column.scope as 'candidate', pairs);
}

// The loops below are the hot ones: nothing but typed arrays and small integers, no allocation.

function addFactDigit(
  keys: Keys,
  active: Uint32Array,
  count: number,
  entities: Entities,
  codes: Codes,
  digits: Uint16Array,
  radix: number,
): void {
  if (entities === null) {
    for (let i = 0; i < count; i += 1) {
      keys[i] = keys[i]! * radix + digits[codes[active[i]!]!]!;
    }
    return;
  }
  for (let i = 0; i < count; i += 1) {
    keys[i] = keys[i]! * radix + digits[codes[entities[active[i]!]!]!]!;
  }
}

function addMixedDigit(
  keys: Keys,
  active: Uint32Array,
  count: number,
  leftEntities: Entities,
  rightEntities: Entities,
  digit: MixedDigit,
  matrix: Uint8Array,
): void {
  const leftCodes = digit.left.codes;
  const rightCodes = digit.right.codes;
  const width = digit.right.values.length;
  for (let i = 0; i < count; i += 1) {
    const pair = active[i]!;
    const left = leftCodes[leftEntities === null ? pair : leftEntities[pair]!]!;
    const right = rightCodes[rightEntities === null ? pair : rightEntities[pair]!]!;
    const cell = left * width + right;
    let outcome = matrix[cell]!;
    if (outcome === UNKNOWN) {
      outcome = digit.evaluate(digit.left.values[left]!, digit.right.values[right]!);
      matrix[cell] = outcome;
    }
    keys[i] = keys[i]! * 2 + outcome;
  }
}

function addEvaluated(
  keys: Keys,
  active: Uint32Array,
  count: number,
  leftEntities: Entities,
  rightEntities: Entities,
  digit: MixedDigit,
): void {
  for (let i = 0; i < count; i += 1) {
    const pair = active[i]!;
    const left = digit.left.codes[leftEntities === null ? pair : leftEntities[pair]!]!;
    const right = digit.right.codes[rightEntities === null ? pair : rightEntities[pair]!]!;
    const outcome = digit.evaluate(digit.left.values[left]!, digit.right.values[right]!);
    keys[i] = keys[i]! * 2 + outcome;
  }
}
