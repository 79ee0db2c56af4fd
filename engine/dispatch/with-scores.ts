/**
 * A run's input with one candidate's scores corrected: what the run would have placed had they been
 * right. The world given stays as it is.
 */
import { textAt } from './bytes.ts';
import { fail } from './errors.ts';
import type { World } from './world.ts';

export interface CorrectedScores {
  readonly candidateNo: string;
  /** Hundredths; ABSENT: none. */
  readonly total: number;
  /** By the code of the subject: hundredths; ABSENT: none. */
  readonly marks: ReadonlyMap<string, number>;
}

/** @throws unknown-code: the candidate is not in the world */
export function withScores(world: World, corrected: CorrectedScores): World {
  const { candidates, subjects } = world;
  const { candidateNo } = corrected;
  let index = 0;
  while (index < candidates.count && textAt(candidates.number, index) !== candidateNo) index += 1;
  if (index === candidates.count) {
    throw fail('unknown-code', { table: 'candidates.csv', code: candidateNo });
  }
  const total = candidates.total.slice();
  total[index] = corrected.total;
  const marks = candidates.marks.map((column, subject) => {
    const mark = corrected.marks.get(subjects[subject].code);
    if (mark === undefined || column[index] === mark) return column;
    const changed = column.slice();
    changed[index] = mark;
    return changed;
  });
  return { ...world, candidates: { ...candidates, total, marks } };
}
