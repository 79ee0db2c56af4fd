/** 锁定系统 of the school side: locks the screen of one's session; the password to go on. */
import { functionJob } from '../act/function-job.ts';
import { wrongInput } from '../act/input.ts';
import { ownTarget } from './parts/places.ts';
import { lockScreen, PASSWORD, unlockScreen } from './parts/screen.ts';

interface Input {
  readonly action: 'lock' | 'unlock';
  readonly password?: string;
}

export const job = functionJob<Input>({
  id: 'lock-session',
  title: '锁定系统',
  sides: ['school'],
  menu: '系统管理',
  annex: true,
  input: {
    properties: {
      action: { type: 'string', enum: ['lock', 'unlock'], description: '锁定或解锁' },
      password: PASSWORD,
    },
    required: ['action'],
  },
  secret: ['password'],
  relatives: false,
  window: 'none',
  beforePasswordChange: true,
  behindLockedScreen: true,
  unlocked: true,
  target: ownTarget,
  async effect(act) {
    const { action, password } = act.input;
    if (action === 'lock') return lockScreen(act);
    if (password === undefined) throw wrongInput(job, ['解锁须有 password']);
    return unlockScreen(act, password);
  },
});
