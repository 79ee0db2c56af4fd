/** Errors of users, sign-in, functions, declarations and locks. */
import { errorTable, thrower } from '../../engine/errors.ts';

export const ACCESS_ERRORS = errorTable({
  'unknown-user': {
    sentence: '没有用户 {user}，或该用户不在您的管理范围内。',
    advice: '请核对用户名；下级用户由其所属地区的招办管理。',
    exitCode: 4,
  },
  'province-has-users': {
    sentence: '省级已有 {count} 名可用的用户，不能再建立首个用户。',
    advice: '请由省级用户办理“用户管理”（manage-users）建立其他用户。',
    exitCode: 4,
    basis: 'n66 二（三）',
  },
  'no-province-region': {
    sentence: '{season} 年度还没有导入地区，不能建立省级用户。',
    advice: '请先导入基础数据（zhongzhao import），其中须有省级地区。',
    exitCode: 4,
  },
  'user-exists': {
    sentence: '用户 {user} 已存在。',
    advice: '请换一个用户名；已停用的用户名也不能再用，以免与其历史记录混淆。',
    exitCode: 4,
  },
  'wrong-user-data': {
    sentence: '用户资料有误：{reason}。',
    advice: '请按提示改正后重新提交，未作任何改动。',
    exitCode: 3,
  },
  'user-has-history': {
    sentence: '用户 {user} 有业务记录，不能删除。',
    advice: '请改为停用（action=disable），其记录仍可查询。',
    exitCode: 4,
  },
  'user-out-of-scope': {
    sentence: '用户 {user} 属于 {region}，不在您的管理范围内。',
    advice: '您只能管理本地区及下级地区的用户；请由其所属地区或上级招办办理。',
    exitCode: 4,
  },
  'own-account': {
    sentence: '不能对自己的账号做此操作。',
    advice: '请由同级的另一位管理人员或上级招办办理。',
    exitCode: 4,
  },
  'self-elevation': {
    sentence: '不能给自己增减功能。',
    advice: '请由同级的另一位负责人或上级招办办理。',
    exitCode: 4,
  },
  'lacks-function': {
    sentence: '您自己没有功能 {functions}，不能授予或收回。',
    advice: '请由拥有该功能的管理人员或上级招办办理。',
    exitCode: 4,
  },
  'unknown-function': {
    sentence: '{side}没有功能 {functions}。',
    advice: '请核对功能标识；zhongzhao jobs 与 zhongzhao reports 列出全部功能。',
    exitCode: 3,
  },
  'unknown-duty': {
    sentence: '{side}没有职能 {duties}。',
    advice: '请核对职能；各职能由政策 duties.yaml 规定。',
    exitCode: 3,
  },
  'wrong-sign-in': {
    sentence: '用户名或密码不正确。',
    advice: '请核对后重试；连续 {failures} 次错误将锁定账号 {minutes} 分钟。',
    exitCode: 4,
  },
  'sign-in-locked': {
    sentence: '密码连续输错，账号已锁定至 {until}。',
    advice: '请届时再试，或请管理用户的招办重设密码。',
    exitCode: 4,
  },
  'user-disabled': {
    sentence: '账号 {user} 已停用。',
    advice: '如需恢复，请联系管理用户的招办。',
    exitCode: 4,
  },
  'wrong-old-password': {
    sentence: '原密码不正确。',
    advice: '请重新输入原密码；忘记密码请联系管理用户的招办重设。',
    exitCode: 4,
  },
  'weak-password': {
    sentence: '新密码不符合要求：{reason}。',
    advice: '密码至少 {length} 位，须同时含字母与数字，不含用户名，也不是常见密码。',
    exitCode: 4,
  },
  'reused-password': {
    sentence: '新密码与最近 {count} 次用过的密码相同。',
    advice: '请换一个没有用过的密码。',
    exitCode: 4,
  },
  'no-session': {
    sentence: '登录已失效。',
    advice: '请重新登录后再操作。',
    exitCode: 4,
  },
  'already-declared': {
    sentence: '您今年已作过亲属报考申报，不能自行撤回或减少。',
    advice: '如有新增的亲属可补充申报；申报有误的，请由省招办解除后重新申报。',
    exitCode: 4,
  },
  'unknown-relative': {
    sentence: '没有考生号 {candidate}。',
    advice: '请核对亲属的考生号后重新申报。',
    exitCode: 3,
  },
  'no-declaration': {
    sentence: '用户 {user} 今年没有生效的申报。',
    advice: '请核对用户名与年度；已解除的申报不能再次解除。',
    exitCode: 4,
  },
  'province-only': {
    sentence: '只有省招办可以解除亲属报考申报。',
    advice: '请将情况报省招办办理。',
    exitCode: 4,
  },
  'reason-required': {
    sentence: '请写明原因。',
    advice: '填写原因后重新提交，原因将记入轨迹。',
    exitCode: 3,
  },
  'region-out-of-scope': {
    sentence: '地区 {region} 不在您的管理范围内。',
    advice: '您只能锁定或解锁本地区及下级地区。',
    exitCode: 4,
  },
  'locked-by-higher-level': {
    sentence: '地区 {region} 由上级（{by}）锁定。',
    advice: '只有同级或上级招办可以解锁，请与锁定者联系。',
    exitCode: 4,
  },
  'not-locked': {
    sentence: '地区 {region} 没有被锁定。',
    advice: '无需解锁；若业务仍被拒绝，请查看其上级地区是否锁定。',
    exitCode: 4,
  },
  'scope-needs-transaction': {
    sentence: '用户范围只能在事务之内设定。',
    advice: '这是程序错误，请把运行编号与日志交给维护人员。',
    exitCode: 5,
  },
});

export const accessError = thrower(ACCESS_ERRORS);

/** Rule 10: relatives of those who take part. */
export const RELATIVES_BASIS = 'n66 二（一）';
/** Cities create their users and give them their functions. */
export const USERS_BASIS = 'n66 二（三）';
