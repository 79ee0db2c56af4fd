/**
 * Takes a whole dispatch run back before any of its lists is released: files to the pool, lists
 * cancelled, the run and its audit marked as cancelled. Their identity is free then, so that the
 * round can be dispatched again.
 */

import type { Session } from '../../db/connect.ts';
import { type DispatchList, listsOfRun } from '../../db/season/dispatch-lists.ts';
import { BACK_IN_POOL } from '../../db/season/files.ts';
import type { Batch } from '../../engine/policy/types.ts';
import type { Act } from '../act/act.ts';
import { functionJob } from '../act/function-job.ts';
import { INPUT } from '../act/input.ts';
import { cancelCompleted } from '../run/ledger.ts';
import { dispatchError } from './errors.ts';
import { moveLists } from './parts/lists.ts';
import { requireKindsInCharge } from './parts/round.ts';

interface Input {
  readonly run: number;
  readonly reason: string;
}

interface DispatchRun {
  readonly identity: string;
  readonly city: string;
  readonly batch: string;
  readonly round: number;
  readonly school: string | null;
}

export const job = functionJob<Input>({
  id: 'cancel-run',
  title: '撤销整批投档',
  sides: ['office'],
  menu: '投档',
  annex: false,
  input: {
    properties: { run: INPUT.run, reason: INPUT.reason },
    required: ['run', 'reason'],
  },
  relatives: true,
  window: 'batch',
  async target({ input, session, season }) {
    const { city, batch, round, school } = await completedDispatch(session, season, input.run);
    return { cities: [city], batch, round, ...(school === null ? {} : { school }) };
  },
  async effect(act) {
    const { run, reason } = act.input;
    const { season } = act;
    const found = await act.asRunner(session => completedDispatch(session, season, run));
    await requireWholeInCharge(act, found);
    const lists = await act.asRunner(session => listsOfRun(session, season, run));
    requireUnreleased(run, lists);
    const drafts = lists.filter(list => list.state === 'draft');
    const files = await act.onLists(
      found.city,
      drafts.map(list => list.list),
    );
    await moveLists(act, drafts, 'cancel-list');
    for (const file of files) {
      act.move(file, 'cancel-dispatch', { change: BACK_IN_POOL, note: { reason } });
    }
    act.record({ batch: found.batch, school: found.school, note: { run, reason } });
    await act.asRunner(session =>
      cancelCompleted(session, season, [found.identity, `audit|${found.identity}`]),
    );
    return {
      lines: [
        `第 ${run} 次运行已撤销：投档单 ${drafts.length} 份，档案 ${files.length} 份回到库中；` +
          `第 ${found.round} 轮可重新投档。`,
      ],
      values: { run, round: found.round },
      counts: { lists: drafts.length, files: files.length },
    };
  },
});

/** @throws unknown-run: there is none of that number, or it was cancelled before */
async function completedDispatch(
  session: Pick<Session, 'query'>,
  season: number,
  run: number,
): Promise<DispatchRun> {
  const [row] = await session.query<DispatchRun>(
    `select identity, scope ->> 'city' as city, scope ->> 'batch' as batch,
       coalesce((scope ->> 'round')::integer, 1) as round, scope ->> 'school' as school
     from runs
     where season = $1::smallint and run = $2 and job = 'dispatch' and state = 'completed'`,
    [season, run],
  );
  if (row === undefined) throw dispatchError('unknown-run', { run });
  return row;
}

/** A run of all schools is cancelled by whoever is in charge of all kinds in it. */
async function requireWholeInCharge(act: Act<Input>, { batch, school }: DispatchRun) {
  if (school !== null) return;
  const whole: Batch = act.batch(batch);
  await act.asRunner(session => requireKindsInCharge(session, act.season, act.user, whole));
}

/** @throws list-released */
function requireUnreleased(run: number, lists: readonly DispatchList[]): void {
  const open = lists.filter(list => list.state !== 'draft' && list.state !== 'cancelled');
  if (open.length === 0) return;
  throw dispatchError('list-released', { run, lists: open.map(list => list.list).join('、') });
}
