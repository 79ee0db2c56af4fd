/**
 * The complete dispatch of every city, through the runner, as a process of its own, so that its
 * memory is its own: `node test/bench/province.ts URL HOME DATE`. Prints one line of JSON.
 */
import process from 'node:process';
import { pino } from 'pino';
import { connect } from '../../db/connect.ts';
import { dispatchJob } from '../../jobs/nightly/dispatch.ts';
import type { NightlyJob } from '../../jobs/run/job.ts';
import { SILENT } from '../../jobs/run/progress.ts';
import { type RunEnvironment, runJob } from '../../jobs/run/run.ts';

const [url = '', home = '', date = ''] = process.argv.slice(2);
const SEASON = Number(date.slice(0, 4));

const database = connect(url);
const stages: Record<string, number> = {};

/** Gathers what the dispatch job logs of its stages. */
const log = pino(
  {},
  {
    write(line: string) {
      const { stagesMs } = JSON.parse(line) as { stagesMs?: Record<string, number> };
      for (const [stage, milliseconds] of Object.entries(stagesMs ?? {})) {
        stages[stage] = (stages[stage] ?? 0) + milliseconds / 1000;
      }
    },
  },
);

const environment: RunEnvironment = {
  database,
  season: SEASON,
  actor: 'bench',
  home,
  log,
  progress: SILENT,
  dryRun: false,
  now: () => new Date(`${date}T19:30:00+08:00`),
  random: Math.random,
  failPoint: () => {},
};

async function runAll(job: NightlyJob): Promise<{ seconds: number; counts: Counts }> {
  const scopes = await job.plan({ database, season: SEASON, businessDate: date });
  const counts: Counts = {};
  const begun = performance.now();
  for (const scope of scopes) {
    const report = await runJob(job, scope, date, environment);
    if (report.state !== 'completed' || report.result === null) {
      throw report.error ?? new Error(`${report.identity}: ${report.state}`);
    }
    for (const [name, count] of Object.entries(report.result.counts)) {
      counts[name] = (counts[name] ?? 0) + count;
    }
    counts['findings'] = (counts['findings'] ?? 0) + report.result.findings.length;
  }
  return { seconds: (performance.now() - begun) / 1000, counts };
}

type Counts = Record<string, number>;

const dispatched = await runAll(dispatchJob);
const rssMegabytes = process.resourceUsage().maxRSS / 1024;
const { auditJob } = await import('../../jobs/nightly/audit.ts');
const audited = process.env['BENCH_AUDIT'] === '1' ? await runAll(auditJob) : null;
await database.close();
process.stdout.write(
  `${JSON.stringify({
    seconds: dispatched.seconds,
    counts: dispatched.counts,
    stages,
    rssMegabytes,
    auditSeconds: audited?.seconds ?? null,
    auditFindings: audited?.counts['findings'] ?? null,
  })}\n`,
);
