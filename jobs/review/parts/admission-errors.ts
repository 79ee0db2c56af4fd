/** What admissions and their reviews refuse themselves. Rules refuse with codes of their own. */
import { errorTable, thrower } from '../../../engine/errors.ts';

const ADMISSION_ERRORS = errorTable({
  'unknown-major': {
    sentence: '院校 {school} 没有代码为 {major} 的专业。',
    advice: '请核对专业代码。',
    exitCode: 4,
  },
  'no-plan': {
    sentence: '院校 {school} 的专业 {major} 在 {city} 没有“{batch}”的生源计划，不能录取。',
    advice: '请改用有计划的专业；需要增加计划的，请先申请增减计划数。',
    exitCode: 4,
    basis: 'n66 一（一）',
  },
  'same-person': {
    sentence: '考生 {candidate} 由您本人提出，不能由您本人审核。',
    advice: '请由有此功能的另一人审核。',
    exitCode: 4,
    basis: 'n66 附件1·审核管理',
  },
});

export const admissionError = thrower(ADMISSION_ERRORS);
