/**
 * What every part of the check looks at: the run, and what the check has recounted by itself from
 * world and policy – scores, tie keys, room, and what bars a school before any rule is asked.
 * Nothing here is shared with the code that dispatches; the page (dispatch.md) was read twice.
 */

import { ABSENT } from '../../decimal.ts';
import { OCCUPYING_STATES } from '../../file/states.ts';
import type { Batch, Policy, TieKey } from '../../policy/types.ts';
import { type DispatchResult, FIXED_REASONS } from '../result.ts';
import type { World } from '../world.ts';
import type { Violations } from './violations.ts';

/** Index of each fixed reason. */
export const REASON = Object.freeze(
  Object.fromEntries(FIXED_REASONS.map((code, index) => [code, index])),
) as Readonly<Record<(typeof FIXED_REASONS)[number], number>>;

export const RULE_REASONS_FROM = FIXED_REASONS.length;

export interface Checking {
  readonly world: World;
  readonly policy: Policy;
  readonly batch: Batch;
  readonly result: DispatchResult;
  /** Index of the one school of a one-school run; -1: all schools. */
  readonly only: number;
  readonly found: Violations;
  /** By candidate, hundredths, ABSENT: none. */
  readonly score: Int32Array;
  /** One column per tie key, all of them high first, ABSENT last. */
  readonly keys: readonly Int32Array[];
  readonly schools: SchoolRecount;
  /** Candidate → schools that have returned or lost the file. */
  readonly returned: ReadonlyMap<number, ReadonlySet<number>>;
}

/** By school index. */
export interface SchoolRecount {
  readonly planned: Int32Array;
  readonly flexible: Int32Array;
  readonly occupied: Int32Array;
  readonly room: Int32Array;
  readonly hasLine: Uint8Array;
  /** not-in-batch or school-suspended, else 0. */
  readonly barred: Uint8Array;
}

/** `score = total + bonus` (dispatch.md §2), for every candidate. */
export function recountScores(world: World, policy: Policy): Int32Array {
  const { combine, cap, features } = policy.preferences;
  const points = new Map<string, number>();
  for (const feature of features) {
    if (feature.kind === 'bonus' && feature.batches.includes(world.batch)) {
      points.set(feature.id, feature.points);
    }
  }
  const bonus = new Map<number, number>();
  for (const { candidate, feature, confirmedBy } of world.preferences) {
    const worth = points.get(feature);
    if (worth === undefined || confirmedBy === '') continue;
    const former = bonus.get(candidate);
    if (former === undefined) bonus.set(candidate, worth);
    else bonus.set(candidate, combine === 'sum' ? former + worth : Math.max(former, worth));
  }
  const score = world.candidates.total.slice(0, world.candidates.count);
  for (const [candidate, worth] of bonus) {
    if (score[candidate] === ABSENT) continue;
    score[candidate] += cap === null ? worth : Math.min(worth, cap);
  }
  return score;
}

/** The value of every candidate for every tie key of the batch. */
export function recountKeys(world: World, policy: Policy, keys: readonly TieKey[]): Int32Array[] {
  return keys.map(key =>
    key.kind === 'priority' ? priorityKey(world, policy) : subjectsKey(world, key.subjects),
  );
}

function subjectsKey(world: World, names: readonly string[]): Int32Array {
  const { count, marks } = world.candidates;
  const value = new Int32Array(count);
  for (const name of names) {
    const column = marks[world.subjects.findIndex(subject => subject.name === name)];
    for (let candidate = 0; candidate < count; candidate += 1) {
      const mark = column === undefined ? ABSENT : column[candidate];
      if (mark === ABSENT || value[candidate] === ABSENT) value[candidate] = ABSENT;
      else value[candidate] += mark;
    }
  }
  return value;
}

/** Ranks are low first; their negatives are high first like every other key. */
function priorityKey(world: World, policy: Policy): Int32Array {
  const value = new Int32Array(world.candidates.count).fill(ABSENT);
  const ranks = new Map<string, number>();
  for (const feature of policy.preferences.features) {
    if (feature.kind === 'priority' && feature.batches.includes(world.batch)) {
      ranks.set(feature.id, feature.rank);
    }
  }
  for (const { candidate, feature, confirmedBy } of world.preferences) {
    const rank = ranks.get(feature);
    if (rank === undefined || confirmedBy === '') continue;
    value[candidate] = Math.max(value[candidate], -rank);
  }
  return value;
}

/** Room of every school by dispatch.md §3, in whole numbers. */
export function recountSchools(world: World, batch: Batch): SchoolRecount {
  const count = world.schools.length;
  const index = new Map(world.schools.map((school, at) => [school.code, at]));
  const planned = new Int32Array(count);
  const flexible = new Int32Array(count);
  const occupied = new Int32Array(count);
  const room = new Int32Array(count);
  const hasLine = new Uint8Array(count);
  const barred = new Uint8Array(count);
  for (const line of world.lines) {
    const school = index.get(line.school);
    if (school === undefined) continue;
    planned[school] += line.planned;
    hasLine[school] = 1;
  }
  for (const file of world.files) {
    const school = index.get(file.school);
    if (school === undefined || file.batch !== world.batch) continue;
    if (OCCUPYING_STATES.includes(file.state)) occupied[school] += 1;
  }
  const { ratio, rounding } = batch.dispatch;
  world.schools.forEach((school, at) => {
    flexible[at] = world.flexible.get(school.code) ?? 0;
    room[at] = rounded(planned[at] * ratio, rounding) + flexible[at] - occupied[at];
    const member = (batch.schools ?? []).includes(school.code);
    if (!member && !(batch.kinds ?? []).includes(school.kind)) barred[at] = REASON['not-in-batch'];
    else if (school.status !== 'open') barred[at] = REASON['school-suspended'];
  });
  return { planned, flexible, occupied, room, hasLine, barred };
}

/** A number of places in hundredths, to whole places. */
function rounded(hundredths: number, rounding: Batch['dispatch']['rounding']): number {
  const rest = hundredths % 100;
  const whole = (hundredths - rest) / 100;
  if (rest === 0 || rounding === 'floor') return whole;
  return rounding === 'ceil' || rest >= 50 ? whole + 1 : whole;
}

/** Who may not go back to which school: returned_by of files.csv. */
export function recountReturned(world: World): Map<number, Set<number>> {
  const index = new Map(world.schools.map((school, at) => [school.code, at]));
  const returned = new Map<number, Set<number>>();
  for (const file of world.files) {
    if (file.returnedBy.length === 0) continue;
    const schools = file.returnedBy.flatMap(code => index.get(code) ?? []);
    returned.set(file.candidate, new Set(schools));
  }
  return returned;
}
