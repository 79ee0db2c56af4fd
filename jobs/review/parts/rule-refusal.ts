/** What a rule of the policy refuses, in the rule's own words: code, title, values and basis. */
import { CodedError } from '../../../engine/errors.ts';
import type { Refusal } from '../../../engine/rules/requirements.ts';

/**
 * The error of a rule's refusal.
 *
 * @param what Chinese, what can't be done: `考生 1644… 不能录取到 4404001 的专业 0101`
 */
export function refusedByRule(refusal: Refusal, what: string): CodedError {
  const { code, title, explanation, basis } = refusal;
  return new CodedError(
    code,
    {
      sentence: '{what}，不符合“{rule}”：{why}（依据：{basis}）。',
      advice: '请核对计划、档案和申请后再办理；未作任何改动。',
      exitCode: 4,
    },
    { what, rule: title, why: explanation, basis },
    { basis },
  );
}
