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

const QUERIES = '数据查询';
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
  row('office', QUERIES, 'files-at-schools', '在校考生查询'),
  row('office', QUERIES, 'school-applicants', '院校生源查询'),
  row('office', QUERIES, 'candidate-trail', '考生轨迹查询'),
  row('office', QUERIES, 'candidate-record', '考生电子档案'),
  row('office', QUERIES, 'roster-senior-high', '打印录取名册（高中）'),
  row('office', QUERIES, 'dispatch-list-history', '历史投档单查询'),
  row('office', STATISTICS, 'school-progress-in-region', '各院校该区域录取进度查询'),
  row('office', STATISTICS, 'admission-progress', '录取进度统计'),
  row('office', STATISTICS, 'choice-counts', '志愿人数统计'),
  row('office', STATISTICS, 'school-admissions', '院校录取统计'),
  row('office', STATISTICS, 'data-statistics', '数据统计'),
  row('office', STATISTICS, 'supervised-progress', '主管院校录取进度统计'),
  row('office', STATISTICS, 'supervised-progress-by-region', '主管院校各区域录取进度统计'),
  row('office', STATISTICS, 'supervised-admissions', '主管院校录取考生情况统计'),
  row('office', DAILY, 'daily-report-statistics', '招生日报数据统计'),
  row('school', '档案管理', 'supplement-results', '查看补录考生审核结果'),
  row('school', '档案管理', 'candidate-whereabouts', '查看考生去向'),
  row('school', STATISTICS, 'admitted-candidates', '录取考生信息'),
  row('office', STATISTICS, 'articulated-register', '三二分段录取登记', false),
]);
