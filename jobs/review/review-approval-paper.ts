/**
 * 审核批件投档: approves a dispatch outside the choices or below the line. The paper names candidate,
 * school and major, and stays approved until a point dispatch has used it.
 */
import { functionJob } from '../act/function-job.ts';
import { applicationError } from './applications/errors.ts';
import { decisionOf } from './applications/opening.ts';
import { requireQuotaRules } from './applications/quota-rules.ts';
import {
  applicationTarget,
  conclude,
  fileOf,
  noteOf,
  REVIEW_INPUT,
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
  sides: ['office'],
  menu: '审核管理',
  annex: true,
  input: REVIEW_INPUT,
  relatives: true,
  window: withGrace(batchSpans),
  target: applicationTarget(TITLE, ['approval-paper']),
  async effect(act) {
    const application = await underReview(act);
    const { application: number, school, major, batch } = application;
    const file = await fileOf(act, application);
    if (act.input.verdict === 'refuse') return { lines: [await refuse(act, application, file)] };
    const candidate = file.candidateNo ?? '';
    if (file.state !== 'in-pool') {
      throw applicationError('not-in-pool', { candidate, title: TITLE });
    }
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
        `第 ${number} 号批件已通过：考生 ${candidate}，院校 ${school}，专业 ${major}；投档时使用一次。`,
      ],
      values: { application: number },
    };
  },
});
