/** What can be wrong with the value that is to be tried. */
import { errorTable, thrower } from '../errors.ts';

export const TRIAL_ERRORS = errorTable({
  'path-syntax': {
    sentence: '取值的路径“{path}”写得不对：{reason}。',
    advice:
      '请写成 文件.键[条目].键，如 score-lines.regions[440100,vocational].line=310；' +
      '只改一市的写 cities/440100:batches.batches[vocational].dispatch.ratio=1.05。',
    exitCode: 2,
  },
  'path-unknown': {
    sentence: '政策中没有“{path}”：在“{place}”下没有「{part}」{hint}。',
    advice: '此处可写的有：{known}。',
    exitCode: 2,
  },
  'sweep-syntax': {
    sentence: '取值的范围“{text}”写得不对：{reason}。',
    advice: '请写成 起..止:步长，如 280..340:5；或逐个列出，用逗号分开，如 follow,reject-all。',
    exitCode: 2,
  },
  'sweep-too-long': {
    sentence: '取值的范围“{text}”有 {count} 步，超过上限 {limit} 步。',
    advice: '请放大步长或缩小范围。',
    exitCode: 2,
  },
});

export const fail = thrower(TRIAL_ERRORS);
