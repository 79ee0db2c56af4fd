/**
 * May this candidate go there (dispatch.md §4): first what needs no rule, then the rules.
 */
import { ABSENT } from '../decimal.ts';
import type { Batch, Policy, Requirement } from '../policy/types.ts';
import type { Pairs, StageRules } from '../rules/stage.ts';
import { fail } from './errors.ts';
import { type Places, schoolIndexes } from './places.ts';
import { FIXED_REASONS } from './result.ts';
import { FILE_STATES, UNKNOWN_SCHOOL, type World } from './world.ts';

/** Reasons are bytes; the highest is kept for choices that nobody asks about. */
export const REASONS_MAX = 255;
export const NOT_ASKED = 255;

export function fixedReason(reason: (typeof FIXED_REASONS)[number]): number {
  return FIXED_REASONS.indexOf(reason);
}

/**
 * Who takes part (dispatch.md §1): in the pool, with a choice, without an open application; in a
 * run for one school, with a choice of that school.
 *
 * @param only school index, or -1
 * @returns candidate indexes, ascending
 */
export function participantsOf(world: World, only: number): Uint32Array {
  const { candidates, choices } = world;
  const inPool = FILE_STATES.indexOf('in-pool');
  const list = new Uint32Array(candidates.count);
  let count = 0;
  for (let candidate = 0; candidate < candidates.count; candidate += 1) {
    if (candidates.state[candidate] !== inPool) continue;
    if (candidates.openApplications[candidate] !== 0) continue;
    const from = choices.first[candidate];
    const to = choices.first[candidate + 1];
    if (from === to) continue;
    if (only !== -1 && !choices.school.subarray(from, to).includes(only)) continue;
    list[count] = candidate;
    count += 1;
  }
  return list.slice(0, count);
}

/** By school: the fixed reason that bars everybody, or 0 (dispatch.md §4.1, §4.2). */
function schoolBars(world: World, batch: Batch, places: Places) {
  const codes = batch.schools === null ? null : new Set(batch.schools);
  const kinds = new Set(batch.kinds ?? []);
  const notInBatch = new Uint8Array(world.schools.length);
  const noPlan = new Uint8Array(world.schools.length);
  world.schools.forEach((school, at) => {
    const belongs = codes === null ? kinds.has(school.kind) : codes.has(school.code);
    if (!belongs) notInBatch[at] = fixedReason('not-in-batch');
    else if (school.status !== 'open') notInBatch[at] = fixedReason('school-suspended');
    if (places.lineFirst[at] === places.lineFirst[at + 1]) noPlan[at] = fixedReason('no-plan');
  });
  return { first: notInBatch, second: noPlan };
}

/**
 * The reasons of §4.1 to §4.3 by choice; 0: none of them. NOT_ASKED where nobody asks.
 *
 * @param scoreCounts false in lottery mode, where nobody needs a total
 */
export function fixedReasons(
  world: World,
  batch: Batch,
  places: Places,
  participants: Uint32Array,
  scoreCounts: boolean,
): Uint8Array {
  const { choices, candidates } = world;
  const bars = schoolBars(world, batch, places);
  const returned = returnedSchools(world);
  const reasons = new Uint8Array(choices.count).fill(NOT_ASKED);
  const returnedBefore = fixedReason('returned-before');
  const missing = fixedReason('missing-data');
  for (let at = 0; at < participants.length; at += 1) {
    const candidate = participants[at];
    const own = returned.get(candidate);
    const lacking = scoreCounts && candidates.total[candidate] === ABSENT ? missing : 0;
    const end = choices.first[candidate + 1];
    for (let choice = choices.first[candidate]; choice < end; choice += 1) {
      const school = choices.school[choice];
      if (school === UNKNOWN_SCHOOL) {
        reasons[choice] = fixedReason('not-in-batch');
      } else if (bars.first[school] !== 0) {
        reasons[choice] = bars.first[school];
      } else if (own?.has(school)) {
        reasons[choice] = returnedBefore;
      } else {
        reasons[choice] = bars.second[school] || lacking;
      }
    }
  }
  return reasons;
}

/** Candidate → schools that returned, or lost by recall or withdrawal, the file this season. */
function returnedSchools(world: World): ReadonlyMap<number, ReadonlySet<number>> {
  const indexes = schoolIndexes(world);
  const returned = new Map<number, ReadonlySet<number>>();
  for (const file of world.files) {
    if (file.returnedBy.length === 0) continue;
    returned.set(file.candidate, new Set(file.returnedBy.map(code => indexes.get(code) ?? -1)));
  }
  return returned;
}

/** The rules of §4.4: eligibility, then the special conditions of a school that name no major. */
export function schoolRules(world: World, policy: Policy): StageRules {
  const indexes = schoolIndexes(world);
  const byTarget = new Map<number, Requirement[]>();
  for (const rule of policy.special) {
    const school = rule.major === null ? indexes.get(rule.school ?? '') : undefined;
    if (school === undefined) continue;
    byTarget.set(school, [...(byTarget.get(school) ?? []), rule]);
  }
  return {
    stage: 'eligibility',
    common: policy.eligibility,
    byTarget,
    target: 'school',
    conditions: policy.conditions,
    date: world.date,
    attributes: policy.attributes,
  };
}

/** Every choice as a pair; who does not take part is settled before (NOT_ASKED). */
export function choicePairs(world: World): Pairs {
  const { choices, candidates } = world;
  const candidate = new Uint32Array(choices.count);
  for (let at = 0; at < candidates.count; at += 1) {
    candidate.fill(at, choices.first[at], choices.first[at + 1]);
  }
  return { count: choices.count, candidate, school: choices.school, major: null, choice: null };
}

/**
 * FIXED_REASONS, then the codes of the rules in force.
 *
 * @throws reserved-code, too-many-reasons
 */
export function reasonTable(codes: readonly string[]): readonly string[] {
  const reasons: string[] = [...FIXED_REASONS];
  for (const code of codes) {
    if (code === 'not-reached' || code === 'placed') throw fail('reserved-code', { code });
    if (!reasons.includes(code)) reasons.push(code);
  }
  if (reasons.length > REASONS_MAX) {
    throw fail('too-many-reasons', { count: reasons.length, limit: REASONS_MAX });
  }
  return Object.freeze(reasons);
}
