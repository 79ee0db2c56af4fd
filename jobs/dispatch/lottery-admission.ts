/**
 * 指定派位录取: fills one school's remaining places from its applicants by the drawn seed, and admits
 * them directly; no list is written. Once per school and round. Two officers confirm it.
 *
 * Seed, input hash and order stand in the result of the act, and its input is kept beside the
 * database, so that the lottery can be drawn again (P13).
 */
import { completedDrawing, insertDrawing } from '../../db/season/drawings.ts';
import type { StandingFile } from '../../db/season/files.ts';
import {
  type Drawing,
  drawAdmissions,
  drawingHash,
} from '../../engine/dispatch/draw-admissions.ts';
import { inputHash } from '../../engine/dispatch/package-of-world.ts';
import type { World } from '../../engine/dispatch/world.ts';
import type { Act } from '../act/act.ts';
import { type Answer, functionJob } from '../act/function-job.ts';
import { INPUT } from '../act/input.ts';
import { requireDrawnApplicants } from '../nightly/dispatch/drawn-applicants.ts';
import { standingOf } from '../nightly/dispatch/start.ts';
import { readWorld } from '../nightly/dispatch/world.ts';
import { RECHECK_PAIRS } from '../nightly/dispatch.ts';
import { type Admission, admittedAll } from '../review/parts/admitted.ts';
import { dispatchError } from './errors.ts';
import { keepDrawing } from './parts/keep-drawing.ts';
import { type OpenRound, requireSeed, roundGoingOn } from './parts/round.ts';

interface Input {
  readonly city: string;
  readonly batch: string;
  readonly school: string;
  /** The one that goes on, unless told. */
  readonly round?: number;
}

export const job = functionJob<Input>({
  id: 'lottery-admission',
  title: '指定派位录取',
  sides: ['office'],
  menu: '投档',
  annex: true,
  input: {
    properties: {
      city: INPUT.city,
      batch: INPUT.batch,
      school: INPUT.school,
      round: INPUT.round,
    },
    required: ['city', 'batch', 'school'],
  },
  relatives: true,
  window: 'batch',
  // Two persons for every direct admission (file-life.md, admit-directly).
  confirm: true,
  async target({ input, session, season }) {
    const { city, batch, school } = input;
    const standing = await standingOf(session, season, city);
    return {
      cities: [city],
      batch,
      round: input.round ?? standing.openedRounds.get(batch) ?? 1,
      school,
    };
  },
  async effect(act) {
    const { input, season, policy, businessDate: date } = act;
    const open = await act.asRunner(session =>
      roundGoingOn(session, { season, ...input, date, policy }),
    );
    const seed = requireSeed(input.city, open.batch);
    await requireFirstDraw(act, open);
    await act.asRunner(session =>
      requireDrawnApplicants(session, { season, city: input.city, ...open }, null),
    );
    const world = await act.asRunner(async session => {
      const key = { season, city: input.city, batch: input.batch, round: open.round, date };
      return (await readWorld(session, key, policy)).world;
    });
    const randomness = { random: () => 0.5, recheckSample: RECHECK_PAIRS };
    const drawing = await drawAdmissions(world, policy, input.school, randomness);
    requirePlaces(act.input, drawing);
    await admit(act, open, drawing);
    // The first officer's proposal is only tried.
    if (act.proposer !== null) await keepDrawing(act, { ...input, round: open.round, date }, world);
    return answerOf(world, seed, drawing);
  },
});

/** @throws drawn-already */
async function requireFirstDraw(act: Act<Input>, { batch, round }: OpenRound): Promise<void> {
  const { city, school } = act.input;
  const place = { city, batch: batch.id, round, school };
  const run = await act.asRunner(session => completedDrawing(session, act.season, place));
  if (run === null) return;
  throw dispatchError('drawn-already', { city, school, batch: batch.title, round, run });
}

/** @throws no-plan, no-places, no-applicants: the draw is not used up by nothing */
function requirePlaces({ city, school, batch }: Input, drawing: Drawing): void {
  const { outcome, admitted, order } = drawing;
  if (outcome === null) throw dispatchError('no-plan', { city, school, batch });
  if (outcome.roomBefore <= 0) throw dispatchError('no-places', { city, school, batch });
  if (admitted.length === 0) throw dispatchError('no-applicants', { school, count: order.length });
}

async function admit(act: Act<Input>, { batch }: OpenRound, drawing: Drawing): Promise<void> {
  const { city, school } = act.input;
  const { admitted, order } = drawing;
  const found = await act.candidates(admitted.map(({ candidateNo }) => candidateNo));
  const admissions = admitted.map(
    ({ major, position, rules }, at): Admission => ({
      file: found[at] as StandingFile,
      event: 'admit-directly',
      school,
      major: major as string,
      batch: batch.id,
      phase: batch.phase,
      decision: ['lottery-admission', ...rules].join(' '),
      note: { position, proposedBy: act.proposer },
    }),
  );
  await admittedAll(act, admissions);
  const at = { city, run: act.run, school };
  await act.asRunner(session => insertDrawing(session, act.season, at, order));
  act.record({ note: { drawn: order.length, admitted: admitted.length } });
}

function answerOf(world: World, seed: string, { order, admitted, outcome }: Drawing): Answer {
  const places = outcome?.roomBefore ?? 0;
  return {
    lines: [
      `${order.length} 名考生参加派位，${places} 个名额，录取 ${admitted.length} 人。`,
      ...(admitted.length < places ? [`尚余 ${places - admitted.length} 个名额。`] : []),
    ],
    values: {
      seed,
      order: order.map(({ candidateNo, outcome: what, major }) => [candidateNo, what, major]),
    },
    counts: { applicants: order.length, places, admitted: admitted.length },
    inputHash: inputHash(world),
    resultHash: drawingHash(order),
  };
}
