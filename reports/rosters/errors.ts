/** What the functions and printouts of rosters 录取名册 and letters 录取通知书 refuse. */
import { errorTable, thrower } from '../../engine/errors.ts';

const ROSTER_ERRORS = errorTable({
  'before-roster-days': {
    sentence: '院校 {school} 的名册自 {from} 起方可打印，今天是 {today}。',
    advice: '名册只列已确定注册的考生，请到规定的时间再打印。',
    exitCode: 4,
    basis: 'n66 一（四）',
  },
  'not-admitted': {
    sentence: '考生 {candidate} 没有被院校 {school} 录取，不能打印录取通知书。',
    advice: '请核对考生号；录取通知书只发给已录取的考生。',
    exitCode: 4,
  },
  'external-roster': {
    sentence: '院校 {school} 的录取名册由技工学校学籍管理平台打印、备案，本系统不办理。',
    advice: '请在该平台办理；三二分段学生的录取数据仍在本系统录入。',
    exitCode: 4,
    basis: 'n66 一（四）3',
  },
  'no-registered': {
    sentence: '院校 {school} 在{phase}没有已注册的考生，没有可发布的名册。',
    advice: '名册只列已确定注册的考生；请先由学校确定注册。',
    exitCode: 4,
    basis: 'n66 一（四）1',
  },
  'no-imported': {
    sentence: '院校 {school} 没有各市导入的普通高中录取考生，没有可发布的名册。',
    advice: '请核对院校代码；普高录取数据由生源地招办导入。',
    exitCode: 4,
    basis: 'n66 二（四）',
  },
  'roster-filed': {
    sentence: '院校 {school} 在{phase}的名册 {label} 已经备案。',
    advice: '如需更正，请先办理“名册变更”（amend-roster），再重新发布。',
    exitCode: 4,
  },
  'roster-not-in-state': {
    sentence: '名册 {label} 现为“{state}”，不能{action}。',
    advice: '名册依次发布、审核、备案，备案后方可变更；请核对编号。',
    exitCode: 4,
    basis: 'n66 一（四）1',
  },
  'roster-outdated': {
    sentence:
      '名册 {label} 与现在应列的考生不一致：名册 {listed} 人，现应列 {registered} 人，{differ} 人不同。',
    advice: '请重新发布名册（issue-roster），原名册随即作废。',
    exitCode: 4,
  },
  'same-person': {
    sentence: '名册 {label} 由用户 {user} 发布，须由另一人审核。',
    advice: '请由有此功能的另一人审核。',
    exitCode: 4,
  },
  'not-a-school-of-kind': {
    sentence: '没有代码为 {school} 的{kind}。',
    advice: '高中的名册请用“打印录取名册（高中）”，其余用“打印录取名册（中职中专）”。',
    exitCode: 4,
  },
  'senior-high-incomplete': {
    sentence: '{city}的普通高中录取数据还没有标记为导入完成，不能办理院校 {school} 的录取名册。',
    advice: '请先由该市招办办理“普高录取数据导入完成”（complete-senior-high）。',
    exitCode: 4,
    basis: 'n66 二（四）',
  },
  'wrong-phase': {
    sentence: '院校 {school} 没有 {phase} 的名册。',
    advice: '该校名册的阶段可写：{phases}。',
    exitCode: 4,
  },
  'unknown-phase': {
    sentence: '政策中没有阶段 {phase}。',
    advice: '可用的阶段：{phases}。',
    exitCode: 4,
  },
  'unknown-roster': {
    sentence: '没有第 {roster} 号名册。',
    advice: '请核对编号。',
    exitCode: 4,
  },
  'unreviewed-rows': {
    sentence: '院校 {school} 在{phase}还有 {count} 份档案未审核或有未办结的申请，不能办理名册。',
    advice: '请先在“待办事项”中审核完毕。',
    exitCode: 4,
    basis: 'n66 一（四）1',
  },
});

export const rosterError = thrower(ROSTER_ERRORS);
