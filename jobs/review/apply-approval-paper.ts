/**
 * 申请批件投档: a school asks, with a signed paper, for one candidate outside his choices or below the
 * line; or for a registered student of its own into or out of 三二分段 (3+2). The approved paper names
 * candidate, school and major, and is used once: by a point dispatch, or by the change of major.
 */
import { SUBJECT } from '../../db/season/applications.ts';
import { GROUNDS, type Ground } from '../../db/season/approval-papers.ts';
import { locateCandidates } from '../../db/season/files.ts';
import { actError } from '../act/errors.ts';
import { functionJob } from '../act/function-job.ts';
import { INPUT } from '../act/input.ts';
import { ownFilesTarget } from '../dispatch/parts/registration.ts';
import { applyingSchool, countOnFile, openApplication } from './applications/opening.ts';
import { requirePaperState } from './applications/paper-state.ts';
import { requirePlan } from './applications/plan-change.ts';
import { batchOfSchool, requireQuotaRules } from './applications/quota-rules.ts';
import { isSigned, requestOf, SIGNED_INPUT, type SignedInput } from './applications/signed.ts';

interface Input extends SignedInput {
  readonly candidate_no: string;
  readonly batch: string;
  readonly major: string;
  readonly ground: Ground;
  readonly reason?: string;
}

const TITLE = '申请批件投档';

export const job = functionJob<Input>({
  id: 'apply-approval-paper',
  title: TITLE,
  sides: ['school'],
  menu: '审核管理',
  annex: true,
  input: {
    properties: {
      candidate_no: INPUT.candidate_no,
      batch: INPUT.batch,
      major: INPUT.major,
      ground: {
        type: 'string',
        enum: GROUNDS,
        description:
          '志愿外（outside-choices）、线下（below-line）或转入转出三二分段（articulated）',
      },
      reason: INPUT.reason,
      ...SIGNED_INPUT,
    },
    required: ['candidate_no', 'batch', 'major', 'ground'],
  },
  relatives: true,
  // A change of major goes on until the roster is filed, which is a state of the file.
  window: ({ input }) => (input.ground === 'articulated' ? 'none' : 'batch'),
  schedule: true,
  async target(place) {
    const { session, season, input, user } = place;
    const { candidate_no: candidate, batch, ground } = input;
    if (ground === 'articulated') return ownFilesTarget(place, [candidate]);
    const found = (await locateCandidates(session, season, [candidate])).get(candidate);
    if (found === undefined) throw actError('unknown-candidate', { candidate });
    const { school } = user;
    return { cities: [found.city], batch, ...(school === null ? {} : { school }) };
  },
  async effect(act) {
    const { candidate_no: candidate, batch: id, major, ground, reason } = act.input;
    const school = applyingSchool(act);
    const file = await act.candidate(candidate);
    const batch = batchOfSchool(act.policy, { code: school, kind: act.user.kinds[0] ?? '' }, id);
    await requirePaperState(act, { file, school, major, ground, title: TITLE });
    const { city } = file;
    const signed = isSigned(act.input);
    const question = { kind: 'approval-paper', city, school, batch, major, file, signed } as const;
    const rules = await requireQuotaRules(act, question);
    await requirePlan(act, question, major);
    const application = await openApplication(act, {
      kind: 'approval-paper',
      subject: SUBJECT.file(file),
      subjectTitle: `考生 ${candidate} `,
      city,
      batch: id,
      major,
      about: file,
      ...requestOf(act.input),
      note: { ground, ...(reason === undefined ? {} : { reason }) },
    });
    const note = { kind: 'approval-paper', ground };
    countOnFile(act, file, application, { batch: id, major, rules, note });
    return {
      lines: [
        `已为考生 ${candidate} 提交第 ${application} 号批件投档申请，等待 ${city} 市招办审核。`,
      ],
      values: { application },
    };
  },
});
