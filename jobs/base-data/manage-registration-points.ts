/**
 * 报名点资料管理: registration points, mostly junior schools, with their county. One with candidates
 * is not deleted; a point stays in its city.
 */
import type { Act } from '../act/act.ts';
import { actError } from '../act/errors.ts';
import { type Answer, functionJob, type Place, type Target } from '../act/function-job.ts';
import { INPUT, wrongInput } from '../act/input.ts';
import { regionTarget } from '../system/parts/places.ts';
import { baseDataError } from './errors.ts';

interface Input {
  readonly action: 'add' | 'edit' | 'delete';
  readonly code: string;
  readonly name?: string;
  readonly county?: string;
}

interface Point {
  readonly name: string;
  readonly city: string;
  readonly county: string;
}

export const job = functionJob<Input>({
  id: 'manage-registration-points',
  title: '报名点资料管理',
  sides: ['office'],
  menu: '基本资料',
  annex: true,
  levels: ['province', 'city', 'county'],
  input: {
    properties: {
      action: { type: 'string', enum: ['add', 'edit', 'delete'], description: '新增、修改、删除' },
      code: { type: 'string', pattern: '^[0-9A-Za-z-]{1,20}$', description: '报名点代码' },
      name: { type: 'string', minLength: 2, maxLength: 100, description: '名称' },
      county: { ...INPUT.region, description: '所在区县代码；不设区县的市写市代码' },
    },
    required: ['action', 'code'],
  },
  relatives: false,
  window: 'none',
  target,
  async effect(act) {
    if (act.input.action === 'add') return add(act);
    return act.input.action === 'edit' ? edit(act) : remove(act);
  },
});

async function target(place: Place<Input>): Promise<Target> {
  const { action, code, county } = place.input;
  const point = await find(place, code);
  if (action !== 'add') {
    if (point === undefined) throw baseDataError('unknown-point', { code });
    return { cities: [point.city], county: point.county };
  }
  if (county === undefined) throw wrongInput(job, ['新增须写明 county']);
  return regionTarget(place, county);
}

async function find({ session, season }: Place<Input>, code: string): Promise<Point | undefined> {
  const [point] = await session.query<Point>(
    'select name, city, county from registration_points where season = $1::smallint and code = $2',
    [season, code],
  );
  return point;
}

async function add(act: Act<Input>): Promise<Answer> {
  const { code, name, county = '' } = act.input;
  const city = act.target.cities[0];
  if (name === undefined) throw wrongInput(job, ['新增须写明 name']);
  if (city === undefined) throw baseDataError('unknown-county', { city: '（全省）', county });
  const [there] = await act.asRunner(session =>
    session.query('select 1 from registration_points where season = $1::smallint and code = $2', [
      act.season,
      code,
    ]),
  );
  if (there !== undefined) throw baseDataError('point-exists', { code });
  await act.session.query(
    `insert into registration_points (season, code, name, city, county)
     values ($1, $2, $3, $4, $5)`,
    [act.season, code, name, city, county],
  );
  act.record({ note: { action: 'add', code, county } });
  return { lines: [`报名点 ${code} 已登记。`] };
}

async function edit(act: Act<Input>): Promise<Answer> {
  const { code, name, county } = act.input;
  const city = act.target.cities[0] as string;
  if (name === undefined && county === undefined) throw wrongInput(job, ['没有要修改的内容']);
  if (county !== undefined) await requireCounty(act, city, county);
  const rows = await act.session.query(
    `update registration_points set name = coalesce($3, name), county = coalesce($4, county)
     where season = $1::smallint and code = $2
       and row(name, county) is distinct from row(coalesce($3, name), coalesce($4, county))
     returning 1`,
    [act.season, code, name, county],
  );
  if (rows.length === 0) return { lines: [`报名点 ${code} 已是如此，未作改动。`] };
  act.record({ note: { action: 'edit', code, county } });
  return { lines: [`报名点 ${code} 已修改。`] };
}

/** A county's user keeps its points; a city moves them between its own counties. */
async function requireCounty(act: Act<Input>, city: string, county: string): Promise<void> {
  const { user } = act;
  if (user.county !== null && county !== user.county) {
    throw actError('out-of-scope', { what: `区县 ${county}`, user: user.user });
  }
  const [row] = await act.session.query(
    `select 1 from regions where season = $1::smallint and code = $2
       and (code = $3 or level = 'county' and parent = $3)`,
    [act.season, county, city],
  );
  if (row === undefined) throw baseDataError('unknown-county', { city, county });
}

async function remove(act: Act<Input>): Promise<Answer> {
  const { code } = act.input;
  const [row] = await act.asRunner(session =>
    session.query<{ count: number }>(
      `select count(*)::integer as count from candidates
       where season = $1::smallint and registration_point = $2`,
      [act.season, code],
    ),
  );
  const count = row?.count ?? 0;
  if (count > 0) throw baseDataError('point-has-candidates', { code, count });
  await act.session.query(
    'delete from registration_points where season = $1::smallint and code = $2',
    [act.season, code],
  );
  act.record({ note: { action: 'delete', code } });
  return { lines: [`报名点 ${code} 已删除。`] };
}
