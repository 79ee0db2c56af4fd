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
  'not-waiting': {
    sentence: '考生 {candidate} 的档案现为“{state}”，不待“{title}”。',
    advice: '请在待办（pending）中核对；可能已由他人或规则审核。',
    exitCode: 4,
  },
  'no-reason': {
    sentence: '考生 {candidate}：{what}没有写明理由。',
    advice: '退档须有学校的理由，退回须写明审核的理由（reason）。',
    exitCode: 4,
    basis: 'n66 三（二）1',
  },
  'unlisted-reason': {
    sentence:
      '考生 {candidate} 的退档理由“{reason}”不在规定之列，而院校投档 {sent} 人不超过计划 {planned} 人。',
    advice: '请退回学校复议（verdict=refuse）。',
    exitCode: 4,
    basis: 'n66 三（二）1',
  },
  'window-closed': {
    sentence: '{date} 不在办理“{title}”的时间内：考生 {candidate} 的{span}为 {from} 至 {to}。',
    advice: '审核期限已过的，档案自动回到库中；请在下一轮或下一阶段办理。',
    exitCode: 4,
    basis: 'n66 一（二）',
  },
  // 自动审核管理
  'never-automatic': {
    sentence: '不能设为自动审核：{what}。',
    advice: '线下录取、录后退、转学和非应届考生须由审核人员逐件审核。',
    exitCode: 4,
    basis: 'n66 附件1·审核管理5',
  },
  'one-edit': {
    sentence: '须写明一项改动：rule、remove 或 disable。',
    advice: '停用规则（disable）须写明自何日起（from）。',
    exitCode: 3,
  },
  'round-under-way': {
    sentence:
      '{city} 批次 {batch} 第 {round} 轮还有 {lists} 份投档单没有办结，不能改自动审核规则。',
    advice: '请在投档前，或上一轮全部办结、下一轮投档之前设置。',
    exitCode: 4,
    basis: 'n66 附件1·审核管理5',
  },
  // 重新开放注册
  'deadline-not-passed': {
    sentence: '考生 {candidate} 的注册期限 {last} 未过，无须重新开放。',
    advice: '请学校直接办理注册与注销。',
    exitCode: 4,
    basis: 'n66 一（三）',
  },
  'not-admitted': {
    sentence: '考生 {candidate} 的档案现为“{state}”，不是已录取、未注册。',
    advice: '恢复未录取的不能重新开放注册，须重新录取。',
    exitCode: 4,
    basis: 'n66 一（三）',
  },
  'beyond-sweep': {
    sentence: '重新开放只能在 {date} 至 {last} 之间：此后恢复未录取。',
    advice: '请改写日期（until）。',
    exitCode: 4,
    basis: 'n66 一（三）',
  },
});

export const admissionError = thrower(ADMISSION_ERRORS);
