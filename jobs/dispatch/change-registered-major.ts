/**
 * 修改注册考生专业: a registered student changes the major inside the school. In phase 1 the new one
 * must have room; into or out of 三二分段 (3+2) needs an approved paper that names candidate, school
 * and major, used once; after the roster is filed it is too late.
 */
import { approvedPaper, usePaper } from '../../db/season/approval-papers.ts';
import type { StandingFile } from '../../db/season/files.ts';
import type { Act } from '../act/act.ts';
import { functionJob } from '../act/function-job.ts';
import { INPUT } from '../act/input.ts';
import { AdmissionQuota } from '../review/parts/quota.ts';
import { ownFilesTarget } from './parts/registration.ts';
import { schoolError } from './parts/school-errors.ts';

interface Input {
  readonly candidate_no: string;
  readonly major: string;
}

export const job = functionJob<Input>({
  id: 'change-registered-major',
  title: '修改注册考生专业',
  sides: ['school'],
  menu: '投档',
  annex: true,
  input: {
    properties: { candidate_no: INPUT.candidate_no, major: INPUT.major },
    required: ['candidate_no', 'major'],
  },
  relatives: false,
  // Open from the registration to the filing of the roster, which is a state of the file.
  window: 'none',
  target: place => ownFilesTarget(place, [place.input.candidate_no]),
  async effect(act) {
    const { candidate_no: candidate, major } = act.input;
    const file = await act.candidate(candidate);
    requireRegistered(act, file);
    if (file.major === major) {
      return { lines: [`考生 ${candidate} 原已是专业 ${major}，未变。`] };
    }
    const batch = act.batch(file.batch as string);
    const { city, school } = { city: file.city, school: file.school as string };
    const phase = file.phase ?? batch.phase;
    const place = { city, school, batch, phase, counting: 'occupied' } as const;
    const quota = await AdmissionQuota.open(act, place);
    const rules = await quota.require(file, major, 'major-change');
    const paper = await articulatedPaper(act, file, quota);
    act.edit(
      file,
      { major },
      {
        ...(rules.length === 0 ? {} : { decision: rules.join(' ') }),
        note: { from: file.major, ...(paper === null ? {} : { application: paper }) },
      },
    );
    return { lines: [`考生 ${candidate} 由专业 ${file.major ?? ''} 改为 ${major}。`] };
  },
});

function requireRegistered(act: Act<Input>, file: StandingFile): void {
  const candidate = file.candidateNo ?? '';
  const own = file.school === act.user.school;
  if (own && file.state === 'filed') throw schoolError('roster-filed', { candidate });
  if (!own || file.state !== 'registered') throw schoolError('not-registered', { candidate });
}

/**
 * Uses the approved paper that a change into or out of 3+2 needs.
 *
 * @returns its number; null: none is needed
 * @throws articulated-needs-approval
 */
async function articulatedPaper(
  act: Act<Input>,
  file: StandingFile,
  { facts }: AdmissionQuota,
): Promise<number | null> {
  const { majors } = facts.school;
  const { major } = act.input;
  const before = majors.get(file.major ?? '') ?? false;
  if (before === (majors.get(major) ?? false)) return null;
  const named = {
    city: file.city,
    file: file.file,
    school: file.school as string,
    batch: null,
    major,
    grounds: ['articulated'],
  } as const;
  const paper = await approvedPaper(act.session, act.season, named);
  // Acts of one city follow one another: it can't have been used meanwhile.
  if (paper === null || !(await usePaper(act.session, act.season, paper.application))) {
    const candidate = file.candidateNo ?? '';
    throw schoolError('articulated-needs-approval', { candidate, major });
  }
  return paper.application;
}
