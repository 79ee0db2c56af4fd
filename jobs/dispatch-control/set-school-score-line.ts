/** 设置院校区域分数线: the line of a school in a city and batch; it can only raise the region's. */
import { linesOf } from '../../engine/policy/lookup.ts';
import { functionJob } from '../act/function-job.ts';
import { INPUT } from '../act/input.ts';
import { controlError } from './errors.ts';
import { BASIS, LINE } from './parts/inputs.ts';
import { requireInBatch } from './parts/schools.ts';
import { requireSettable, settingsSpans, standingOf } from './parts/settable.ts';
import { answerOf, changeSettings } from './parts/settings.ts';

interface Input {
  readonly city: string;
  readonly school: string;
  readonly batch: string;
  readonly line: number | null;
  readonly basis?: string;
}

export const job = functionJob<Input>({
  id: 'set-school-score-line',
  title: '设置院校区域分数线',
  sides: ['office'],
  menu: '投档控制',
  annex: true,
  input: {
    properties: {
      city: INPUT.city,
      school: INPUT.school,
      batch: INPUT.batch,
      line: LINE,
      basis: BASIS,
    },
    required: ['city', 'school', 'batch', 'line'],
  },
  relatives: true,
  window: settingsSpans,
  async target({ input }) {
    return { cities: [input.city], batch: input.batch, school: input.school };
  },
  async effect(act) {
    const { city, school, batch: id, line, basis } = act.input;
    const batch = act.batch(id);
    requireSettable(await standingOf(act, city), [batch]);
    await requireInBatch(act, school, batch);
    const { region } = linesOf(act.policy, city, id);
    if (line !== null && region !== null && line * 100 < region) {
      throw controlError('below-region-line', { city, line, region: region / 100 });
    }
    const edit = { kind: 'school-line', school, region: city, batch: id, line } as const;
    const settings = await changeSettings(act, { city, edit, basis });
    const said = line === null ? '不设' : `${line} 分`;
    return answerOf(`院校 ${school} 在${batch.title}的院校线 ${said}`, settings);
  },
});
