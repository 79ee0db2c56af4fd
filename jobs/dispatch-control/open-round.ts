/**
 * 开放下一轮: the next round of a batch in a city, with new choices 征集志愿 or with those that are
 * there (dispatch.md §1). What was drawn for the former round counts no longer: known lots could be
 * chosen by, so a batch that places by lot draws anew.
 */
import { hasChoices, openLists, openRound } from '../../db/season/rounds.ts';
import type { Batch } from '../../engine/policy/types.ts';
import type { Act } from '../act/act.ts';
import { functionJob } from '../act/function-job.ts';
import { INPUT } from '../act/input.ts';
import { controlError } from './errors.ts';
import { requireListsDone, requireRoundDispatched } from './parts/rounds.ts';
import { requireWholeBatch } from './parts/schools.ts';
import { currentRound, requireNotClosed, standingOf } from './parts/settable.ts';
import { changeSettings } from './parts/settings.ts';

interface Input {
  readonly city: string;
  readonly batch: string;
  readonly new_choices: boolean;
}

export const job = functionJob<Input>({
  id: 'open-round',
  title: '开放下一轮投档',
  sides: ['office'],
  menu: '投档控制',
  annex: false,
  input: {
    properties: {
      city: INPUT.city,
      batch: INPUT.batch,
      new_choices: { type: 'boolean', description: 'yes：征集新志愿；no：沿用原志愿' },
    },
    required: ['city', 'batch', 'new_choices'],
  },
  relatives: true,
  window: 'batch',
  async target({ input }) {
    return { cities: [input.city], batch: input.batch };
  },
  async effect(act) {
    const { city, new_choices: newChoices } = act.input;
    const batch = act.batch(act.input.batch);
    await requireWholeBatch(act, batch);
    const standing = await standingOf(act, city);
    requireNotClosed(standing, batch);
    requireRoundDispatched(standing, batch);
    const place = { season: act.season, city, batch: batch.id };
    requireListsDone(city, batch, await openLists(act.session, place));
    const round = currentRound(standing, batch) + 1;
    if (!newChoices && (await hasChoices(act.session, place, round))) {
      throw controlError('round-has-choices', { city, batch: batch.title, round });
    }
    const opened = { round, newChoices, by: act.user.user, on: act.businessDate };
    await openRound(act.session, place, opened);
    const seed = await takeSeedBack(act, batch, round);
    act.record({ note: { round, newChoices } });
    const choices = newChoices ? '征集新志愿，导入后投档' : '沿用原志愿';
    const redraw = seed ? ['上一轮的派位种子不再使用，请重新公布并抽取（draw-seed）。'] : [];
    return {
      lines: [`${city} 的${batch.title}已开放第 ${round} 轮：${choices}。`, ...redraw],
      values: { round, newChoices },
    };
  },
});

/** @returns whether there was a seed */
async function takeSeedBack(act: Act<Input>, batch: Batch, round: number): Promise<boolean> {
  if (batch.dispatch.seed === null || batch.dispatch.seed === '') return false;
  await changeSettings(act, {
    city: act.input.city,
    edit: { kind: 'seed', batch: batch.id, seed: null },
    note: { step: 'seed-taken-back', round },
    signedOn: { by: act.user.user, countersignedBy: null },
  });
  return true;
}
