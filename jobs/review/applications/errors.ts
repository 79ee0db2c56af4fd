/** What applications 申请 and their reviews refuse themselves; quotas refuse by their rules. */
import { errorTable, thrower } from '../../../engine/errors.ts';

const APPLICATION_ERRORS = errorTable({
  'application-decided': {
    sentence: '第 {application} 号申请（{kind}）已经办结：{state}。',
    advice: '不能再次审核；如情况有变，请由学校重新申请。',
    exitCode: 4,
  },
  'application-open': {
    sentence: '{subject}已有未办结的申请（{kind}），不能同时再申请。',
    advice: '请先等该申请办结或到期失效，再重新提交。',
    exitCode: 4,
  },
  'below-used': {
    sentence: '院校 {school} 在 {city} 还有未定专业的档案，至多可减少 {spare} 个名额。',
    advice: '请待学校处理完在阅的档案后再办理，或减少的名额不超过此数；未作任何改动。',
    exitCode: 4,
    basis: 'n66 一（一）',
  },
  'below-zero': {
    sentence: '计划数不能少于 0：现有 {before}，申请增减 {places}。',
    advice: '请核对增减的计划数。',
    exitCode: 4,
  },
  'city-approved': {
    sentence: '{city} 已经审核通过第 {application} 号申请，尚待 {other} 审核。',
    advice: '调出市与调入市各审核一次，请由另一市办理。',
    exitCode: 4,
    basis: 'n66 三（一）3',
  },
  'duplicate-identity': {
    sentence: '该证件号码在全省考生中已有登记，不能再补录。',
    advice: '已有考生号的考生请直接用考生号办理录取；确有疑问的，请市招办核对。',
    exitCode: 4,
    basis: 'n66 三（二）2',
  },
  'fresh-candidate': {
    sentence: '应届初中毕业生已在考生基本信息库中，不能补录。',
    advice: '请用其考生号办理“录取在库考生”；库中确实没有的，请市招办核对。',
    exitCode: 4,
    basis: 'n66 三（二）2',
  },
  'no-clerk': {
    sentence: '补录考生须同时录入经办人姓名。',
    advice: '请填写经办人（clerk）后重新提交。',
    exitCode: 4,
    basis: 'n66 三（二）2',
  },
  'no-consent': {
    sentence: '原录取学校尚未为考生 {candidate} 提交录后退，不能申请转学。',
    advice: '请考生先持本人及家长签字的申请到原录取学校，由该校提交“申请录后退”。',
    exitCode: 4,
    basis: 'n66 三（二）3',
  },
  'no-plan': {
    sentence: '院校 {school} 在 {city} 的批次 {batch} 没有{major}的计划。',
    advice: '没有计划与计划为 0 不同，须先由市招办在“院校计划管理”中列出该项计划。',
    exitCode: 4,
    basis: 'n66 一（一）',
  },
  'not-admitted': {
    sentence: '考生 {candidate} 现不是该校已录取或已注册的考生，不能办理“{title}”。',
    advice: '只有已录取或已注册、且名册未备案的考生可以办理；请在“考生去向查询”中核对。',
    exitCode: 4,
    basis: 'n66 三（二）3',
  },
  'not-in-batch': {
    sentence: '院校 {school} 不在批次 {batch} 中。',
    advice: '请核对批次；院校所属批次由市招办设置。',
    exitCode: 4,
    basis: 'n66 附件1·投档控制6',
  },
  'not-in-pool': {
    sentence: '考生 {candidate} 的档案现不在库，不能办理“{title}”。',
    advice: '请在“考生去向查询”中核对；档案回到库中后可以再办理。',
    exitCode: 4,
  },
  'not-registered-here': {
    sentence: '考生 {candidate} 不是院校 {school} 已注册的考生，不能申请转入或转出三二分段。',
    advice: '只有已注册、名册尚未备案的考生可以申请；请在“录取考生信息”中核对。',
    exitCode: 4,
    basis: 'n66 一（三）',
  },
  'articulated-same': {
    sentence: '考生 {candidate} 现在的专业与专业 {major} 在三二分段上没有不同，不需要批件。',
    advice: '请直接办理“修改注册考生专业”。',
    exitCode: 4,
    basis: 'n66 一（一）',
  },
  'number-taken-up': {
    sentence: '前缀 {prefix} 的考生号已经用完，不能派号。',
    advice: '请省招办核对考生号规则（policy.yaml 的 numbers）；申请保持待审。',
    exitCode: 4,
  },
  'reason-needed': {
    sentence: '退回申请须写明理由。',
    advice: '请填写理由（reason）后重新提交。',
    exitCode: 4,
  },
  'reviewed-with-transfer': {
    sentence: '第 {application} 号录后退是第 {transfer} 号转学申请的同意，与其一并审核。',
    advice: '请用“审核转校请求”办理第 {transfer} 号申请，原校计划与新校计划同时变动。',
    exitCode: 4,
    basis: 'n66 三（二）3',
  },
  'same-city': {
    sentence: '调出市与调入市都是 {city}。',
    advice: '区域间计划调整在两个地市之间办理；同一市内请用“申请增减计划数”。',
    exitCode: 4,
    basis: 'n66 三（一）3',
  },
  'same-person': {
    sentence: '第 {application} 号申请不能由 {user} 审核：申请、初审、复审须为不同的人。',
    advice: '请由有此功能的另一人审核。',
    exitCode: 4,
  },
  'same-school': {
    sentence: '考生 {candidate} 的原录取学校就是 {school}，不属于转学。',
    advice: '在本校内换专业请用“修改注册考生专业”。',
    exitCode: 4,
    basis: 'n66 三（二）3',
  },
  'unknown-application': {
    sentence: '没有第 {application} 号“{title}”可审的申请。',
    advice: '请核对申请编号与种类。',
    exitCode: 4,
  },
  'wrong-person-data': {
    sentence: '考生资料有误：{faults}。',
    advice: '请改正后重新提交，未作任何改动。',
    exitCode: 3,
  },
});

export const applicationError = thrower(APPLICATION_ERRORS);
