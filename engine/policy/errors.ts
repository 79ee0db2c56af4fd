import { errorTable, thrower } from '../errors.ts';

export const POLICY_ERRORS = errorTable({
  'stored-policy-unreadable': {
    sentence: '库中保存的政策文件 {file} 无法读取：{what}',
    advice: '数据库可能被改动过；请用 zhongzhao verify 检查，必要时从备份恢复。',
    exitCode: 5,
  },
  'unknown-batch': {
    sentence: '政策中没有批次 {batch}',
    advice: '请核对批次代码；政策的批次见 batches.yaml。',
    exitCode: 2,
  },
});

export const fail = thrower(POLICY_ERRORS);
