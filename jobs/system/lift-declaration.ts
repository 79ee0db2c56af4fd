/**
 * 解除亲属报考申报: only the province lifts a declaration, with a reason; it stays on record, and
 * its user declares anew (calendar rule 10).
 */
import { liftDeclaration } from '../../db/access/declarations.ts';
import { functionJob } from '../act/function-job.ts';
import { INPUT } from '../act/input.ts';
import { userTarget } from './parts/places.ts';
import { USER } from './parts/user-input.ts';

interface Input {
  readonly user: string;
  readonly reason: string;
}

export const job = functionJob<Input>({
  id: 'lift-declaration',
  title: '解除亲属报考申报',
  sides: ['office'],
  menu: '系统管理',
  annex: false,
  levels: ['province'],
  input: {
    properties: { user: USER, reason: INPUT.reason },
    required: ['user', 'reason'],
  },
  relatives: false,
  window: 'none',
  unlocked: true,
  target: place => userTarget(place, place.input.user),
  async effect(act) {
    const { season, at, session, user: by } = act;
    const { user, reason } = act.input;
    await liftDeclaration(session, { season, user, by, reason, at });
    act.record({ note: { user, reason } });
    return { lines: [`用户 ${user} 的申报已解除，原申报留存备查；该用户须重新申报。`] };
  },
});
