/** Why a candidate can't be sent by hand: a reason of the run, or the rule that refused. */
import type { HandRefusal } from '../../../engine/dispatch/by-hand.ts';
import { CodedError, type ErrorKind } from '../../../engine/errors.ts';
import { refusedBy } from '../../../reports/words.ts';

export interface HandPlace {
  readonly candidate: string;
  readonly school: string;
  readonly city: string;
}

/** Without a rule: what the run itself gives as a reason (dispatch.md §4, §5). */
const REASONS: Readonly<Record<string, readonly [why: string, advice: string]>> = {
  'not-in-batch': ['该校不在本批次招生', '请核对院校与批次'],
  'school-suspended': ['该校在本批次的投档已暂停或结束', '请核对院校状态（set-school-status）'],
  'returned-before': ['该校今年已退过此档案', '同一年不再投往该校，请改投其他院校'],
  'no-plan': ['该校在 {city} 没有本批次的招生计划', '请核对院校、批次与计划'],
  'missing-data': [
    '考生没有总分，不能判断是否达到分数线',
    '请先更正考生资料，或凭批件办理线下点投',
  ],
  'below-bands': ['投档分低于最低一段的下限', '请凭批准的批件办理线下点投'],
  full: ['该校已没有空余名额', '请改投有余额的院校，或先增加计划'],
  'closed-by-tie': ['该校本次已停止投档', '请改投有余额的院校'],
};

/** The refusal as an error: its code is the reason's, or the rule's own. */
export function handRefused(place: HandPlace, refusal: HandRefusal): CodedError {
  const { candidate, school, city } = place;
  const { code, rule, belowLine } = refusal;
  if (rule !== null) return ruleRefused({ candidate, school }, code, rule, belowLine);
  const [why, advice] = REASONS[code] ?? ['不符合投档条件', '请核对考生与院校资料'];
  const kind: ErrorKind = {
    sentence: `考生 {candidate} 不能投往院校 {school}：${why}。`,
    advice: `${advice}。`,
    exitCode: 4,
  };
  return new CodedError(code, kind, { candidate, school, city }, { basis: 'n66 一（一）' });
}

function ruleRefused(
  place: Omit<HandPlace, 'city'>,
  code: string,
  { title, basis, atoms }: NonNullable<HandRefusal['rule']>,
  belowLine: boolean,
): CodedError {
  const why = atoms.filter(atom => atom.holds !== true).map(atom => atom.sentence);
  const advice = belowLine ? '线下点投须凭批准的批件办理。' : '请核对考生资料与院校要求。';
  return new CodedError(
    code,
    {
      sentence: '考生 {candidate} 不能投往院校 {school}，{rule}：{why}（依据：{basis}）。',
      advice,
      exitCode: 4,
    },
    { ...place, rule: refusedBy(title), why: why.join('；'), basis },
    { basis },
  );
}

/** A quota rule stands against an admission. */
export function quotaRefused(
  { candidate, school }: Omit<HandPlace, 'city'>,
  refusal: { code: string; title: string; basis: string; explanation: string },
): CodedError {
  const { code, title, basis, explanation } = refusal;
  return new CodedError(
    code,
    {
      sentence: '考生 {candidate} 不能在院校 {school} 录取，{rule}：{why}（依据：{basis}）。',
      advice: '请先增加计划或改选有余额的专业。',
      exitCode: 4,
    },
    { candidate, school, rule: refusedBy(title), why: explanation, basis },
    { basis },
  );
}
