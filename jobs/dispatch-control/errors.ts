/** What the functions of 投档控制 refuse themselves. Rules refuse with codes of their own. */
import { errorTable, thrower } from '../../engine/errors.ts';

const DISPATCH_CONTROL_ERRORS = errorTable({
  'already-adopted': {
    sentence: '{city} 的第 {version} 版设置和录取原则都已签署上报。',
    advice: '无须再次办理；改动设置或录取原则后再签署。',
    exitCode: 4,
  },
  'applicants-changed': {
    sentence: '{city} 的{batch}考生数据在公布之后有了变动：公布的是 {published}，现为 {now}。',
    advice: '请先重新公布（draw-seed publish=yes），再抽取种子；已公布的仍留档备查。',
    exitCode: 4,
    basis: 'n66 附件1·投档3',
  },
  'applicants-not-published': {
    sentence: '{city} 的{batch}第 {round} 轮还没有公布考生数据的哈希，不能抽取种子。',
    advice: '请先公布（draw-seed publish=yes），公布之后再由两人抽取。',
    exitCode: 4,
    basis: 'n66 附件1·投档3',
  },
  'batch-closed': {
    sentence: '{city} 的{batch}已经结束。',
    advice: '请核对批次；已经结束的批次不再改动。',
    exitCode: 4,
    basis: 'n66 附件3',
  },
  'batch-dispatched': {
    sentence: '{city} 的{batch}第 {round} 轮已经投档，在开放下一轮之前不能改动设置。',
    advice:
      '设置在首次投档之前、以及上一轮之后下一轮投档之前可以改动；请先开放下一轮（open-round）。',
    exitCode: 4,
    basis: 'n66 附件1·投档控制',
  },
  'below-region-line': {
    sentence: '院校线 {line} 分低于 {city} 的区域分数线 {region} 分。',
    advice: '院校区域分数线只能高于或等于区域分数线；请改正分数线。',
    exitCode: 4,
    basis: 'n66 附件1·投档控制7',
  },
  'city-dispatched': {
    sentence: '{city} 今年已经在本系统投档，不能再改为采用本市录取系统。',
    advice: '请核对地市；确需改变的，须先撤销该市的全部投档（cancel-run）。',
    exitCode: 4,
    basis: 'n66 三（一）5',
  },
  'condition-of-other-school': {
    sentence: '条件 {id} 属于院校 {other}，不属于院校 {school}。',
    advice: '请另取一个标识；要改动院校 {other} 的条件，请写明该院校。',
    exitCode: 4,
    basis: 'n66 附件1·投档控制8',
  },
  'condition-rejected': {
    sentence: '条件写得不对，共 {count} 处：{problems}。',
    advice: '请按所列位置逐处改正后重新提交，未作任何改动。',
    exitCode: 3,
    basis: 'n66 附件1·投档控制8',
  },
  'file-at-school': {
    sentence: '考生 {candidate} 的档案现在院校 {school}（{state}），不能改变考生状态。',
    advice: '请待档案回到库中再办理；急需处理的，请先办理“指定考生强制回收档案”。',
    exitCode: 4,
    basis: 'n66 附件1·投档控制9',
  },
  'held-by-higher-level': {
    sentence: '考生 {candidate} 的档案由{level}挂起，不能由下级恢复。',
    advice: '请由挂起的一级或上级办理。',
    exitCode: 4,
    basis: 'n66 附件1·投档控制9',
  },
  'lists-open': {
    sentence: '{city} 的{batch}还有 {count} 份投档单没有办结：{lists}。',
    advice: '请待院校提交、审核办结，或取消这些投档单后再办理。',
    exitCode: 4,
    basis: 'n66 附件3',
  },
  'no-plan': {
    sentence: '院校 {school} 在 {city} 的{batch}没有生源计划，不能设置机动计划。',
    advice: '请先在“院校计划管理”中列出该校在本市的计划；没有计划与计划为 0 不同。',
    exitCode: 4,
    basis: 'n66 一（一）',
  },
  'no-settings': {
    sentence: '{city} 今年还没有任何设置，无从签署。',
    advice: '请先在投档控制中设置本市的区域分数线等内容。',
    exitCode: 4,
    basis: 'n66 三（一）1',
  },
  'not-in-batch': {
    sentence: '院校 {school} 不属于{batch}。',
    advice: '请核对院校与批次；如需调整，请先办理“设置院校所属批次”。',
    exitCode: 4,
    basis: 'n66 附件1·投档控制6',
  },
  'not-latest-version': {
    sentence: '第 {version} 版不是 {city} 的现行设置，现行的是第 {latest} 版（{hash}）。',
    advice: '请核对现行设置（policy export --city {city}）后，签署第 {latest} 版。',
    exitCode: 4,
    basis: 'n66 三（一）1',
  },
  'outside-phase': {
    sentence: '{opens} 至 {closes} 超出了{phase}的时间 {from} 至 {to}。',
    advice: '本市批次的时间须在省定的阶段之内，请改正日期。',
    exitCode: 4,
    basis: 'n66 一（二）',
  },
  'outside-window': {
    sentence: '录取工作时间 {opens} 至 {closes} 不在{batch}的时间 {from} 至 {to} 之内。',
    advice: '请按批次的时间安排；结束须晚于开始。',
    exitCode: 4,
    basis: 'n66 一（二）',
  },
  'principles-answered': {
    sentence: '{city} 第 {filing} 次上报的录取原则省招办已经答复：{state}。',
    advice: '如需更改，请由该市重新上报。',
    exitCode: 4,
    basis: 'n66 三（一）1',
  },
  'principles-needed': {
    sentence: '{city} 还没有上报录取原则，签署设置须同时上报。',
    advice: '请填写录取原则文件的 SHA-256（principles_hash）和存放处（principles_reference）。',
    exitCode: 4,
    basis: 'n66 三（一）1',
  },
  'principles-not-filed': {
    sentence: '{city} 今年还没有上报录取原则。',
    advice: '请该市先签署上报（adopt-city-settings）。',
    exitCode: 4,
    basis: 'n66 三（一）1',
  },
  'principles-objected': {
    sentence: '省招办对 {city} 上报的录取原则有异议：{reason}。',
    advice: '请修改录取原则后，连同新文件的 SHA-256 与存放处重新签署上报。',
    exitCode: 4,
    basis: 'n66 三（一）1',
  },
  'reason-needed': {
    sentence: '对录取原则有异议须写明理由。',
    advice: '请填写理由（reason）后重新提交。',
    exitCode: 4,
  },
  'round-has-choices': {
    sentence: '{city} 的{batch}已有第 {round} 轮的志愿，不能开放为沿用原志愿的一轮。',
    advice: '请以 new_choices=yes 开放本轮；导入有误的志愿须先更正。',
    exitCode: 4,
    basis: 'n66 附件3',
  },
  'round-not-dispatched': {
    sentence: '{city} 的{batch}第 {round} 轮还没有投档。',
    advice: '请先完成本轮投档，或待批次时间结束后再办理。',
    exitCode: 4,
    basis: 'n66 附件3',
  },
  'schedule-shortened': {
    sentence: '{batch}已经投档，院校 {school} 的工作时间只能延长：现为 {opens} 至 {closes}。',
    advice: '请把开始时间定得不晚于、结束时间定得不早于现有安排。',
    exitCode: 4,
    basis: 'n66 一（二）',
  },
  'seed-drawn': {
    sentence: '{city} 的{batch}第 {round} 轮已就同样的考生数据抽取了种子（第 {draw} 次抽签）。',
    advice: '一轮只抽一次；考生数据变动的，须重新公布后再抽取。',
    exitCode: 4,
    basis: 'n66 附件1·投档3',
  },
  'settings-rejected': {
    sentence: '设置不能生效，共 {count} 处不对：{problems}。',
    advice: '请按所列各处改正后重新提交，未作任何改动。',
    exitCode: 3,
    basis: 'n66 附件1·投档控制',
  },
  'unknown-major': {
    sentence: '院校 {school} 没有代码为 {major} 的专业。',
    advice: '请核对专业代码。',
    exitCode: 4,
  },
});

export const controlError = thrower(DISPATCH_CONTROL_ERRORS);
