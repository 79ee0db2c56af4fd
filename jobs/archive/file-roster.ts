/**
 * 录取名册备案: files an issued and reviewed roster; its students, all confirmed, become filed. Those of
 * a senior high are not admitted by this platform, and their files stay as they are.
 */
import { moveRoster, rosterLabel, SENIOR_HIGH } from '../../db/season/rosters.ts';
import { functionJob } from '../act/function-job.ts';
import { filesOfRows } from './rosters/files-of-rows.ts';
import { numberedSpans } from './rosters/numbered-window.ts';
import { numberedTarget } from './rosters/office.ts';
import { currentRows, rosterIn } from './rosters/standing.ts';

interface Input {
  readonly roster: number;
}

export const job = functionJob<Input>({
  id: 'file-roster',
  title: '录取名册备案',
  sides: ['office'],
  menu: '档案管理',
  annex: false,
  input: {
    properties: { roster: { type: 'integer', minimum: 1, description: '名册编号' } },
    required: ['roster'],
  },
  relatives: true,
  window: numberedSpans,
  target: numberedTarget,
  async effect(act) {
    const roster = await rosterIn(act, 'reviewed', '备案');
    const rows = await currentRows(act, roster);
    const note = { roster: roster.roster };
    const moved = roster.phase === SENIOR_HIGH ? [] : await filesOfRows(act, rows);
    for (const file of moved) {
      // Students of a school come from other cities than that whose office files its roster.
      act.move(file, 'file-roster', { note, beyondScope: true });
    }
    const done = { by: act.user.user, at: act.at, on: act.businessDate };
    await moveRoster(act.session, act.season, roster.roster, 'filed', done);
    act.record({ note: { ...note, hash: roster.hash } });
    const label = rosterLabel(act.season, roster);
    return {
      lines: [`名册 ${label} 已备案，共 ${rows.length} 人。`],
      counts: { filed: rows.length },
    };
  },
});
