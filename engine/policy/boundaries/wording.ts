/** Words of the boundary sheet: decisions, and dates that show a swapped month and day. */
import { swapped } from '../analysis/calendar-findings.ts';
import type { Example } from '../examples.ts';
import { dateText, eventText } from '../handbook/words.ts';
import type { ActionRule, FullPolicy, Requirement } from '../types.ts';

/** What the policy decides of an example, with the rule by its title. */
export function decisionText({ expect }: Example, policy: FullPolicy): string {
  const { outcome, rule, code, event } = expect;
  const title = rule === undefined ? '' : titleOf(rule, policy);
  if (outcome === 'pass') return '通过';
  if (outcome === 'none') return '不处理';
  if (code === 'missing-data') return `拒绝：缺少数据，不能判断“${title}”（${code}）`;
  if (outcome === 'refuse') return `拒绝：不符合“${title}”（${code ?? ''}）`;
  return `${eventText(event ?? '')}：按“${title}”`;
}

function titleOf(id: string, policy: FullPolicy): string {
  const all: readonly (readonly (Requirement | ActionRule)[])[] = [
    policy.start,
    policy.eligibility,
    policy.special,
    policy.quotas,
    policy.reviews,
    policy.deadlineRules,
  ];
  return all.flat().find(rule => rule.id === id)?.title ?? id;
}

/** `2016-09-07（周三）`; what it would be with month and day exchanged is said beside. */
export function swapNote(dates: readonly string[]): string {
  const others = dates.flatMap(date => {
    const other = swapped(date);
    return other === undefined ? [] : [`${date} 月日对调是 ${dateText(other)}`];
  });
  return others.length === 0 ? '' : `请核对月和日：${others.join('；')}`;
}
