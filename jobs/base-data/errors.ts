/** What the functions of 基本资料 refuse themselves. */
import { errorTable, thrower } from '../../engine/errors.ts';

export const BASE_DATA_ERRORS = errorTable({
  'batch-dispatched': {
    sentence: '{city} 的批次 {batch} 已经投过档，不能再{what}。',
    advice: '请在该批次首次投档之前办理；确需更正的，报省招办处理。',
    exitCode: 4,
    basis: 'n66 附件1·基本资料',
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
  'below-used': {
    sentence: '院校 {school} 在 {city} 已用 {used} 个名额，计划不能减到其下。',
    advice: '请按已用的计划数调整后重新提交，未作任何改动。',
    exitCode: 4,
    basis: 'n66 附件1·基本资料',
  },
  'after-publication': {
    sentence: '生源计划已于 {date} 公布，不能直接修改。',
    advice:
      '请由学校申请增减计划数（apply-plan-change）；确须由省招办更正的，写明批准文件（approval），并由两人办理。',
    exitCode: 4,
    basis: 'n66 三（一）3',
  },
  'unknown-preference': {
    sentence: '{city} 的政策中没有照顾特征 {feature}。',
    advice: '请核对特征代码；可用的有：{known}。',
    exitCode: 4,
    basis: 'n66 附件1·基本资料',
  },
  'preference-there': {
    sentence: '考生 {candidate} 的照顾特征 {feature} 已录入并确认。',
    advice: '无需再录；有误的，先以 remove=yes 取消。',
    exitCode: 4,
  },
  'no-preference': {
    sentence: '考生 {candidate} 没有照顾特征 {feature}。',
    advice: '请核对考生号与特征代码。',
    exitCode: 4,
  },
  'no-senior-high-data': {
    sentence: '{city} 还没有导入任何普通高中录取数据。',
    advice: '请先按模板导入；确实没有的，写明 empty=yes。',
    exitCode: 4,
    basis: 'n66 二（四）',
  },
  'not-in-senior-high': {
    sentence: '考生 {candidate} 的档案现为“{state}”，不是普高已录。',
    advice: '请在“考生去向查询”中核对。',
    exitCode: 4,
    basis: 'n66 二（四）',
  },
  'duplicate-identity': {
    sentence: '考生 {candidate} 的身份证号与省内另一名考生重复。',
    advice: '请核对身份证号；确属同一人的，报省招办处理。',
    exitCode: 4,
    basis: 'n66 附件1·基本资料',
  },
  'duplicate-number': {
    sentence: '考生号 {number} 已属于另一名考生。',
    advice: '请核对考生号。',
    exitCode: 4,
    basis: 'n66 附件1·基本资料',
  },
  'wrong-identity': {
    sentence: '考生 {candidate} 的身份证号不对：{reason}',
    advice: '请核对后重新提交，未作任何改动。',
    exitCode: 3,
  },
  'number-after-dispatch': {
    sentence: '考生 {candidate} 已参加投档，考生号不能再改。',
    advice: '投档的记录以考生号为准；确属有误的，报省招办处理。',
    exitCode: 4,
    basis: 'n66 附件1·基本资料',
  },
  'identity-after-dispatch': {
    sentence: '考生 {candidate} 已参加投档，身份证件不能再改。',
    advice: '确属有误的，报省招办处理。',
    exitCode: 4,
    basis: 'n66 附件1·基本资料',
  },
  'file-at-school': {
    sentence: '考生 {candidate} 的档案现为“{state}”，不能修改{what}。',
    advice: '投档条件所用的资料须在档案回到库中之后更正；联系方式可随时修改。',
    exitCode: 4,
    basis: 'n66 附件1·基本资料',
  },
  'wrong-value': {
    sentence: '考生 {candidate} 的{what}不对：{reason}。',
    advice: '请改正后重新提交，未作任何改动。',
    exitCode: 3,
  },
  'correction-open': {
    sentence: '考生 {candidate} 已有一项成绩更正等待核定（第 {correction} 号）。',
    advice: '请先由另一人核定：edit-candidate correction={correction} verdict=approve 或 refuse。',
    exitCode: 4,
  },
  'unknown-correction': {
    sentence: '没有待核定的第 {correction} 号成绩更正。',
    advice: '请核对编号；已核定的不能再次核定。',
    exitCode: 4,
  },
  'correction-stale': {
    sentence: '第 {correction} 号成绩更正提出之后，该考生的成绩又有改动。',
    advice: '请不予同意后按现有成绩重新提出。',
    exitCode: 4,
  },
  'correction-by-city': {
    sentence: '投档之后的成绩更正由地市或省招办办理。',
    advice: '请把更正依据报送地市招办。',
    exitCode: 4,
  },
  'same-person': {
    sentence: '成绩更正的提出与核定不能是同一人。',
    advice: '请由有此功能的另一人核定第 {correction} 号更正。',
    exitCode: 4,
  },
  'not-a-dispatch': {
    sentence: '运行 {run} 不是已完成的投档，没有可导出的输入。',
    advice: '用 zhongzhao runs --job dispatch 查看已完成的投档。',
    exitCode: 4,
  },
  'policy-has-errors': {
    sentence: '政策有 {errors} 处错误，未采用：{first}。',
    advice: '请按所列位置逐处改正；zhongzhao policy check 列出全部问题。',
    exitCode: 3,
  },
  'policy-unreadable': {
    sentence: '读不到政策文件夹 {folder}（{reason}）。',
    advice: '请核对路径与权限。',
    exitCode: 3,
  },
  'other-season': {
    sentence: '这份政策是 {found} 年度的，现在是 {season} 年度。',
    advice: '请核对政策的年度（policy.yaml 的 season）。',
    exitCode: 4,
  },
  'policy-in-force': {
    sentence: '这份政策与现行的第 {version} 版相同。',
    advice: '无需再次采用，未作任何改动。',
    exitCode: 4,
  },
  'policy-frozen': {
    sentence: '{from} 至 {to} 为政策冻结期（{title}），省级政策没有写明理由不能改动。',
    advice:
      '各市自己的设置不受影响；确需改动的，请写明理由（reason=……），由 {signers} 人签署，' +
      '或待冻结期之后再采用。',
    exitCode: 4,
  },
  'policy-not-tried': {
    sentence: '已有投档运行，这份政策还没有试算过：不知道它会使哪些考生、院校得失。',
    advice:
      '请先运行 zhongzhao policy try 文件夹 --against {run} --out 试算.json，阅后再以 ' +
      'trial=试算.json（命令行 --trial 试算.json）采用，签署的是试算过的政策。',
    exitCode: 4,
  },
  'trial-unreadable': {
    sentence: '{path} 不能作为试算报告：{reason}。',
    advice: '请用 zhongzhao policy try 文件夹 --against 运行 --out 文件.json 写出。',
    exitCode: 3,
  },
  'trial-of-another': {
    sentence: '试算报告不是这份政策在本库的试算，而是{what}的。',
    advice: '政策改动之后须重新试算；请核对文件。',
    exitCode: 4,
  },
  'policy-tests-fail': {
    sentence: '所附的样例有 {count} 条与政策不符，第一条：{first}。',
    advice: '请用 zhongzhao policy test 查看全部；改正政策或样例之后再采用。',
    exitCode: 3,
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
