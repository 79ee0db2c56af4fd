/**
 * 批准采用本市录取系统: the province marks a city that admits in its own system, or lifts the mark;
 * two officers. Such a city is not dispatched here; it imports its admissions every day instead.
 */
import { functionJob } from '../act/function-job.ts';
import { INPUT } from '../act/input.ts';
import { controlError } from './errors.ts';
import { BASIS } from './parts/inputs.ts';
import { settingsSpans, standingOf } from './parts/settable.ts';
import { changeSettings } from './parts/settings.ts';

interface Input {
  readonly city: string;
  readonly approved: boolean;
  readonly basis?: string;
}

export const job = functionJob<Input>({
  id: 'approve-own-system',
  title: '批准采用本市录取系统',
  sides: ['office'],
  menu: '投档控制',
  annex: false,
  levels: ['province'],
  input: {
    properties: {
      city: INPUT.city,
      approved: { type: 'boolean', description: 'yes：批准；no：取消' },
      basis: BASIS,
    },
    required: ['city', 'approved'],
  },
  relatives: true,
  window: settingsSpans,
  confirm: true,
  async target({ input }) {
    return { cities: [input.city] };
  },
  async effect(act) {
    const { city, approved, basis } = act.input;
    const { dispatchedRounds } = await standingOf(act, city);
    if (approved && dispatchedRounds.size > 0) throw controlError('city-dispatched', { city });
    const what = approved ? `${city} 采用本市录取系统` : `${city} 不采用本市录取系统`;
    if (act.policy.ownSystem === approved) {
      return { lines: [`${what}：现行即如此，未作改动。`], values: { changed: false, approved } };
    }
    const settings = await changeSettings(act, {
      city,
      edit: { kind: 'own-system', approved },
      basis,
      author: 'province',
      signedOn: { by: act.proposer ?? act.user.user, countersignedBy: secondOf(act) },
    });
    const next = approved ? '本系统不再为该市投档，请该市每天导入录取数据' : '恢复在本系统投档';
    const { version, hash } = settings;
    return {
      lines: [`${what}：${next}。`],
      values: { changed: true, approved, version, overlay: hash },
    };
  },
});

function secondOf(act: { readonly proposer: string | null; readonly user: { user: string } }) {
  return act.proposer === null ? null : act.user.user;
}
