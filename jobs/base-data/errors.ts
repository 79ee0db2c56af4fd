/** What the functions of 基本资料 refuse themselves. */
import { errorTable, thrower } from '../../engine/errors.ts';

export const BASE_DATA_ERRORS = errorTable({
  'batch-dispatched': {
    sentence: '{city} 的批次 {batch} 已经投过档，不能再{what}。',
    advice: '请在该批次首次投档之前办理；确需更正的，报省招办处理。',
    exitCode: 4,
    basis: 'n66 附件1·基本资料',
  },
  'overlay-rejected': {
    sentence: '这样设置不合要求，共 {count} 处：{problems}。',
    advice: '请逐处改正后重新提交，未作任何改动。',
    exitCode: 3,
  },
  'school-exists': {
    sentence: '院校 {school} 已存在。',
    advice: '请核对院校代码；已停用的院校请用 action=enable 恢复。',
    exitCode: 4,
    basis: 'n66 附件1·基本资料',
  },
  'school-has-plans': {
    sentence: '院校 {school} 有 {count} 条计划，不能删除。',
    advice: '请先删除其计划，或改为停用（action=disable）。',
    exitCode: 4,
    basis: 'n66 附件1·基本资料',
  },
  'school-has-files': {
    sentence: '院校 {school} 有 {count} 份考生档案或投档单，不能删除。',
    advice: '请改为停用（action=disable）。',
    exitCode: 4,
    basis: 'n66 附件1·基本资料',
  },
  'school-in-use': {
    sentence: '院校 {school} 仍被 {what} 使用，不能删除。',
    advice: '请改为停用（action=disable）。',
    exitCode: 4,
    basis: 'n66 附件1·基本资料',
  },
  'school-disabled': {
    sentence: '院校 {school} 已停用。',
    advice: '如需继续招生，请先恢复（manage-schools action=enable）。',
    exitCode: 4,
  },
  'unknown-supervisor': {
    sentence: '没有代码为 {office} 的机构。',
    advice: '请核对主管单位的机构代码。',
    exitCode: 4,
  },
  'unknown-major': {
    sentence: '院校 {school} 没有代码为 {major} 的专业。',
    advice: '请核对专业代码；新专业由 manage-schools action=set-major 登记。',
    exitCode: 4,
  },
  'point-exists': {
    sentence: '报名点 {code} 已存在。',
    advice: '请换一个代码，或用 action=edit 修改。',
    exitCode: 4,
  },
  'unknown-point': {
    sentence: '没有代码为 {code} 的报名点。',
    advice: '请核对报名点代码；新报名点由 manage-registration-points 登记。',
    exitCode: 4,
  },
  'point-has-candidates': {
    sentence: '报名点 {code} 有 {count} 名考生，不能删除。',
    advice: '请先更正这些考生的报名点。',
    exitCode: 4,
    basis: 'n66 附件1·基本资料',
  },
  'unknown-county': {
    sentence: '地市 {city} 没有代码为 {county} 的区县。',
    advice: '请核对区县代码。',
    exitCode: 4,
  },
  'unknown-line': {
    sentence: '{city} 没有院校 {school} 专业 {major} 在批次 {batch} 的计划。',
    advice: '请核对院校、专业、地市与批次。',
    exitCode: 4,
  },
  'after-publication': {
    sentence: '生源计划已于 {date} 公布，不能直接修改。',
    advice:
      '请由学校申请增减计划数（apply-plan-change）；确须由省招办更正的，写明批准文件（approval），并由两人办理。',
    exitCode: 4,
    basis: 'n66 三（一）3',
  },
  'unknown-subject': {
    sentence: '{city} 没有代码为 {subject} 的科目。',
    advice: '请核对科目代码，见“地市科目维护”。',
    exitCode: 4,
  },
  'scores-loaded': {
    sentence: '{city} 的成绩已经导入，科目不能再改。',
    advice: '科目须在导入成绩之前定好；确须更正的，报省招办处理。',
    exitCode: 4,
    basis: 'n66 附件1·基本资料',
  },
});

export const baseDataError = thrower(BASE_DATA_ERRORS);
