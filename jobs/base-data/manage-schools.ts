/**
 * 院校管理: adds, edits, disables and enables a school, with kind and owner, and registers its
 * majors. One with plans or files is never deleted, only disabled: it is suspended in every batch
 * then, and its former admissions stay readable.
 */
import type { Act } from '../act/act.ts';
import { actError } from '../act/errors.ts';
import { type Answer, functionJob, type Place, type Target } from '../act/function-job.ts';
import { INPUT, wrongInput } from '../act/input.ts';
import { regionTarget } from '../system/parts/places.ts';
import { baseDataError } from './errors.ts';
import { schoolTarget } from './parts/school-place.ts';
import { deleteSchool, disableSchool, enableSchool } from './parts/school-standing.ts';

type Action = 'add' | 'edit' | 'disable' | 'enable' | 'delete' | 'set-major';

interface Input {
  readonly action: Action;
  readonly school: string;
  readonly name?: string;
  readonly kind?: string;
  readonly owner?: string;
  readonly region?: string;
  readonly supervisor?: string;
  readonly roster?: 'here' | 'external';
  readonly major?: string;
  readonly articulated?: boolean;
  readonly college?: string;
  readonly reason?: string;
}

export const job = functionJob<Input>({
  id: 'manage-schools',
  title: '院校管理',
  sides: ['office'],
  menu: '基本资料',
  annex: true,
  levels: ['province', 'city', 'county'],
  input: {
    properties: {
      action: {
        type: 'string',
        enum: ['add', 'edit', 'disable', 'enable', 'delete', 'set-major'],
        description: '新增、修改、停用、恢复、删除、登记专业',
      },
      school: { ...INPUT.school, pattern: '^[0-9A-Za-z-]{1,20}$' },
      name: { type: 'string', minLength: 2, maxLength: 100, description: '院校名称；专业名称' },
      kind: {
        type: 'string',
        enum: ['senior-high', 'vocational', 'technical'],
        description: '类别',
      },
      owner: {
        type: 'string',
        enum: ['ministry', 'province', 'city', 'county', 'private', 'out-of-province'],
        description: '隶属',
      },
      region: { ...INPUT.region, description: '所在地区' },
      supervisor: { type: 'string', maxLength: 40, description: '主管单位的机构代码' },
      roster: { type: 'string', enum: ['here', 'external'], description: '名册在何处打印' },
      major: { ...INPUT.major, pattern: '^[0-9A-Za-z-]{1,20}$' },
      articulated: { type: 'boolean', description: '三二分段' },
      college: { type: 'string', maxLength: 100, description: '对接高职' },
      reason: INPUT.reason,
    },
    required: ['action', 'school'],
  },
  relatives: false,
  window: 'none',
  target,
  effect: act => WORK[act.input.action](act),
});

async function target(place: Place<Input>): Promise<Target> {
  if (place.input.action !== 'add') return schoolTarget(place);
  return regionTarget(place, place.input.region ?? place.user.region);
}

const WORK: Readonly<Record<Action, (act: Act<Input>) => Promise<Answer>>> = {
  add,
  edit,
  disable,
  enable,
  delete: remove,
  'set-major': setMajor,
};

async function add(act: Act<Input>): Promise<Answer> {
  const { school, name, kind, owner, supervisor = '', roster = 'here' } = act.input;
  const region = act.input.region ?? act.user.region;
  if (name === undefined || kind === undefined || owner === undefined) {
    throw wrongInput(job, ['新增须写明 name、kind 与 owner']);
  }
  // The school is not there yet, so the runner could not hold its kind against the office's.
  if (!act.user.kinds.includes(kind)) {
    throw actError('out-of-scope', { what: `类别 ${kind}`, user: act.user.user });
  }
  await requireOffice(act, supervisor);
  const made = await act.session.query(
    `insert into schools (season, code, name, kind, owner, region, supervisor, roster)
     values ($1, $2, $3, $4, $5, $6, $7, $8) on conflict do nothing returning 1`,
    [act.season, school, name, kind, owner, region, supervisor, roster],
  );
  if (made.length === 0) throw baseDataError('school-exists', { school });
  act.record({ school, note: { action: 'add', name, kind, owner, region, supervisor, roster } });
  return { lines: [`院校 ${school} ${name} 已登记。`] };
}

async function edit(act: Act<Input>): Promise<Answer> {
  const { school, name, owner, supervisor, roster } = act.input;
  const given = { name, owner, supervisor, roster };
  if (Object.values(given).every(value => value === undefined)) {
    throw wrongInput(job, ['没有要修改的内容：name、owner、supervisor 或 roster']);
  }
  if (supervisor !== undefined) await requireOffice(act, supervisor);
  const after =
    'coalesce($3, name), coalesce($4, owner), coalesce($5, supervisor), coalesce($6, roster)';
  const rows = await act.session.query(
    `update schools set (name, owner, supervisor, roster) = row(${after})
     where season = $1::smallint and code = $2
       and row(name, owner, supervisor, roster) is distinct from row(${after}) returning 1`,
    [act.season, school, name, owner, supervisor, roster],
  );
  if (rows.length === 0) return unchanged(school);
  act.record({ school, note: { action: 'edit', ...given } });
  return { lines: [`院校 ${school} 已修改。`] };
}

async function disable(act: Act<Input>): Promise<Answer> {
  const { school, reason } = act.input;
  if (reason === undefined) throw wrongInput(job, ['停用须写明 reason']);
  if (await isDisabled(act)) return unchanged(school);
  const batches = act.policy.batches.map(batch => batch.id);
  const by = { user: act.user.user, at: act.at, batches };
  await act.asRunner(session => disableSchool(session, act.season, school, by));
  act.record({ school, note: { action: 'disable', reason } });
  return { lines: [`院校 ${school} 已停用，各批次暂停投档。`] };
}

async function enable(act: Act<Input>): Promise<Answer> {
  const { school, reason } = act.input;
  if (!(await isDisabled(act))) return unchanged(school);
  await act.asRunner(session => enableSchool(session, act.season, school));
  act.record({ school, note: { action: 'enable', reason } });
  return { lines: [`院校 ${school} 已恢复到停用之前的状态。`] };
}

async function remove(act: Act<Input>): Promise<Answer> {
  const { school, reason } = act.input;
  await act.asRunner(session => deleteSchool(session, act.season, school));
  act.record({ school, note: { action: 'delete', reason } });
  return { lines: [`院校 ${school} 已删除。`] };
}

async function setMajor(act: Act<Input>): Promise<Answer> {
  const { school, major, name, articulated = false, college = '' } = act.input;
  if (major === undefined || name === undefined) {
    throw wrongInput(job, ['登记专业须写明 major 与 name']);
  }
  const rows = await act.session.query(
    `insert into majors as m (season, school, code, name, articulated, college)
     values ($1, $2, $3, $4, $5, $6)
     on conflict (season, school, code) do update
       set name = excluded.name, articulated = excluded.articulated, college = excluded.college
       where row(m.name, m.articulated, m.college)
         is distinct from row(excluded.name, excluded.articulated, excluded.college)
     returning 1`,
    [act.season, school, major, name, articulated, college],
  );
  if (rows.length === 0) return unchanged(school);
  act.record({ school, major, note: { action: 'set-major', name, articulated, college } });
  return { lines: [`院校 ${school} 的专业 ${major} ${name} 已登记。`] };
}

async function isDisabled(act: Act<Input>): Promise<boolean> {
  const [row] = await act.session.query<{ disabled: boolean }>(
    `select disabled_at is not null as disabled from schools
     where season = $1::smallint and code = $2`,
    [act.season, act.input.school],
  );
  return row?.disabled === true;
}

/** @throws unknown-supervisor */
async function requireOffice(act: Act<Input>, office: string): Promise<void> {
  if (office === '') return;
  const [row] = await act.session.query(
    'select 1 from offices where season = $1::smallint and code = $2',
    [act.season, office],
  );
  if (row === undefined) throw baseDataError('unknown-supervisor', { office });
}

function unchanged(school: string): Answer {
  return { lines: [`院校 ${school} 已是如此，未作改动。`] };
}
