/**
 * The complete dispatch of every city, through the night, as a process of its own, so that its
 * memory is its own: `node test/bench/province.ts URL HOME DATE`. Prints one line of JSON.
 */
import process from 'node:process';
import { pino } from 'pino';
import { connect } from '../../db/connect.ts';
import { dispatchJob } from '../../jobs/nightly/dispatch.ts';
import type { NightlyJob } from '../../jobs/run/job.ts';
import { night } from '../../jobs/run/night.ts';
import { SILENT } from '../../jobs/run/progress.ts';
import type { RunEnvironment } from '../../jobs/run/run.ts';

const [url = '', home = '', date = ''] = process.argv.slice(2);
const SEASON = Number(date.slice(0, 4));

const database = connect(url);
/** Seconds by stage, summed over the cities; they run side by side. */
const stages: Record<string, number> = {};
const thread: Record<string, number> = {};

type Milliseconds = Readonly<Record<string, number>>;

function gather(into: Record<string, number>, milliseconds: Milliseconds = {}): void {
  for (const [stage, took] of Object.entries(milliseconds)) {
    into[stage] = (into[stage] ?? 0) + took / 1000;
  }
}

/** Gathers what the dispatch job logs of its stages. */
const log = pino(
  {},
  {
    write(line: string) {
      const said = JSON.parse(line) as { stagesMs?: Milliseconds; threadMs?: Milliseconds };
      gather(stages, said.stagesMs);
      gather(thread, said.threadMs);
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

/** One job as the night runs it: the same planner, the same cities side by side. */
async function runAll(job: NightlyJob): Promise<{ seconds: number; counts: Counts }> {
  const entry = { job: job.id, title: job.title, cron: '0 19 * * *', after: [], basis: 'sample' };
  const begun = performance.now();
  const { runs } = await night(
    {
      ...environment,
      registry: new Map([[job.id, job]]),
      schedule: { catchupWindowDays: 0, keepSeasons: 1, jobs: [entry] },
      at: null,
    },
    date,
  );
  const seconds = (performance.now() - begun) / 1000;
  const counts: Counts = {};
  for (const report of runs) {
    if (report.state !== 'completed' || report.result === null || report.error !== null) {
      throw report.error ?? new Error(`${report.identity}: ${report.state}`);
    }
    for (const [name, count] of Object.entries(report.result.counts)) {
      counts[name] = (counts[name] ?? 0) + count;
    }
    counts['findings'] = (counts['findings'] ?? 0) + report.result.findings.length;
  }
  return { seconds, counts };
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
    thread,
    rssMegabytes,
    auditSeconds: audited?.seconds ?? null,
    auditFindings: audited?.counts['findings'] ?? null,
  })}\n`,
);
