/** Errors of a package as a whole; those of its rows are problems (problems.ts). */
import { errorTable, thrower } from '../../engine/errors.ts';

export const PACKAGE_ERRORS = errorTable({
  'package-not-found': {
    sentence: '找不到数据包：{path}。',
    advice: '请检查路径；数据包是一个放有 CSV 文件的文件夹，或一个 .xlsx 工作簿。',
    exitCode: 3,
  },
  'package-exists': {
    sentence: '目标文件夹已存在且不为空：{path}',
    advice: '请换一个文件夹，或先移走原有内容；系统不会覆盖已有的数据包。',
    exitCode: 3,
  },
  'package-has-errors': {
    sentence: '数据包有 {errors} 处错误，未导入任何内容。',
    advice: '请按所列位置逐处改正后重新导入；或用 --accept-valid 只导入没有错误的行。',
    exitCode: 3,
  },
  'season-closed': {
    sentence: '{season} 年度已经关闭，只能查阅，不能导入。',
    advice: '请检查年度；确需更正请先由省级办理。',
    exitCode: 4,
  },
  'wrong-season': {
    sentence: '数据包是 {found} 年度的，当前政策是 {season} 年度的。',
    advice: '请检查数据包的 datapackage.json 与已采用的政策。',
    exitCode: 3,
  },
  'package-changed': {
    sentence: '检查之后文件又有改动：{file}。',
    advice: '请等文件写完再导入。',
    exitCode: 3,
  },
  'not-synthetic': {
    sentence: '此数据包未标明为合成数据，而本库{reason}，不能导入。',
    advice:
      '正式数据请导入新建的库，并采用没有示例值的政策；示例库只接收 zhongzhao sample 生成的数据包。',
    exitCode: 4,
  },
  'run-defaults-missing': {
    sentence: '没有指明{what}，数据包的 datapackage.json 里也没有记录。',
    advice: '请用 {option} 指明。',
    exitCode: 2,
  },
  'unknown-batch': {
    sentence: '政策中没有批次 {batch}。',
    advice: '请检查 --batch 与政策的 batches.yaml。',
    exitCode: 2,
  },
  'unknown-city': {
    sentence: '数据包的 regions.csv 中没有地市 {city}。',
    advice: '请检查 --city 与 regions.csv。',
    exitCode: 2,
  },
} as const);

export const fail = thrower(PACKAGE_ERRORS);
