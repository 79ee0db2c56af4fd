/** `zhongzhao serve` and `zhongzhao worker`: processes that stay. */
import { nightlyJobs } from '../nightly/registry.ts';
import { runningClock } from '../run/clock.ts';
import { runError } from '../run/errors.ts';
import type { NightReport } from '../run/night.ts';
import type { RunReport } from '../run/run.ts';
import { serve } from '../run/serve.ts';
import { work } from '../run/worker.ts';
import type { Invocation, Options } from './command.ts';
import { nightJson, nightLines, reportJson } from './night.ts';
import type { Outcome } from './output.ts';
import { currentSeason, runEnvironment, SCHEDULE_ACTOR, withProvince } from './province.ts';
import { STATES } from './runs.ts';
import { scheduleOf } from './schedule-in-force.ts';

const SET_CLOCK_HEARTBEAT_MS = 1_000;

/** `zhongzhao serve` */
export async function serving(invocation: Invocation, options: Options): Promise<Outcome> {
  return withProvince(invocation, options, async province => {
    const season = await currentSeason(province.database);
    const now = province.at === null ? province.now : runningClock(province.at);
    const say = (report: NightReport) => {
      const text = invocation.json
        ? JSON.stringify(nightJson(report))
        : nightLines(report).join('\n');
      invocation.output.out(`${text}\n`);
    };
    if (!invocation.json) invocation.output.out('调度已启动，按 Ctrl+C 结束。\n');
    await serve({
      ...runEnvironment(province, season, SCHEDULE_ACTOR),
      now,
      signal: province.signal,
      registry: await nightlyJobs(),
      schedule: () => scheduleIfAny(province.database, season),
      at: null,
      onNight: say,
      // node-cron ticks by the machine's clock: where `--at` has set another, the planner looks
      // often.
      ...(province.at === null ? {} : { heartbeatMs: SET_CLOCK_HEARTBEAT_MS }),
    });
    return { json: { ended: true }, lines: ['调度已结束。'] };
  });
}

async function scheduleIfAny(...place: Parameters<typeof scheduleOf>) {
  try {
    return await scheduleOf(...place);
  } catch (error) {
    if ((error as { code?: unknown }).code === runError('no-schedule').code) return undefined;
    throw error;
  }
}

/** `zhongzhao worker` */
export async function working(invocation: Invocation, options: Options): Promise<Outcome> {
  return withProvince(invocation, options, async province => {
    const season = await currentSeason(province.database);
    const say = (report: RunReport) => {
      const text = invocation.json
        ? JSON.stringify(reportJson(report))
        : `${report.identity} ${STATES[report.state] ?? report.state}`;
      invocation.output.out(`${text}\n`);
    };
    if (!invocation.json) invocation.output.out('工作进程已就绪，按 Ctrl+C 结束。\n');
    const environment = runEnvironment(province, season, SCHEDULE_ACTOR);
    await work(await nightlyJobs(), environment, say);
    return { json: { ended: true }, lines: ['工作进程已结束。'] };
  });
}
