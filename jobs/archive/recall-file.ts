/**
 * 指定考生强制回收档案: pulls a file back from a school, with a reason. The school counts among
 * those that have lost it: the file is not sent there again this season (dispatch.md §4,
 * returned-before).
 */
import { BACK_IN_POOL } from '../../db/season/files.ts';
import { STATE_TITLES } from '../../engine/file/states.ts';
import { functionJob } from '../act/function-job.ts';
import { INPUT } from '../act/input.ts';
import { candidateTarget } from '../act/targets.ts';
import { settleList } from '../dispatch/parts/lists.ts';
import { archiveError } from './errors.ts';

interface Input {
  readonly candidate_no: string;
  readonly reason: string;
}

const AT_SCHOOL: readonly string[] = ['dispatched', 'reading', 'proposed', 'return-proposed'];

export const job = functionJob<Input>({
  id: 'recall-file',
  title: '指定考生强制回收档案',
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
    const file = await act.candidate(act.input.candidate_no);
    if (!AT_SCHOOL.includes(file.state) || file.school === null) {
      const state = STATE_TITLES[file.state];
      throw archiveError('not-at-school', { candidate: act.input.candidate_no, state });
    }
    const { school, city, list } = file;
    act.move(file, 'recall', {
      change: {
        ...BACK_IN_POOL,
        returnedBy: [...new Set([...file.returnedBy, school])],
      },
      note: { reason: act.input.reason },
    });
    if (list !== null) await settleList(act, city, list);
    return { lines: [`考生 ${act.input.candidate_no} 的档案已从院校 ${school} 收回，现为在库。`] };
  },
});
