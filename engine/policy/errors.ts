import { errorTable, thrower } from '../errors.ts';

export const POLICY_ERRORS = errorTable({
  'stored-policy-unreadable': {
    sentence: '库中保存的政策文件 {file} 无法读取：{what}',
    advice: '数据库可能被改动过；请用 zhongzhao verify 检查，必要时从备份恢复。',
    exitCode: 5,
  },
  'format-unsafe': {
    sentence: '{file} 不能整理：整理后的内容或注释会与原来的不同。',
    advice: '文件未作改动；请把其中少见的写法（如括号内的注释）改为逐行书写后再试。',
    exitCode: 3,
  },
  'unknown-batch': {
    sentence: '政策中没有批次 {batch}。',
    advice: '请核对批次代码；政策的批次见 batches.yaml。',
    exitCode: 2,
  },
  'unknown-window': {
    sentence: '政策中没有时间段 {window}。',
    advice: '请在 calendar.yaml 的 windows 下写明该时间段后重新采用政策。',
    exitCode: 3,
  },
  'unknown-deadline': {
    sentence: '政策中没有日期 {deadline}。',
    advice: '请在 calendar.yaml 的 deadlines 下写明该日期后重新采用政策。',
    exitCode: 3,
  },
  'unknown-value': {
    sentence: '政策中没有取值 {value}。',
    advice: '请在 calendar.yaml 的 values 下写明该取值后重新采用政策。',
    exitCode: 3,
  },
  'value-type': {
    sentence: '政策的取值 {value} 应为{expected}，现为 {found}。',
    advice: '请在 calendar.yaml 中改正该取值后重新采用政策。',
    exitCode: 3,
  },
  'bad-date': {
    sentence: '{date} 不是实际存在的日期。',
    advice: '请按 2016-07-20 的形式写明日期。',
    exitCode: 2,
  },
  'bad-days': {
    sentence: '天数 {days} 不是整数。',
    advice: '请写明整数天数。',
    exitCode: 2,
  },
  'number-pattern': {
    sentence: '考生号样式 {pattern} 有误。',
    advice: '请在 policy.yaml 的 numbers 下改正，如 {yy}{city4}{serial8}，须有且只有一个流水号。',
    exitCode: 3,
  },
  'number-city': {
    sentence: '地市代码 {city} 不够长或含有数字以外的字符，不能按样式编考生号。',
    advice: '请核对地市代码，或改正 policy.yaml 的 numbers。',
    exitCode: 3,
  },
  'number-year': {
    sentence: '年份 {year} 不能编入考生号。',
    advice: '请按四位数字写明年份。',
    exitCode: 2,
  },
  'number-serial': {
    sentence: '流水号 {serial} 不是从 1 起的整数。',
    advice: '请报告技术人员。',
    exitCode: 5,
  },
  'numbers-exhausted': {
    sentence: '以 {prefix} 开头的考生号已用到最后一个流水号 {last}。',
    advice: '请由省招办在 policy.yaml 的 numbers 下改用更长的流水号后重新采用政策。',
    exitCode: 4,
  },
  'batch-by-kinds': {
    sentence: '批次 {batch} 按院校类别划定，不能只增减一所院校。',
    advice: '请先写明本批次的全部院校，再逐所增减。',
    exitCode: 4,
  },
  'base-entry': {
    sentence: '「{id}」由省统一规定，本市不能删除。',
    advice: '审核规则可以停用；其余内容须报省招办修改。',
    exitCode: 4,
  },
  'no-such-entry': {
    sentence: '没有「{id}」。',
    advice: '请核对标识或代码；现有内容见政策查询。',
    exitCode: 2,
  },
  'overlay-list-cleared': {
    sentence: '本市的设置已把 {name} 整项清除，不能再逐条增改。',
    advice: '请导出本市的设置（policy export --city），删去该项的 null 后重新采用。',
    exitCode: 4,
  },
});

export const fail = thrower(POLICY_ERRORS);
