/**
 * The errors of this room. Most of them say that something got past the checks of an import: the
 * dispatch then does not run at all, because a placing on doubtful input is worse than none.
 */
import { errorTable, thrower } from '../errors.ts';

export const dispatchErrors = errorTable({
  'unknown-batch': {
    sentence: '政策中没有批次 {batch}。',
    advice: '请核对批次代码，或在 batches.yaml 中加上该批次。',
    exitCode: 2,
  },
  'unknown-phase': {
    sentence: '批次 {batch} 所属的阶段 {phase} 在政策中不存在。',
    advice: '请核对 calendar.yaml 与 batches.yaml。',
    exitCode: 3,
  },
  'unknown-school': {
    sentence: '没有代码为 {school} 的院校。',
    advice: '请核对院校代码。',
    exitCode: 2,
  },
  'unknown-fact': {
    sentence: '规则用到的事实 {fact} 在投档中没有。',
    advice: '请在政策中改用该环节可用的事实名称。',
    exitCode: 3,
  },
  'bad-attribute': {
    sentence: '考生字段 {attribute} 的值“{value}”不是 {type} 类型。',
    advice: '请更正考生资料后重新导入。',
    exitCode: 3,
  },
  'seed-missing': {
    sentence: '批次 {batch} 按派位办理，但还没有抽取种子。',
    advice: '请先办理派位种子抽取（draw-seed），再投档。',
    exitCode: 4,
  },
  'gap-with-lottery': {
    sentence: '批次 {batch} 为派位方式，专业分配不能用分数级差。',
    advice: '请把 majors.mode 改为 score-first 或 major-first。',
    exitCode: 3,
  },
  'bands-missing': {
    sentence: '批次 {batch} 为梯度方式，但没有严格递减的分数段。',
    advice: '请在 batches.yaml 的 bands 中至少写一个下限，并从高到低排列。',
    exitCode: 3,
  },
  'reserved-code': {
    sentence: '规则的拒绝代码 {code} 与投档固有的结果同名。',
    advice: '请在政策中换一个拒绝代码。',
    exitCode: 3,
  },
  'too-many-reasons': {
    sentence: '本次投档用到的原因代码有 {count} 个，超过上限 {limit} 个。',
    advice: '请合并政策中的拒绝代码。',
    exitCode: 3,
  },
  'recheck-mismatch': {
    sentence:
      '抽样复核发现 {mismatches} 处与规则引擎不一致（共复核 {compared} 处；考生序 {candidate}，' +
      '情形表：{table}，引擎：{engine}），本次投档已停止。',
    advice: '结果没有写入。请保存日志并联系系统维护人员。',
    exitCode: 5,
  },
  'too-many-schools': {
    sentence: '院校有 {count} 所，超过上限 {limit} 所。',
    advice: '请核对院校表。',
    exitCode: 3,
  },
  'duplicate-code': {
    sentence: '{table} 中 {code} 出现了两次。',
    advice: '请删去重复的一行后重新导入。',
    exitCode: 3,
  },
  'unknown-code': {
    sentence: '{table} 用到的 {code} 在代码表中不存在。',
    advice: '请核对代码后重新导入。',
    exitCode: 3,
  },
  'count-out-of-range': {
    sentence: '{table} 中 {code} 的数 {count} 不在 0 到 {limit} 之间。',
    advice: '请核对计划数。',
    exitCode: 3,
  },
  'bad-candidate-number': {
    sentence: '有考生号为空或超过 {limit} 个字节。',
    advice: '请核对考生资料。',
    exitCode: 3,
  },
  'duplicate-candidate': {
    sentence: '考生号 {candidate} 出现了两次。',
    advice: '请删去重复的考生后重新导入。',
    exitCode: 3,
  },
  'duplicate-ordinal': {
    sentence: '考生 {candidate} 有两个第 {ordinal} 志愿。',
    advice: '请更正志愿后重新导入。',
    exitCode: 3,
  },
  'duplicate-choice': {
    sentence: '考生 {candidate} 在同一批次、同一轮次中两次填报院校 {school}。',
    advice: '请更正志愿后重新导入。',
    exitCode: 3,
  },
  'duplicate-preference': {
    sentence: '考生 {candidate} 的照顾特征 {feature} 出现了两次。',
    advice: '请删去重复的一行后重新导入。',
    exitCode: 3,
  },
  'bad-ordinal': {
    sentence: '志愿序号 {ordinal} 不在 1 到 {limit} 之间。',
    advice: '请更正志愿后重新导入。',
    exitCode: 3,
  },
  'bad-value': {
    sentence: '{column} 栏的值“{value}”不合要求。',
    advice: '请先用数据包检查改正后再投档。',
    exitCode: 3,
  },
  'majors-too-long': {
    sentence: '一个志愿的专业栏有 {count} 个字节，超过上限 {limit} 个。',
    advice: '请更正志愿后重新导入。',
    exitCode: 3,
  },
});

export const fail = thrower(dispatchErrors);
