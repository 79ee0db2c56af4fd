/**
 * Chinese words for codes that tables hold: states of runs, reasons of a dispatch, names of nightly
 * jobs. An unknown code – a rule's own, a later job – stays as it is.
 */
import { FIXED_REASONS, type SUGGESTION_REASONS } from '../engine/dispatch/result.ts';

type FixedReason = (typeof FIXED_REASONS)[number];
type SuggestionReason = (typeof SUGGESTION_REASONS)[number];

/** Reasons that the dispatch itself gives (spec/dispatch.md §4, §7). */
export const REASON_TITLES: Readonly<Record<FixedReason, string>> = Object.freeze({
  placed: '投出',
  'not-reached': '已在前面志愿投出，未检索',
  full: '额满',
  'closed-by-tie': '同分超额，该校本次不再投档',
  'below-bands': '低于最低分数段',
  'earlier-choice-open': '前面志愿仍有空位',
  'not-in-batch': '院校不在本批次',
  'school-suspended': '院校暂停或已结束投档',
  'returned-before': '该校本年已退过档',
  'no-plan': '在本地市无计划',
  'missing-data': '资料不全',
});

export const SUGGESTION_TITLES: Readonly<Record<SuggestionReason, string>> = Object.freeze({
  '': '',
  'majors-full': '所报专业已满',
  'majors-refused': '不符合该校专业的要求',
  'no-adjustment': '所报专业已满，且不服从调剂',
});

const JOB_TITLES: Readonly<Record<string, string>> = Object.freeze({
  sweep: '到期处理',
  vacancies: '院校空额核定',
  'cut-off': '快照截止',
  import: '导入检查',
  'import-city-snapshot': '地市快照导入',
  dispatch: '投档',
  audit: '核查',
  'season-audit': '全程核查',
  seal: '封签',
  publish: '出报表',
});

/** Functions that a second person confirms; a test holds them against their declarations. */
const PROPOSED_TITLES: Readonly<Record<string, string>> = Object.freeze({
  'adopt-city-settings': '签署本市设置与录取原则',
  'adopt-policy': '采用政策',
  'approve-own-system': '批准采用本市录取系统',
  'draw-seed': '抽取派位种子',
  'enter-preference': '考生照顾特征录入',
  'import-city-snapshot': '地市录取快照导入',
  'lottery-admission': '指定派位录取',
  'manage-plans': '院校计划管理',
  'point-dispatch-admit': '指定考生线上点投并录取',
  'point-dispatch-below-admit': '指定考生线下点投并录取',
});

const RUN_STATES: Readonly<Record<string, string>> = Object.freeze({
  running: '进行中',
  completed: '完成',
  failed: '失败',
  stopped: '被叫停',
  refused: '被拒绝',
  superseded: '已被后来的运行取代',
  cancelled: '已撤销',
});

export function jobTitle(job: string): string {
  return JOB_TITLES[job] ?? job;
}

/** What a proposal is to do, by the function that was proposed. */
export function proposedTitle(id: string): string {
  return PROPOSED_TITLES[id] ?? id;
}

export function runStateTitle(state: string): string {
  return RUN_STATES[state] ?? state;
}

/**
 * A reason in Chinese.
 *
 * @param ruleTitles code of a refusal → title of its rule, from the policy
 */
export function reasonTitle(code: string, ruleTitles: ReadonlyMap<string, string>): string {
  const rule = ruleTitles.get(code);
  const fixed =
    (REASON_TITLES as Record<string, string>)[code] ??
    (SUGGESTION_TITLES as Record<string, string>)[code];
  return fixed ?? (rule === undefined ? code : refusedBy(rule));
}

/** A rule's title says what must hold: 达到区域分数线. */
export function refusedBy(title: string): string {
  return `不符合：${title}`;
}

/** By lot a place is for a major: without one a choice comes to nothing (指定派位录取). */
export function isMajorReason(code: string): code is Exclude<SuggestionReason, ''> {
  return code !== '' && Object.hasOwn(SUGGESTION_TITLES, code);
}

export function isFixedReason(code: string): code is FixedReason {
  return (FIXED_REASONS as readonly string[]).includes(code);
}
