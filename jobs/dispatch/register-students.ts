/**
 * 注册与注销: the school confirms who has arrived 确定已报到新生, or takes a confirmation back, up to the
 * last day of the phase of admission. All or nothing; who is confirmed already stays so.
 */
import type { StandingFile } from '../../db/season/files.ts';
import type { Act } from '../act/act.ts';
import { functionJob } from '../act/function-job.ts';
import { INPUT } from '../act/input.ts';
import { lastDayToRegister, ownFilesTarget } from './parts/registration.ts';
import { schoolError } from './parts/school-errors.ts';

interface Input {
  readonly candidates: readonly string[];
  readonly action?: 'register' | 'undo';
}

export const job = functionJob<Input>({
  id: 'register-students',
  title: '注册与注销',
  sides: ['school'],
  menu: '投档',
  annex: true,
  input: {
    properties: {
      candidates: INPUT.candidates,
      action: {
        type: 'string',
        enum: ['register', 'undo'],
        description: '确定注册（不写即此），或撤销',
      },
    },
    required: ['candidates'],
  },
  relatives: false,
  // Each file has a last day of its own, by the phase of its admission: `inTime` below.
  window: 'none',
  target: place => ownFilesTarget(place, place.input.candidates),
  async effect(act) {
    const files = await act.candidates(act.input.candidates);
    const undo = act.input.action === 'undo';
    let done = 0;
    for (const file of files) done += (undo ? undoOne(act, file) : registerOne(act, file)) ? 1 : 0;
    const same = files.length - done;
    const what = undo ? '撤销注册' : '确定注册';
    return {
      lines: [`${what} ${done} 人${same > 0 ? `，${same} 人原已如此，未变` : ''}。`],
      counts: { done, unchanged: same },
    };
  },
});

/** @returns whether anything changes */
function registerOne(act: Act<Input>, file: StandingFile): boolean {
  const own = file.school === act.user.school;
  if (own && file.state === 'registered') return false;
  if (!own || file.state !== 'admitted') {
    throw schoolError('not-admitted', { candidate: file.candidateNo ?? '' });
  }
  inTime(act, file);
  act.move(file, 'register');
  return true;
}

/** @returns whether anything changes */
function undoOne(act: Act<Input>, file: StandingFile): boolean {
  const candidate = file.candidateNo ?? '';
  const own = file.school === act.user.school;
  if (own && file.state === 'admitted') return false;
  if (own && file.state === 'filed') throw schoolError('roster-filed', { candidate });
  if (!own || file.state !== 'registered') throw schoolError('not-registered', { candidate });
  inTime(act, file);
  act.move(file, 'undo-registration');
  return true;
}

/** @throws registration-undated, window-closed */
function inTime(act: Act<Input>, file: StandingFile): void {
  const last = lastDayToRegister(act.policy, file);
  const candidate = file.candidateNo ?? '';
  if (last === null) {
    const phase = act.policy.phases.find(({ id }) => id === file.phase)?.title ?? '录取阶段未记明';
    throw schoolError('registration-undated', { candidate, phase });
  }
  if (act.businessDate <= last) return;
  throw schoolError('window-closed', { candidate, last, title: job.title });
}
