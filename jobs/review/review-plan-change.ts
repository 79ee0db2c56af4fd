/** 审核增减计划数: plan up or down, by the city of the plan line; the quota rules are asked again. */
import { functionJob } from '../act/function-job.ts';
import { decisionOf } from './applications/opening.ts';
import { changePlan, planChangeOf, quotaQuestionOf } from './applications/plan-change.ts';
import { requireQuotaRules } from './applications/quota-rules.ts';
import {
  APPLICATION_REVIEW,
  applicationTarget,
  conclude,
  noteOf,
  type ReviewInput,
  refuse,
  underReview,
} from './applications/reviewing.ts';
import { planSpans, withGrace } from './applications/windows.ts';

const TITLE = '审核增减计划数';

export const job = functionJob<ReviewInput>({
  id: 'review-plan-change',
  title: TITLE,
  ...APPLICATION_REVIEW,
  window: withGrace(planSpans),
  target: applicationTarget(TITLE, ['plan-change', 'flexible']),
  async effect(act) {
    const application = await underReview(act);
    const { application: number, major } = application;
    if (act.input.verdict === 'refuse') return { lines: [await refuse(act, application, null)] };
    const change = planChangeOf(application, act.policy);
    const rules = await requireQuotaRules(act, quotaQuestionOf(change));
    const changed = await changePlan(act, change);
    await conclude(act, application, { state: 'approved', note: changed });
    const { places } = change;
    const note = noteOf(application, { verdict: 'approve', places, ...changed });
    act.record({ major, ...decisionOf(rules), note });
    const { before, after } = changed;
    return {
      lines: [`第 ${number} 号申请已通过，计划数由 ${before} 改为 ${after}。`],
      values: { application: number, before, after },
    };
  },
});
