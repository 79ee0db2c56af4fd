/** 释放考生档案: a held file back to the pool, by the same or a higher level than held it. */
import { STATE_TITLES } from '../../engine/file/states.ts';
import { functionJob } from '../act/function-job.ts';
import { INPUT } from '../act/input.ts';
import { candidateTarget } from '../act/targets.ts';
import { archiveError } from './errors.ts';
import { LEVEL_TITLES, mayRelease } from './parts/hold-level.ts';

interface Input {
  readonly candidate_no: string;
  readonly reason?: string;
}

export const job = functionJob<Input>({
  id: 'release-hold',
  title: '释放考生档案',
  sides: ['office'],
  menu: '档案管理',
  annex: true,
  levels: ['province', 'city', 'county'],
  input: {
    properties: { candidate_no: INPUT.candidate_no, reason: INPUT.reason },
    required: ['candidate_no'],
  },
  relatives: true,
  // As hold-file.
  window: 'none',
  target: candidateTarget,
  async effect(act) {
    const { candidate_no: candidate, reason } = act.input;
    const file = await act.candidate(candidate);
    if (file.state !== 'held') {
      throw archiveError('not-held', { candidate, state: STATE_TITLES[file.state] });
    }
    if (!mayRelease(act.user, file)) {
      const by = LEVEL_TITLES[file.holdLevel ?? 'city'];
      throw archiveError('higher-level-hold', { candidate, by });
    }
    act.move(file, 'release-hold', {
      change: { reason: null, holdUntil: null, holdLevel: null },
      note: reason === undefined ? null : { reason },
    });
    return { lines: [`考生 ${candidate} 的档案已释放，现为在库，可参加以后的投档。`] };
  },
});
