/**
 * Fact columns, checked once and kept. Numbers that arrive as text would compare as text ('98' is
 * above '600'), so a column whose values are not of the fact's type never reaches an operator.
 */
import type { Attribute, FactValue } from '../policy/types.ts';
import type { FactType } from './catalogue.ts';
import { findFact } from './catalogue.ts';
import { ruleError } from './errors.ts';
import type { FactColumn, FactScope, FactSource } from './facts.ts';
import type { Pairs } from './stage.ts';

const TYPE_TITLES = { number: '数值', string: '文本', boolean: '是或否' } as const;
type PlainType = keyof typeof TYPE_TITLES;

const PLAIN_TYPES: Readonly<Record<FactType, PlainType>> = {
  number: 'number',
  text: 'string',
  date: 'string',
  boolean: 'boolean',
};

/**
 * Holds values to the type that the catalogue gives the fact; a fact that the catalogue does not
 * know must at least be of one type throughout.
 *
 * @throws CodedError fact-type
 */
export function checkFactType(
  fact: string,
  values: readonly FactValue[],
  attributes: readonly Attribute[],
): void {
  const entry = findFact(fact, attributes, null);
  let expected = entry === undefined ? undefined : PLAIN_TYPES[entry.type];
  for (const value of values) {
    if (value === null) continue;
    expected ??= typeof value as PlainType;
    if (typeof value === expected && (expected !== 'number' || Number.isFinite(value))) continue;
    const title = TYPE_TITLES[expected] ?? '数值、文本、是或否';
    throw ruleError('fact-type', { fact, expected: title, found: JSON.stringify(value) ?? '空' });
  }
}

/** The columns of one stage in one run, fetched once each. */
export class FactColumns {
  readonly #source: FactSource;
  readonly #attributes: readonly Attribute[];
  readonly #columns = new Map<string, FactColumn>();

  constructor(source: FactSource, attributes: readonly Attribute[]) {
    this.#source = source;
    this.#attributes = attributes;
  }

  /** @throws CodedError fact-type */
  column(fact: string): FactColumn {
    const known = this.#columns.get(fact);
    if (known !== undefined) return known;
    const column = this.#source(fact);
    checkFactType(fact, column.values, this.#attributes);
    this.#columns.set(fact, column);
    return column;
  }

  /** The named facts of one pair, as the engine sees them. */
  factsOf(names: readonly string[], pairs: Pairs, pair: number): Record<string, FactValue> {
    const facts: Record<string, FactValue> = {};
    for (const name of names) facts[name] = valueOfPair(this.column(name), pairs, pair);
    return facts;
  }
}

export function valueOfPair(column: FactColumn, pairs: Pairs, pair: number): FactValue {
  return column.values[
    column.codes[entityOfPair(column.scope, pairs, pair)] as number
  ] as FactValue;
}

/** The value where it is the same for every pair: one per run, or a column of one value. */
export function constantOf(column: FactColumn): { readonly value: FactValue } | null {
  if (column.scope === 'run') {
    return { value: column.values[column.codes[0] as number] as FactValue };
  }
  return column.values.length === 1 ? { value: column.values[0] as FactValue } : null;
}

function entityOfPair(scope: FactScope, pairs: Pairs, pair: number): number {
  if (scope === 'run') return 0;
  const entities = entitiesOf(scope, pairs);
  return entities === null ? pair : (entities[pair] as number);
}

/**
 * Pair → entity of a scope, as an array; null: the pair's own index is the entity.
 *
 * @throws CodedError no-target where a rule reads majors and the pairs have none
 */
export function entitiesOf(
  scope: Exclude<FactScope, 'run'>,
  pairs: Pairs,
): Uint16Array | Uint32Array | null {
  if (scope === 'candidate') return pairs.candidate;
  if (scope === 'school') return pairs.school;
  if (scope === 'choice') return pairs.choice;
  if (pairs.major === null) throw ruleError('no-target', { target: '专业' });
  return pairs.major;
}
