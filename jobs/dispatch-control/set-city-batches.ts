/** 设置地市批次: the order and the window of a batch in a city, inside the phase it belongs to. */
import type { Batch, FullPolicy } from '../../engine/policy/types.ts';
import { functionJob } from '../act/function-job.ts';
import { INPUT, wrongInput } from '../act/input.ts';
import { controlError } from './errors.ts';
import { BASIS } from './parts/inputs.ts';
import { requireWholeBatch } from './parts/schools.ts';
import { requireSettable, settingsSpans, standingOf } from './parts/settable.ts';
import { answerOf, changeSettings } from './parts/settings.ts';

interface Input {
  readonly city: string;
  readonly batch: string;
  readonly order?: number;
  readonly opens?: string;
  readonly closes?: string;
  readonly closed?: boolean;
  readonly basis?: string;
}

export const job = functionJob<Input>({
  id: 'set-city-batches',
  title: '设置地市批次',
  sides: ['office'],
  menu: '投档控制',
  annex: true,
  input: {
    properties: {
      city: INPUT.city,
      batch: INPUT.batch,
      order: { type: 'integer', minimum: 0, maximum: 10_000, description: '次序，小的先投档' },
      opens: { ...INPUT.date, description: '第一天，YYYY-MM-DD' },
      closes: { ...INPUT.date, description: '最后一天，YYYY-MM-DD' },
      closed: { type: 'boolean', description: 'yes：本市不开放此批次' },
      basis: BASIS,
    },
    required: ['city', 'batch'],
  },
  relatives: true,
  window: settingsSpans,
  async target({ input }) {
    return { cities: [input.city], batch: input.batch };
  },
  async effect(act) {
    const { city, batch: id, order, basis } = act.input;
    const window = windowOf(act.input);
    if (window === undefined && order === undefined) {
      throw wrongInput(job, ['order、opens 与 closes、closed=yes 至少写一项']);
    }
    const batch = act.batch(id);
    await requireWholeBatch(act, batch);
    requireSettable(await standingOf(act, city), [batch]);
    if (window != null) requireInPhase(act.policy, batch, window);
    const edit = {
      kind: 'city-batch',
      batch: id,
      ...(window === undefined ? {} : { window }),
      ...(order === undefined ? {} : { order }),
    } as const;
    const settings = await changeSettings(act, { city, edit, basis });
    const said = [
      ...(order === undefined ? [] : [`次序 ${order}`]),
      ...(window === undefined ? [] : [window === null ? '不开放' : window.join(' 至 ')]),
    ];
    return answerOf(`${batch.title}：${said.join('，')}`, settings);
  },
});

/** undefined: left as it is; null: the batch is not held here. */
function windowOf(input: Input): readonly [string, string] | null | undefined {
  const { opens, closes, closed } = input;
  const problems = [];
  if ((opens === undefined) !== (closes === undefined)) problems.push('opens 与 closes 须一起写');
  if (closed === true && opens !== undefined) problems.push('closed=yes 时不写 opens、closes');
  if (closed === false && opens === undefined) problems.push('closed=no 时须写 opens 与 closes');
  if (opens !== undefined && closes !== undefined && closes < opens) {
    problems.push('closes 不得早于 opens');
  }
  if (problems.length > 0) throw wrongInput(job, problems);
  if (closed === true) return null;
  return opens === undefined || closes === undefined ? undefined : [opens, closes];
}

/** A city orders its days inside the province's phase. @throws outside-phase */
function requireInPhase(
  policy: FullPolicy,
  batch: Batch,
  [opens, closes]: readonly [string, string],
): void {
  const phase = policy.phases.find(each => each.id === batch.phase);
  if (phase?.window == null) return;
  const [from, to] = phase.window;
  if (from <= opens && closes <= to) return;
  const { title, basis } = phase;
  throw controlError('outside-phase', { opens, closes, phase: title, from, to }, { basis });
}
