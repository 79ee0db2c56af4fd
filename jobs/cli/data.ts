/** `zhongzhao sample`, `import`, `recompute`, `export`: data packages in and out. */
import { randomInt } from 'node:crypto';
import { join } from 'node:path';
import type { ImportOutcome } from '../../db/package/import.ts';
import { effectivePolicy } from '../../engine/policy/load.ts';
import { formatProblem, type Problem } from '../../engine/problem.ts';
import type { Answer } from '../act/function-job.ts';
import { shanghaiDate, shanghaiInstant } from '../run/calendar.ts';
import type { RunEnvironment } from '../run/run.ts';
import type { Invocation, Options } from './command.ts';
import { cliError } from './errors.ts';
import { InputProblems, type Outcome, table } from './output.ts';
import {
  actingUser,
  currentSeason,
  hasUsers,
  type Province,
  runEnvironment,
  withProvince,
} from './province.ts';

/** The day on which the sample says it was made: the last day for the senior-high data. */
const SAMPLE_DATE = '2016-07-15';
const SCALE_MAX = 2;
/** Conflicts on the screen; `--json` has more. */
const CONFLICTS_SHOWN_MAX = 20;

/** The size of a sample, from the options. @throws CodedError wrong-usage */
export function sampleSize(options: Options, command: string): { scale: number; seed: number } {
  const scale = Number(options['scale']);
  const seed = Number(options['seed']);
  if (!(scale > 0 && scale <= SCALE_MAX)) {
    throw cliError('wrong-usage', { reason: `--scale 应大于 0，不超过 ${SCALE_MAX}`, command });
  }
  if (!Number.isSafeInteger(seed) || seed < 0) {
    throw cliError('wrong-usage', { reason: '--seed 应为不小于 0 的整数', command });
  }
  return { scale, seed };
}

/** `zhongzhao sample` */
export async function sample(invocation: Invocation, options: Options): Promise<Outcome> {
  const size = sampleSize(options, 'sample');
  const { out } = options;
  if (typeof out === 'string') return writeSample(size, out);
  return withProvince(invocation, options, async province => {
    const at = shanghaiInstant(SAMPLE_DATE, '12:00:00');
    const counts = await loadSampleInto(province, size, { at, businessDate: SAMPLE_DATE });
    return {
      json: { ...size, counts },
      lines: [`合成数据已导入：考生 ${counts['candidates']} 名，志愿 ${counts['choices']} 条。`],
    };
  });
}

async function writeSample(size: { scale: number; seed: number }, out: string): Promise<Outcome> {
  const province = await import('../../db/sample/province.ts');
  const { writePackage } = await import('../../db/package/write.ts');
  const planned = province.planProvince(size);
  const files = province.sampleFiles(planned);
  const name = `sample-${size.scale}-${size.seed}`;
  const written = await writePackage(out, files, province.sampleDescription(planned, name));
  return {
    json: { ...size, out, files: written },
    lines: [`合成数据包已写入 ${out}，共 ${written.length} 个文件。`],
  };
}

/** Loads a sample into the province's empty database. */
export async function loadSampleInto(
  province: Province,
  size: { scale: number; seed: number },
  when: { at: Date; businessDate: string },
): Promise<Readonly<Record<string, number>>> {
  const { loadSample } = await import('../../db/sample/load.ts');
  let tables = 0;
  province.progress.title('合成数据');
  try {
    return await loadSample(province.database, {
      ...size,
      ...when,
      actor: 'province',
      onProgress: () => {
        tables += 1;
        province.progress.report('导入', tables, SAMPLE_TABLES);
      },
    });
  } finally {
    province.progress.end();
  }
}

/** For the progress bar alone. */
const SAMPLE_TABLES = 16;

/**
 * `zhongzhao import DIR --as USER`: the function `import`, and the same without its checks of the
 * user while the database has none – the first package brings them.
 */
export async function importData(
  invocation: Invocation,
  options: Options,
  [folder = '']: readonly string[],
): Promise<Outcome> {
  return withProvince(invocation, options, async province => {
    const user = await actingUser(province, options);
    const acceptValid = options['acceptValid'] === true;
    const season = await currentSeason(province.database);
    const environment = runEnvironment(province, season, user);
    const answer = (await province.database.transaction(hasUsers))
      ? await importAs(user, folder, acceptValid, environment)
      : await importFirst(folder, acceptValid, environment);
    const values = answer.values as unknown as Imported;
    const warned = values.rejected + values.conflictCount > 0;
    return {
      exitCode: warned ? 1 : 0,
      json: values,
      lines: [...values.problems.map(formatProblem), ...importLines(values)],
    };
  });
}

async function importAs(
  user: string,
  folder: string,
  acceptValid: boolean,
  environment: RunEnvironment,
): Promise<Answer> {
  const { findFunction } = await import('../act/registry.ts');
  const { runAct } = await import('../act/run-act.ts');
  const input = { folder, accept_valid: acceptValid };
  const report = await runAct(await findFunction('import'), { user, input }, environment);
  return report.answer;
}

async function importFirst(
  folder: string,
  acceptValid: boolean,
  environment: RunEnvironment,
): Promise<Answer> {
  const { importByHand } = await import('../base-data/parts/import-by-hand.ts');
  const businessDate = shanghaiDate(environment.now());
  return importByHand({ folder, acceptValid, businessDate }, environment);
}

/** What the function answers. */
interface Imported
  extends Pick<ImportOutcome, 'counts' | 'conflicts' | 'conflictCount' | 'encodings'> {
  readonly rejected: number;
  readonly rejects: string | null;
  readonly problems: readonly Problem[];
}

function importLines(outcome: Imported): string[] {
  const { counts, conflictCount, conflicts, encodings } = outcome;
  const lines = table([
    ['表', '编码', '行', '新增', '修改', '未变', '拒收', '冲突'],
    ...Object.entries(counts).map(([name, count]) => [
      name,
      encodings[name] ?? '',
      ...[count.rows, count.added, count.changed, count.unchanged].map(String),
      ...[count.rejected, count.conflicts].map(String),
    ]),
  ]);
  for (const conflict of conflicts.slice(0, CONFLICTS_SHOWN_MAX)) {
    lines.push(`冲突 ${conflict.table} ${conflict.candidateNo}：${conflict.sentence}`);
  }
  if (conflictCount > CONFLICTS_SHOWN_MAX) lines.push(`……共 ${conflictCount} 处冲突`);
  if (outcome.rejects !== null) lines.push(`拒收的行已写入 ${outcome.rejects}`);
  return [...lines, '导入完成。'];
}

/** `zhongzhao recompute DIR` */
export async function recomputeRun(
  _invocation: Invocation,
  options: Options,
  [folder = '']: readonly string[],
): Promise<Outcome> {
  const { bundleOf } = await import('./policy.ts');
  const { recompute } = await import('../../db/package/recompute.ts');
  const { dateOption } = await import('./night.ts');
  const bundle = bundleOf(String(options['policy']));
  const text = (name: string) =>
    typeof options[name] === 'string' ? (options[name] as string) : undefined;
  const { problems, encodings, run } = await recompute(
    folder,
    city => effectivePolicy(bundle, city),
    {
      city: text('city'),
      batch: text('batch'),
      round: roundOption(options),
      date: dateOption(options, 'date'),
      school: text('school'),
      out: text('out'),
      random: () => randomInt(2 ** 47) / 2 ** 47,
    },
  );
  if (run === undefined) throw await packageProblems({ problems });
  const { city, batch, round, date, school, inputHash, resultHash, counts } = run;
  return {
    json: {
      ...{ city, batch, round, date, school, encodings },
      ...{ inputHash, resultHash, counts, out: text('out') },
    },
    lines: [
      ...problems.problems.map(formatProblem),
      `编码：${encodings}`,
      `${city} ${batch} 第 ${round} 轮（${date}）：` +
        `参加 ${counts.participants}，投出 ${counts.placed}，未投出 ${counts.unplaced}。`,
      `输入哈希 ${inputHash}`,
      `结果哈希 ${resultHash}`,
      `明细已写入 ${options['out']}`,
    ],
  };
}

function roundOption(options: Options): number | undefined {
  if (options['round'] === undefined) return undefined;
  const round = Number(options['round']);
  if (Number.isInteger(round) && round >= 1) return round;
  throw cliError('wrong-usage', { reason: '--round 应为不小于 1 的整数', command: 'recompute' });
}

async function packageProblems({
  problems,
  rejects,
}: Pick<ImportOutcome, 'problems'> & Partial<ImportOutcome>): Promise<InputProblems> {
  const { fail } = await import('../../db/package/errors.ts');
  const refusal = fail('package-has-errors', { errors: problems.errors });
  return new InputProblems(problems.problems, refusal, rejects ?? null);
}

/** `zhongzhao export RUN --out DIR` */
export async function exportRun(
  invocation: Invocation,
  options: Options,
  [text = '']: readonly string[],
): Promise<Outcome> {
  const { dispatchedRun, ensurePackage } = await import('../nightly/dispatch/keep-package.ts');
  const { unpackPackage } = await import('../nightly/dispatch/unpack-package.ts');
  const run = /^\d{1,9}$/.test(text) ? Number(text) : 0;
  const out = String(options['out']);
  return withProvince(invocation, options, async province => {
    const { database } = province;
    const dispatched = await dispatchedRun(database, run);
    if (dispatched === null) throw cliError('not-a-dispatch', { run: text });
    const kept = await ensurePackage(database, province.home, dispatched);
    const files = await unpackPackage(join(province.home, kept), out);
    const { inputHash, resultHash } = dispatched;
    return {
      json: { run, out, files, inputHash, resultHash },
      lines: [
        `运行 ${run} 的输入已写入 ${out}，政策在 ${join(out, 'policy')}。`,
        `输入哈希 ${inputHash}`,
        `结果哈希 ${resultHash}`,
        `重算：zhongzhao recompute ${out} --policy ${join(out, 'policy')} --out 明细.csv`,
      ],
    };
  });
}
