/**
 * 导出投档输入: the input of a dispatch run as a data package with its policy, for whoever wants to
 * do the run again (recompute). It holds people's data, so it leaves a line in ledger and trail. It
 * is written below the home folder, never where the caller says.
 */
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { appendEvents } from '../../db/trail.ts';
import { type Answer, functionJob, type Launch } from '../act/function-job.ts';
import { INPUT } from '../act/input.ts';
import {
  type DispatchedRun,
  dispatchedRun,
  ensurePackage,
} from '../nightly/dispatch/keep-package.ts';
import { unpackPackage } from '../nightly/dispatch/unpack-package.ts';
import type { RunContext } from '../run/job.ts';
import type { RunEnvironment } from '../run/run.ts';
import { baseDataError } from './errors.ts';
import { runByHand } from './parts/by-hand.ts';

interface Input {
  readonly run: number;
}

export const job = functionJob<Input>({
  id: 'export-run',
  title: '导出投档输入',
  sides: ['office'],
  menu: '基本资料',
  annex: false,
  input: { properties: { run: INPUT.run }, required: ['run'] },
  relatives: false,
  window: 'none',
  unlocked: true,
  async target({ session, input }) {
    const dispatched = await dispatchedRun(session, input.run);
    if (dispatched === null) throw baseDataError('not-a-dispatch', { run: input.run });
    return { cities: [dispatched.city], batch: dispatched.batch };
  },
  launch,
  // The line is written before the files are: what is left is to write these.
  resume: ({ input, environment }) => exported(input.run, environment),
});

async function launch({ input, businessDate, environment }: Launch<Input>): Promise<Answer> {
  const { database, home } = environment;
  const dispatched = (await dispatchedRun(database, input.run)) as DispatchedRun;
  const { run, city, batch, inputHash, resultHash } = dispatched;
  const folder = join('exports', `run-${run}`);
  const values = { run, folder, inputHash, resultHash };
  if (existsSync(join(home, folder, 'datapackage.json'))) {
    return { lines: [`运行 ${run} 的输入此前已导出，在 ${folder}。`], values };
  }
  const title = '导出投档输入';
  const about = { id: 'export-run', title, menu: '基本资料', lock: `export-run|${run}` };
  await runByHand(
    {
      ...about,
      scope: { city, batch },
      execute: context => exportRun(context, dispatched, folder),
    },
    businessDate,
    environment,
  );
  return told(dispatched, folder);
}

async function exported(run: number, { database, home }: RunEnvironment): Promise<Answer> {
  const dispatched = (await dispatchedRun(database, run)) as DispatchedRun;
  const folder = join('exports', `run-${run}`);
  if (!existsSync(join(home, folder, 'datapackage.json'))) {
    const kept = await ensurePackage(database, home, dispatched);
    await unpackPackage(join(home, kept), join(home, folder));
  }
  return told(dispatched, folder);
}

function told({ run, inputHash, resultHash }: DispatchedRun, folder: string): Answer {
  const values = { run, folder, inputHash, resultHash };
  return {
    lines: [
      `运行 ${run} 的输入已导出到 ${folder}，政策在其中的 policy。`,
      `输入哈希 ${inputHash}`,
      `结果哈希 ${resultHash}`,
    ],
    values,
  };
}

/** The line first, then the files: what has left is always on record. */
async function exportRun(context: RunContext, dispatched: DispatchedRun, folder: string) {
  const { database, home, actor, businessDate, season } = context;
  const { run, city, batch, policy, inputHash, resultHash } = dispatched;
  const kept = await ensurePackage(database, home, dispatched);
  const outcome = { counts: { exported: 1 }, findings: [], inputHash, resultHash, policy };
  await context.complete('recorded', async step => {
    const about = { city, file: null, name: 'export-run', batch, actor, at: context.now() };
    const note = { run, folder };
    await appendEvents(step.session, season, [
      { ...about, businessDate, policy, run: step.run, decision: 'export-run', note },
    ]);
    return outcome;
  });
  await unpackPackage(join(home, kept), join(home, folder));
  return outcome;
}
