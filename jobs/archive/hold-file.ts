/**
 * 挂起考生档案: hides a file in the pool from every dispatch and admission until a date, with a
 * reason. Whoever holds it has a level; the same or a higher one releases it (release-hold), or the
 * sweep after the date.
 */
import { STATE_TITLES } from '../../engine/file/states.ts';
import { functionJob } from '../act/function-job.ts';
import { INPUT } from '../act/input.ts';
import { candidateTarget } from '../act/targets.ts';
import { archiveError } from './errors.ts';
import { holdLevelOf } from './parts/hold-level.ts';

interface Input {
  readonly candidate_no: string;
  readonly reason: string;
  readonly until: string;
}

/** In these a school has the file, or waits for it. */
const WITH_A_SCHOOL: readonly string[] = [
  'dispatched',
  'reading',
  'proposed',
  'return-proposed',
  'pending-review',
  'admitted',
  'registered',
  'filed',
];

export const job = functionJob<Input>({
  id: 'hold-file',
  title: '挂起考生档案',
  sides: ['office'],
  menu: '档案管理',
  annex: true,
  levels: ['province', 'city', 'county'],
  input: {
    properties: {
      candidate_no: INPUT.candidate_no,
      reason: INPUT.reason,
      until: { ...INPUT.date, description: '挂起到哪一天为止，YYYY-MM-DD' },
    },
    required: ['candidate_no', 'reason', 'until'],
  },
  relatives: true,
  // The calendar has no window for it: a file is held as soon as there is a reason.
  window: 'none',
  target: candidateTarget,
  async effect(act) {
    const { candidate_no: candidate, reason, until } = act.input;
    const file = await act.candidate(candidate);
    if (WITH_A_SCHOOL.includes(file.state)) {
      const state = STATE_TITLES[file.state];
      throw archiveError('at-school', { candidate, state, school: file.school ?? '' });
    }
    if (file.state === 'held') {
      throw archiveError('already-held', { candidate, until: file.holdUntil ?? '未定' });
    }
    if (until < act.businessDate) {
      throw archiveError('until-passed', { until, today: act.businessDate });
    }
    const holdLevel = holdLevelOf(act.user);
    act.move(file, 'hold', {
      change: { reason, holdUntil: until, holdLevel },
      note: { reason, until, level: holdLevel },
    });
    return { lines: [`考生 ${candidate} 的档案已挂起，至 ${until} 为止不参加投档和录取。`] };
  },
});
