/**
 * 设置院校投档特殊条件限制: what a school, or one of its majors, asks of candidates – in the rule
 * language, every problem of the condition shown at its place.
 */

import type { JsonObject } from '../../engine/policy/json.ts';
import { policyFromStored } from '../../engine/policy/load.ts';
import type { OverlayEdit } from '../../engine/policy/overlay-edits.ts';
import type { Act } from '../act/act.ts';
import { functionJob } from '../act/function-job.ts';
import { INPUT, wrongInput } from '../act/input.ts';
import { controlError } from './errors.ts';
import { readCondition } from './parts/condition-text.ts';
import { BASIS } from './parts/inputs.ts';
import { knownCodes } from './parts/known-codes.ts';
import { schoolOf } from './parts/schools.ts';
import { batchesOfSchool, requireSettable, settingsSpans, standingOf } from './parts/settable.ts';
import { answerOf, baseInForce, changeSettings } from './parts/settings.ts';

interface Input {
  readonly city: string;
  readonly school: string;
  readonly major?: string;
  readonly condition?: string | JsonObject;
  readonly remove?: string;
  readonly basis?: string;
}

export const job = functionJob<Input>({
  id: 'set-special-conditions',
  title: '设置院校投档特殊条件限制',
  sides: ['office'],
  menu: '投档控制',
  annex: true,
  input: {
    properties: {
      city: INPUT.city,
      school: INPUT.school,
      major: INPUT.major,
      condition: {
        type: ['object', 'string'],
        minLength: 1,
        maxLength: 20_000,
        description:
          '一个条件（YAML 或 JSON）：id、title、requires、refuse、applies、missing、valid',
      },
      remove: { type: 'string', minLength: 1, maxLength: 64, description: '要取消的条件的标识' },
      basis: BASIS,
    },
    required: ['city', 'school'],
  },
  relatives: true,
  window: settingsSpans,
  async target({ input }) {
    return { cities: [input.city], school: input.school };
  },
  async effect(act) {
    const { city, school, condition, remove, basis } = act.input;
    if ((condition === undefined) === (remove === undefined)) {
      throw wrongInput(job, ['condition 与 remove 须写且只写一项']);
    }
    const batches = batchesOfSchool(act.policy, await schoolOf(act, school));
    requireSettable(await standingOf(act, city), batches);
    const edit = condition === undefined ? removal(act) : await setting(act, condition);
    const { major } = act.input;
    const of = major === undefined ? {} : { major };
    const settings = await changeSettings(act, { city, edit, basis, ...of });
    const id = 'condition' in edit ? String(edit.condition['id']) : String(remove);
    const done = remove === undefined ? '' : '取消';
    return answerOf(`${done}院校 ${school} 的特殊条件 ${id}`, settings);
  },
});

type ConditionEdit = Extract<OverlayEdit, { kind: 'special-condition' }>;

async function setting(act: Act<Input>, given: string | JsonObject): Promise<ConditionEdit> {
  const { city, school, major, basis = 'sample' } = act.input;
  const { documents } = await baseInForce(act);
  const base = policyFromStored(documents, null);
  const knowledge = await act.asRunner(session => knownCodes(session, act.season, city, base));
  const of = { city, school, major, basis, baseDocuments: documents, knowledge };
  const condition = readCondition(given, of);
  requireSameSchool(act, String(condition['id']));
  await requireMajor(act, condition['major']);
  return { kind: 'special-condition', condition };
}

function removal(act: Act<Input>): ConditionEdit {
  const remove = act.input.remove as string;
  requireSameSchool(act, remove);
  return { kind: 'special-condition', remove };
}

/** An id names one condition of a city: another school's is not to be written over by it. */
function requireSameSchool({ policy, input }: Act<Input>, id: string): void {
  const known = policy.special.find(each => each.id === id);
  if (known === undefined || known.school === input.school) return;
  const { school } = input;
  throw controlError('condition-of-other-school', { id, other: known.school, school });
}

async function requireMajor(act: Act<Input>, major: unknown): Promise<void> {
  if (typeof major !== 'string') return;
  const { school } = act.input;
  const [known] = await act.session.query(
    'select 1 from majors where season = $1::smallint and school = $2 and code = $3',
    [act.season, school, major],
  );
  if (known === undefined) throw controlError('unknown-major', { school, major });
}
