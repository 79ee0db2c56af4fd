/** What the runner itself refuses, whatever the function. */
import { errorTable, thrower } from '../../engine/errors.ts';

export const ACT_ERRORS = errorTable({
  'unknown-function': {
    sentence: '没有名为“{function}”的功能。',
    advice: '用 zhongzhao jobs 查看全部功能；最接近的是：{nearest}。',
    exitCode: 2,
  },
  'wrong-input': {
    sentence: '功能“{title}”的输入不对：{problems}。',
    advice: '可用的输入：{properties}。请改正后重新提交，未作任何改动。',
    exitCode: 3,
  },
  'unknown-user': {
    sentence: '没有用户 {user}。',
    advice: '请核对用户名；用户由上级或本级的系统管理员建立。',
    exitCode: 4,
  },
  'user-disabled': {
    sentence: '用户 {user} 已停用。',
    advice: '如需恢复，请联系本级系统管理员。',
    exitCode: 4,
  },
  'password-change-needed': {
    sentence: '首次登录须先修改密码。',
    advice: '请先办理“修改密码”（change-password）。',
    exitCode: 4,
  },
  'screen-locked': {
    sentence: '屏幕已锁定，不能办理“{title}”。',
    advice: '请先输入密码解锁（招办：lock-system，学校：lock-session），再继续办理。',
    exitCode: 4,
    basis: 'n66 附件1·系统管理',
  },
  'no-function': {
    sentence: '用户 {user} 没有功能“{title}”。',
    advice: '如工作需要，请由本级系统管理员在“权限管理”中授予。',
    exitCode: 4,
    basis: 'n66 二（三）',
  },
  'wrong-side': {
    sentence: '功能“{title}”不属于用户 {user} 这一侧。',
    advice: '招办端与学校端的功能各自使用，请换用相应的用户。',
    exitCode: 4,
    basis: 'n66 附件1',
  },
  'wrong-level': {
    sentence: '功能“{title}”不由{level}用户办理。',
    advice: '请由有此职责的一级办理。',
    exitCode: 4,
    basis: 'n66 二（三）',
  },
  'out-of-scope': {
    sentence: '{what} 不在用户 {user} 的管理范围内。',
    advice: '请由主管的招办或院校办理。',
    exitCode: 4,
    basis: 'n66 二（三）',
  },
  undeclared: {
    sentence: '尚未申报本年度有无直系亲属报考，不能办理“{title}”。',
    advice: '请先办理“亲属报考申报”（declare-relatives），没有的也须申报“无”。',
    exitCode: 4,
    basis: 'n66 二（一）',
  },
  relative: {
    sentence: '有直系亲属报考今年有分数限制的院校或专业，不得参加录取工作，不能办理“{title}”。',
    advice: '请由其他工作人员办理；申报有误的，由省招办更正。',
    exitCode: 4,
    basis: 'n66 二（一）',
  },
  'region-locked': {
    sentence: '{region} 的业务操作已锁定。',
    advice: '请等锁定的一级或上级解锁后再办理。',
    exitCode: 4,
    basis: 'n66 附件1',
  },
  'window-closed': {
    sentence: '{date} 不在办理“{title}”的时间内：{spans}。',
    advice: '请在规定的时间内办理；如时间有变，以省招办公布的为准。',
    exitCode: 4,
  },
  'outside-schedule': {
    sentence: '现在不在学校的录取工作时间内：{opens} 至 {closes}。',
    advice: '请在工作时间内办理，或请生源地市招办调整录取工作安排。',
    exitCode: 4,
    basis: 'n66 一（二）',
  },
  'run-in-progress': {
    sentence: '{city} 的批次 {batch} 正在投档，暂不能办理“{title}”。',
    advice: '请稍候再提交，未作任何改动。',
    exitCode: 4,
  },
  'season-closed': {
    sentence: '{season} 年度已经结束，只能查询。',
    advice: '请核对年度。',
    exitCode: 4,
  },
  'no-policy': {
    sentence: '{season} 年度还没有采用政策。',
    advice: '请省招办先采用本年度政策（adopt-policy）。',
    exitCode: 4,
  },
  'unknown-candidate': {
    sentence: '没有考生号为 {candidate} 的考生。',
    advice: '请核对考生号。',
    exitCode: 4,
  },
  'unknown-school': {
    sentence: '没有代码为 {school} 的院校。',
    advice: '请核对院校代码。',
    exitCode: 4,
  },
  'unknown-list': {
    sentence: '{city} 没有第 {list} 号投档单。',
    advice: '请核对地市与投档单号。',
    exitCode: 4,
  },
  'unknown-batch': {
    sentence: '政策中没有批次 {batch}。',
    advice: '请核对批次代码。',
    exitCode: 4,
  },
  'unknown-city': {
    sentence: '没有代码为 {city} 的地市。',
    advice: '请核对地市代码。',
    exitCode: 4,
  },
  'same-person': {
    sentence: '提出与确认不能是同一人。',
    advice: '请由有此功能的另一人确认第 {proposal} 号提议。',
    exitCode: 4,
  },
  'unknown-proposal': {
    sentence: '没有待确认的第 {proposal} 号提议。',
    advice: '请核对编号；已确认的提议不能再次确认。',
    exitCode: 4,
  },
  'proposal-expired': {
    sentence: '第 {proposal} 号提议（{date} 提出）超过 {days} 天没有确认，已经失效。',
    advice: '仍要办理的，请重新提出，由另一人确认。',
    exitCode: 4,
  },
  'proposal-outdated': {
    sentence: '第 {proposal} 号提议提出之后情况有了变化，现在确认，结果与提议时不同。',
    advice: '请提议人撤回（withdraw={proposal}），按现在的情况重新提出。',
    exitCode: 4,
  },
  'proposer-lost': {
    sentence: '第 {proposal} 号提议的提出人 {user} 现在已不能办理此事：{why}。',
    advice: '请由有权办理的人重新提出，由另一人确认。',
    exitCode: 4,
    basis: 'n66 二（三）',
  },
  'not-proposer': {
    sentence: '第 {proposal} 号提议不是您提出的，不能撤回。',
    advice: '提议由提出人自己撤回；不同意的，不确认即可，到期失效。',
    exitCode: 4,
  },
  'proposal-differs': {
    sentence: '确认的内容与第 {proposal} 号提议不同。',
    advice: '请只写 confirm={proposal}，或写与提议完全相同的内容。',
    exitCode: 4,
  },
  'request-in-progress': {
    sentence: '请求号 {request} 正在办理，还没有完成。',
    advice: '请稍后以同一请求号再试；同一请求只办理一次。',
    exitCode: 4,
  },
  'request-differs': {
    sentence: '请求号 {request} 已用于另一项内容。',
    advice: '重复提交须内容相同；新的业务请用新的请求号。',
    exitCode: 4,
  },
  'event-not-allowed': {
    sentence: '考生 {candidate} 的档案现为“{state}”，不能办理“{event}”。',
    advice: '请在“考生去向查询”中核对档案现状；未作任何改动。',
    exitCode: 4,
  },
  'application-open': {
    sentence: '考生 {candidate} 有未办结的申请，暂不能办理“{event}”。',
    advice: '请先办结该申请，或等待其到期失效。',
    exitCode: 4,
  },
  'refused-by-database': {
    sentence: '数据库拒绝了超出用户 {user} 范围的改动。',
    advice: '未作任何改动；请由主管的招办或院校办理。如有疑问，请连同日志报告维护人员。',
    exitCode: 4,
    basis: 'n66 二（三）',
  },
});

export const actError = thrower(ACT_ERRORS);

/** PostgreSQL: a row that row-level security does not let the user write. */
const INSUFFICIENT_PRIVILEGE = '42501';

/** What the database has refused to the user, as a refusal; anything else as it is. */
export function asRefusal(error: unknown, user: string): unknown {
  if ((error as { code?: unknown } | null)?.code !== INSUFFICIENT_PRIVILEGE) return error;
  return actError('refused-by-database', { user }, { cause: error });
}
