/**
 * 申请增减计划数: a school asks for more or fewer places of one of its plan lines, or of its
 * flexible quota (kind=flexible), which takes effect at once (calendar rule 2): the event names
 * the rule.
 */
import { endApplication, SUBJECT } from '../../db/season/applications.ts';
import type { Act } from '../act/act.ts';
import { type Answer, functionJob } from '../act/function-job.ts';
import { INPUT, wrongInput } from '../act/input.ts';
import { applyingSchool, decisionOf, openApplication } from './applications/opening.ts';
import {
  automaticPlanReview,
  changePlan,
  type PlanChange,
  quotaQuestionOf,
  requirePlan,
} from './applications/plan-change.ts';
import { batchOfSchool, requireQuotaRules } from './applications/quota-rules.ts';
import { planSpans } from './applications/windows.ts';
import type { Automatic } from './parts/automatic.ts';

interface Input {
  readonly city: string;
  readonly batch: string;
  readonly kind: 'plan' | 'flexible';
  readonly major?: string;
  readonly places: number;
  readonly reason?: string;
  readonly request_hash?: string;
  readonly request_reference?: string;
}

export const job = functionJob<Input>({
  id: 'apply-plan-change',
  title: '申请增减计划数',
  sides: ['school'],
  menu: '审核管理',
  annex: true,
  input: {
    properties: {
      city: INPUT.city,
      batch: INPUT.batch,
      kind: { type: 'string', enum: ['plan', 'flexible'], description: '计划或机动计划' },
      major: INPUT.major,
      places: {
        type: 'integer',
        minimum: -100_000,
        maximum: 100_000,
        description: '增加（正）或减少（负）的计划数',
      },
      reason: INPUT.reason,
      request_hash: INPUT.request_hash,
      request_reference: INPUT.request_reference,
    },
    required: ['city', 'batch', 'kind', 'places'],
  },
  relatives: true,
  window: planSpans,
  async target({ input, user }) {
    const { school } = user;
    return { cities: [input.city], batch: input.batch, ...(school === null ? {} : { school }) };
  },
  async effect(act) {
    const change = changeOf(act);
    await requirePlan(act, change, change.major);
    const rules = await requireQuotaRules(act, quotaQuestionOf(change));
    const application = await open(act, change);
    const automatic = await automaticPlanReview(act, change);
    return automatic === null
      ? wait(act, change, application, rules)
      : settle(act, change, application, rules, automatic);
  },
});

function changeOf(act: Act<Input>): PlanChange {
  const { city, batch: id, kind, major, places } = act.input;
  const problems = [
    ...(kind === 'plan' && major === undefined ? ['缺少 major'] : []),
    ...(kind === 'flexible' && major !== undefined ? ['机动计划不分专业，不要填 major'] : []),
    ...(places === 0 ? ['places 不能是 0'] : []),
  ];
  if (problems.length > 0) throw wrongInput(job, problems);
  const school = applyingSchool(act);
  const batch = batchOfSchool(act.policy, { code: school, kind: act.user.kinds[0] ?? '' }, id);
  return {
    kind: kind === 'flexible' ? 'flexible' : 'plan-change',
    city,
    school,
    major: major ?? null,
    batch,
    places,
  };
}

function open(act: Act<Input>, change: PlanChange): Promise<number> {
  const { kind, city, school, major, batch, places } = change;
  const { reason, request_hash: requestHash, request_reference: requestReference } = act.input;
  return openApplication(act, {
    kind,
    subject: SUBJECT.plan({ city, school, major: major ?? '', batch: batch.id }),
    subjectTitle: '该项计划',
    city,
    batch: batch.id,
    major,
    places,
    requestHash,
    requestReference,
    note: reason === undefined ? {} : { reason },
  });
}

function wait(
  act: Act<Input>,
  { kind, major, places }: PlanChange,
  application: number,
  rules: readonly string[],
): Answer {
  act.record({ major, ...decisionOf(rules), note: { application, kind, places } });
  return {
    lines: [`已提交第 ${application} 号申请，等待 ${act.input.city} 市招办审核。`],
    values: { application, state: 'open' },
  };
}

/** A rule, or the city's setting, decides at once. */
async function settle(
  act: Act<Input>,
  change: PlanChange,
  application: number,
  rules: readonly string[],
  automatic: Automatic,
): Promise<Answer> {
  const { kind, major, places } = change;
  const { decision, reason } = automatic;
  const approved = automatic.event === 'approve-plan-change';
  const state = approved ? 'approved' : 'refused';
  const changed = approved ? await changePlan(act, change) : {};
  const verdict = { state, by: null, at: act.at, decision, reason, note: changed } as const;
  await endApplication(act.session, act.season, application, verdict);
  const note = { application, kind, places, verdict: state, ...changed };
  act.record({ major, ...decisionOf([...rules, decision]), note });
  const line = approved
    ? `第 ${application} 号申请无需审核，已生效（${decision}）。`
    : `第 ${application} 号申请按规则 ${decision} 退回：${reason}。`;
  return { lines: [line], values: { application, state, decision, ...changed } };
}
