/**
 * What the check of a result has found, gathered by property, fault and school: a broken run may
 * break a million times in the same way, and a person wants to see it once, with examples.
 */

/** How many candidates a violation shows; the count goes on. */
export const EXAMPLES_MAX = 100;

/** The properties of file-life.md that can be judged from a result alone. */
export type CheckedProperty = 'P1' | 'P2' | 'P3' | 'P4' | 'P5' | 'P6' | 'P7';

export interface Violation {
  readonly property: CheckedProperty;
  /** What exactly is wrong, for machines and tests: `envy`, `room-left`, … */
  readonly fault: string;
  /** Code of the school; null where none can be named. */
  readonly school: string | null;
  /** Indexes into World.candidates, at most EXAMPLES_MAX. */
  readonly candidates: readonly number[];
  readonly count: number;
}

export class Violations {
  readonly #found = new Map<string, Violation & { candidates: number[]; count: number }>();
  readonly #codes: readonly string[];

  /** @param codes school codes by index */
  constructor(codes: readonly string[]) {
    this.#codes = codes;
  }

  /**
   * @param school index, or -1 where none can be named
   * @param candidate index, or -1 where the school as a whole is meant
   */
  add(property: CheckedProperty, fault: string, school: number, candidate: number): void {
    const key = `${property}|${fault}|${school}`;
    let violation = this.#found.get(key);
    if (violation === undefined) {
      const code = this.#codes[school] ?? null;
      violation = { property, fault, school: code, candidates: [], count: 0 };
      this.#found.set(key, violation);
    }
    violation.count += 1;
    if (candidate >= 0 && violation.candidates.length < EXAMPLES_MAX) {
      violation.candidates.push(candidate);
    }
  }

  /** By property, then fault, then school. */
  list(): Violation[] {
    const order = (one: Violation) => `${one.property}|${one.fault}|${one.school ?? ''}`;
    return [...this.#found.values()].sort((a, b) => (order(a) < order(b) ? -1 : 1));
  }
}
