/**
 * 普高放弃: a candidate whom the senior high gave up comes back to the pool, by a signed request on
 * record. The admission's row stays: the same template imported again must not take the candidate
 * out once more.
 */
import { STATE_TITLES } from '../../engine/file/states.ts';
import { functionJob } from '../act/function-job.ts';
import { INPUT } from '../act/input.ts';
import { candidateTarget } from '../act/targets.ts';
import { baseDataError } from './errors.ts';

interface Input {
  readonly candidate_no: string;
  readonly reason: string;
  readonly request_hash: string;
  readonly request_reference: string;
}

export const job = functionJob<Input>({
  id: 'release-senior-high',
  title: '普高放弃',
  sides: ['office'],
  menu: '基本资料',
  annex: false,
  input: {
    properties: {
      candidate_no: INPUT.candidate_no,
      reason: INPUT.reason,
      request_hash: INPUT.request_hash,
      request_reference: INPUT.request_reference,
    },
    required: ['candidate_no', 'reason', 'request_hash', 'request_reference'],
  },
  relatives: false,
  window: 'none',
  target: candidateTarget,
  async effect(act) {
    const { candidate_no: candidate, reason, request_hash, request_reference } = act.input;
    const file = await act.candidate(candidate);
    if (file.state !== 'senior-high') {
      const state = STATE_TITLES[file.state];
      throw baseDataError('not-in-senior-high', { candidate, state });
    }
    const [row] = await act.session.query<{ school: string }>(
      `select school from senior_high_admissions
       where season = $1::smallint and city = $2 and file = $3`,
      [act.season, file.city, file.file],
    );
    act.move(file, 'senior-high-release', {
      school: row?.school ?? null,
      note: { reason, request_hash, request_reference },
    });
    return { lines: [`考生 ${candidate} 已由普通高中放弃，现为在库。`] };
  },
});
