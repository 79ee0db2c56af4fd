/** roster-vocational (打印录取名册（中职中专）): what the office in charge stamps and files. */
import { defineReport } from '../report.ts';
import { rosterReport } from './roster-report.ts';

export const rosterVocational = defineReport(
  rosterReport({
    id: 'roster-vocational',
    title: '打印录取名册（中职中专）',
    menu: '数据查询',
    side: 'office',
  }),
);
