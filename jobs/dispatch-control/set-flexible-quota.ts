/**
 * 设置院校机动计划数: places of a school in a city and batch that are bound to no major. No review is
 * needed (calendar rule 2), so it takes effect at once, and its event names that rule. That it does
 * not fall below what is used is a rule of the policy (quotas.yaml); code supplies the facts.
 */
import { writeFlexibleQuota } from '../../db/season/flexible-quotas.ts';
import { planStanding } from '../../db/season/plan.ts';
import { functionJob } from '../act/function-job.ts';
import { INPUT } from '../act/input.ts';
import { controlError } from './errors.ts';
import { requireFlexibleRules } from './parts/flexible-rules.ts';

interface Input {
  readonly city: string;
  readonly school: string;
  readonly batch: string;
  readonly places: number;
  readonly reason?: string;
}

/** What the event names: 各中等职业学校机动计划的调整无需审核. */
const NO_REVIEW = 'flexible-without-review';
const NO_REVIEW_BASIS = 'n66 三（一）3';

export const job = functionJob<Input>({
  id: 'set-flexible-quota',
  title: '设置院校机动计划数',
  sides: ['office'],
  menu: '投档控制',
  annex: true,
  input: {
    properties: {
      city: INPUT.city,
      school: INPUT.school,
      batch: INPUT.batch,
      places: { ...INPUT.places, minimum: 0, description: '机动计划数（总数，不是增减数）' },
      reason: INPUT.reason,
    },
    required: ['city', 'school', 'batch', 'places'],
  },
  relatives: true,
  window: 'none',
  async target({ input }) {
    return { cities: [input.city], batch: input.batch, school: input.school };
  },
  async effect(act) {
    const { city, school, batch: id, places, reason = null } = act.input;
    const batch = act.batch(id);
    const key = { city, school, batch: id };
    const standing = await planStanding(act.session, act.season, key);
    if (standing.lines.length === 0) {
      throw controlError('no-plan', { school, city, batch: batch.title });
    }
    const { flexible: before, flexibleUsed: used } = standing;
    const what = `院校 ${school} 在 ${city} 的${batch.title}机动计划`;
    const values = { before, places, used };
    if (before === places) return { lines: [`${what}已是 ${places} 个，未作改动。`], values };
    const rules = await requireFlexibleRules(act, { city, school, batch, places, standing });
    await writeFlexibleQuota(act.session, { season: act.season, ...key }, places);
    act.record({
      decision: [NO_REVIEW, ...rules].join(' '),
      note: { rule: 2, basis: NO_REVIEW_BASIS, before, places, used, reason },
    });
    return { lines: [`${what}由 ${before} 个改为 ${places} 个，即时生效，无需审核。`], values };
  },
});
