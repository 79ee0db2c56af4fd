/**
 * 指定考生取消投档: one file back to the pool, as long as the school has not submitted its list. The
 * file may be sent there again: the school has neither returned nor lost it.
 */
import { BACK_IN_POOL } from '../../db/season/files.ts';
import { STATE_TITLES } from '../../engine/file/states.ts';
import { functionJob } from '../act/function-job.ts';
import { INPUT } from '../act/input.ts';
import { candidateTarget } from '../act/targets.ts';
import { listOf, requireListEvent, settleList } from '../dispatch/parts/lists.ts';
import { archiveError } from './errors.ts';

interface Input {
  readonly candidate_no: string;
  readonly reason: string;
}

export const job = functionJob<Input>({
  id: 'cancel-dispatch',
  title: '指定考生取消投档',
  sides: ['office'],
  menu: '档案管理',
  annex: true,
  input: {
    properties: { candidate_no: INPUT.candidate_no, reason: INPUT.reason },
    required: ['candidate_no', 'reason'],
  },
  relatives: true,
  window: 'batch',
  target: candidateTarget,
  async effect(act) {
    const { candidate_no: candidate, reason } = act.input;
    const file = await act.candidate(candidate);
    const { city, school, list: number } = file;
    if (number === null || school === null) {
      throw archiveError('not-dispatched', { candidate, state: STATE_TITLES[file.state] });
    }
    const list = await listOf(act, city, number);
    // What may be done to the whole list may be done to one of its files.
    requireListEvent(list, 'cancel-list');
    act.move(file, 'cancel-dispatch', { change: BACK_IN_POOL, note: { reason } });
    await settleList(act, city, number);
    return { lines: [`考生 ${candidate} 投往院校 ${school} 的投档已取消，现为在库。`] };
  },
});
