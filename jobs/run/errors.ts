/** What can go wrong with a run as such, whatever its job. */
import { errorTable, thrower } from '../../engine/errors.ts';

export const RUN_ERRORS = errorTable({
  'needs-session-connection': {
    sentence: '数据库连接经过事务级连接池，会话锁不起作用，不能运行作业。',
    advice: '请把 DATABASE_URL 改为直接连接 PostgreSQL，或把连接池设为会话模式（session）。',
    exitCode: 4,
  },
  fenced: {
    sentence: '本次运行（{lock}）已被另一次运行接替，不能再写入。',
    advice: '无需处理：接替者会把作业做完。用 zhongzhao runs 查看。',
    exitCode: 5,
  },
  'run-in-progress': {
    sentence: '作业 {job}（{identity}）正在运行，本次没有启动。',
    advice: '请稍候；用 zhongzhao runs 查看进度。',
    exitCode: 4,
  },
  stopped: {
    sentence: '运行 {run} 已按要求在步骤之间停下。',
    advice: '再次启动同一作业，会从停下的步骤继续。',
    exitCode: 5,
  },
  'run-failed': {
    sentence: '作业 {job}（{identity}）失败：{reason}。',
    advice: '已完成的步骤保留；排除原因后再次启动，会从下一步继续。日志里有同一运行编号的记录。',
    exitCode: 5,
  },
  'run-result-invalid': {
    sentence: '作业 {job} 给出的运行结果不合格式：{reason}。',
    advice: '这是程序错误，没有写入任何结果；请连同日志一起报告。',
    exitCode: 5,
  },
  'unknown-job': {
    sentence: '没有名为“{job}”的作业。',
    advice: '用 zhongzhao jobs 查看全部作业；最接近的是：{nearest}。',
    exitCode: 2,
  },
  'unknown-run': {
    sentence: '没有编号为 {run} 的运行。',
    advice: '用 zhongzhao runs 查看运行编号。',
    exitCode: 2,
  },
  'run-not-running': {
    sentence: '运行 {run} 的状态是 {state}，不在运行中，无需停止。',
    advice: '用 zhongzhao runs 查看正在运行的作业。',
    exitCode: 4,
  },
  'no-season': {
    sentence: '数据库里还没有可运行的年度。',
    advice:
      '请先采用政策（zhongzhao policy adopt）并导入数据（zhongzhao import），或运行 npm start。',
    exitCode: 4,
  },
  'no-schedule': {
    sentence: '{season} 年度还没有采用政策，因此没有日程。',
    advice: '请先运行 zhongzhao policy adopt。',
    exitCode: 4,
  },
  'schedule-unknown-job': {
    sentence: '日程里的作业“{job}”不存在。',
    advice: '请修改 schedule.yaml；可用的作业见 zhongzhao jobs。',
    exitCode: 3,
  },
  'schedule-bad-cron': {
    sentence: '日程里作业“{job}”的时间“{cron}”不是有效的 cron 表达式。',
    advice: '请修改 schedule.yaml。',
    exitCode: 3,
  },
  'clock-not-sample': {
    sentence: '这不是样例数据库，不能用 --at 设定时钟。',
    advice: '请去掉 --at。',
    exitCode: 4,
  },
  'clock-malformed': {
    sentence: '“{value}”不是有效的时刻。',
    advice: '请写成 2016-07-20T19:30（按北京时间）或带时区的 2016-07-20T19:30:00+08:00。',
    exitCode: 2,
  },
  'date-malformed': {
    sentence: '“{value}”不是有效的日期。',
    advice: '请写成 2016-07-20。',
    exitCode: 2,
  },
});

export const runError = thrower(RUN_ERRORS);
