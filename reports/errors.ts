/** The errors of the room reports. */
import { errorTable, thrower } from '../engine/errors.ts';

export const REPORT_ERRORS = errorTable({
  'unknown-report': {
    sentence: '没有名为“{report}”的报表。',
    advice: '请用 zhongzhao reports 查看全部报表；最接近的是“{nearest}”。',
    exitCode: 2,
  },
  'unknown-reader': {
    sentence: '没有用户 {user}，或该用户已停用。',
    advice: '请核对用户名；用户由上级或本级的系统管理员建立。',
    exitCode: 4,
  },
  'no-report-right': {
    sentence: '用户 {user} 没有报表“{title}”。',
    advice: '如工作需要，请由本级系统管理员在“权限管理”中授予。',
    exitCode: 4,
    basis: 'n66 二（三）',
  },
  'outside-scope': {
    sentence: '{what} 不在用户 {user} 的管理范围内。',
    advice: '请查询本级所辖的地市和院校，或请主管的招办查询。',
    exitCode: 4,
    basis: 'n66 二（三）',
  },
  'unknown-format': {
    sentence: '报表“{report}”不能输出为“{format}”格式。',
    advice: '可用的格式：{formats}。',
    exitCode: 2,
  },
  'unknown-section': {
    sentence: '报表“{report}”没有名为“{section}”的部分。',
    advice: '可用的部分：{sections}。',
    exitCode: 2,
  },
  'wrong-parameters': {
    sentence: '报表“{report}”的参数有误：{problems}。',
    advice: '参数写作 名称=值；可用的参数：{parameters}。',
    exitCode: 2,
  },
  'too-many-rows': {
    sentence: '“{section}”超过 {limit} 行，不能写成一个文件。',
    advice: '请缩小范围，或改用 --format csv。',
    exitCode: 2,
  },
  'unknown-dimension': {
    sentence: '没有名为“{name}”的分组。',
    advice: '请用一至三个不同的分组，用逗号分开；可用的分组：{names}。',
    exitCode: 2,
  },
  'too-many-groups': {
    sentence: '按“{by}”分组超过 {limit} 组。',
    advice: '请减少分组，或用 city、school、batch 缩小范围。',
    exitCode: 2,
  },
  'unknown-run': {
    sentence: '没有编号为 {run} 的运行。',
    advice: '请用 zhongzhao runs 查看全部运行。',
    exitCode: 3,
  },
  'no-dispatch-run': {
    sentence: '{scope} 还没有完成的投档。',
    advice: '请核对地市、批次和轮次，或等投档完成后再查。',
    exitCode: 3,
  },
  'unknown-candidate': {
    sentence: '{season} 年没有考生号为 {candidate} 的考生。',
    advice: '请核对考生号；非应届人员须先由市招办派号。',
    exitCode: 3,
  },
});

/** Throws one of REPORT_ERRORS. */
export const reportError = thrower(REPORT_ERRORS);
