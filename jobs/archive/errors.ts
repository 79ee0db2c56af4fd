/** What the functions of 档案管理 refuse themselves. */
import { errorTable, thrower } from '../../engine/errors.ts';

const ARCHIVE_ERRORS = errorTable({
  'already-held': {
    sentence: '考生 {candidate} 的档案已挂起，至 {until}。',
    advice: '需要改变挂起期限的，请先释放再挂起。',
    exitCode: 4,
    basis: 'n66 附件1·档案管理',
  },
  'at-school': {
    sentence: '考生 {candidate} 的档案现为“{state}”，在院校 {school}，不能挂起。',
    advice: '请先取消投档或强制回收；已录取的须办理录后退。',
    exitCode: 4,
    basis: 'n66 附件1·档案管理',
  },
  'higher-level-hold': {
    sentence: '考生 {candidate} 的档案由{by}挂起，不能由您释放。',
    advice: '请由{by}或上级招办释放。',
    exitCode: 4,
    basis: 'n66 附件1·档案管理',
  },
  'not-at-school': {
    sentence: '考生 {candidate} 的档案现为“{state}”，不在院校待处理，不能强制回收。',
    advice: '已录取、已注册的须办理录后退或注销；请在“考生去向查询”中核对。',
    exitCode: 4,
    basis: 'n66 附件1·档案管理',
  },
  'not-cancelled': {
    sentence: '考生 {candidate} 的档案现为“{state}”，不是“已注销”，不能重新入库。',
    advice: '请在“考生去向查询”中核对档案现状。',
    exitCode: 4,
  },
  'not-dispatched': {
    sentence: '考生 {candidate} 的档案现为“{state}”，没有投出的投档单可取消。',
    advice: '请在“考生去向查询”中核对档案现状。',
    exitCode: 4,
    basis: 'n66 附件1·档案管理',
  },
  'not-held': {
    sentence: '考生 {candidate} 的档案现为“{state}”，没有挂起，无须释放。',
    advice: '请在“考生去向查询”中核对档案现状。',
    exitCode: 4,
    basis: 'n66 附件1·档案管理',
  },
  'until-passed': {
    sentence: '挂起期限 {until} 早于今天（{today}）。',
    advice: '请写今天或以后的日期。',
    exitCode: 4,
    basis: 'n66 附件1·档案管理',
  },
});

export const archiveError = thrower(ARCHIVE_ERRORS);
