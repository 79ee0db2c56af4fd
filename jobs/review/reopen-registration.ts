/**
 * 重新开放注册 (beyond annex 1): after the last day on which schools confirm who has arrived, and
 * before the sweep that reverts the others, an office may give a student some days more, with a
 * reason. The school registers then; the reopening registers nobody.
 */
import type { StandingFile } from '../../db/season/files.ts';
import { STATE_TITLES } from '../../engine/file/states.ts';
import type { Act } from '../act/act.ts';
import { functionJob } from '../act/function-job.ts';
import { INPUT } from '../act/input.ts';
import { lastDayBeforeSweep, lastDayToRegister } from '../dispatch/parts/registration.ts';
import { admissionError } from './parts/admission-errors.ts';
import { underReviewTarget } from './parts/under-review.ts';

interface Input {
  readonly candidates: readonly string[];
  readonly until?: string;
  readonly reason: string;
}

export const job = functionJob<Input>({
  id: 'reopen-registration',
  title: '重新开放注册',
  sides: ['office'],
  menu: '审核管理',
  annex: false,
  input: {
    properties: {
      candidates: INPUT.candidates,
      until: { ...INPUT.date, description: '开放到何日为止；不写为恢复未录取的前一日' },
      reason: INPUT.reason,
    },
    required: ['candidates', 'reason'],
  },
  relatives: true,
  // From each file's last day to the sweep of its phase.
  window: 'none',
  target: place => underReviewTarget(place, place.input.candidates),
  async effect(act) {
    const files = await act.candidates(act.input.candidates);
    let until = '';
    for (const file of files) until = reopen(act, file);
    return {
      lines: [`已为 ${files.length} 名考生重新开放注册，至 ${until} 为止。`],
      counts: { reopened: files.length },
    };
  },
});

/** @returns until when */
function reopen(act: Act<Input>, file: StandingFile): string {
  const candidate = file.candidateNo ?? '';
  if (file.state !== 'admitted') {
    throw admissionError('not-admitted', { candidate, state: STATE_TITLES[file.state] });
  }
  const { businessDate: date, policy } = act;
  const last = lastDayToRegister(policy, file);
  if (last === null || date <= last) {
    throw admissionError('deadline-not-passed', { candidate, last: last ?? '（未公布）' });
  }
  const sweep = lastDayBeforeSweep(policy, file.phase ?? '') ?? date;
  // A file that a late sweep has not reached yet can still be registered today.
  const limit = [sweep, date].toSorted().at(-1) as string;
  const until = act.input.until ?? limit;
  if (until < date || until > limit) throw admissionError('beyond-sweep', { date, last: limit });
  const { reason } = act.input;
  act.edit(file, { reopenedUntil: until }, { note: { until, reason } });
  return until;
}
