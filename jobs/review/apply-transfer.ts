/**
 * 申请考生转学: the receiving school asks for a candidate of another one, whose withdrawal is the
 * consent (n66 三（二）3). Withdrawal and transfer count as one application from here on. A candidate
 * who is back in the pool by a withdrawal of this season may be asked for too.
 */
import { consentTo, SUBJECT } from '../../db/season/applications.ts';
import { locateCandidates, type StandingFile } from '../../db/season/files.ts';
import type { Act } from '../act/act.ts';
import { actError } from '../act/errors.ts';
import { functionJob } from '../act/function-job.ts';
import { INPUT } from '../act/input.ts';
import { applyingSchool, countOnFile, openApplication } from './applications/opening.ts';
import { batchOfSchool } from './applications/quota-rules.ts';
import { isSigned, requestOf, SIGNED_INPUT, type SignedInput } from './applications/signed.ts';
import { type Consent, type Place, requireConsent, requirePlace } from './applications/transfer.ts';
import { withdrawalSpans } from './applications/windows.ts';

interface Input extends SignedInput {
  readonly candidate_no: string;
  readonly major: string;
  readonly batch?: string;
  readonly reason?: string;
}

/** Stands in `consents_to` until the transfer has its number: the subject is free for it then. */
const ABOUT_TO_CONSENT = 0;

export const job = functionJob<Input>({
  id: 'apply-transfer',
  title: '申请考生转学',
  sides: ['school'],
  menu: '审核管理',
  annex: true,
  input: {
    properties: {
      candidate_no: INPUT.candidate_no,
      major: INPUT.major,
      batch: INPUT.batch,
      reason: INPUT.reason,
      ...SIGNED_INPUT,
    },
    required: ['candidate_no', 'major'],
  },
  relatives: true,
  window: withdrawalSpans,
  async target({ session, season, input, user }) {
    const { candidate_no: candidate } = input;
    const found = (await locateCandidates(session, season, [candidate])).get(candidate);
    if (found === undefined) throw actError('unknown-candidate', { candidate });
    const { school } = user;
    return { cities: [found.city], ...(school === null ? {} : { school }) };
  },
  async effect(act) {
    const { candidate_no: candidate, major, batch: id = null } = act.input;
    const school = applyingSchool(act);
    const file = await act.candidate(candidate);
    const consent = await requireConsent(act, file, school);
    const batch = batchOfSchool(act.policy, { code: school, kind: act.user.kinds[0] ?? '' }, id);
    const place: Place = { school, major, batch, signed: isSigned(act.input) };
    const rules = await requirePlace(act, file, place);
    const application = await open(act, file, place, consent);
    const { open: together, withdrawal } = consent;
    countOnFile(act, file, application, {
      by: together ? 0 : 1,
      batch: batch.id,
      major,
      rules,
      note: { kind: 'transfer', withdrawal: withdrawal.application, from: withdrawal.school },
      // The file is at the old school, whose rows the receiving one does not write.
      beyondScope: together,
    });
    return {
      lines: [
        `已为考生 ${candidate} 提交第 ${application} 号转学申请，等待 ${file.city} 市招办审核。`,
      ],
      values: { application, withdrawal: withdrawal.application },
    };
  },
});

async function open(
  act: Act<Input>,
  file: StandingFile,
  { major, batch }: Place,
  { withdrawal, open: together }: Consent,
): Promise<number> {
  const { candidate_no: candidate, reason } = act.input;
  const consent = (transfer: number) =>
    act.asRunner(session => consentTo(session, act.season, withdrawal.application, transfer));
  if (together) await consent(ABOUT_TO_CONSENT);
  const application = await openApplication(act, {
    kind: 'transfer',
    subject: SUBJECT.file(file),
    subjectTitle: `考生 ${candidate} `,
    city: file.city,
    otherSchool: withdrawal.school,
    batch: batch.id,
    major,
    about: file,
    ...requestOf(act.input),
    note: {
      withdrawal: withdrawal.application,
      ...(reason === undefined ? {} : { reason }),
    },
  });
  if (together) await consent(application);
  return application;
}
