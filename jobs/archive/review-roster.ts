/** 审核录取名册: another person than the one who issued it checks a roster against the students. */
import { moveRoster, rosterLabel } from '../../db/season/rosters.ts';
import { rosterError } from '../../reports/rosters/errors.ts';
import { functionJob } from '../act/function-job.ts';
import { INPUT, wrongInput } from '../act/input.ts';
import { numberedSpans } from './rosters/numbered-window.ts';
import { numberedTarget } from './rosters/office.ts';
import { currentRows, rosterIn } from './rosters/standing.ts';

interface Input {
  readonly roster: number;
  readonly verdict: 'approve' | 'refuse';
  readonly reason?: string;
}

export const job = functionJob<Input>({
  id: 'review-roster',
  title: '审核录取名册',
  sides: ['office'],
  menu: '档案管理',
  annex: false,
  input: {
    properties: {
      roster: { type: 'integer', minimum: 1, description: '名册编号' },
      verdict: INPUT.verdict,
      reason: INPUT.reason,
    },
    required: ['roster', 'verdict'],
  },
  relatives: true,
  window: numberedSpans,
  target: numberedTarget,
  async effect(act) {
    const { verdict, reason } = act.input;
    const roster = await rosterIn(act, 'issued', '审核');
    const label = rosterLabel(act.season, roster);
    if (roster.issuedBy === act.user.user) {
      throw rosterError('same-person', { label, user: act.user.user });
    }
    const done = { by: act.user.user, at: act.at, on: act.businessDate, reason };
    const note = { roster: roster.roster, verdict, ...(reason === undefined ? {} : { reason }) };
    if (verdict === 'refuse') {
      if (reason === undefined) throw wrongInput(job, ['不予通过须写 reason（理由）']);
      await moveRoster(act.session, act.season, roster.roster, 'refused', done);
      act.record({ note });
      return { lines: [`名册 ${label} 审核未通过，请重新发布。`] };
    }
    await currentRows(act, roster);
    await moveRoster(act.session, act.season, roster.roster, 'reviewed', done);
    act.record({ note });
    return { lines: [`名册 ${label} 已审核，可以备案。`] };
  },
});
