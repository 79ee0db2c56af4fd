/** What the functions of 信息交流 refuse themselves. */
import { errorTable, thrower } from '../../engine/errors.ts';

export const EXCHANGE_ERRORS = errorTable({
  'assignee-unfit': {
    sentence: '用户 {user} 不能解答第 {question} 号问题。',
    advice: '请指派给管理该院校、有“问题解答”功能且未停用的招办用户。',
    exitCode: 4,
  },
  'assigned-to-other': {
    sentence: '第 {question} 号问题已指派给用户 {user}。',
    advice: '请由其解答，或先在“问题解答管理”中改派。',
    exitCode: 4,
  },
  'no-answer-yet': {
    sentence: '第 {question} 号问题还没有答复。',
    advice: '请先答复；不予答复而关闭的，须写明理由（reason）。',
    exitCode: 4,
  },
  'notice-withdrawn': {
    sentence: '第 {notice} 号公告已经撤回。',
    advice: '如需再次公布，请重新发布。',
    exitCode: 4,
  },
  'question-closed': {
    sentence: '第 {question} 号问题已经关闭。',
    advice: '如需继续，请院校重新提问。',
    exitCode: 4,
  },
  'unknown-notice': {
    sentence: '没有第 {notice} 号公告。',
    advice: '请在“查看公告”中核对编号。',
    exitCode: 4,
  },
  'unknown-question': {
    sentence: '没有第 {question} 号问题。',
    advice: '请核对编号。',
    exitCode: 4,
  },
  'unknown-region': {
    sentence: '没有代码为 {region} 的地市或县区。',
    advice: '请核对公告对象的地区代码。',
    exitCode: 4,
  },
});

export const exchangeError = thrower(EXCHANGE_ERRORS);
