/** What every format says in the same words: findings, reconciliations, changes. */
import type { Change, Reconciliation, ReportFinding } from '../report.ts';
import { readableText } from './cells.ts';

export const FINDINGS_NONE = '没有需要人处理的问题。';
export const SINCE_NOTHING = '此前没有可比较的运行。';

/** 错误 P2 · 广州市; only the numbered properties (spec/file-life.md) are named in a title. */
export function findingTitle(finding: ReportFinding): string {
  const severity = finding.severity === 'error' ? '错误' : '提示';
  const property = /^P[0-9]+$/.test(finding.property) ? ` ${finding.property}` : '';
  const place = finding.place === '' ? '' : ` · ${finding.place}`;
  return `${severity}${property}${place}`;
}

/** Of the rows that show a finding, those that are not listed; '' where all are. */
export function leftOutText(rowCount: number, shown: number): string {
  if (rowCount <= shown) return '';
  return shown === 0
    ? `涉及 ${rowCount} 行，此处不列。`
    : `共 ${rowCount} 行，此处只列 ${shown} 行。`;
}

/** 各地市投出之和 1,204 ＝ 全省投出 1,204 */
export function reconciliationText(item: Reconciliation): string {
  const left = readableText({ type: 'integer' }, item.left);
  const right = readableText({ type: 'integer' }, item.right);
  return item.left === item.right
    ? `${item.sentence}：${left}，相符`
    : `${item.sentence}：${left} 与 ${right} 不符`;
}

/** 投出（人） */
export function changeTitle(change: Change): string {
  return change.unit === undefined ? change.title : `${change.title}（${change.unit}）`;
}

/** +12, −3, 0, or a dash where one side is missing. */
export function differenceText(change: Change): string {
  if (change.before === null || change.now === null) return '—';
  const difference = change.now - change.before;
  if (difference === 0) return '0';
  const size = readableText(change, Math.abs(difference));
  return difference > 0 ? `+${size}` : `−${size}`;
}

/** A number that does not reconcile is itself a finding, and stands first. */
export function brokenSums(items: readonly Reconciliation[]): ReportFinding[] {
  return items
    .filter(item => item.left !== item.right)
    .map(item => ({
      severity: 'error',
      property: 'sums-disagree',
      place: '',
      sentence: `${reconciliationText(item)}。`,
      consequence: '本报表的数字不可使用，请联系维护人员。',
      rows: [],
      rowCount: 0,
    }));
}
