/**
 * 照顾特征定义: a preference feature of a city – bonus points, or priority among equals – in the
 * batches it names, as a new version of the city's overlay. Bound once one of its batches has been
 * dispatched, the former ones included: who was ranked by it must find it as it was. What holds for
 * the whole province stands in the base, and changes with it (adopt-policy).
 */
import type { JsonObject } from '../../engine/policy/json.ts';
import type { Act } from '../act/act.ts';
import { functionJob } from '../act/function-job.ts';
import { INPUT, wrongInput } from '../act/input.ts';
import { BASIS } from '../dispatch-control/parts/inputs.ts';
import { answerOf, changeSettings } from '../dispatch-control/parts/settings.ts';
import { baseDataError } from './errors.ts';
import { dispatchedBatches } from './parts/dispatched.ts';

interface Input {
  readonly city?: string;
  readonly id: string;
  readonly title?: string;
  readonly kind?: 'bonus' | 'priority';
  readonly points?: number;
  readonly rank?: number;
  readonly batches?: readonly string[];
  readonly basis?: string;
  readonly remove?: boolean;
}

const KINDS = { bonus: '加分', priority: '同分优先' } as const;

export const job = functionJob<Input>({
  id: 'define-preference',
  title: '照顾特征定义',
  sides: ['office'],
  menu: '基本资料',
  annex: true,
  input: {
    properties: {
      city: { ...INPUT.city, description: '地市代码；市级用户不写为本市' },
      id: { type: 'string', pattern: '^[a-z][a-z0-9-]{0,62}$', description: '特征代码' },
      title: { type: 'string', minLength: 2, maxLength: 100, description: '名称' },
      kind: { type: 'string', enum: ['bonus', 'priority'], description: '加分或同分优先' },
      points: { type: 'number', minimum: 0, maximum: 1000, description: '加分的分值' },
      rank: { type: 'integer', minimum: 1, maximum: 1000, description: '同分优先的次序，小的在前' },
      batches: {
        type: 'array',
        items: { type: 'string' },
        minItems: 1,
        uniqueItems: true,
        description: '批次，多个以空格分隔',
      },
      basis: BASIS,
      remove: { type: 'boolean', description: 'yes 为取消本市所设的特征' },
    },
    required: ['id'],
  },
  relatives: false,
  everyKind: true,
  window: 'none',
  async target(place) {
    const { user, input } = place;
    const city = input.city ?? (user.level === 'city' ? user.region : undefined);
    if (city === undefined) throw wrongInput(job, ['须写明 city']);
    return { cities: [city] };
  },
  async effect(act) {
    const city = act.target.cities[0] as string;
    const { id, basis, remove = false } = act.input;
    const feature = remove ? null : featureOf(act.input);
    await requireNotDispatched(act, city, feature === null ? [] : (act.input.batches ?? []));
    const edit =
      feature === null
        ? ({ kind: 'preference', remove: id } as const)
        : ({ kind: 'preference', feature } as const);
    const settings = await changeSettings(act, { city, edit, basis });
    return answerOf(`照顾特征 ${id}${remove ? '取消' : ''}`, settings);
  },
});

function featureOf(input: Input): JsonObject {
  const { id, title, kind, points, rank, batches, basis = 'sample' } = input;
  const value = kind === 'bonus' ? points : rank;
  if (title === undefined || kind === undefined || batches === undefined || value === undefined) {
    throw wrongInput(job, ['须写明 title、kind、batches，加分写 points，同分优先写 rank']);
  }
  if ((kind === 'bonus' ? rank : points) !== undefined) {
    throw wrongInput(job, [`${KINDS[kind]}不写 ${kind === 'bonus' ? 'rank' : 'points'}`]);
  }
  const own = kind === 'bonus' ? 'points' : 'rank';
  return { id, title, kind, [own]: value, batches: [...batches], basis };
}

/** @throws unknown-batch, batch-dispatched */
async function requireNotDispatched(
  act: Act<Input>,
  city: string,
  batches: readonly string[],
): Promise<void> {
  const former = act.policy.preferences.features.find(each => each.id === act.input.id);
  const done = await act.asRunner(session => dispatchedBatches(session, act.season, city));
  for (const id of new Set([...(former?.batches ?? []), ...batches])) {
    const { title: batch } = act.batch(id);
    if (!done.has(id)) continue;
    throw baseDataError('batch-dispatched', { city, batch, what: '修改照顾特征' });
  }
}
