/** Errors of reading a dispatch's input and writing its result. */
import { errorTable, thrower } from '../../engine/errors.ts';

export const dispatchDataErrors = errorTable({
  'data-changed': {
    sentence: '在计算投档期间，{city} 的考生档案有了变动，本次结果没有写入。',
    advice: '请重新运行本次投档；已有数据未受影响。',
    exitCode: 5,
  },
});

export const fail = thrower(dispatchDataErrors);
