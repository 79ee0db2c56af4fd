/**
 * 普高录取数据导入完成: the city marks that all its senior-high admissions are imported; without the
 * mark its dispatch does not start (n66 二（四）). After the deadline it is accepted, and late.
 */
import { functionJob } from '../act/function-job.ts';
import { INPUT } from '../act/input.ts';
import { baseDataError } from './errors.ts';

interface Input {
  readonly city: string;
  readonly empty?: boolean;
}

const DEADLINE = 'senior-high-imported';

export const job = functionJob<Input>({
  id: 'complete-senior-high',
  title: '普高录取数据导入完成',
  sides: ['office'],
  menu: '基本资料',
  annex: false,
  input: {
    properties: {
      city: INPUT.city,
      empty: { type: 'boolean', description: 'yes 为本市确实没有普高录取数据' },
    },
    required: ['city'],
  },
  relatives: false,
  window: 'none',
  async target({ input }) {
    return { cities: [input.city] };
  },
  async effect(act) {
    const { city, empty = false } = act.input;
    const { season, businessDate: date } = act;
    const [taken] = await act.session.query<{ count: number }>(
      `select count(*)::integer as count from senior_high_admissions
       where season = $1::smallint and city = $2`,
      [season, city],
    );
    const count = taken?.count ?? 0;
    if (count === 0 && !empty) throw baseDataError('no-senior-high-data', { city });
    const marked = await act.session.query(
      `insert into city_standings as c
         (season, city, senior_high_complete, senior_high_completed_on)
       values ($1, $2, true, $3)
       on conflict (season, city) do update
         set senior_high_complete = true,
             senior_high_completed_on = excluded.senior_high_completed_on
         where not c.senior_high_complete returning 1`,
      [season, city, date],
    );
    if (marked.length === 0) return { lines: [`${city} 此前已标记完成，未作改动。`] };
    const deadline = act.policy.deadlines.find(each => each.id === DEADLINE)?.date ?? null;
    const late = deadline !== null && date > deadline;
    act.record({ city, note: { admissions: count, late } });
    const said = late ? `，已过 ${deadline}，标明逾期` : '';
    return {
      lines: [`${city} 的普高录取数据已标记导入完成（${count} 名）${said}。`],
      values: { admissions: count, late },
    };
  },
});
