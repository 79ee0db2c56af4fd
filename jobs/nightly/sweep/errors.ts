/** Errors of the sweep. */
import { errorTable, thrower } from '../../../engine/errors.ts';

const SWEEP_ERRORS = errorTable({
  'recheck-mismatch': {
    sentence: '{city} 的到期处理抽查 {compared} 种情形，有 {count} 种与规则引擎结论不同。',
    advice: '没有作任何改动；请勿采用本次结果，请重新安装依赖（npm ci）后再运行，并报告技术人员。',
    exitCode: 5,
  },
  'scope-incomplete': {
    sentence: '到期处理需要指明地市。',
    advice: '请用 --city 指明。',
    exitCode: 2,
  },
});

export const sweepError = thrower(SWEEP_ERRORS);
