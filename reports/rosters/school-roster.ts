/** school-roster (录取名册): the school's own roster; until one is issued, a draft. */
import { defineReport } from '../report.ts';
import { rosterReport } from './roster-report.ts';

export const schoolRoster = defineReport(
  rosterReport({ id: 'school-roster', title: '录取名册', menu: '数据统计', side: 'school' }),
);
