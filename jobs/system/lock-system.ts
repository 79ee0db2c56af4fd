/**
 * 锁定系统 of the office side: locks the business of a region, with all below it, before a dispatch
 * run, and unlocks it; only the same or a higher level unlocks. Everybody also locks the own screen
 * by it, for which no function is needed.
 */
import { lockRegion, unlockRegion } from '../../db/access/locks.ts';
import type { Act } from '../act/act.ts';
import { type Answer, functionJob } from '../act/function-job.ts';
import { INPUT, wrongInput } from '../act/input.ts';
import { ownTarget, regionTarget } from './parts/places.ts';
import { lockScreen, PASSWORD, unlockScreen } from './parts/screen.ts';

interface Input {
  readonly action: 'lock' | 'unlock' | 'lock-screen' | 'unlock-screen';
  readonly region?: string;
  readonly reason?: string;
  readonly password?: string;
}

const ofScreen = ({ action }: Input) => action === 'lock-screen' || action === 'unlock-screen';

export const job = functionJob<Input>({
  id: 'lock-system',
  title: '锁定系统',
  sides: ['office'],
  menu: '系统管理',
  annex: true,
  levels: ['province', 'city', 'county'],
  input: {
    properties: {
      action: {
        type: 'string',
        enum: ['lock', 'unlock', 'lock-screen', 'unlock-screen'],
        description: '锁定或解锁：地区的业务操作，或自己的屏幕',
      },
      region: { ...INPUT.region, description: '地区代码；不写为本人所属地区' },
      reason: INPUT.reason,
      password: PASSWORD,
    },
    required: ['action'],
  },
  secret: ['password'],
  relatives: false,
  window: 'none',
  withoutFunction: ofScreen,
  behindLockedScreen: true,
  unlocked: true,
  async target(place) {
    if (ofScreen(place.input)) return ownTarget(place);
    return regionTarget(place, place.input.region ?? place.user.region);
  },
  async effect(act) {
    const { action, password } = act.input;
    if (action === 'lock-screen') return lockScreen(act);
    if (action === 'lock') return lock(act);
    if (action === 'unlock') return unlock(act);
    if (password === undefined) throw wrongInput(job, ['解锁屏幕须有 password']);
    return unlockScreen(act, password);
  },
});

async function lock(act: Act<Input>): Promise<Answer> {
  const { user: by, season, at } = act;
  const region = act.input.region ?? by.region;
  const { reason } = act.input;
  if (reason === undefined) throw wrongInput(job, ['锁定须有 reason']);
  const locked = await lockRegion(act.session, { by, season, region, reason, at });
  if (!locked) return { lines: [`${region} 的业务操作已在锁定中，未作改动。`] };
  act.record({ note: { region, locked: true, level: by.level, reason } });
  return { lines: [`${region} 及其下级地区的业务操作已锁定；由同级或上级解锁。`] };
}

async function unlock(act: Act<Input>): Promise<Answer> {
  const region = act.input.region ?? act.user.region;
  await unlockRegion(act.session, { by: act.user, season: act.season, region });
  act.record({ note: { region, locked: false, reason: act.input.reason ?? '' } });
  return { lines: [`${region} 的业务操作已解锁。`] };
}
