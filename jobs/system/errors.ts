/** What the functions of 系统管理 refuse themselves; users and locks have their own (db/access). */
import { errorTable, thrower } from '../../engine/errors.ts';

const SYSTEM_ERRORS = errorTable({
  'unknown-region': {
    sentence: '没有代码为 {region} 的地区。',
    advice: '请核对地区代码（省、市或县区）。',
    exitCode: 4,
  },
});

export const systemError = thrower(SYSTEM_ERRORS);
