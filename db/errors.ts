/** Errors of the database room: connection, embedded server, migrations, COPY, trail, policies. */
import { errorTable, thrower } from '../engine/errors.ts';

export const DATABASE_ERRORS = errorTable({
  'wrong-database-url': {
    sentence: '数据库地址无法识别。',
    advice: '请检查环境变量 DATABASE_URL，形如 postgres://用户:密码@主机:端口/数据库。',
    exitCode: 2,
  },
  'cannot-connect': {
    sentence: '无法连接数据库 {host}：{reason}。',
    advice: '请确认数据库已启动、地址与密码正确，然后重新运行同一命令。',
    exitCode: 5,
  },
  'server-too-old': {
    sentence: '数据库版本为 {version}，本系统需要 PostgreSQL 15 或更高版本。',
    advice: '请升级数据库，或去掉 DATABASE_URL 改用自带的数据库。',
    exitCode: 5,
  },
  'wrong-encoding': {
    sentence: '数据库编码为 {encoding}，本系统需要 UTF8。',
    advice: '请用 UTF8 编码新建数据库。',
    exitCode: 5,
  },
  'needs-session-connection': {
    sentence: '数据库地址经过了按事务分配连接的连接池，会话锁在其上不起作用。',
    advice: '请把 DATABASE_URL 改为直连数据库的地址，或把连接池改为按会话分配。',
    exitCode: 5,
  },
  'nested-transaction': {
    sentence: '事务之内不能再开事务。',
    advice: '这是程序错误，请把运行编号与日志交给维护人员。',
    exitCode: 5,
  },
  'transaction-aborted': {
    sentence: '事务中有语句出错而未被处理，数据库已撤销整个事务。',
    advice: '数据未作改动；这是程序错误，请把运行编号与日志交给维护人员。',
    exitCode: 5,
  },
  'database-newer': {
    sentence: '数据库结构比本程序新（含未知的迁移 {migration}）。',
    advice: '请升级本程序后再运行，数据未作改动。',
    exitCode: 5,
  },
  'needs-roles': {
    sentence: '数据库登录 {login} 不能使用角色 {role}，也无权新建或授予它。',
    advice:
      '请数据库管理员执行 CREATE ROLE {role} NOLOGIN; GRANT {role} TO {login}; 然后重新运行同一命令。',
    exitCode: 5,
  },
  'embedded-missing': {
    sentence: '找不到适用于 {platform} 的自带数据库。',
    advice: '请重新执行 npm ci；若本平台没有自带数据库，请用 DATABASE_URL 指定 PostgreSQL。',
    exitCode: 5,
  },
  'embedded-user': {
    sentence: '以 root 身份运行时需要一个普通系统用户来启动数据库，但无法创建用户 {user}。',
    advice: '请由管理员创建系统用户 {user}，或改用普通用户运行，或设置 DATABASE_URL。',
    exitCode: 5,
  },
  'embedded-owner': {
    sentence: '自带数据库的文件夹 {folder} 属于另一个用户。',
    advice: '请改用原来的用户运行，或用 ZHONGZHAO_HOME 指定另一个文件夹。',
    exitCode: 5,
  },
  'embedded-locked': {
    sentence: '等待另一进程（进程号 {pid}）启动数据库，超过 {seconds} 秒仍未完成。',
    advice: '请查看该进程；确认它已无响应后结束它，再重新运行。',
    exitCode: 5,
  },
  'embedded-start-failed': {
    sentence: '自带数据库启动失败：{reason}。',
    advice: '请查看日志 {log}，排除原因后重新运行同一命令。',
    exitCode: 5,
  },
  'copy-failed': {
    sentence: '批量读写中断：{reason}。',
    advice: '事务已撤销，请排除原因后重新运行同一命令。',
    exitCode: 5,
  },
  'sample-needs-empty-database': {
    sentence: '示例省只能装入空的数据库，而表 {table} 中已有数据。',
    advice: '请用 ZHONGZHAO_HOME 指定一个新的文件夹，或用 zhongzhao import 导入数据包。',
    exitCode: 4,
  },
  'season-closed': {
    sentence: '{season} 年度已结束，其数据只读。',
    advice: '请核对年度；需要更正时由省招办另行处理。',
    exitCode: 4,
  },
  'policy-needs-sample-database': {
    sentence: '该政策含有示例值（basis: sample），而本数据库已导入真实数据。',
    advice: '请把示例值改为有文件依据的值，或在示例数据库中试用。',
    exitCode: 4,
  },
  'policy-superseded': {
    sentence: '这份政策内容是 {season} 年度的第 {version} 版，已被第 {latest} 版取代。',
    advice: '要恢复旧内容，请在文件夹中写明新的标题（title）后再次采用，以便与旧版区分。',
    exitCode: 4,
  },
});

export const databaseError = thrower(DATABASE_ERRORS);

/** The text of whatever was thrown; some packages throw `undefined`. */
export function reasonOf(thrown: unknown): string {
  if (thrown instanceof AggregateError && thrown.errors.length > 0) {
    return thrown.errors.map(reasonOf).join('; ');
  }
  if (thrown instanceof Error) return thrown.message === '' ? thrown.name : thrown.message;
  return thrown === undefined ? 'unknown' : String(thrown);
}
