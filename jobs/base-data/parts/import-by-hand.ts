/** A data package taken into the database by a person, as a run with its line in the ledger. */
import { basename, dirname, join } from 'node:path';
import { fail } from '../../../db/package/errors.ts';
import { type ImportOutcome, importPackage } from '../../../db/package/import.ts';
import { policyVersionId, readPolicy } from '../../../db/policies.ts';
import { emptyOverlayHash, policyFromStored } from '../../../engine/policy/load.ts';
import { actError } from '../../act/errors.ts';
import type { Answer } from '../../act/function-job.ts';
import { ProblemRefusal } from '../../act/problem-refusal.ts';
import type { Finding, JobOutcome, RunContext, StepContext } from '../../run/job.ts';
import { FINDING_ROWS_MAX } from '../../run/ledger.ts';
import type { RunEnvironment } from '../../run/run.ts';
import { runByHand } from './by-hand.ts';

export interface PackageByHand {
  readonly folder: string;
  /** Imports the rows without fault, and leaves the others. */
  readonly acceptValid: boolean;
  readonly businessDate: string;
  readonly ownCity?: string;
}

/**
 * Imports a package; all of it is one transaction, the ledger's line included.
 *
 * @throws package-has-errors with all problems, and what importPackage throws
 */
export async function importByHand(
  given: PackageByHand,
  environment: RunEnvironment,
): Promise<Answer> {
  let imported: ImportOutcome | undefined;
  try {
    await runByHand(
      {
        id: 'import',
        title: '数据导入',
        menu: '基本资料',
        scope: given.ownCity === undefined ? {} : { city: given.ownCity },
        lock: 'import|by-hand',
        execute: async context => {
          const outcome = await context.complete('imported', async step => {
            imported = await take(given, context, step);
            return outcomeOf(imported);
          });
          return outcome as JobOutcome;
        },
      },
      given.businessDate,
      environment,
    );
  } finally {
    environment.progress.end();
  }
  return answerOf(imported as ImportOutcome);
}

async function take(
  { folder, acceptValid, ownCity }: PackageByHand,
  context: RunContext,
  { session, run }: StepContext,
): Promise<ImportOutcome> {
  const { season } = context;
  const stored = await readPolicy(session, season);
  if (stored === null) throw actError('no-policy', { season });
  const { hash, documents } = stored.base;
  const outcome = await importPackage(session, folder, {
    policy: policyFromStored(documents, null),
    policyVersion: await policyVersionId(session, hash, emptyOverlayHash()),
    actor: context.actor,
    at: context.now(),
    businessDate: context.businessDate,
    run,
    acceptValid,
    ...(ownCity === undefined ? {} : { ownCity }),
    rejectsPath: join(dirname(folder), `${basename(folder)}-rejects.csv`),
    onTable: (stage, table, rows) =>
      context.progress(stage === 'checked' ? `检查 ${table}` : `导入 ${table}`, rows, rows),
  });
  const { problems, rejects } = outcome;
  if (outcome.accepted) return outcome;
  const refusal = fail('package-has-errors', { errors: problems.errors });
  throw new ProblemRefusal(refusal, problems.problems, rejects ?? null);
}

const SUMS = ['rows', 'added', 'changed', 'unchanged', 'rejected', 'conflicts'] as const;

function outcomeOf(outcome: ImportOutcome): JobOutcome {
  const tables = Object.values(outcome.counts);
  const counts = Object.fromEntries(
    SUMS.map(name => [name, tables.reduce((sum, table) => sum + table[name], 0)]),
  );
  return { counts, findings: conflictFindings(outcome), inputHash: outcome.packageHash };
}

function conflictFindings({ conflictCount, conflicts }: ImportOutcome): Finding[] {
  if (conflictCount === 0) return [];
  return [
    {
      property: 'import-conflict',
      severity: 'warning',
      stops: 'nothing',
      sentence: `导入的数据包有 ${conflictCount} 行与在校档案冲突，未改动；请逐行核对。`,
      rows: conflicts.slice(0, FINDING_ROWS_MAX).map(conflict => ({ ...conflict })),
      rowCount: conflictCount,
    },
  ];
}

function answerOf(outcome: ImportOutcome): Answer {
  const { counts, conflictCount, conflicts, synthetic, packageHash, encodings } = outcome;
  const { problems, rejects = null } = outcome;
  return {
    lines: [
      ...Object.entries(counts).map(
        ([table, count]) =>
          `${table}：${count.rows} 行，新增 ${count.added}，修改 ${count.changed}，` +
          `未变 ${count.unchanged}，拒收 ${count.rejected}，冲突 ${count.conflicts}。`,
      ),
      '导入完成。',
    ],
    values: {
      packageHash,
      synthetic,
      encodings,
      counts,
      conflictCount,
      conflicts,
      rejected: problems.errors,
      rejects,
      problems: problems.problems,
    },
    findings: conflictFindings(outcome),
  };
}
