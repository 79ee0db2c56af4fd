/** `zhongzhao runs`, `stop`, `jobs`: what has run, and what can. */
import { nightlyJobs } from '../nightly/registry.ts';
import { assertDate } from '../run/calendar.ts';
import { runError } from '../run/errors.ts';
import { type LedgerRow, recentRuns, requestStop, runByNumber } from '../run/ledger.ts';
import { lockHolders } from '../run/lock.ts';
import type { Registry } from '../run/schedule.ts';
import type { Invocation, Options } from './command.ts';
import { cliError } from './errors.ts';
import { type Outcome, table } from './output.ts';
import { type Province, withProvince } from './province.ts';

export const STATES: Readonly<Record<string, string>> = {
  running: '运行中',
  completed: '完成',
  'already-done': '此前已完成',
  'dry-run': '试算',
  'in-progress': '别处运行中',
  failed: '失败，可续',
  stopped: '已停下，可续',
  refused: '被拒',
  superseded: '已被接替',
  cancelled: '已撤销',
  interrupted: '中断，可续',
};

const RUNS_LISTED_MAX = 1000;

/** `zhongzhao runs` */
export async function runs(invocation: Invocation, options: Options): Promise<Outcome> {
  const limit = Number(options['limit']);
  if (!Number.isInteger(limit) || limit < 1 || limit > RUNS_LISTED_MAX) {
    throw cliError('wrong-usage', {
      reason: `--limit 应为 1 到 ${RUNS_LISTED_MAX}`,
      command: 'runs',
    });
  }
  const date = typeof options['date'] === 'string' ? assertDate(options['date']) : undefined;
  const job = typeof options['job'] === 'string' ? options['job'] : undefined;
  return withProvince(invocation, options, async province => {
    const rows = await recentRuns(province.database, { limit, date, job });
    const registry = await nightlyJobs();
    const listed = await Promise.all(
      rows.map(async row => ({ ...row, state: await liveState(province, registry, row) })),
    );
    return { json: { runs: listed.map(brief) }, lines: runLines(listed) };
  });
}

/** A run whose process has died still says `running`; its lock tells. */
async function liveState(province: Province, registry: Registry, row: LedgerRow): Promise<string> {
  const job = registry.get(row.job);
  if (row.state !== 'running' || job === undefined) return row.state;
  const { database } = province;
  const name = job.lock(row.scope);
  const holders = await lockHolders((sql, values) => database.query(sql, values), name);
  return holders > 0 ? 'running' : 'interrupted';
}

type ListedRun = Omit<LedgerRow, 'state'> & { readonly state: string };

function brief({ result, ...row }: ListedRun) {
  return {
    ...row,
    findings: result?.findings.length ?? 0,
    inputHash: result?.inputHash ?? null,
    resultHash: result?.resultHash ?? null,
  };
}

function runLines(rows: readonly ListedRun[]): string[] {
  if (rows.length === 0) return ['还没有运行记录。'];
  return table([
    ['运行', '业务日期', '对象', '次', '状态', '需处理', '开始'],
    ...rows.map(row => [
      String(row.run),
      row.businessDate,
      row.identity,
      String(row.attempt),
      STATES[row.state] ?? row.state,
      String(row.result?.findings.length ?? 0),
      row.startedAt.slice(0, 19),
    ]),
  ]);
}

/** `zhongzhao stop RUN` */
export async function stop(
  invocation: Invocation,
  options: Options,
  [text = '']: readonly string[],
): Promise<Outcome> {
  const run = Number(text);
  if (!Number.isInteger(run) || run < 1) throw runError('unknown-run', { run: text });
  return withProvince(invocation, options, async ({ database }) => {
    if (!(await requestStop(database, run))) {
      const row = await runByNumber(database, run);
      if (row === undefined) throw runError('unknown-run', { run });
      throw runError('run-not-running', { run, state: STATES[row.state] ?? row.state });
    }
    return { json: { run, stopping: true }, lines: [`运行 ${run} 会在下一步停下。`] };
  });
}

/** `zhongzhao jobs` */
export async function jobs(): Promise<Outcome> {
  const registry = await nightlyJobs();
  const nightly = [...registry.values()].map(({ id, title, menu, side }) => ({
    id,
    title,
    menu,
    side,
    who: 'schedule',
  }));
  const { allFunctions } = await import('../act/registry.ts');
  const { schemaOf } = await import('../act/input.ts');
  const functions = (await allFunctions()).flatMap(job =>
    job.sides.map(side => ({
      id: job.id,
      title: job.title,
      menu: job.menu,
      side,
      who: side === 'school' ? 'school' : (job.levels ?? ['province', 'city']).join(' '),
      input: schemaOf(job),
    })),
  );
  const list = [...functions, ...nightly];
  return {
    json: { jobs: list },
    lines: table([
      ['编号', '名称', '菜单', '一侧', '谁可以'],
      ...list.map(job => [job.id, job.title, job.menu, SIDES[job.side], WHO[job.who] ?? job.who]),
    ]),
  };
}

const SIDES = { office: '招办', school: '院校', nightly: '夜间' } as const;

const WHO: Readonly<Record<string, string>> = {
  schedule: '日程，省级操作员',
  school: '院校',
  province: '省',
  'province city': '省、市',
  'province city county': '省、市、县区',
  city: '市',
  'city county': '市、县区',
};
