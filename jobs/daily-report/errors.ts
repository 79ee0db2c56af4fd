/** What the functions of 招生日报 refuse themselves. */
import { errorTable, thrower } from '../../engine/errors.ts';

const DAILY_REPORT_ERRORS = errorTable({
  'day-ahead': {
    sentence: '{day} 还没有到，不能填报当日的招生日报。',
    advice: '请在当日填报。',
    exitCode: 4,
  },
  'day-closed': {
    sentence: '{day} 的招生日报已经截止：{reason}。',
    advice: '如需更正，请学校所在市招办撤回该日的日报统计（withdraw-report）后再填报。',
    exitCode: 4,
  },
  'not-signed': {
    sentence: '报表 {report} 在 {day} 没有可撤回的签署。',
    advice: '请核对报表、地市和日期；尚未签署或已经撤回的不能撤回。',
    exitCode: 4,
  },
  'not-your-step': {
    sentence: '该报表现在的{next}不由用户 {user} 这一级办理。',
    advice: '各市报表的制表和复核由市招办办理，审定、公布及其后的撤回由省招办办理。',
    exitCode: 4,
  },
  'report-not-signable': {
    sentence: '报表“{title}”不能签署：{reason}。',
    advice: '可签署的是没有个人信息、且行数有限的统计报表。',
    exitCode: 4,
  },
  'report-published': {
    sentence: '该报表已经公布。',
    advice: '如需更正，请先撤回（withdraw-report），再签署新的版本。',
    exitCode: 4,
  },
  'same-person': {
    sentence: '该报表的{former}由用户 {user} 办理，{next}须由另一人办理。',
    advice: '请由有此功能的另一人签署。',
    exitCode: 4,
  },
});

export const dailyReportError = thrower(DAILY_REPORT_ERRORS);
