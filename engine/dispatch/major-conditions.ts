/**
 * Special conditions of majors (dispatch.md §6): pairs of a file that this run sends and a plan
 * line that has a condition of its own. Lines without one need no pair.
 */
import type { Policy, Requirement } from '../policy/types.ts';
import type { Pairs, StageRules } from '../rules/stage.ts';
import { keyOf } from './reference.ts';
import type { World } from './world.ts';

/** The rules by plan-line index. */
export function majorRules(world: World, policy: Policy): StageRules {
  const lines = new Map(world.lines.map((line, at) => [keyOf([line.school, line.major]), at]));
  const byTarget = new Map<number, Requirement[]>();
  for (const rule of policy.special) {
    if (rule.major === null) continue;
    const line = lines.get(keyOf([rule.school ?? '', rule.major]));
    if (line !== undefined) byTarget.set(line, [...(byTarget.get(line) ?? []), rule]);
  }
  return {
    stage: 'special',
    common: [],
    byTarget,
    target: 'major',
    conditions: policy.conditions,
    date: world.date,
    attributes: policy.attributes,
  };
}

/** The pairs of all schools, file by file in list order, each with the lines that have rules. */
export interface MajorPairs {
  readonly pairs: Pairs;
  /** By plan line: its place among the school's lines with rules, or -1. */
  readonly slot: Int32Array;
  /** By school: where its pairs begin, and how many each file has. */
  readonly begin: Float64Array;
  readonly perFile: Uint32Array;
}

/**
 * @param lists by school: participants sent there, in list order
 * @param candidateOf participant → candidate
 * @param placed participant → choice
 */
export function majorPairs(
  lineFirst: Uint32Array,
  rules: StageRules,
  lists: readonly Uint32Array[],
  candidateOf: Uint32Array,
  placed: Int32Array,
): MajorPairs {
  const schools = lists.length;
  const slot = new Int32Array(lineFirst[schools]).fill(-1);
  const begin = new Float64Array(schools);
  const perFile = new Uint32Array(schools);
  let count = 0;
  for (let school = 0; school < schools; school += 1) {
    for (let line = lineFirst[school]; line < lineFirst[school + 1]; line += 1) {
      if (!rules.byTarget.has(line)) continue;
      slot[line] = perFile[school];
      perFile[school] += 1;
    }
    begin[school] = count;
    count += perFile[school] * lists[school].length;
  }
  const candidate = new Uint32Array(count);
  const pairSchool = new Uint16Array(count);
  const major = new Uint32Array(count);
  const choice = new Uint32Array(count);
  let pair = 0;
  for (let school = 0; school < schools; school += 1) {
    if (perFile[school] === 0) continue;
    for (const participant of lists[school]) {
      for (let line = lineFirst[school]; line < lineFirst[school + 1]; line += 1) {
        if (slot[line] === -1) continue;
        candidate[pair] = candidateOf[participant];
        pairSchool[pair] = school;
        major[pair] = line;
        choice[pair] = placed[participant];
        pair += 1;
      }
    }
  }
  const pairs = { count, candidate, school: pairSchool, major, choice };
  return { pairs, slot, begin, perFile };
}
