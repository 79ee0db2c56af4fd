/**
 * 设置投档模式: score-first, choice-first, banded or lottery; ratio, rounding, tie keys and the tie
 * ending; how majors are suggested; who releases the lists (dispatch.md §2, §3, §5, §6).
 */
import type { DispatchModeEdit, TieKeyInput } from '../../engine/policy/overlay-edits.ts';
import { functionJob } from '../act/function-job.ts';
import { INPUT, wrongInput } from '../act/input.ts';
import { BASIS } from './parts/inputs.ts';
import { requireWholeBatch } from './parts/schools.ts';
import { requireSettable, settingsSpans, standingOf } from './parts/settable.ts';
import { answerOf, changeSettings } from './parts/settings.ts';

interface Input {
  readonly city: string;
  readonly batch: string;
  readonly mode?: string;
  readonly bands?: readonly string[];
  readonly ratio?: string;
  readonly rounding?: string;
  readonly tie_keys?: readonly string[];
  readonly tie_ending?: string;
  readonly major_mode?: string;
  readonly major_gap?: number;
  readonly release?: string;
  readonly basis?: string;
}

const one = (values: readonly string[], description: string) => ({
  type: 'string',
  enum: values,
  description,
});

const TEXTS = { type: 'array', items: { type: 'string', minLength: 1, maxLength: 100 } } as const;
/** Best rank among the confirmed priority features. */
const PRIORITY = 'priority';

export const job = functionJob<Input>({
  id: 'set-dispatch-mode',
  title: '设置投档模式',
  sides: ['office'],
  menu: '投档控制',
  annex: true,
  input: {
    properties: {
      city: INPUT.city,
      batch: INPUT.batch,
      mode: one(['score-first', 'choice-first', 'banded', 'lottery'], '投档模式'),
      bands: { ...TEXTS, minItems: 1, maxItems: 50, description: '梯度下限，从高到低' },
      ratio: { type: 'string', maxLength: 10, description: '投档比例，如 1.05' },
      rounding: one(['floor', 'ceil', 'half-up'], '取整'),
      tie_keys: {
        ...TEXTS,
        maxItems: 20,
        description: '同分比较项：科目名，几科之和写 语文+数学，优先特征写 priority',
      },
      tie_ending: one(['follow', 'reject-all', 'lottery', 'candidate-no'], '同分的最后处理'),
      major_mode: one(['score-first', 'major-first', 'gap'], '专业建议的办法'),
      major_gap: { type: 'number', minimum: 0, maximum: 1000, description: '专业级差，分' },
      release: one(['by-officer', 'after-audit'], '发档：由人或核查通过后'),
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
    const { city, batch: id, basis } = act.input;
    const edit = editOf(act.input);
    const batch = act.batch(id);
    await requireWholeBatch(act, batch);
    requireSettable(await standingOf(act, city), [batch]);
    const settings = await changeSettings(act, { city, edit, basis });
    return answerOf(`${batch.title}的投档模式`, settings);
  },
});

function editOf(input: Input): DispatchModeEdit {
  const { batch, mode, bands, ratio, rounding, release } = input;
  const { tie_keys: keys, tie_ending: ending, major_mode: major, major_gap: gap } = input;
  if (gap !== undefined && major === undefined) {
    throw wrongInput(job, ['major_gap 须与 major_mode 一起写']);
  }
  const ties = {
    ...(keys === undefined ? {} : { keys: keys.map(tieKeyOf) }),
    ...(ending === undefined ? {} : { ending }),
  };
  const edit = {
    ...(mode === undefined ? {} : { mode }),
    ...(bands === undefined ? {} : { bands }),
    ...(ratio === undefined ? {} : { ratio }),
    ...(rounding === undefined ? {} : { rounding }),
    ...(Object.keys(ties).length === 0 ? {} : { ties }),
    ...(major === undefined
      ? {}
      : { majors: { mode: major, ...(gap === undefined ? {} : { gap }) } }),
    ...(release === undefined ? {} : { release }),
  };
  if (Object.keys(edit).length === 0) throw wrongInput(job, ['除 city 与 batch 外至少写一项']);
  return { kind: 'dispatch-mode', batch, ...edit };
}

/** `语文+数学`, `数学`, `priority`. */
function tieKeyOf(text: string): TieKeyInput {
  if (text === PRIORITY) return { priority: true };
  const subjects = text.split('+').map(each => each.trim());
  if (subjects.includes('')) throw wrongInput(job, [`tie_keys 中的“${text}”写法不对`]);
  return subjects.length === 1 ? { subject: subjects[0] as string } : { subjects };
}
