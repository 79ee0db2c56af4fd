/** What a sweep tells: counts by rule and by school, and findings for whoever must look. */
import type { Finding, JobOutcome } from '../../run/job.ts';
import { EXPIRE, type FileDecision, REMIND, type SweepDecisions } from './decide.ts';

/** Events that take something from somebody; the others are counted only. */
const TOLD: Readonly<Record<string, string>> = {
  revert: '恢复到未录取',
  recall: '收回到库中',
  'refuse-entry': '退回考生基本信息库',
  'refuse-number': '不予派号，档案关闭',
  [REMIND]: '列入提醒名单，请学校及时联系考生',
};

/** What a sweep of a city answers. */
export function sweepOutcome(city: string, decided: SweepDecisions): JobOutcome {
  return { counts: sweepCounts(decided), findings: sweepFindings(city, decided) };
}

/**
 * Counts of the run: what was looked at, how many files each rule has moved (by its id), and how
 * many of each school (`RULE|SCHOOL`).
 */
function sweepCounts(decided: SweepDecisions): Record<string, number> {
  const counts: Record<string, number> = {
    seen: decided.files,
    applications: decided.applications,
    groups: decided.groups,
    engineRuns: decided.engineRuns,
    rechecked: decided.rechecked,
    moved: total(decided.moves),
    reminded: total(decided.reminders),
    expired: decided.expired.reduce((sum, each) => sum + each.applications.length, 0),
  };
  for (const { rule, school, count } of [...decided.moves, ...decided.reminders]) {
    add(counts, rule.id, count);
    if (school !== null) add(counts, `${rule.id}|${school}`, count);
  }
  for (const { rule, applications } of decided.expired) add(counts, rule.id, applications.length);
  return counts;
}

/** One finding for each rule that has acted on somebody's admission, with its schools. */
function sweepFindings(city: string, decided: SweepDecisions): Finding[] {
  const findings: Finding[] = [];
  const byRule = Map.groupBy(
    [...decided.moves, ...decided.reminders].filter(({ event }) => event in TOLD),
    ({ rule }) => rule.id,
  );
  for (const [id, members] of byRule) {
    const { rule, event } = members[0] as FileDecision;
    const rows = schoolRows(members);
    const what = `${total(members)} 份档案，涉及 ${rows.length} 所院校`;
    const sentence = `${city}：${rule.title}：${what}，${TOLD[event]}（依据：${rule.basis}）。`;
    findings.push(finding(city, `sweep-${event}`, sentence, rows, { rule: id }));
  }
  for (const { rule, applications } of decided.expired) {
    const sentence = `${city}：${rule.title}：${applications.length} 件申请（依据：${rule.basis}）。`;
    const rows = applications.map(application => ({ application }));
    findings.push(finding(city, `sweep-${EXPIRE}`, sentence, rows, { rule: rule.id }));
  }
  for (const { rule, event, from, count, school } of decided.impossible) {
    const why = `要作的处理 ${event} 不适用于状态 ${from}，${count} 份档案未作处理`;
    const sentence = `${city}：规则“${rule.title}”${why}，请省招办修改 deadlines.yaml。`;
    const rows = [{ rule: rule.id, event, state: from, school, files: count }];
    findings.push({ ...finding(city, 'sweep-impossible', sentence, rows, {}), severity: 'error' });
  }
  return findings;
}

function finding(
  city: string,
  property: string,
  sentence: string,
  rows: readonly Readonly<Record<string, unknown>>[],
  more: Readonly<Record<string, unknown>>,
): Finding {
  return {
    property,
    severity: 'warning',
    city,
    stops: 'nothing',
    sentence,
    rows: rows.map(row => ({ ...more, ...row })),
    rowCount: rows.length,
  };
}

function schoolRows(members: readonly FileDecision[]): { school: string; files: number }[] {
  const bySchool = new Map<string, number>();
  for (const { school, count } of members) {
    const code = school ?? '';
    bySchool.set(code, (bySchool.get(code) ?? 0) + count);
  }
  return [...bySchool].toSorted().map(([school, files]) => ({ school, files }));
}

function add(counts: Record<string, number>, key: string, more: number): void {
  counts[key] = (counts[key] ?? 0) + more;
}

function total(members: readonly { readonly count: number }[]): number {
  return members.reduce((sum, { count }) => sum + count, 0);
}
