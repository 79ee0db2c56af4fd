/**
 * 设置院校所属批次: which schools belong to a batch – a whole list, kinds of schools, or one school
 * more or less of a list.
 */
import type { SchoolBatchEdit } from '../../engine/policy/overlay-edits.ts';
import type { Batch } from '../../engine/policy/types.ts';
import type { Act } from '../act/act.ts';
import { functionJob } from '../act/function-job.ts';
import { INPUT, wrongInput } from '../act/input.ts';
import { BASIS } from './parts/inputs.ts';
import { requireKindsMoved } from './parts/schools.ts';
import { requireSettable, settingsSpans, standingOf } from './parts/settable.ts';
import { answerOf, changeSettings } from './parts/settings.ts';

interface Input {
  readonly city: string;
  readonly batch: string;
  readonly schools?: readonly string[];
  readonly kinds?: readonly string[];
  readonly add?: string;
  readonly remove?: string;
  readonly basis?: string;
}

export const job = functionJob<Input>({
  id: 'set-school-batch',
  title: '设置院校所属批次',
  sides: ['office'],
  menu: '投档控制',
  annex: true,
  input: {
    properties: {
      city: INPUT.city,
      batch: INPUT.batch,
      schools: {
        type: 'array',
        items: INPUT.school,
        minItems: 1,
        maxItems: 2000,
        uniqueItems: true,
        description: '本批次的全部院校',
      },
      kinds: {
        type: 'array',
        items: { type: 'string', enum: ['senior-high', 'vocational', 'technical'] },
        minItems: 1,
        uniqueItems: true,
        description: '本批次的院校类别',
      },
      add: { ...INPUT.school, description: '增加一所院校' },
      remove: { ...INPUT.school, description: '减少一所院校' },
      basis: BASIS,
    },
    required: ['city', 'batch'],
  },
  relatives: true,
  window: settingsSpans,
  async target({ input }) {
    const school = input.add ?? input.remove;
    return {
      cities: [input.city],
      batch: input.batch,
      ...(school === undefined ? {} : { school }),
    };
  },
  async effect(act) {
    const { city, basis } = act.input;
    const batch = act.batch(act.input.batch);
    const edit = editOf(act.input);
    requireSettable(await standingOf(act, city), [batch]);
    await requireOwnKinds(act, batch, edit);
    const settings = await changeSettings(act, { city, edit, basis });
    return answerOf(`${batch.title}的院校`, settings);
  },
});

function editOf({ batch, schools, kinds, add, remove }: Input): SchoolBatchEdit {
  const given = [schools, kinds, add, remove].filter(each => each !== undefined);
  if (given.length !== 1) throw wrongInput(job, ['schools、kinds、add、remove 须写且只写一项']);
  const kind = 'school-batch';
  if (schools !== undefined) return { kind, batch, schools };
  if (kinds !== undefined) return { kind, batch, kinds };
  if (add !== undefined) return { kind, batch, add };
  return { kind, batch, remove: remove as string };
}

/** One school more or less is the target, whose kind the runner has checked. */
async function requireOwnKinds(
  act: Act<Input>,
  batch: Batch,
  edit: SchoolBatchEdit,
): Promise<void> {
  if ('schools' in edit)
    await requireKindsMoved(act, batch, { schools: edit.schools, kinds: null });
  if ('kinds' in edit) await requireKindsMoved(act, batch, { schools: null, kinds: edit.kinds });
}
