/**
 * 审核转校请求, by the candidate's home city: the old place is freed and the new one taken in one
 * transaction, within the plan in phase 1, at most the policy's number of transfers per candidate.
 * The letter is numbered as with every admission; after the phase's deadline the candidate has the
 * policy's days to register.
 */
import type { Application } from '../../db/season/applications.ts';
import type { StandingFile } from '../../db/season/files.ts';
import { transferTerm } from '../../engine/policy/calendar.ts';
import type { Act } from '../act/act.ts';
import { type Answer, functionJob } from '../act/function-job.ts';
import { applicationError } from './applications/errors.ts';
import { decisionOf } from './applications/opening.ts';
import {
  APPLICATION_REVIEW,
  applicationTarget,
  conclude,
  fileOf,
  noteOf,
  type ReviewInput,
  refuse,
  underReview,
} from './applications/reviewing.ts';
import { wasSigned } from './applications/signed.ts';
import { isStanding } from './applications/standing.ts';
import { requirePlace, transferPhase } from './applications/transfer.ts';
import { withdrawalSpans, withGrace } from './applications/windows.ts';
import { admitted } from './parts/admitted.ts';

const TITLE = '审核转校请求';

export const job = functionJob<ReviewInput>({
  id: 'review-transfer',
  title: TITLE,
  ...APPLICATION_REVIEW,
  window: withGrace(withdrawalSpans),
  target: applicationTarget(TITLE, ['transfer']),
  async effect(act) {
    const application = await underReview(act);
    const file = await fileOf(act, application);
    if (act.input.verdict === 'refuse') return { lines: [await refuse(act, application, file)] };
    return approve(act, application, file);
  },
});

async function approve(
  act: Act<ReviewInput>,
  application: Application,
  file: StandingFile,
): Promise<Answer> {
  const { application: number, school, major: named, otherSchool } = application;
  const from = otherSchool ?? '';
  const candidate = file.candidateNo ?? '';
  const major = named ?? '';
  if (file.state !== 'in-pool' && !isStanding(file, from)) {
    throw applicationError('not-admitted', { candidate, title: TITLE });
  }
  const batch = act.batch(application.batch ?? '');
  const place = { school, major, batch, signed: wasSigned(application) };
  const rules = await requirePlace(act, file, place);
  await conclude(act, application, { state: 'approved' });
  const left = leave(act, application, file, from);
  const phase = transferPhase(act, batch);
  const after = await admitted(act, {
    file: left,
    event: 'transfer',
    school,
    major,
    batch: batch.id,
    phase,
    registerBy: transferTerm(act.policy, phase, act.businessDate),
    transfers: file.transfers + 1,
    ...decisionOf(rules),
    note: noteOf(application, { from: { school: from, major: file.major, batch: file.batch } }),
  });
  const term = after.registerBy === null ? '' : `，须于 ${after.registerBy} 前注册`;
  return {
    lines: [
      `第 ${number} 号申请已通过：考生 ${candidate} 由 ${from} 转到 ${school} 专业 ${major}${term}。`,
    ],
    values: { application: number, letter: after.letter, register_by: after.registerBy },
  };
}

/** The application is concluded, and the old school counts among those that have lost the file. */
function leave(
  act: Act<ReviewInput>,
  application: Application,
  file: StandingFile,
  from: string,
): StandingFile {
  return act.edit(
    file,
    {
      openApplications: file.openApplications - 1,
      returnedBy: [...new Set([...file.returnedBy, from])],
      list: null,
    },
    { note: noteOf(application, { verdict: 'approve' }) },
  );
}
