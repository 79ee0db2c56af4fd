/** What `policy try` and `policy explain` are told: which runs, for whom. */
import { randomInt } from 'node:crypto';
import process from 'node:process';
import type { Database } from '../../db/connect.ts';
import { assertDate } from '../run/calendar.ts';
import { openProgress, SILENT } from '../run/progress.ts';
import { fail } from '../trial/errors.ts';
import type { TrialMeans } from '../trial/run-trial.ts';
import { runsOfNight, sourceOfPackage, sourcesOfRuns, type TrialSource } from '../trial/sources.ts';
import type { Invocation, Options } from './command.ts';
import { cliError } from './errors.ts';
import { actingUser, type Province, withProvince } from './province.ts';

/** Runs that are tried at once: those of a province for a year of nights. */
const RUNS_MAX = 2000;

export interface TrialInput {
  readonly sources: readonly TrialSource[];
  readonly means: TrialMeans;
  /** Who asks; of a data package, nobody in particular. */
  readonly actor: string;
  /** Where the data are from, for the head of a report. */
  readonly origin: string | null;
  /** null: of a data package. */
  readonly province: Province | null;
}

export function textOption(options: Options, name: string): string | undefined {
  const value = options[name];
  return typeof value === 'string' ? value : undefined;
}

/** Options that may be given several times; empty: none was. */
export function listOption(options: Options, name: string): string[] {
  return textOption(options, name)?.split('\n') ?? [];
}

/**
 * Finds the runs, does the work on them, and closes whatever was opened.
 *
 * @throws CodedError wrong-usage, trial-scope, and what sources.ts says
 */
export async function withTrialInput<T>(
  invocation: Invocation,
  options: Options,
  work: (input: TrialInput) => Promise<T>,
): Promise<T> {
  const folder = textOption(options, 'package');
  const night = textOption(options, 'night');
  const runs = listOption(options, 'against').flatMap(text => text.split(','));
  const ways = [folder !== undefined, night !== undefined, runs.length > 0].filter(Boolean).length;
  if (ways !== 1) {
    throw usage('请用 --against、--night、--package 之一指明与哪次投档比较');
  }
  if (folder !== undefined) return withPackage(invocation, options, folder, work);
  return withProvince(invocation, options, async province => {
    if (textOption(options, 'as') === undefined) throw usage('缺少选项 --as');
    const actor = await actingUser(province, options);
    const numbers =
      night === undefined
        ? runs.map(runNumber)
        : await runsOfNight(province.database, assertDate(night));
    if (numbers.length > RUNS_MAX) throw usage(`一次至多试算 ${RUNS_MAX} 次投档`);
    const found = await sourcesOfRuns(province.database, province.home, [...new Set(numbers)]);
    const sources = inScope(found, options, night !== undefined);
    await requireTrialScope(province.database, actor, sources);
    const { progress, signal } = province;
    const means = meansOf(progress.report, signal);
    try {
      return await work({ sources, means, actor, origin: null, province });
    } finally {
      progress.end();
    }
  });
}

async function withPackage<T>(
  invocation: Invocation,
  options: Options,
  folder: string,
  work: (input: TrialInput) => Promise<T>,
): Promise<T> {
  const bar = invocation.json ? SILENT : openProgress();
  bar.report('读取数据包', 0, 1);
  try {
    const source = await sourceOfPackage(folder, textOption(options, 'before') ?? null, {
      ...(textOption(options, 'city') === undefined ? {} : { city: String(options['city']) }),
      ...(textOption(options, 'batch') === undefined ? {} : { batch: String(options['batch']) }),
    });
    const actor = process.env['USER'] ?? '';
    const means = meansOf(bar.report);
    return await work({ sources: [source], means, actor, origin: folder, province: null });
  } finally {
    bar.end();
  }
}

export function meansOf(progress: TrialMeans['progress'], signal?: AbortSignal): TrialMeans {
  const random = () => randomInt(2 ** 47) / 2 ** 47;
  return { random, progress, ...(signal === undefined ? {} : { signal }) };
}

/** Of a night, one city or batch may be meant. */
function inScope(
  sources: readonly TrialSource[],
  options: Options,
  ofNight: boolean,
): readonly TrialSource[] {
  const city = textOption(options, 'city');
  const batch = textOption(options, 'batch');
  const kept = sources.filter(
    source =>
      (city === undefined || source.city === city) &&
      (batch === undefined || source.batch === batch),
  );
  if (kept.length > 0) return kept;
  throw usage(`${ofNight ? '该日' : '所给'}的投档中没有符合 --city、--batch 的`);
}

/** The province tries the runs of all cities, a city its own. @throws CodedError trial-scope */
export async function requireTrialScope(
  database: Database,
  user: string,
  sources: readonly Pick<TrialSource, 'city'>[],
): Promise<void> {
  const [row] = await database.query<{ level: string; region: string | null }>(
    'select level, region from users where user_name = $1',
    [user],
  );
  // Without any users yet there is nobody whose rights it could be held against.
  if (row === undefined || row.level === 'province') return;
  const foreign = sources.find(({ city }) => row.level !== 'city' || row.region !== city);
  if (foreign !== undefined) throw fail('trial-scope', { user, city: foreign.city });
}

function runNumber(text: string): number {
  if (/^\d{1,9}$/.test(text.trim())) return Number(text);
  throw usage(`“${text}”不是运行编号`);
}

export function usage(reason: string, command = 'policy try'): Error {
  return cliError('wrong-usage', { reason, command });
}
