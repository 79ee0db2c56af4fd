/**
 * The check of a run's result in memory, before anything is written: the properties P1–P7 of
 * file-life.md as far as a result shows them, by code that shares nothing with the dispatch.
 * The audit recounts them once more, by SQL, from what was written (jobs/nightly/audit.ts).
 *
 * It does not place anybody a second time. A placing by rank is the only one that is within the
 * room, envied by nobody and wastes nothing, and these are comparisons with one threshold per
 * school: two passes over the arrays, about a second for ten million choices. Codes of rules are
 * taken as given; the run compares a sample of them with the rules engine itself.
 */
import { errorTable, thrower } from '../errors.ts';
import type { Policy } from '../policy/types.ts';
import {
  type Checking,
  recountKeys,
  recountReturned,
  recountSchools,
  recountScores,
} from './check/checking.ts';
import { checkChoices } from './check/choices.ts';
import { checkMajors } from './check/majors.ts';
import { checkParticipants, checkPositions, checkScores } from './check/participants.ts';
import { checkCapacity, checkPlaced } from './check/placed.ts';
import { checkCascades, checkClosings, checkTieOrder } from './check/ties.ts';
import { checkCounts, checkLists, checkOutcomes } from './check/totals.ts';
import { type Violation, Violations } from './check/violations.ts';
import { type DispatchResult, FIXED_REASONS } from './result.ts';
import type { World } from './world.ts';

export type { Violation } from './check/violations.ts';

export const checkErrors = errorTable({
  'unknown-batch': {
    sentence: '政策中没有批次 {batch}，无法检查投档结果。',
    advice: '请核对批次代码。',
    exitCode: 2,
  },
  'unknown-school': {
    sentence: '没有代码为 {school} 的院校，无法检查投档结果。',
    advice: '请核对院校代码。',
    exitCode: 2,
  },
  'check-failed': {
    sentence:
      '投档结果没有通过独立检查，本次投档已停止：{property}（{fault}），院校 {school}，' +
      '涉及考生 {count} 名；共 {violations} 类问题。',
    advice: '结果没有写入。请保存日志并联系系统维护人员，不要手工投档。',
    exitCode: 5,
  },
});

const fail = thrower(checkErrors);

export interface CheckReport {
  /** Empty: nothing is wrong. */
  readonly violations: readonly Violation[];
  readonly participants: number;
  readonly placed: number;
}

/**
 * Checks a result against world and policy.
 *
 * @param only code of the school of a one-school run 指定院校投档
 * @throws CodedError unknown-batch, unknown-school
 */
export function checkResult(
  world: World,
  policy: Policy,
  result: DispatchResult,
  only?: string,
): CheckReport {
  const checking = prepare(world, policy, result, only);
  const { found } = checking;
  if (!FIXED_REASONS.every((code, at) => result.reasons[at] === code)) {
    found.add('P7', 'reasons', -1, -1);
  }
  checkParticipants(checking);
  checkScores(checking);
  const order = checkPositions(checking);
  const taken = checkPlaced(checking);
  checkCapacity(checking, taken);
  const contest = checkChoices(checking, taken);
  checkTieOrder(checking, taken, contest);
  checkClosings(checking, taken, contest);
  if (checking.batch.dispatch.mode === 'score-first') {
    checkCascades(checking, taken, contest, order);
  }
  checkMajors(checking, taken);
  checkOutcomes(checking, taken, contest);
  checkLists(checking, taken);
  checkCounts(checking, taken);
  return {
    violations: found.list(),
    participants: result.participants.length,
    placed: taken.sent.reduce((sum, sent) => sum + sent, 0),
  };
}

/** Stops the run where the check has found anything. @throws CodedError check-failed */
export function requireClean(report: CheckReport): void {
  const worst = report.violations[0];
  if (worst === undefined) return;
  const { property, fault, school, count } = worst;
  const violations = report.violations.length;
  throw fail('check-failed', { property, fault, school: school ?? '（全市）', count, violations });
}

function prepare(
  world: World,
  policy: Policy,
  result: DispatchResult,
  only: string | undefined,
): Checking {
  const batch = policy.batches.find(one => one.id === world.batch);
  if (batch === undefined) throw fail('unknown-batch', { batch: world.batch });
  const school = world.schools.findIndex(one => one.code === only);
  if (only !== undefined && school < 0) throw fail('unknown-school', { school: only });
  return {
    world,
    policy,
    batch,
    result,
    only: school,
    found: new Violations(world.schools.map(one => one.code)),
    score: recountScores(world, policy),
    keys: recountKeys(world, policy, batch.dispatch.ties.keys),
    schools: recountSchools(world, batch),
    returned: recountReturned(world),
  };
}
