/** Small worlds for the tests of the rules: columns, pairs, rules, and random ones of each. */
import fc from 'fast-check';
import type { Condition, FactValue, Requirement } from '../../engine/policy/types.ts';
import type { FactColumn, FactScope, FactSource } from '../../engine/rules/facts.ts';
import type { CompiledStage, Pairs, StageRules } from '../../engine/rules/stage.ts';

export const DATE = '2016-07-20';

export function requirement(id: string, more: Partial<Requirement> = {}): Requirement {
  return {
    id,
    title: `规则${id}`,
    basis: 'n66 一',
    applies: null,
    requires: { all: [] },
    refuse: `no-${id}`,
    missing: 'refuse',
    valid: null,
    school: null,
    major: null,
    ...more,
  };
}

export function atom(fact: string, operator: string, value: unknown): Condition {
  return { fact, operator, value } as Condition;
}

export function stageRules(more: Partial<StageRules>): StageRules {
  const none = new Map<number, readonly Requirement[]>();
  return {
    stage: 'eligibility',
    common: [],
    byTarget: none,
    target: 'school',
    conditions: {},
    date: DATE,
    ...more,
  };
}

/** A column from the value of every entity; codes are narrow or wide, so that all kinds are met. */
export function column(scope: FactScope, entities: readonly FactValue[], wide = 0): FactColumn {
  const values = [...new Set(entities)];
  const codes = entities.map(value => values.indexOf(value));
  const Codes = [Uint8Array, Uint16Array, Uint32Array][wide % 3]!;
  return { scope, values, codes: new Codes(codes) };
}

export type Columns = Readonly<Record<string, FactColumn>>;

export function sourceOf(columns: Columns): FactSource {
  return fact => {
    const found = columns[fact];
    if (found === undefined) throw new Error(`no column ${fact}`);
    return found;
  };
}

export interface PairRow {
  readonly candidate: number;
  readonly school: number;
  readonly major: number;
}

export function pairsOf(rows: readonly PairRow[]): Pairs {
  return {
    count: rows.length,
    candidate: Uint32Array.from(rows, row => row.candidate),
    school: Uint16Array.from(rows, row => row.school),
    major: Uint32Array.from(rows, row => row.major),
    choice: null,
  };
}

export function indexOf(stage: CompiledStage): (code: string) => number {
  return code => stage.codes.indexOf(code) + 1;
}

export async function codesOf(stage: CompiledStage, pairs: Pairs): Promise<string[]> {
  const out = new Uint8Array(pairs.count);
  await stage.decide(pairs, out, indexOf(stage));
  return Array.from(out, code => (code === 0 ? 'pass' : (stage.codes[code - 1] as string)));
}

interface FactKind {
  readonly scope: FactScope;
  readonly values: readonly FactValue[];
}

/** Few values, so that atoms hold about as often as not, and nulls in most. */
export const FACT_KINDS: Readonly<Record<string, FactKind>> = {
  'candidate.score': { scope: 'candidate', values: [null, 98, 320.5, 499.99, 500, 600] },
  'candidate.age': { scope: 'candidate', values: [null, 14, 15, 16, 30] },
  'candidate.sex': { scope: 'candidate', values: ['M', 'F'] },
  'candidate.county': { scope: 'candidate', values: [null, '440103', '440104'] },
  'candidate.local': { scope: 'candidate', values: [true, false, null] },
  'line.region': { scope: 'school', values: [null, 320.5, 500] },
  'line.school': { scope: 'school', values: [98, 500, 600] },
  'school.region': { scope: 'school', values: ['440103', '440104'] },
  'major.code': { scope: 'major', values: ['01', '02'] },
  'major.articulated': { scope: 'major', values: [true, false] },
  'choice.ordinal': { scope: 'choice', values: [1, 2, 3] },
  'choice.adjustment': { scope: 'choice', values: [true, false] },
  'batch.round': { scope: 'run', values: [1, 2] },
  today: { scope: 'run', values: [DATE, '2016-08-20'] },
};

const NAMES = Object.keys(FACT_KINDS);
const RELATIONS = ['lessThan', 'lessThanInclusive', 'greaterThan', 'greaterThanInclusive'];

function typeOf(fact: string): string {
  return typeof FACT_KINDS[fact]!.values.find(value => value !== null);
}

/** Atoms that the loader would let pass, and `contains`, which is false for all plain values. */
export const anyAtom: fc.Arbitrary<Condition> = fc
  .tuple(fc.constantFrom(...NAMES), fc.nat(), fc.nat(), fc.integer({ min: 0, max: 2 }))
  .map(([fact, first, second, shape]) => {
    const type = typeOf(fact);
    const values = FACT_KINDS[fact]!.values.filter(value => value !== null);
    const lists = ['in', 'notIn'];
    const equals = ['equal', 'notEqual', 'contains', 'doesNotContain'];
    const single = type === 'number' ? [...RELATIONS, ...equals] : equals;
    const literal = values[second % values.length];
    if (shape === 0) {
      const same = NAMES.filter(name => typeOf(name) === type);
      return atom(fact, single[first % single.length]!, { fact: same[second % same.length] });
    }
    if (shape === 1) return atom(fact, lists[first % 2]!, [literal, values[0]]);
    return atom(fact, single[first % single.length]!, literal);
  });

/** all, any and not over atoms and references to the names given. */
export function anyCondition(names: readonly string[]): fc.Arbitrary<Condition> {
  const leaf =
    names.length === 0
      ? anyAtom
      : fc.oneof(
          { weight: 4, arbitrary: anyAtom },
          { weight: 1, arbitrary: fc.constantFrom(...names).map(condition => ({ condition })) },
        );
  const { node } = fc.letrec<{ node: Condition; part: Condition }>(tie => ({
    part: fc.oneof({ maxDepth: 2 }, leaf, tie('node')),
    node: fc.oneof(
      fc.array(tie('part'), { minLength: 1, maxLength: 3 }).map(all => ({ all })),
      fc.array(tie('part'), { minLength: 1, maxLength: 3 }).map(any => ({ any })),
      tie('part').map(not => ({ not })),
    ),
  }));
  return node;
}

const VALID: readonly Requirement['valid'][] = [
  null,
  [DATE, null],
  [null, DATE],
  ['2016-01-01', '2016-07-21'],
  ['2016-07-21', null],
];

function anyRule(id: string, names: readonly string[]): fc.Arbitrary<Requirement> {
  return fc
    .record({
      requires: anyCondition(names),
      applies: fc.option(anyCondition(names), { freq: 2 }),
      missing: fc.constantFrom('refuse', 'pass', 'pass'),
      valid: fc.constantFrom(null, ...VALID),
    })
    .map(more => requirement(id, more as Partial<Requirement>));
}

export interface RandomStage {
  readonly rules: StageRules;
  readonly columns: Columns;
  readonly pairs: Pairs;
  /** Pairs settled beforehand. */
  readonly settled: readonly boolean[];
}

const SIZES: Readonly<Record<FactScope, number>> = {
  run: 1,
  candidate: 12,
  school: 4,
  major: 3,
  choice: 100,
};

const anyColumns: fc.Arbitrary<Columns> = fc.record(
  Object.fromEntries(
    Object.entries(FACT_KINDS).map(([fact, { scope, values }], index) => {
      const size = SIZES[scope];
      const entities = fc.array(fc.constantFrom(...values), { minLength: size, maxLength: size });
      return [fact, entities.map(each => column(scope, each, index))];
    }),
  ),
);

/** Rules common to all and rules of some targets, named conditions, 100 pairs. */
export const anyStage: fc.Arbitrary<RandomStage> = fc
  .record({
    small: anyCondition([]),
    large: anyCondition(['small']),
    common: fc.tuple(...[1, 2, 3, 4].map(n => anyRule(`c${n}`, ['small', 'large']))),
    own: fc.tuple(...[1, 2].map(n => anyRule(`t${n}`, ['large']))),
    target: fc.constantFrom('school' as const, 'major' as const),
    columns: anyColumns,
    rows: fc.array(
      fc.record({
        candidate: fc.nat(SIZES.candidate - 1),
        school: fc.nat(SIZES.school - 1),
        major: fc.nat(SIZES.major - 1),
      }),
      { minLength: SIZES.choice, maxLength: SIZES.choice },
    ),
    settled: fc.array(fc.nat(9), { minLength: SIZES.choice, maxLength: SIZES.choice }),
  })
  .map(({ small, large, common, own, target, columns, rows, settled }) => {
    const byTarget = new Map([
      [0, [own[0]!]],
      [2, own],
    ]);
    return {
      rules: stageRules({ common, byTarget, target, conditions: { small, large } }),
      columns,
      pairs: pairsOf(rows),
      settled: settled.map(each => each === 0),
    };
  });
