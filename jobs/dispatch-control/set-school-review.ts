/**
 * 设置院校是否审核: per school and batch, two keys – do plan changes wait for an officer; do
 * admissions and returns. What an officer sets here wins over a rule (calendar rules 4 and 16).
 */
import { functionJob } from '../act/function-job.ts';
import { INPUT, wrongInput } from '../act/input.ts';
import { BASIS } from './parts/inputs.ts';
import { requireInBatch } from './parts/schools.ts';
import { requireSettable, settingsSpans, standingOf } from './parts/settable.ts';
import { answerOf, changeSettings } from './parts/settings.ts';

interface Input {
  readonly city: string;
  readonly school: string;
  readonly batch: string;
  readonly plan_changes?: boolean | null;
  readonly files?: boolean | null;
  readonly basis?: string;
}

const KEY = { type: ['boolean', 'null'] } as const;

export const job = functionJob<Input>({
  id: 'set-school-review',
  title: '设置院校是否审核',
  sides: ['office'],
  menu: '投档控制',
  annex: true,
  input: {
    properties: {
      city: INPUT.city,
      school: INPUT.school,
      batch: INPUT.batch,
      plan_changes: { ...KEY, description: '计划增减是否须审核：yes、no；空为按规则' },
      files: { ...KEY, description: '录取与退档是否须审核：yes、no；空为按规则' },
      basis: BASIS,
    },
    required: ['city', 'school', 'batch'],
  },
  relatives: true,
  window: settingsSpans,
  async target({ input }) {
    return { cities: [input.city], batch: input.batch, school: input.school };
  },
  async effect(act) {
    const { city, school, batch: id, plan_changes: planChanges, files, basis } = act.input;
    if (planChanges === undefined && files === undefined) {
      throw wrongInput(job, ['plan_changes 与 files 至少写一项']);
    }
    const batch = act.batch(id);
    requireSettable(await standingOf(act, city), [batch]);
    await requireInBatch(act, school, batch);
    const edit = {
      kind: 'school-review',
      school,
      batch: id,
      ...(planChanges === undefined ? {} : { planChanges }),
      ...(files === undefined ? {} : { files }),
    } as const;
    const settings = await changeSettings(act, { city, edit, basis });
    const said = [
      ...(planChanges === undefined ? [] : [`计划增减${wordOf(planChanges)}`]),
      ...(files === undefined ? [] : [`录取与退档${wordOf(files)}`]),
    ];
    return answerOf(`院校 ${school} 在${batch.title}的${said.join('、')}`, settings);
  },
});

function wordOf(value: boolean | null): string {
  if (value === null) return '按规则审核';
  return value ? '须审核' : '无须审核';
}
