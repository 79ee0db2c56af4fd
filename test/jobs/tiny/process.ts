/**
 * The tiny job in a process of its own, which tests kill, pause and start twenty times:
 * `process.ts run|night|worker URL CITY`. Prints one line of JSON per report.
 */
import process from 'node:process';
import { setTimeout as sleep } from 'node:timers/promises';
import { connect } from '../../../db/connect.ts';
import { failPoints } from '../../../jobs/run/fail-points.ts';
import type { NightlyJob } from '../../../jobs/run/job.ts';
import { night } from '../../../jobs/run/night.ts';
import { exitCodeOf, type RunReport, runJob } from '../../../jobs/run/run.ts';
import { work } from '../../../jobs/run/worker.ts';
import { environment, tinyJob } from './job.ts';

const [mode = '', url = '', city = ''] = process.argv.slice(2);
const database = connect(url);
const stop = new AbortController();
process.once('SIGTERM', () => stop.abort());
const say = (line: object) => process.stdout.write(`${JSON.stringify(line)}\n`);
const tell = ({ identity, state, run, error }: RunReport) =>
  say({ identity, state, run, code: error?.code ?? null });

/** Waits before its last step until a row `go` is there: the test acts in between. */
function waitingJob(): NightlyJob {
  const tiny = tinyJob();
  return {
    ...tiny,
    execute: context =>
      tiny.execute({
        ...context,
        complete: async (name, doIt) => {
          say({ waiting: context.run });
          for (;;) {
            const rows = await database.query("select from tiny_cities where city = 'go'");
            if (rows.length > 0) break;
            await sleep(30);
          }
          return context.complete(name, doIt);
        },
      }),
  };
}

const around = environment(database, {
  signal: stop.signal,
  failPoint: failPoints(process.env['ZHONGZHAO_FAIL_POINT']),
});
const job = tinyJob();
if (mode === 'run' || mode === 'wait') {
  const report = await runJob(mode === 'wait' ? waitingJob() : job, { city }, '2016-07-20', around);
  tell(report);
  process.exitCode = exitCodeOf(report);
} else if (mode === 'night') {
  const report = await night(
    {
      ...around,
      registry: new Map([[job.id, job]]),
      schedule: {
        catchupWindowDays: 3,
        keepSeasons: 1,
        jobs: [{ job: job.id, title: '', cron: '30 19 * * *', after: [], basis: 'sample' }],
      },
      at: new Date('2016-07-20T11:30:00Z'),
      onReport: tell,
    },
    '2016-07-20',
  );
  process.exitCode = report.exitCode;
} else if (mode === 'worker') {
  const serving = work(new Map([[job.id, job]]), around, tell);
  say({ ready: true });
  await serving;
}
await database.close();
