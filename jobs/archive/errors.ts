/** What the functions of 档案管理 refuse themselves. */
import { errorTable, thrower } from '../../engine/errors.ts';

const ARCHIVE_ERRORS = errorTable({
  'not-at-school': {
    sentence: '考生 {candidate} 的档案现为“{state}”，不在院校待处理，不能强制回收。',
    advice: '已录取、已注册的须办理录后退或注销；请在“考生去向查询”中核对。',
    exitCode: 4,
    basis: 'n66 附件1·档案管理',
  },
});

export const archiveError = thrower(ARCHIVE_ERRORS);
