/**
 * 用户管理: creates, edits, disables and enables users of the caller's region or below, and sets a
 * forgotten password anew. A user with history is disabled, never deleted. What annex 2 asks of the
 * staff – name, 职务, 单位, telephones, by duty – stands here, and the report `contacts` reads it.
 */
import { deleteUser } from '../../db/access/delete-user.ts';
import { accessError } from '../../db/access/errors.ts';
import {
  createUser,
  disableUser,
  editUser,
  enableUser,
  type NewUser,
  requireUser,
  resetPassword,
  type UserDetails,
} from '../../db/access/users.ts';
import type { Act } from '../act/act.ts';
import { functionJob, type Place, type Target } from '../act/function-job.ts';
import { INPUT, wrongInput } from '../act/input.ts';
import { regionTarget, userTarget } from './parts/places.ts';
import { PASSWORD } from './parts/screen.ts';
import { IDS, USER } from './parts/user-input.ts';

type Action = 'create' | 'edit' | 'disable' | 'enable' | 'reset-password' | 'delete';

interface Input extends UserDetails {
  readonly action: Action;
  readonly user: string;
  readonly side?: NewUser['side'];
  readonly level?: NewUser['level'];
  readonly region?: string;
  readonly office?: string;
  readonly school?: string;
  readonly password?: string;
}

const text = (description: string, maxLength = 100) =>
  ({ type: 'string', maxLength, description }) as const;

export const job = functionJob<Input>({
  id: 'manage-users',
  title: '用户管理',
  sides: ['office'],
  menu: '系统管理',
  annex: true,
  levels: ['province', 'city', 'county'],
  input: {
    properties: {
      action: {
        type: 'string',
        enum: ['create', 'edit', 'disable', 'enable', 'reset-password', 'delete'],
        description: '新建、修改、停用、恢复、重设密码、删除',
      },
      user: USER,
      side: { type: 'string', enum: ['office', 'school'], description: '招办或学校' },
      level: {
        type: 'string',
        enum: ['province', 'city', 'county', 'school'],
        description: '级别',
      },
      region: INPUT.region,
      office: text('机构代码', 40),
      school: INPUT.school,
      duties: { ...IDS, description: '职能，多个以空格分隔' },
      kinds: {
        type: ['array', 'null'],
        items: { type: 'string' },
        maxItems: 3,
        description: '院校类别；空为机构所管的全部',
      },
      person: text('姓名'),
      sex: { type: 'string', enum: ['M', 'F'], description: '性别' },
      title: text('职务'),
      unit: text('单位'),
      phone: text('办公电话', 40),
      mobile: text('移动电话', 40),
      email: text('电子邮箱'),
      password: { ...PASSWORD, description: '初始密码，首次登录须修改' },
    },
    required: ['action', 'user'],
  },
  secret: ['password'],
  personal: ['person', 'sex', 'phone', 'mobile', 'email'],
  relatives: false,
  window: 'none',
  unlocked: true,
  target,
  async effect(act) {
    const { action, user } = act.input;
    if (!(await WORK[action](act))) {
      return { lines: [`用户 ${user} 已是如此，未作改动。`] };
    }
    const { duties, kinds } = act.input;
    act.record({ note: { action, user, fields: fieldsOf(act.input), duties, kinds } });
    return { lines: [`用户 ${user} 已${SAID[action]}。`] };
  },
});

async function target(place: Place<Input>): Promise<Target> {
  const { action, user, level, region, school } = place.input;
  if (action !== 'create') return userTarget(place, user);
  if (level === 'school') {
    if (school === undefined) throw wrongInput(job, ['学校用户须有 school']);
    const [row] = await place.session.query<{ region: string }>(
      'select region from schools where season = $1::smallint and code = $2',
      [place.season, school],
    );
    // An unknown school is refused as such, once the scope is checked.
    const where = await regionTarget(place, row?.region ?? place.user.region);
    return { ...where, school };
  }
  return regionTarget(place, region ?? place.user.region);
}

const SAID: Readonly<Record<Action, string>> = {
  create: '新建，首次登录须修改密码',
  edit: '修改',
  disable: '停用，其登录已结束',
  enable: '恢复',
  'reset-password': '重设密码，下次登录须修改',
  delete: '删除',
};

/** What each does. @returns false: nothing changed */
const WORK: Readonly<Record<Action, (act: Act<Input>) => Promise<boolean>>> = {
  create: async act => {
    const { action: _, level, side, password, region, ...rest } = act.input;
    if (level === undefined || password === undefined) {
      throw wrongInput(job, ['新建用户须有 level 与 password']);
    }
    const made: NewUser = {
      ...rest,
      level,
      side: side ?? (level === 'school' ? 'school' : 'office'),
      ...(level === 'school' ? {} : { region: region ?? act.user.region }),
      password,
    };
    await createUser(act.session, doing(act), made);
    return true;
  },
  edit: act => editUser(act.session, doing(act), act.input.user, detailsOf(act.input)),
  disable: act => disableUser(act.session, doing(act), act.input.user),
  enable: act => enableUser(act.session, doing(act), act.input.user),
  'reset-password': async act => {
    const { user, password } = act.input;
    if (password === undefined) throw wrongInput(job, ['重设密码须有 password']);
    await resetPassword(act.session, doing(act), user, password);
    return true;
  },
  delete: async act => {
    const { user } = act.input;
    if (user === act.user.user) throw accessError('own-account');
    await requireUser(act.session, doing(act), user);
    await act.asRunner(session => deleteUser(session, user));
    return true;
  },
};

function doing(act: Act<Input>) {
  return { by: act.user, season: act.season, at: act.at, policy: act.policy };
}

const DETAILS = [
  ...(['person', 'sex', 'title', 'unit', 'phone', 'mobile', 'email'] as const),
  ...(['duties', 'kinds'] as const),
];

function detailsOf(input: Input): UserDetails {
  const given = DETAILS.filter(name => input[name] !== undefined);
  if (given.length === 0) throw wrongInput(job, ['没有要修改的内容']);
  return Object.fromEntries(given.map(name => [name, input[name]]));
}

/** Which were given, without what they say: the trail holds no names and no telephones. */
function fieldsOf(input: Input): string[] {
  return DETAILS.filter(name => input[name] !== undefined);
}
