/** What the school's functions of 投档 refuse themselves. Rules refuse with codes of their own. */
import { errorTable, thrower } from '../../../engine/errors.ts';

const SCHOOL_ERRORS = errorTable({
  // The school's decisions on a list.
  'not-on-list': {
    sentence: '考生 {candidate} 的档案不在投档单 {list} 上。',
    advice: '请核对考生号与投档单号；已退回库中的档案不能再处理。',
    exitCode: 4,
  },
  'no-major': {
    sentence: '考生 {candidate} 没有拟录取的专业。',
    advice: '投档时没有建议专业的，请写明 major。',
    exitCode: 4,
    basis: 'n66 三（二）1',
  },
  'no-reason': {
    sentence: '考生 {candidate} 的退档没有写明理由。',
    advice: '每一次退档都须写明理由；规定的理由见政策的退档理由。',
    exitCode: 4,
    basis: 'n66 三（二）1',
  },
  'nothing-decided': {
    sentence: '没有写明要处理哪些考生。',
    advice: '请写 candidates 与 decision，或写 decisions。',
    exitCode: 3,
  },
  'not-leader': {
    sentence: '用户 {user} 不是院校的组长，不能提交投档单。',
    advice: '请由组长提交；经办人可以用“指定录退档案”逐份处理。',
    exitCode: 4,
    basis: 'n66 附件1·投档',
  },
  undecided: {
    sentence: '投档单 {list} 还有 {count} 份档案没有预录或预退，如考生 {candidate}。',
    advice: '请逐份处理后再提交。',
    exitCode: 4,
    basis: 'n66 三（二）1',
  },
  // Entries of phase 2 录取在库考生.
  'no-confirmation-form': {
    sentence: '考生 {candidate} 没有报读确认表。',
    advice: '请登记报读确认表的 SHA-256（request_hash）和存放处（request_reference）。',
    exitCode: 4,
    basis: 'n66 三（二）2',
  },
  'no-clerk': {
    sentence: '没有写明经办人。',
    advice: '录取在库考生须写明经办人姓名（clerk）。',
    exitCode: 4,
    basis: 'n66 三（二）2',
  },
  'no-vacancy': {
    sentence: '院校 {school} 在“{phase}”没有计划空额，不能自行录取。',
    advice: '只有第一阶段未完成计划、或注册后有空额的院校可以自行组织生源。',
    exitCode: 4,
    basis: 'n66 一（二）',
  },
  'no-batch': {
    sentence: '院校 {school} 不属于任何批次，录取无从计入。',
    advice: '请主管招办先设置院校所属批次。',
    exitCode: 4,
  },
  'already-entered': {
    sentence: '考生 {candidate} 已由本校投入录取，正待生源地市招办审核。',
    advice: '无须再次投入；要改专业的，请待审核后办理。',
    exitCode: 4,
  },
  'pending-elsewhere': {
    sentence: '考生 {candidate} 已由别的院校投入录取，正待审核。',
    advice: '请待生源地市招办审核；未获录取的可以再投。',
    exitCode: 4,
    basis: 'n66 三（一）4',
  },
  'admitted-elsewhere': {
    sentence: '考生 {candidate} 已被院校录取（{state}）。',
    advice: '须先由原录取院校办理录后退，或申请转学；逾期未注册的，恢复未录取后再投。',
    exitCode: 4,
    basis: 'n66 三（二）3',
  },
  // Registration 注册.
  'registration-undated': {
    sentence: '考生 {candidate} 所在阶段（{phase}）确定注册的截止日尚未公布，不能办理注册。',
    advice: '请等省招办公布日期；已公布而此处没有的，请告知省招办更正政策日历。',
    exitCode: 4,
    basis: 'n66 一（三）',
  },
  'window-closed': {
    sentence: '考生 {candidate} 的注册期限 {last} 已过，不能办理“{title}”。',
    advice: '请由招办说明理由后重新开放注册（reopen-registration）。',
    exitCode: 4,
    basis: 'n66 一（三）',
  },
  'not-admitted': {
    sentence: '考生 {candidate} 不是本校已录取、待注册的考生。',
    advice: '请在“录取考生信息”中核对；恢复未录取的须重新录取。',
    exitCode: 4,
    basis: 'n66 一（三）',
  },
  'vacancies-not-fixed': {
    sentence: '{phase}的院校空额还没有核定，暂不能录取在库考生。',
    advice:
      '空额由夜间作业“院校空额核定”（vacancies）在阶段首日各市到期处理完成后核定；' +
      '请稍后再办理，仍未核定的请联系省招办。',
    exitCode: 4,
    basis: 'n66 一（二）',
  },
  'not-registered': {
    sentence: '考生 {candidate} 不是本校已注册的考生。',
    advice: '只有已注册的考生可以办理；请在“录取考生信息”中核对。',
    exitCode: 4,
    basis: 'n66 一（三）',
  },
  'roster-filed': {
    sentence: '考生 {candidate} 的录取名册已经备案。',
    advice: '须由备案的招办先办理名册变更（amend-roster）。',
    exitCode: 4,
    basis: 'n66 一（四）',
  },
  'articulated-needs-approval': {
    sentence: '考生 {candidate} 转入或转出三二分段专业，没有获批的批件。',
    advice: '请先办理“申请批件投档”，批件须写明考生、院校和专业 {major}。',
    exitCode: 4,
    basis: 'n66 一（一）',
  },
  'already-cancelled': {
    sentence: '考生 {candidate} 的注册已经注销过，不能再次注销。',
    advice: '请在“查看考生去向”中核对；需要恢复的，由市招办重新入库（readmit）。',
    exitCode: 4,
  },
});

export const schoolError = thrower(SCHOOL_ERRORS);
