/** 退出系统, both sides: ends the session on the server, whatever cookie is still about. */
import { endSession } from '../../db/access/sessions.ts';
import { functionJob } from '../act/function-job.ts';
import { ownTarget } from './parts/places.ts';
import { ownToken } from './parts/screen.ts';

export const job = functionJob<Record<string, never>>({
  id: 'log-out',
  title: '退出系统',
  sides: ['office', 'school'],
  menu: '系统管理',
  annex: true,
  levels: ['province', 'city', 'county'],
  input: { properties: {} },
  relatives: false,
  window: 'none',
  beforePasswordChange: true,
  behindLockedScreen: true,
  unlocked: true,
  target: ownTarget,
  async effect(act) {
    await endSession(act.session, ownToken(act), act.at);
    act.record();
    return { lines: ['已退出系统。'] };
  },
});
