/**
 * 申请录后退: the school that admitted a candidate asks for his withdrawal, with the signed request
 * of candidate and parent (n66 三（二）3). It is also the old school's consent to a transfer.
 */
import { SUBJECT } from '../../db/season/applications.ts';
import { functionJob } from '../act/function-job.ts';
import { INPUT } from '../act/input.ts';
import { candidateTarget } from '../act/targets.ts';
import { applicationError } from './applications/errors.ts';
import { applyingSchool, countOnFile, openApplication } from './applications/opening.ts';
import { batchOfFile, requireQuotaRules } from './applications/quota-rules.ts';
import { isSigned, requestOf, SIGNED_INPUT, type SignedInput } from './applications/signed.ts';
import { isStanding } from './applications/standing.ts';
import { withdrawalSpans } from './applications/windows.ts';

interface Input extends SignedInput {
  readonly candidate_no: string;
  readonly reason?: string;
}

const TITLE = '申请录后退';

export const job = functionJob<Input>({
  id: 'apply-withdrawal',
  title: TITLE,
  sides: ['school'],
  menu: '审核管理',
  annex: true,
  input: {
    properties: { candidate_no: INPUT.candidate_no, reason: INPUT.reason, ...SIGNED_INPUT },
    required: ['candidate_no'],
  },
  relatives: true,
  window: withdrawalSpans,
  target: candidateTarget,
  async effect(act) {
    const { candidate_no: candidate, reason } = act.input;
    const file = await act.candidate(candidate);
    const school = applyingSchool(act);
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
      signed: isSigned(act.input),
    });
    const application = await openApplication(act, {
      kind: 'withdrawal',
      subject: SUBJECT.file(file),
      subjectTitle: `考生 ${candidate} `,
      city: file.city,
      batch: file.batch,
      major: file.major,
      about: file,
      ...requestOf(act.input),
      note: reason === undefined ? {} : { reason },
    });
    countOnFile(act, file, application, { rules, note: { kind: 'withdrawal' } });
    return {
      lines: [
        `已为考生 ${candidate} 提交第 ${application} 号录后退申请，等待 ${file.city} 市招办审核。`,
      ],
      values: { application },
    };
  },
});
