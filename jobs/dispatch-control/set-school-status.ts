/**
 * 设置院校状态: open, suspended or finished in a batch, in one city or – by the province – in all.
 * Data, not a setting of the policy: it may be changed at any time, and the next dispatch finds it.
 */
import {
  readSchoolStatus,
  type SchoolStatus,
  writeSchoolStatus,
} from '../../db/season/school-statuses.ts';
import type { Act } from '../act/act.ts';
import { functionJob } from '../act/function-job.ts';
import { INPUT } from '../act/input.ts';
import { baseDataError } from '../base-data/errors.ts';
import { requireInBatch } from './parts/schools.ts';

interface Input {
  readonly city?: string;
  readonly school: string;
  readonly batch: string;
  readonly status: 'open' | 'suspended' | 'finished';
  readonly reason?: string;
}

const TITLES = { open: '开放', suspended: '暂停', finished: '结束' } as const;

export const job = functionJob<Input>({
  id: 'set-school-status',
  title: '设置院校状态',
  sides: ['office'],
  menu: '投档控制',
  annex: true,
  input: {
    properties: {
      city: { ...INPUT.city, description: '地市代码；省招办不写为全省' },
      school: INPUT.school,
      batch: INPUT.batch,
      status: {
        type: 'string',
        enum: ['open', 'suspended', 'finished'],
        description: '开放、暂停或结束',
      },
      reason: INPUT.reason,
    },
    required: ['school', 'batch', 'status'],
  },
  relatives: true,
  window: 'none',
  async target({ input }) {
    const { city, batch, school } = input;
    return { cities: city === undefined ? [] : [city], batch, school };
  },
  async effect(act) {
    const { city = '', school, batch: id, status, reason = null } = act.input;
    const batch = act.batch(id);
    await requireInBatch(act, school, batch);
    await requireNotDisabled(act, school, status);
    const key = { season: act.season, school, batch: id, region: city };
    const before = await readSchoolStatus(act.session, key);
    const where = city === '' ? '全省' : city;
    const what = `院校 ${school} 在 ${where} 的${batch.title}`;
    const values = { status, before };
    if (before === status) return { lines: [`${what}已是“${TITLES[status]}”，未作改动。`], values };
    await writeSchoolStatus(act.session, key, status);
    act.record({ note: { status, before, reason } });
    return { lines: [`${what}改为“${TITLES[status]}”，下一次投档起生效。`], values };
  },
});

/** A school that 院校管理 has disabled stays suspended everywhere. @throws school-disabled */
async function requireNotDisabled(
  act: Act<Input>,
  school: string,
  status: SchoolStatus,
): Promise<void> {
  if (status === 'suspended') return;
  const [row] = await act.session.query<{ disabled: boolean }>(
    `select disabled_at is not null as disabled from schools
     where season = $1::smallint and code = $2`,
    [act.season, school],
  );
  if (row?.disabled) throw baseDataError('school-disabled', { school });
}
