/**
 * 设置考生状态: not dispatchable is a hold of the file, dispatchable again its release
 * (file-life.md), each with a reason; refused while the file is at a school.
 */
import { LEVEL_RANK } from '../../db/access/user.ts';
import type { StandingFile } from '../../db/season/files.ts';
import { STATE_TITLES } from '../../engine/file/states.ts';
import type { Act } from '../act/act.ts';
import { type Answer, functionJob } from '../act/function-job.ts';
import { INPUT } from '../act/input.ts';
import { candidateTarget } from '../act/targets.ts';
import { controlError } from './errors.ts';

interface Input {
  readonly candidate_no: string;
  readonly dispatchable: boolean;
  readonly reason: string;
}

const AT_SCHOOL: ReadonlySet<string> = new Set([
  'dispatched',
  'reading',
  'proposed',
  'return-proposed',
  'pending-review',
  'admitted',
  'registered',
  'filed',
]);
const LEVELS = { county: '县区招办', city: '市招办', province: '省招办' } as const;

export const job = functionJob<Input>({
  id: 'set-candidate-status',
  title: '设置考生状态',
  sides: ['office'],
  menu: '投档控制',
  annex: true,
  input: {
    properties: {
      candidate_no: INPUT.candidate_no,
      dispatchable: { type: 'boolean', description: '可否投档：yes 或 no' },
      reason: INPUT.reason,
    },
    required: ['candidate_no', 'dispatchable', 'reason'],
  },
  relatives: true,
  window: 'none',
  target: candidateTarget,
  async effect(act) {
    const { candidate_no: candidate, dispatchable } = act.input;
    const file = await act.candidate(candidate);
    if (AT_SCHOOL.has(file.state)) {
      const state = STATE_TITLES[file.state];
      throw controlError('file-at-school', { candidate, school: file.school, state });
    }
    return dispatchable ? release(act, file) : hold(act, file);
  },
});

function hold(act: Act<Input>, file: StandingFile): Answer {
  const { candidate_no: candidate, reason } = act.input;
  const holdLevel = act.user.level === 'school' ? 'city' : act.user.level;
  act.move(file, 'hold', {
    change: { holdLevel, holdUntil: null, reason },
    note: { reason, level: holdLevel },
  });
  return { lines: [`考生 ${candidate} 已设为不可投档（挂起）。`], values: { state: 'held' } };
}

function release(act: Act<Input>, file: StandingFile): Answer {
  const { candidate_no: candidate, reason } = act.input;
  const { holdLevel } = file;
  if (holdLevel !== null && LEVEL_RANK[act.user.level] > LEVEL_RANK[holdLevel]) {
    throw controlError('held-by-higher-level', { candidate, level: LEVELS[holdLevel] });
  }
  act.move(file, 'release-hold', {
    change: { holdLevel: null, holdUntil: null, reason: null },
    note: { reason, level: holdLevel },
  });
  return { lines: [`考生 ${candidate} 已恢复为可投档（在库）。`], values: { state: 'in-pool' } };
}
