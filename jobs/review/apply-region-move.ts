/**
 * 申请调整区域间计划: a school asks two cities at once, the one that gives and the one that receives
 * (n66 三（一）3).
 */
import { SUBJECT } from '../../db/season/applications.ts';
import { actError } from '../act/errors.ts';
import { functionJob } from '../act/function-job.ts';
import { INPUT } from '../act/input.ts';
import { applicationError } from './applications/errors.ts';
import { applyingSchool, decisionOf, openApplication } from './applications/opening.ts';
import { requirePlan } from './applications/plan-change.ts';
import { batchOfSchool } from './applications/quota-rules.ts';
import { requireFreePlaces } from './applications/region-move.ts';
import { requestOf, SIGNED_INPUT, type SignedInput } from './applications/signed.ts';
import { planSpans } from './applications/windows.ts';

interface Input extends SignedInput {
  readonly from: string;
  readonly to: string;
  readonly batch: string;
  readonly major: string;
  readonly places: number;
  readonly reason?: string;
}

export const job = functionJob<Input>({
  id: 'apply-region-move',
  title: '申请调整区域间计划',
  sides: ['school'],
  menu: '审核管理',
  annex: true,
  input: {
    properties: {
      from: { ...INPUT.city, description: '调出市代码' },
      to: { ...INPUT.city, description: '调入市代码' },
      batch: INPUT.batch,
      major: INPUT.major,
      places: INPUT.places,
      reason: INPUT.reason,
      ...SIGNED_INPUT,
    },
    required: ['from', 'to', 'batch', 'major', 'places'],
  },
  relatives: true,
  window: planSpans,
  async target({ session, season, input, user }) {
    const { from, to, batch } = input;
    if (from === to) throw applicationError('same-city', { city: from });
    const known = await session.query<{ code: string }>(
      `select code from regions
        where season = $1::smallint and level = 'city' and code in ($2, $3)`,
      [season, from, to],
    );
    const unknown = [from, to].find(city => !known.some(({ code }) => code === city));
    if (unknown !== undefined) throw actError('unknown-city', { city: unknown });
    const { school } = user;
    return { cities: [from, to], batch, ...(school === null ? {} : { school }) };
  },
  async effect(act) {
    const { from, to, batch: id, major, places, reason } = act.input;
    const school = applyingSchool(act);
    const batch = batchOfSchool(act.policy, { code: school, kind: act.user.kinds[0] ?? '' }, id);
    const move = { from, to, school, major, batch, places };
    await requirePlan(act, { city: from, school, batch }, major);
    const rules = await requireFreePlaces(act, move);
    const application = await openApplication(act, {
      kind: 'region-move',
      subject: SUBJECT.move({ ...move, batch: id }),
      subjectTitle: '该项计划调整',
      city: to,
      otherCity: from,
      batch: id,
      major,
      places,
      ...requestOf(act.input),
      note: reason === undefined ? {} : { reason },
    });
    const note = { application, kind: 'region-move', from, to, places };
    for (const city of [from, to]) act.record({ city, major, ...decisionOf(rules), note });
    return {
      lines: [`已提交第 ${application} 号申请，等待调出市 ${from} 与调入市 ${to} 审核。`],
      values: { application },
    };
  },
});
