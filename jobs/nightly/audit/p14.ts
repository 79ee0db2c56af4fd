/**
 * P14: the run, done again on its saved input, gives the same result byte for byte; and what stands
 * in the database is that result. This property repeats the dispatch with its own code, on purpose;
 * that the decisions are those of the hash is counted here without it.
 */
import { createHash } from 'node:crypto';
import { join } from 'node:path';
import { copyOutRaw } from '../../../db/copy.ts';
import { recompute } from '../../../db/package/recompute.ts';
import { CodedError } from '../../../engine/errors.ts';
import type { AuditCase } from './case.ts';
import type { Fault, Property } from './property.ts';

export const p14: Property = {
  id: 'P14',
  title: '用保存的输入重做，结果逐字节相同',
  find: async audit => {
    const { resultHash } = audit.audited;
    const faults = await repeat(audit);
    const stored = await storedHash(audit);
    if (stored !== resultHash) {
      faults.push(
        cityFault('stored', '数据库中的投档结果与运行记录的校验值不符。', {
          expected: resultHash,
          found: stored,
        }),
      );
    }
    return faults;
  },
};

/** From the package alone; everything that keeps it from being done is a fault too. */
async function repeat({ audited, policy, home, packageOf, random }: AuditCase): Promise<Fault[]> {
  try {
    const folder = join(home, await packageOf());
    const { run, problems } = await recompute(folder, () => policy, { random });
    if (run === undefined) {
      const rows = { errors: problems.errors };
      return [cityFault('package', '保存的输入数据包读不出来，无法重做。', rows)];
    }
    const faults: Fault[] = [];
    if (run.inputHash !== audited.inputHash) {
      const rows = { expected: audited.inputHash, found: run.inputHash };
      faults.push(cityFault('input', '保存的输入与运行记录的校验值不符。', rows));
    }
    if (run.resultHash !== audited.resultHash) {
      const rows = { expected: audited.resultHash, found: run.resultHash };
      faults.push(cityFault('result', '用保存的输入重做，结果不同。', rows));
    }
    return faults;
  } catch (error) {
    if (!(error instanceof CodedError)) throw error;
    return [cityFault('package', `无法重做：${error.message}`, { code: error.code })];
  }
}

function cityFault(fault: string, sentence: string, row: Record<string, unknown>): Fault {
  return { fault, sentence, schools: [], rows: [row], rowCount: 1 };
}

const HEADER =
  'candidate_no,outcome,school,ordinal,position,score,suggested_major,reasons,suggestion_reason\n';

/** SHA-256 of dispatch-detail as PostgreSQL writes it from the decisions (formats.md). */
async function storedHash({ session, sql }: AuditCase): Promise<string> {
  const hash = createHash('sha256').update(HEADER);
  await copyOutRaw(
    session,
    `copy (
      select candidate_no, case when school is null then 'unplaced' else 'placed' end, school,
        ordinal,
        position, trim_scale(score::numeric / 100), nullif(major, ''), nullif(reasons, ''),
        nullif(suggestion_reason, '')
      from decisions where ${sql.here} and run = ${sql.run} order by candidate_no collate "C"
    ) to stdout (format csv)`,
    (buffer, from, to) => hash.update(buffer.subarray(from, to)),
  );
  return hash.digest('hex');
}
