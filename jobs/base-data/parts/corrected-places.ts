/**
 * Whose place would change if a candidate's scores had been right: each run that the candidate took
 * part in, done again on its kept input with the corrected scores, and compared with what was
 * decided. Nothing is written: an officer decides.
 */
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import type { Session } from '../../../db/connect.ts';
import { worldOfKeptPackage } from '../../../db/package/recompute.ts';
import { textAt } from '../../../engine/dispatch/bytes.ts';
import { inputHash } from '../../../engine/dispatch/package-of-world.ts';
import { dispatch } from '../../../engine/dispatch/run.ts';
import { type CorrectedScores, withScores } from '../../../engine/dispatch/with-scores.ts';
import type { World } from '../../../engine/dispatch/world.ts';
import type { Policy } from '../../../engine/policy/types.ts';
import { compileStage } from '../../../engine/rules/compile.ts';
import { fail as dispatchFail } from '../../nightly/dispatch/errors.ts';
import {
  type DispatchedRun,
  dispatchedRun,
  packagePath,
} from '../../nightly/dispatch/keep-package.ts';
import { policyOfVersion } from '../../nightly/dispatch/policy.ts';
import { readWorld } from '../../nightly/dispatch/world.ts';

/** One candidate who would be elsewhere; null: nowhere. */
export interface ChangedPlace {
  readonly candidate_no: string;
  readonly from: string | null;
  readonly to: string | null;
  readonly major_from: string | null;
  readonly major_to: string | null;
}

export interface CorrectedRun {
  readonly run: number;
  readonly batch: string;
  readonly round: number;
  readonly changes: readonly ChangedPlace[];
}

interface Placed {
  readonly school: string | null;
  readonly major: string | null;
}

/**
 * @param session of the runner, in the act's transaction
 * @throws package-lost: the run's input can't be had any more
 */
export async function correctedRun(
  session: Session,
  home: string,
  run: number,
  corrected: CorrectedScores,
): Promise<CorrectedRun | null> {
  const dispatched = await dispatchedRun(session, run);
  if (dispatched === null) return null;
  const { policy } = await policyOfVersion(session, dispatched.policy);
  const world = await inputOf(session, home, dispatched, policy);
  const { school, batch, round } = dispatched;
  const right = withScores(world, corrected);
  const { result } = await dispatch(right, policy, {
    random: () => 0,
    recheckSample: 0,
    compileStage,
    ...(school === null ? {} : { school }),
  });
  const after = new Map<string, Placed>();
  result.participants.forEach((candidate, participant) => {
    after.set(textAt(right.candidates.number, candidate), placedOf(right, result, participant));
  });
  return { run, batch, round, changes: changesOf(await decided(session, dispatched), after) };
}

type Result = Awaited<ReturnType<typeof dispatch>>['result'];

function placedOf(world: World, result: Result, participant: number): Placed {
  const choice = result.placedChoice[participant];
  if (choice === -1) return { school: null, major: null };
  const major = result.suggestedMajor[participant];
  return {
    school: world.schools[world.choices.school[choice]].code,
    major: major === -1 ? null : world.majors[major].code,
  };
}

/** The kept package; where it is gone, the database as of before the run. */
async function inputOf(
  session: Session,
  home: string,
  run: DispatchedRun,
  policy: Policy,
): Promise<World> {
  const folder = join(home, packagePath(run.season, run.run));
  const { season, city, batch, round, date } = run;
  const scope = { season, city, batch, round, date };
  const world = existsSync(join(folder, 'datapackage.json'))
    ? await worldOfKeptPackage(folder, policy, scope)
    : (await readWorld(session, scope, policy, { beforeRun: run.run })).world;
  if (inputHash(world) !== run.inputHash) throw dispatchFail('package-lost', { run: run.run });
  return world;
}

async function decided(session: Session, run: DispatchedRun): Promise<Map<string, Placed>> {
  const rows = await session.query<Placed & { candidate: string }>(
    `select candidate_no as candidate, school, major from decisions
     where season = $1::smallint and city = $2 and run = $3`,
    [run.season, run.city, run.run],
  );
  return new Map(rows.map(row => [row.candidate, row]));
}

const NOWHERE: Placed = { school: null, major: null };

function changesOf(
  before: ReadonlyMap<string, Placed>,
  after: ReadonlyMap<string, Placed>,
): ChangedPlace[] {
  const changes: ChangedPlace[] = [];
  for (const candidate of [...new Set([...before.keys(), ...after.keys()])].toSorted()) {
    const was = before.get(candidate) ?? NOWHERE;
    const is = after.get(candidate) ?? NOWHERE;
    if (was.school === is.school && was.major === is.major) continue;
    changes.push({
      candidate_no: candidate,
      from: was.school,
      to: is.school,
      major_from: was.major,
      major_to: is.major,
    });
  }
  return changes;
}
