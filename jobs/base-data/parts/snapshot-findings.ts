/** What a person must look at after a snapshot: held, late, conflicts, schools over their plan. */

import type { Session } from '../../../db/connect.ts';
import { schoolsOverPlan, snapshotConflicts } from '../../../db/season/snapshots.ts';
import { OCCUPYING_STATES } from '../../../engine/file/states.ts';
import type { Finding } from '../../run/job.ts';
import { FINDING_ROWS_MAX } from '../../run/ledger.ts';
import type { SnapshotTaken } from './take-snapshot.ts';

export async function snapshotFindings(
  session: Session,
  season: number,
  city: string,
  taken: SnapshotTaken,
): Promise<Finding[]> {
  const { state, snapshot, date, counts } = taken;
  if (state === 'unchanged') return [];
  const head = `${city} ${date} 的录取快照（第 ${snapshot} 号）`;
  const findings: Finding[] = [];
  const found = (property: string, sentence: string, rows: Finding['rows'], rowCount: number) =>
    findings.push({
      ...{ property, severity: 'warning', city, stops: 'nothing' },
      ...{ sentence: `${head}${sentence}`, rows, rowCount },
    });
  if (taken.late) found('snapshot-late', '在截止时刻之后送达，已标明迟到。', [], 0);
  if (state === 'held') {
    const gone = `中有 ${counts.vanished} 人（${taken.vanishedPercent}%）不再列出，减少异常`;
    const call = `import-city-snapshot city=${city} held=${snapshot}`;
    const sentence = `${gone}，暂未采用，仍用前一份；核实后由另一人办理 ${call}。`;
    found('snapshot-held', sentence, [], counts.vanished);
    return findings;
  }
  if (counts.conflicts > 0) {
    const key = { season, city, snapshot };
    const rows = await snapshotConflicts(session, key, FINDING_ROWS_MAX);
    const sentence = `有 ${counts.conflicts} 行与平台上的档案冲突，未改动；请逐行核对。`;
    found(
      'snapshot-conflict',
      sentence,
      rows.map(row => ({ ...row })),
      counts.conflicts,
    );
  }
  const over = await schoolsOverPlan(session, season, city, OCCUPYING_STATES);
  if (over.length > 0) {
    const sentence = `采用后有 ${over.length} 所院校的录取数超过计划，请核对计划或快照。`;
    found('snapshot-over-plan', sentence, over.slice(0, FINDING_ROWS_MAX), over.length);
  }
  return findings;
}

/** One line for whoever brought it. */
export function snapshotLine(taken: SnapshotTaken): string {
  const { added, changed, vanished, unchanged, conflicts } = taken.counts;
  const head = `${taken.date} 的录取快照（第 ${taken.snapshot} 号）`;
  if (taken.state === 'unchanged') return `${head}与已收到的完全相同，没有改动。`;
  const diff = `新增 ${added}，变更 ${changed}，不再列出 ${vanished}，不变 ${unchanged}，冲突 ${conflicts}`;
  return taken.state === 'held' ? `${head}暂未采用：${diff}。` : `${head}已采用：${diff}。`;
}
