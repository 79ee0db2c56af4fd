/**
 * 录取名册变更: takes back a filed roster with a reason, so that its students can be corrected; the
 * next roster of the school and phase is marked 变更. The filed one stays on record.
 */
import { moveRoster, rosterLabel, rosterRows, SENIOR_HIGH } from '../../db/season/rosters.ts';
import { functionJob } from '../act/function-job.ts';
import { INPUT } from '../act/input.ts';
import { filesOfRows } from './rosters/files-of-rows.ts';
import { amendmentSpans } from './rosters/numbered-window.ts';
import { numberedTarget } from './rosters/office.ts';
import { rosterIn } from './rosters/standing.ts';

interface Input {
  readonly roster: number;
  readonly reason: string;
}

export const job = functionJob<Input>({
  id: 'amend-roster',
  title: '录取名册变更',
  sides: ['office'],
  menu: '档案管理',
  annex: false,
  input: {
    properties: {
      roster: { type: 'integer', minimum: 1, description: '名册编号' },
      reason: INPUT.reason,
    },
    required: ['roster', 'reason'],
  },
  relatives: true,
  window: amendmentSpans,
  target: numberedTarget,
  async effect(act) {
    const { reason } = act.input;
    const roster = await rosterIn(act, 'filed', '变更');
    const rows = await act.asRunner(session => rosterRows(session, act.season, roster.roster));
    const note = { roster: roster.roster, reason };
    const senior = roster.phase === SENIOR_HIGH;
    for (const file of senior ? [] : await filesOfRows(act, rows)) {
      act.move(file, 'amend-roster', { note, beyondScope: true });
    }
    const done = { by: act.user.user, at: act.at, on: act.businessDate, reason };
    await moveRoster(act.session, act.season, roster.roster, 'amended', done);
    act.record({ note });
    const label = rosterLabel(act.season, roster);
    const back = senior ? '' : `，${rows.length} 名考生回到已注册`;
    return {
      lines: [`名册 ${label} 已变更${back}；下一份名册标明“变更”。`],
      counts: { reopened: rows.length },
    };
  },
});
