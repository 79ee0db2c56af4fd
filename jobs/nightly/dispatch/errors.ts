/** Errors of the dispatch job. */
import { errorTable, thrower } from '../../../engine/errors.ts';

export const dispatchJobErrors = errorTable({
  'no-policy': {
    sentence: '{season} 年还没有采用任何政策，不能投档。',
    advice: '请先用 zhongzhao policy adopt 采用本年度政策。',
    exitCode: 4,
  },
  'no-policy-version': {
    sentence: '找不到编号为 {version} 的政策版本。',
    advice: '请核对运行编号；如确有该次运行，请联系系统维护人员。',
    exitCode: 5,
  },
  'scope-incomplete': {
    sentence: '投档需要指明地市、批次与轮次。',
    advice: '请用 --city 与 --batch 指明；轮次不写时为第一轮。',
    exitCode: 2,
  },
  'unknown-city': {
    sentence: '没有代码为 {city} 的地市。',
    advice: '请核对地市代码。',
    exitCode: 2,
  },
  'unknown-batch': {
    sentence: '政策中没有批次 {batch}。',
    advice: '请核对批次代码，或用 zhongzhao policy check 查看政策中的批次。',
    exitCode: 2,
  },
  'round-not-open': {
    sentence: '{city} 的批次 {batch} 第 {round} 轮还没有开放。',
    advice: '第一轮随批次时间开放；以后各轮由地市开放后再投档。',
    exitCode: 4,
  },
  'batch-closed': {
    sentence: '{city} 的 {batch} 已经结束，不再投档。',
    advice: '请核对批次；结束后的空余计划留待以后的批次或阶段。',
    exitCode: 4,
    basis: 'n66 附件3',
  },
  'seed-of-other-round': {
    sentence: '{city} 的{batch}第 {round} 轮不能使用第 {former} 轮的派位种子（第 {draw} 次抽取）。',
    advice: '请为本轮公布考生数据，由两人另行抽取种子（draw-seed）。',
    exitCode: 4,
    basis: 'n66 附件1·投档',
  },
  'applicants-differ': {
    sentence:
      '{city} 的{batch}第 {round} 轮：考生数据与第 {draw} 次抽取种子之前公布的不同' +
      '（公布 {published}…，现为 {now}…；其后经人办理变动的考生 {files} 名），没有投档。',
    advice:
      '种子公开之后参加派位的人不能变动。请重新公布考生数据，由两人重新抽取种子（draw-seed）。',
    exitCode: 4,
    basis: 'n66 附件1·投档',
  },
  'applicants-touched': {
    sentence:
      '{city} 的{batch}第 {round} 轮：公布考生数据（第 {draw} 次抽取）之后，' +
      '有 {files} 名考生的档案经人办理变动，不能再按这个种子派位。',
    advice: '请重新公布考生数据，由两人重新抽取种子（draw-seed）。',
    exitCode: 4,
    basis: 'n66 附件1·投档',
  },
  'publication-lost': {
    sentence:
      '{city} 的{batch}第 {round} 轮：轨迹中找不到第 {draw} 次抽取种子之前的公布，不能派位。',
    advice:
      '请用 zhongzhao verify 核对轨迹；查明之后重新公布考生数据，由两人重新抽取种子（draw-seed）。',
    exitCode: 4,
    basis: 'n66 附件1·投档',
  },
  'package-lost': {
    sentence: '第 {run} 次运行的输入数据包没有保存下来，并且已无法按原样恢复。',
    advice: '请从备份中取回 packages 目录；投档结果本身未受影响。',
    exitCode: 5,
  },
  'proof-thread-lost': {
    sentence: '核对投档结果的线程中途退出，本次投档没有写入。',
    advice: '请重新运行；如再次出现，请检查内存是否充足，并连同日志联系系统维护人员。',
    exitCode: 5,
  },
});

export const fail = thrower(dispatchJobErrors);
