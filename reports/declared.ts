/**
 * Reports of annex 1 and beyond it that are declared and not built yet: they stand in the registry
 * under their own name, so that the list of functions is whole, and asking for one says so. A
 * report that is built leaves this table for a file of its own.
 */
export interface DeclaredReport {
  /** As in spec/functions.md. */
  readonly id: string;
  /** The notice's own name, or ours beyond annex 1. */
  readonly title: string;
  /** Chinese: the menu of annex 1. */
  readonly menu: string;
  readonly side: 'office' | 'school';
  /** Whether it is one of the 92 of annex 1. */
  readonly annex: boolean;
}

const STATISTICS = '数据统计';
const DAILY = '招生日报';

const row = (
  side: DeclaredReport['side'],
  menu: string,
  id: string,
  title: string,
  annex = true,
): DeclaredReport => Object.freeze({ id, title, menu, side, annex });

/** In the order of annex 1, office side first. */
export const DECLARED_REPORTS: readonly DeclaredReport[] = Object.freeze([
  row('office', STATISTICS, 'data-statistics', '数据统计'),
  row('office', STATISTICS, 'supervised-progress', '主管院校录取进度统计'),
  row('office', STATISTICS, 'supervised-progress-by-region', '主管院校各区域录取进度统计'),
  row('office', STATISTICS, 'supervised-admissions', '主管院校录取考生情况统计'),
  row('office', DAILY, 'daily-report-statistics', '招生日报数据统计'),
]);
