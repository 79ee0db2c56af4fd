/** Errors of the audit job. */
import { errorTable, thrower } from '../../../engine/errors.ts';

export const auditErrors = errorTable({
  'scope-incomplete': {
    sentence: '核查需要指明地市、批次与轮次。',
    advice: '请用 --city 与 --batch 指明；轮次不写时为第一轮。',
    exitCode: 2,
  },
  'nothing-to-audit': {
    sentence: '{city} 的批次 {batch} 第 {round} 轮还没有完成的投档，无可核查。',
    advice: '请先完成投档，再行核查。',
    exitCode: 4,
  },
});

export const fail = thrower(auditErrors);
