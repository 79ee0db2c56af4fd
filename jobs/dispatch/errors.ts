/** What the functions of 投档 refuse themselves. */
import { errorTable, thrower } from '../../engine/errors.ts';

const DISPATCH_ERRORS = errorTable({
  // Dispatching: whole batches, one school, by lot.
  'county-may-not-dispatch': {
    sentence: '县区用户不能办理“{title}”（政策值“{value}”为否）。',
    advice: '请由市招办办理。',
    exitCode: 4,
  },
  'drawn-already': {
    sentence:
      '{city} 的院校 {school} 在批次 {batch} 第 {round} 轮已派位录取过（第 {run} 次运行）。',
    advice: '派位只抽取一次；剩余的名额请在下一轮或以点投办理。',
    exitCode: 4,
    basis: 'n66 附件1·投档3',
  },
  'no-applicants': {
    sentence: '院校 {school} 现在没有可以派位录取的考生（参加派位 {count} 人）。',
    advice: '在库考生的前面志愿仍有空位的，不参加派位；请在该轮投档之后再办理。本次不算已派位。',
    exitCode: 4,
    basis: 'n66 附件1·投档3',
  },
  'no-places': {
    sentence: '院校 {school} 在 {city} 的批次 {batch} 已没有空余名额。',
    advice: '请核对计划与已占用的名额；计划可由学校申请增加。',
    exitCode: 4,
    basis: 'n66 一（一）',
  },
  'no-plan': {
    sentence: '院校 {school} 在 {city} 没有批次 {batch} 的招生计划。',
    advice: '请核对院校与批次；没有计划的院校不能在本地市录取。',
    exitCode: 4,
    basis: 'n66 一（一）',
  },
  'no-seed': {
    sentence: '{city} 的批次 {batch} 还没有抽取派位种子。',
    advice: '请先由两名工作人员办理派位种子抽取（draw-seed）。',
    exitCode: 4,
    basis: 'n66 附件1·投档3',
  },
  'round-already-run': {
    sentence: '{what}已投档（第 {run} 次运行）。',
    advice: '每轮只投档一次；剩余的名额请开放下一轮，或指定院校投档。',
    exitCode: 4,
    basis: 'n66 附件1·投档',
  },
  'round-over': {
    sentence: '{city} 的批次 {batch} 第 {round} 轮已由第 {current} 轮接替。',
    advice: '请在现在开放的一轮中办理。',
    exitCode: 4,
    basis: 'n66 附件1·投档',
  },
  // Point dispatch.
  'majors-full': {
    sentence: '院校 {school} 的专业没有空余名额可给考生 {candidate}。',
    advice: '请改选有余额的专业，或先增加计划。',
    exitCode: 4,
    basis: 'n66 一（一）',
  },
  'majors-refused': {
    sentence: '考生 {candidate} 不符合院校 {school} 可选专业的特殊条件。',
    advice: '请核对考生资料与专业的特殊条件。',
    exitCode: 4,
    basis: 'n66 附件1·投档控制8',
  },
  'no-adjustment': {
    sentence: '考生 {candidate} 在院校 {school} 所填的专业已满，且不服从调剂。',
    advice: '请征得考生同意后申请批件，写明院校和专业。',
    exitCode: 4,
    basis: 'n66 一（一）',
  },
  'no-approval-paper': {
    sentence: '考生 {candidate} 没有投往院校 {school} 的、已批准而未使用的批件。',
    advice: '线下点投须有批件，写明考生、院校和专业；请由学校申请（apply-approval-paper）。',
    exitCode: 4,
    basis: 'n66 附件1·投档6',
  },
  'not-below-line': {
    sentence: '考生 {candidate} 达到院校 {school} 的分数要求，不属于线下点投。',
    advice: '请用“指定考生线上点投”办理。',
    exitCode: 4,
    basis: 'n66 附件1·投档4',
  },
  'not-in-pool': {
    sentence: '考生 {candidate} 的档案现为“{state}”，不在库，不能点投。',
    advice: '请在“考生去向查询”中核对档案现状。',
    exitCode: 4,
    basis: 'n66 附件1·投档4',
  },
  'outside-choices': {
    sentence: '院校 {school}{major}不在考生 {candidate} 本批次的志愿之内。',
    advice: '志愿之外须有批准的批件，写明考生、院校和专业。',
    exitCode: 4,
    basis: 'n66 附件1·审核管理3',
  },
  // Lists and runs: release, cancel.
  'audit-stopped': {
    sentence: '核查发现问题，不能发档：{schools}。',
    advice: '请查看该次核查的结果，处理后撤销本次投档（cancel-run）重新投档。',
    exitCode: 4,
  },
  'list-released': {
    sentence: '第 {run} 次运行的投档单 {lists} 已经发档，不能整批撤销。',
    advice: '请对尚未提交的投档单逐份取消（cancel-dispatch-list）。',
    exitCode: 4,
    basis: 'n66 附件1·档案管理',
  },
  'not-audited': {
    sentence: '第 {run} 次运行还没有经过核查，不能发档。',
    advice: '请先运行核查（zhongzhao run audit），通过后再发档。',
    exitCode: 4,
  },
  'same-person': {
    sentence: '第 {run} 次投档由您本人办理，不能由您发档。',
    advice: '请由有此功能的另一人发档。',
    exitCode: 4,
    basis: 'n66 附件2',
  },
  'unknown-run': {
    sentence: '没有编号为 {run} 的已完成的投档。',
    advice: '用 zhongzhao runs --job dispatch 查看投档的运行编号；已撤销的不能再次撤销。',
    exitCode: 4,
  },
});

export const dispatchError = thrower(DISPATCH_ERRORS);
