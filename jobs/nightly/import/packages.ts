/** Packages of the job `import` from the inbox: taken one by one, each with its fate. */
import { type Conflict, importPackage } from '../../../db/package/import.ts';
import { policyVersionId, readPolicy } from '../../../db/policies.ts';
import { CodedError } from '../../../engine/errors.ts';
import { emptyOverlayHash, policyFromStored } from '../../../engine/policy/load.ts';
import { runError } from '../../run/errors.ts';
import type { Finding, RunContext, StepContext } from '../../run/job.ts';
import { FINDING_ROWS_MAX } from '../../run/ledger.ts';
import {
  type ArrivalFate,
  type ArrivedPackage,
  arrivedPackages,
  moveAway,
  recordArrival,
  rejectsPath,
} from './inbox.ts';

interface PackageFate extends ArrivalFate {
  /** At most FINDING_ROWS_MAX. */
  readonly conflicts: readonly Conflict[];
}

export interface PackagesTaken {
  readonly accepted: number;
  readonly rejected: number;
  readonly findings: readonly Finding[];
}

/** Takes all that has arrived of a city. */
export async function takePackages(context: RunContext, city: string): Promise<PackagesTaken> {
  const list = () => arrivedPackages(context.home, city, context.businessDate);
  // Kept as a step: an attempt that goes on after a kill tells the fate of the same packages.
  const arrivals = (await context.step('arrived', list)) ?? (await list());
  const findings: Finding[] = [];
  let accepted = 0;
  let rejected = 0;
  for (const arrived of arrivals) {
    await context.checkStop();
    const fate = await context.step<PackageFate>(`package ${arrived.date}`, async step => {
      const taken = await takePackage(context, step, arrived);
      await recordArrival(context, step, arrived, taken);
      return taken;
    });
    if (fate === undefined) continue;
    // After the commit; killed in between, the next attempt finds the step done and moves it.
    await moveAway(context.home, arrived, fate);
    if (fate.fate === 'rejected') rejected += 1;
    else accepted += 1;
    findings.push(...fateFindings(city, arrived.date, fate, context.businessDate));
  }
  return { accepted, rejected, findings };
}

/**
 * Takes one package into the database, inside its step. What is wrong with the package is its
 * fate, and no failure of the run; with faults nothing of it is written.
 */
async function takePackage(
  context: RunContext,
  { session, run }: StepContext,
  arrived: ArrivedPackage,
): Promise<PackageFate> {
  const { season, businessDate, actor } = context;
  const stored = await readPolicy(session, season);
  if (stored === null) throw runError('no-schedule', { season });
  const late = arrived.date < businessDate;
  const fate = { late, hash: null, errors: 1, reason: null, conflictCount: 0, conflicts: [] };
  try {
    const outcome = await importPackage(session, arrived.folder, {
      policy: policyFromStored(stored.base.documents, null),
      policyVersion: await policyVersionId(session, stored.base.hash, emptyOverlayHash()),
      ownCity: arrived.city,
      actor,
      at: context.now(),
      businessDate,
      run,
      rejectsPath: rejectsPath(arrived),
      onTable: (stage, table, rows) =>
        context.progress(stage === 'checked' ? `检查 ${table}` : `导入 ${table}`, rows, rows),
    });
    const { accepted, problems, packageHash, conflictCount, conflicts, counts } = outcome;
    const news = Object.values(counts).some(
      table => table.added + table.changed + table.removed + table.conflicts > 0,
    );
    return {
      ...fate,
      fate: accepted ? (news ? 'accepted' : 'unchanged') : 'rejected',
      hash: packageHash,
      errors: problems.errors,
      conflictCount,
      conflicts: conflicts.slice(0, FINDING_ROWS_MAX),
    };
  } catch (error) {
    // Refused before anything was written: not synthetic, of another season, changed meanwhile.
    if (!(error instanceof CodedError) || error.exitCode === 5) throw error;
    return { ...fate, fate: 'rejected', reason: error.message };
  }
}

function fateFindings(
  city: string,
  date: string,
  fate: PackageFate,
  businessDate: string,
): Finding[] {
  const base = { severity: 'warning', city, stops: 'nothing', rows: [], rowCount: 0 } as const;
  const head = `${city} ${date} 的数据包`;
  if (fate.fate === 'rejected') {
    const faults = `有 ${fate.errors} 处错误，未导入；请按 rejects.csv 改正后重新送来。`;
    const sentence = `${head}${fate.reason === null ? faults : `未导入：${fate.reason}`}`;
    const rowCount = fate.errors;
    return [{ ...base, severity: 'error', property: 'import-rejected', sentence, rowCount }];
  }
  const findings: Finding[] = [];
  if (fate.late) {
    const sentence = `${head}到 ${businessDate} 才导入，已标明迟到。`;
    findings.push({ ...base, property: 'import-late', sentence });
  }
  if (fate.conflictCount > 0) {
    const sentence = `${head}有 ${fate.conflictCount} 行与在校档案冲突，未改动；请逐行核对。`;
    const rows = fate.conflicts.map(conflict => ({ ...conflict }));
    const rowCount = fate.conflictCount;
    findings.push({ ...base, property: 'import-conflict', sentence, rows, rowCount });
  }
  return findings;
}
