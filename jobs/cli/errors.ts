/** What can be wrong with a command line, and with who speaks. */
import { errorTable, thrower } from '../../engine/errors.ts';

export const CLI_ERRORS = errorTable({
  'wrong-usage': {
    sentence: '用法不对：{reason}。',
    advice: '用 zhongzhao {command} --help 查看用法。',
    exitCode: 2,
  },
  'unknown-user': {
    sentence: '样例数据库里没有用户“{user}”。',
    advice:
      '可用的用户：province、province-2、city-地市代码、city-地市代码-2、county-区县代码、school-院校代码、school-院校代码-clerk。',
    exitCode: 2,
  },
  'trust-needs-sample': {
    sentence: '这不是样例数据库，不能免口令。',
    advice: '请去掉环境变量 ZHONGZHAO_TRUST_LOCAL，用口令或令牌登录。',
    exitCode: 4,
  },
  'token-ended': {
    sentence: '令牌无效，或登录已经结束。',
    advice: '请重新登录。',
    exitCode: 4,
  },
  'token-of-another': {
    sentence: '令牌不是用户 {user} 的。',
    advice: '请用本人的令牌，或去掉 --token 改用口令。',
    exitCode: 4,
  },
  'no-password': {
    sentence: '没有给出用户 {user} 的口令。',
    advice: '请在终端上输入，或写在标准输入的第一行，或用 --token。',
    exitCode: 2,
  },
  'no-users': {
    sentence: '数据库里还没有用户，不能以“{user}”的身份操作。',
    advice: '请先由系统维护人员导入省的基本数据并建立第一个用户；样例数据库自带用户。',
    exitCode: 4,
  },
  'input-unreadable': {
    sentence: '读不了输入文件 {path}：{reason}。',
    advice: '输入文件应为 JSON 对象（UTF-8），或首行为列名的 CSV，不超过 8 MB；未作任何改动。',
    exitCode: 3,
  },
  'tests-not-appendable': {
    sentence: '样例文件 {path} 不是可以补写的样例列表，或刚被改动，没有写入。',
    advice: '请检查该文件（tests: 之下每条以 - 开头），保存后再次运行。',
    exitCode: 3,
  },
  'policy-has-errors': {
    sentence: '政策文件夹 {folder} 有 {errors} 处错误。',
    advice: '请按所列位置逐处改正，再次运行 zhongzhao policy check。',
    exitCode: 3,
  },
  'documents-unreadable': {
    sentence: '政策文件夹 {folder} 有 {count} 处写法问题，没有整理。',
    advice: '请按所列位置改正，再次运行 zhongzhao policy format。',
    exitCode: 3,
  },
  'folder-unreadable': {
    sentence: '读不到文件夹 {folder}（{reason}）。',
    advice: '请核对路径与权限。',
    exitCode: 3,
  },
  'folder-exists': {
    sentence: '文件夹 {folder} 已经存在，没有写入。',
    advice: '请用 --to 写明另一个文件夹，或先移走原有的。',
    exitCode: 3,
  },
  'no-policy': {
    sentence: '{season} 年度还没有采用政策。',
    advice: '请先运行 zhongzhao policy adopt。',
    exitCode: 4,
  },
  'no-overlay': {
    sentence: '没有代码为 {city} 的地市设置。',
    advice: '请核对地市代码；没有自己设置的地市沿用全省政策。',
    exitCode: 2,
  },
  'not-a-dispatch': {
    sentence: '运行 {run} 不是已完成的投档，没有可导出的输入。',
    advice: '用 zhongzhao runs --job dispatch 查看已完成的投档。',
    exitCode: 2,
  },
  'seals-unreadable': {
    sentence: '读不到封签文件 {file}（{reason}）。',
    advice: '请核对路径与权限；封签文件形如 seals/2016.jsonl，每行一个封签。',
    exitCode: 3,
  },
  unexpected: {
    sentence: '出现意外错误（{reason}），操作没有完成。',
    advice: '再次运行同一命令是安全的；如仍出错，请连同 ZHONGZHAO_HOME 下 log 里的记录一起报告。',
    exitCode: 5,
  },
});

export const cliError = thrower(CLI_ERRORS);
