/**
 * 权限管理: gives functions to a user, or to all who have a duty in a region and below, or takes
 * them away. Nobody gives or takes what he lacks, and nobody changes what he may himself.
 */
import { changeDuty, grantFunctions, revokeFunctions } from '../../db/access/grants.ts';
import type { Act } from '../act/act.ts';
import { functionJob } from '../act/function-job.ts';
import { INPUT, wrongInput } from '../act/input.ts';
import { regionTarget, userTarget } from './parts/places.ts';
import { IDS, USER } from './parts/user-input.ts';

interface Input {
  readonly user?: string;
  readonly duty?: string;
  readonly region?: string;
  readonly functions: readonly string[];
  readonly remove?: boolean;
}

export const job = functionJob<Input>({
  id: 'grant-functions',
  title: '权限管理',
  sides: ['office'],
  menu: '系统管理',
  annex: true,
  levels: ['province', 'city', 'county'],
  input: {
    properties: {
      user: { ...USER, description: '用户名；或写 duty' },
      duty: { type: 'string', maxLength: 60, description: '职能，见政策 duties.yaml；或写 user' },
      region: { ...INPUT.region, description: '职能所在地区；不写为本人所属地区' },
      functions: { ...IDS, minItems: 1, description: '功能，多个以空格分隔' },
      remove: { type: 'boolean', description: 'yes 为收回，不写为授予' },
    },
    required: ['functions'],
  },
  relatives: false,
  window: 'none',
  unlocked: true,
  async target(place) {
    const { user, duty, region } = place.input;
    if ((user === undefined) === (duty === undefined)) {
      throw wrongInput(job, ['user 与 duty 须写其一']);
    }
    if (user !== undefined) return userTarget(place, user);
    return regionTarget(place, region ?? place.user.region);
  },
  async effect(act) {
    const { user, duty, remove = false } = act.input;
    const changed = await change(act);
    const to = user === undefined ? `职能 ${duty}` : `用户 ${user}`;
    const said = remove ? '收回' : '授予';
    if (changed.length === 0) return { lines: [`${to}的功能没有变化，未作改动。`] };
    const region = user === undefined ? (act.input.region ?? act.user.region) : null;
    const about = user === undefined ? { duty, region } : { user };
    act.record({ note: { ...about, functions: changed, granted: !remove } });
    return { lines: [`已${said}${to}：${changed.join('、')}。`], values: { changed } };
  },
});

async function change(act: Act<Input>): Promise<string[]> {
  const { session, season, at, user: by, policy, input } = act;
  const { user, duty, functions, remove = false } = input;
  const doing = { by, season, at, policy };
  if (user !== undefined) {
    const work = remove ? revokeFunctions : grantFunctions;
    return work(session, doing, user, functions);
  }
  return changeDuty(session, doing, {
    region: input.region ?? by.region,
    duty: duty as string,
    functions,
    granted: !remove,
  });
}
