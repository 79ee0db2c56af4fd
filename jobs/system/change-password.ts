/**
 * 修改密码, both sides; the first sign-in asks for it. Refuses a wrong old, weak or reused password.
 * A wrong old one counts as a failed sign-in: whoever finds a session open may not try them all.
 * The other sessions of the user end with the old password.
 */
import { accessError } from '../../db/access/errors.ts';
import { endOtherSessions } from '../../db/access/sessions.ts';
import { setPassword, signIn } from '../../db/access/sign-in.ts';
import { functionJob } from '../act/function-job.ts';
import { ownTarget } from './parts/places.ts';
import { PASSWORD } from './parts/screen.ts';

interface Input {
  readonly old: string;
  readonly new: string;
}

export const job = functionJob<Input>({
  id: 'change-password',
  title: '修改密码',
  sides: ['office', 'school'],
  menu: '系统管理',
  annex: true,
  levels: ['province', 'city', 'county'],
  input: {
    properties: {
      old: { ...PASSWORD, description: '原密码' },
      new: { ...PASSWORD, description: '新密码' },
    },
    required: ['old', 'new'],
  },
  secret: ['old', 'new'],
  relatives: false,
  window: 'none',
  beforePasswordChange: true,
  unlocked: true,
  target: ownTarget,
  async effect(act) {
    const { session, at, input, token } = act;
    const { user } = act.user;
    const signed = await signIn(session, { user, password: input.old, at });
    if (!signed.signedIn) {
      const wrong = signed.refusal.code === 'wrong-sign-in';
      const refusal = wrong ? accessError('wrong-old-password') : signed.refusal;
      return { lines: [], refusal };
    }
    await setPassword(session, { user, old: input.old, new: input.new });
    const ended = await endOtherSessions(session, { user, token, at });
    act.record();
    const others = ended === 0 ? '' : `其他 ${ended} 处登录已结束。`;
    return { lines: [`密码已修改。${others}`] };
  },
});
