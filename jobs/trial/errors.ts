/** What can be wrong with what a trial is held against. */
import { errorTable, thrower } from '../../engine/errors.ts';

export const TRIAL_RUN_ERRORS = errorTable({
  'not-a-run': {
    sentence: '运行 {run} 不是已完成的投档，不能用来试算。',
    advice: '用 zhongzhao runs --job dispatch 查看已完成的投档。',
    exitCode: 2,
  },
  'no-runs': {
    sentence: '业务日期 {date} 没有已完成的投档。',
    advice: '用 zhongzhao runs --job dispatch 查看已完成的投档。',
    exitCode: 2,
  },
  'input-lost': {
    sentence: '运行 {run} 的输入已不能还原：数据此后有变动，保存的数据包也不在或不符。',
    advice: '请从备份恢复 packages 文件夹，或用 --package 指明另存的数据包。',
    exitCode: 5,
  },
  'no-policy-before': {
    sentence: '数据包 {folder} 里没有 policy 文件夹，不知道原来的政策。',
    advice: '请用 --before 指明原来的政策文件夹。',
    exitCode: 2,
  },
  'policy-before-broken': {
    sentence: '原来的政策 {folder} 有错误，不能作比较。',
    advice: '请运行 zhongzhao policy check 逐处改正。',
    exitCode: 3,
  },
  'package-broken': {
    sentence: '数据包有 {errors} 处错误，不能试算。',
    advice: '请运行 zhongzhao recompute，它列出每一处的位置。',
    exitCode: 3,
  },
  'result-differs': {
    sentence: '按原政策重算运行 {run}，结果与账上的不符，试算没有可靠的比较对象，已停止。',
    advice: '请用 zhongzhao export 和 recompute 核对该次运行，并报告系统维护人员。',
    exitCode: 5,
  },
  'trial-scope': {
    sentence: '用户 {user} 不能试算地市 {city} 的运行。',
    advice: '省招办可以试算各市的运行，市招办可以试算本市的运行。',
    exitCode: 4,
  },
  'not-in-runs': {
    sentence: '考生 {candidate} 没有参加所选的投档。',
    advice: '请核对考生号和运行编号；用 zhongzhao explain 查看该考生参加过的投档。',
    exitCode: 2,
  },
  'never-dispatched': {
    sentence: '考生 {candidate} 没有参加过{what}投档，无从比较。',
    advice: '用 zhongzhao explain 查看该考生现在的去向。',
    exitCode: 2,
  },
});

export const fail = thrower(TRIAL_RUN_ERRORS);
