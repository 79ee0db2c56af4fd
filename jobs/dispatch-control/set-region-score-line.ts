/** 设置区域分数线: the score line of a city in a batch. */
import { functionJob } from '../act/function-job.ts';
import { INPUT } from '../act/input.ts';
import { BASIS, LINE } from './parts/inputs.ts';
import { requireWholeBatch } from './parts/schools.ts';
import { requireSettable, settingsSpans, standingOf } from './parts/settable.ts';
import { answerOf, changeSettings } from './parts/settings.ts';

interface Input {
  readonly city: string;
  readonly batch: string;
  readonly line: number | null;
  readonly basis?: string;
}

export const job = functionJob<Input>({
  id: 'set-region-score-line',
  title: '设置区域分数线',
  sides: ['office'],
  menu: '投档控制',
  annex: true,
  input: {
    properties: { city: INPUT.city, batch: INPUT.batch, line: LINE, basis: BASIS },
    required: ['city', 'batch', 'line'],
  },
  relatives: true,
  window: settingsSpans,
  async target({ input }) {
    return { cities: [input.city], batch: input.batch };
  },
  async effect(act) {
    const { city, batch: id, line, basis } = act.input;
    const batch = act.batch(id);
    await requireWholeBatch(act, batch);
    requireSettable(await standingOf(act, city), [batch]);
    const edit = { kind: 'region-line', batch: id, line } as const;
    const settings = await changeSettings(act, { city, edit, basis });
    const said = line === null ? '不设' : `${line} 分`;
    return answerOf(`${batch.title}的区域分数线 ${said}`, settings);
  },
});
