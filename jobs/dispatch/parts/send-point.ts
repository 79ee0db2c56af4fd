/** What follows a point that was found: a draft list of one file, or the admission. */

import { usePaper } from '../../../db/season/approval-papers.ts';
import { insertHandList } from '../../../db/season/dispatch-lists.ts';
import { BACK_IN_POOL } from '../../../db/season/files.ts';
import { ABSENT } from '../../../engine/decimal.ts';
import { AdmissionQuotas } from '../../../engine/dispatch/admission.ts';
import { askMajor } from '../../../engine/dispatch/by-hand.ts';
import { placesOf } from '../../../engine/dispatch/places.ts';
import type { Act } from '../../act/act.ts';
import type { Answer } from '../../act/function-job.ts';
import { admitted } from '../../review/parts/admitted.ts';
import { dispatchError } from '../errors.ts';
import { handRefused, quotaRefused } from './hand-refusals.ts';
import { onLists } from './lists.ts';
import type { Point, PointInput } from './point.ts';

/** Sends the file to the school on a draft list of its own: a second officer releases it. */
export async function sendPoint(act: Act<PointInput>, point: Point): Promise<Answer> {
  const { season, run } = act;
  const { candidate_no: candidate, school, batch, major: asked } = act.input;
  const { file, round, answer, ordinal } = point;
  if (asked !== undefined || point.paper !== null) await requireMajor(act, point);
  const outcome = requireOutcome(point);
  const list = await onLists(act, session =>
    insertHandList(session, season, {
      city: file.city,
      run,
      batch,
      round,
      school,
      file: file.file,
      ordinal,
      score: answer.score === ABSENT ? null : answer.score,
      major: answer.major,
      planned: outcome.planned,
      flexible: outcome.flexible,
      roomBefore: outcome.roomBefore,
    }),
  );
  await consume(act, point);
  act.move(file, 'dispatch', {
    change: { ...BACK_IN_POOL, school, major: answer.major, batch, list },
    decision: decisionOf(point, []),
    note: noteOf(point),
  });
  return {
    lines: [
      `考生 ${candidate} 已点投到院校 ${school}，投档单第 ${list} 号；由另一人发档后院校可阅。`,
    ],
    values: { list, major: answer.major },
  };
}

/** Admits the candidate at once. The runner has asked for a second officer. */
export async function admitPoint(act: Act<PointInput>, point: Point): Promise<Answer> {
  const { candidate_no: candidate, school, batch } = act.input;
  const { file, world } = point;
  const major = await requireMajor(act, point);
  requireOutcome(point);
  const quotas = new AdmissionQuotas(world, act.policy, placesOf(world));
  const verdict = await quotas.ask(admissionOf(point, school, major));
  if (verdict.refusal !== null) throw quotaRefused({ candidate, school }, verdict.refusal);
  await consume(act, point);
  const { letter } = await admitted(act, {
    file,
    event: 'admit-directly',
    school,
    major,
    batch,
    phase: point.phase,
    decision: decisionOf(point, verdict.rules),
    note: { ...noteOf(point), proposedBy: act.proposer },
  });
  return {
    lines: [`考生 ${candidate} 已由院校 ${school} 专业 ${major} 录取。`],
    values: { major, letter },
  };
}

/**
 * The major: the engine's suggestion, which is the one asked for where one was.
 *
 * @throws no-plan, no-adjustment, majors-full, majors-refused, or the code of the major's own rule
 */
async function requireMajor(act: Act<PointInput>, point: Point): Promise<string> {
  const { answer, world, file } = point;
  if (answer.major !== null) return answer.major;
  const { candidate_no: candidate, school, batch, major } = act.input;
  const named = point.paper?.major ?? major;
  if (named === undefined) {
    const reason = answer.suggestionReason === '' ? 'majors-full' : answer.suggestionReason;
    throw dispatchError(reason, { candidate, school });
  }
  const { line, candidate: own } = admissionOf(point, school, named);
  if (line === -1) {
    throw dispatchError('no-plan', { school: `${school} 的专业 ${named}`, city: file.city, batch });
  }
  const rule = await askMajor(world, act.policy, own, line);
  if (rule?.code != null) {
    throw handRefused(
      { candidate, school, city: file.city },
      { code: rule.code, rule, belowLine: false },
    );
  }
  throw dispatchError('majors-full', { candidate, school });
}

function requireOutcome({ answer }: Point) {
  if (answer.outcome === null) throw new Error('a school without a plan line was granted');
  return answer.outcome;
}

function admissionOf(point: Point, school: string, major: string) {
  const { world, file } = point;
  const candidate = world.candidates.file.indexOf(file.file);
  return {
    candidate,
    choice: world.choices.first[candidate] as number,
    school: world.schools.findIndex(each => each.code === school),
    line: world.lines.findIndex(line => line.school === school && line.major === major),
    belowLine: point.belowLine,
  };
}

/** @throws no-approval-paper: somebody has used it meanwhile */
async function consume(act: Act<PointInput>, { paper }: Point): Promise<void> {
  if (paper === null) return;
  const { candidate_no: candidate, school } = act.input;
  // A county's user can read the papers of the city, and write none.
  const used = await act.asRunner(session => usePaper(session, act.season, paper.application));
  if (!used) throw dispatchError('no-approval-paper', { candidate, school });
}

function decisionOf({ answer, paper }: Point, more: readonly string[]): string {
  return [...(paper === null ? [] : ['approval-paper']), ...answer.rules, ...more].join(' ');
}

function noteOf({ paper }: Point): { application?: number } {
  return paper === null ? {} : { application: paper.application };
}
