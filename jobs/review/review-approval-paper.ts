/**
 * 审核批件投档: approves a dispatch outside the choices or below the line, or a change of major into or
 * out of 三二分段 (3+2). The paper names candidate, school and major, and stays approved until the
 * point dispatch or the change of major has used it.
 */
import { readApplication } from '../../db/season/applications.ts';
import type { Ground } from '../../db/season/approval-papers.ts';
import { functionJob, type Place } from '../act/function-job.ts';
import { decisionOf } from './applications/opening.ts';
import { requirePaperState } from './applications/paper-state.ts';
import { requireQuotaRules } from './applications/quota-rules.ts';
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
import { batchSpans, withGrace } from './applications/windows.ts';

const TITLE = '审核批件投档';

export const job = functionJob<ReviewInput>({
  id: 'review-approval-paper',
  title: TITLE,
  ...APPLICATION_REVIEW,
  window: async place =>
    (await groundOf(place)) === 'articulated' ? 'none' : withGrace(batchSpans)(place),
  target: applicationTarget(TITLE, ['approval-paper']),
  async effect(act) {
    const application = await underReview(act);
    const { application: number, school, major, batch } = application;
    const file = await fileOf(act, application);
    if (act.input.verdict === 'refuse') return { lines: [await refuse(act, application, file)] };
    const candidate = file.candidateNo ?? '';
    const ground = application.note['ground'] as Ground;
    const paper = { file, school, major: major ?? '', ground, title: TITLE };
    await requirePaperState(act, paper);
    const rules = await requireQuotaRules(act, {
      kind: 'approval-paper',
      city: file.city,
      school,
      batch: act.batch(batch ?? ''),
      major,
      file,
      signed: wasSigned(application),
    });
    await conclude(act, application, { state: 'approved' });
    const note = noteOf(application, { verdict: 'approve', ...application.note });
    const openApplications = file.openApplications - 1;
    act.edit(file, { openApplications }, { school, major, batch, ...decisionOf(rules), note });
    return {
      lines: [
        `第 ${number} 号批件已通过：考生 ${candidate}，院校 ${school}，专业 ${major}；` +
          `${ground === 'articulated' ? '修改专业' : '投档'}时使用一次。`,
      ],
      values: { application: number },
    };
  },
});

/** On what the paper was asked for; the target has found the application. */
async function groundOf({ session, season, input }: Place<ReviewInput>): Promise<unknown> {
  return (await readApplication(session, season, input.application))?.note['ground'];
}
