/**
 * 审核录后退: an admitted or registered candidate back to the pool, by the home city; the place is
 * free, and the school counts among those that have lost the file (dispatch.md §4,
 * returned-before). A withdrawal that consents to a transfer is reviewed with it.
 */
import { BACK_IN_POOL } from '../../db/season/files.ts';
import { functionJob } from '../act/function-job.ts';
import { applicationError } from './applications/errors.ts';
import { decisionOf } from './applications/opening.ts';
import { batchOfFile, requireQuotaRules } from './applications/quota-rules.ts';
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
import { withdrawalSpans, withGrace } from './applications/windows.ts';

const TITLE = '审核录后退';

export const job = functionJob<ReviewInput>({
  id: 'review-withdrawal',
  title: TITLE,
  ...APPLICATION_REVIEW,
  window: withGrace(withdrawalSpans),
  target: applicationTarget(TITLE, ['withdrawal']),
  async effect(act) {
    const application = await underReview(act);
    const { application: number, consentsTo, school } = application;
    if (consentsTo !== null) {
      const which = { application: number, transfer: consentsTo };
      throw applicationError('reviewed-with-transfer', which);
    }
    const file = await fileOf(act, application);
    if (act.input.verdict === 'refuse') return { lines: [await refuse(act, application, file)] };
    const candidate = file.candidateNo ?? '';
    if (!isStanding(file, school)) {
      throw applicationError('not-admitted', { candidate, title: TITLE });
    }
    const rules = await requireQuotaRules(act, {
      kind: 'withdrawal',
      city: file.city,
      school,
      batch: await batchOfFile(act, file, school),
      major: file.major,
      file,
      signed: wasSigned(application),
    });
    await conclude(act, application, { state: 'approved' });
    const { letter, returnedBy, openApplications } = file;
    act.move(file, 'withdraw', {
      change: {
        ...BACK_IN_POOL,
        letter: null,
        returnedBy: [...new Set([...returnedBy, school])],
        openApplications: openApplications - 1,
      },
      despiteApplication: true,
      ...decisionOf(rules),
      note: noteOf(application, { verdict: 'approve', letter }),
    });
    return {
      lines: [`第 ${number} 号申请已通过，考生 ${candidate} 已从院校 ${school} 退出，现为在库。`],
      values: { application: number },
    };
  },
});
