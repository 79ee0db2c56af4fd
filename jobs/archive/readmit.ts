/** A file whose registration was cancelled back to the pool, by its home city, with a reason. */
import { BACK_IN_POOL } from '../../db/season/files.ts';
import { STATE_TITLES } from '../../engine/file/states.ts';
import { functionJob } from '../act/function-job.ts';
import { INPUT } from '../act/input.ts';
import { candidateTarget } from '../act/targets.ts';
import { archiveError } from './errors.ts';

interface Input {
  readonly candidate_no: string;
  readonly reason: string;
}

export const job = functionJob<Input>({
  id: 'readmit',
  title: '重新入库',
  sides: ['office'],
  menu: '档案管理',
  annex: false,
  levels: ['city'],
  input: {
    properties: { candidate_no: INPUT.candidate_no, reason: INPUT.reason },
    required: ['candidate_no', 'reason'],
  },
  relatives: true,
  // The calendar has no window for it: registrations are cancelled until the rosters are filed.
  window: 'none',
  async target(place) {
    // The school has lost it; the city decides, whatever the kind of that school.
    const { school: _, batch: __, ...target } = await candidateTarget(place);
    return target;
  },
  async effect(act) {
    const { candidate_no: candidate, reason } = act.input;
    const file = await act.candidate(candidate);
    if (file.state !== 'cancelled') {
      throw archiveError('not-cancelled', { candidate, state: STATE_TITLES[file.state] });
    }
    act.move(file, 'readmit', { change: BACK_IN_POOL, note: { reason } });
    return { lines: [`考生 ${candidate} 的档案已重新入库，可参加以后的录取。`] };
  },
});
