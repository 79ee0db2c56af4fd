/**
 * One act or night of a season in a process of its own, to be killed at a fail point or at any
 * moment, or paused: `node season-child.ts '{"url": …, "act": …}'`, ZHONGZHAO_FAIL_POINT as ever.
 */
import process from 'node:process';
import { connect } from '../../db/connect.ts';
import { CodedError } from '../../engine/errors.ts';
import { failPoints } from '../../jobs/run/fail-points.ts';
import { type RequestedAct, SeasonWorld } from './season-world.ts';

export interface ChildTask {
  readonly url: string;
  readonly home: string;
  readonly seed: number;
  readonly instant: string;
  /** undefined: the night. */
  readonly act?: RequestedAct;
}

const task = JSON.parse(process.argv[2] ?? '{}') as ChildTask;
const database = connect(task.url);
const world = await new SeasonWorld({ database, home: task.home, seed: task.seed }).open();
world.instant = new Date(task.instant);
const failPoint = failPoints(process.env['ZHONGZHAO_FAIL_POINT']);
process.stdout.write('ready\n');
try {
  if (task.act === undefined) await world.performNight({ failPoint });
  else await world.perform(task.act, { failPoint });
} catch (error) {
  if (!(error instanceof CodedError)) throw error;
}
await database.close();
