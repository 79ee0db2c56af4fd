/**
 * 地市录取快照导入: the daily admissions of a city with its own system, by hand. Three ways: a
 * package; `empty=yes`, an intended empty day, which a second officer confirms; `held=N`, by which
 * an officer lets a held snapshot take effect that somebody else, or the inbox, has brought.
 */
import { basename, dirname, join } from 'node:path';
import { planByValues } from '../../db/kept-statements.ts';
import { policyVersionId } from '../../db/policies.ts';
import { latestSnapshots } from '../../db/season/snapshots.ts';
import { daysAfter, shanghaiMoment, valueById } from '../../engine/policy/calendar.ts';
import type { FullPolicy } from '../../engine/policy/types.ts';
import type { Act } from '../act/act.ts';
import { CityPolicies } from '../act/city-policies.ts';
import { functionJob, type OpenSpan } from '../act/function-job.ts';
import { INPUT } from '../act/input.ts';
import { snapshotError } from './parts/snapshot-errors.ts';
import { snapshotFindings, snapshotLine } from './parts/snapshot-findings.ts';
import { releaseHeld, SNAPSHOT_JOB, type Taking, takeSnapshot } from './parts/take-snapshot.ts';

interface Input {
  readonly city: string;
  readonly package?: string;
  readonly date?: string;
  readonly empty?: boolean;
  readonly held?: number;
}

export const job = functionJob<Input>({
  id: SNAPSHOT_JOB,
  title: '地市录取快照导入',
  sides: ['office'],
  menu: '基本资料',
  annex: false,
  input: {
    properties: {
      city: INPUT.city,
      package: {
        type: 'string',
        minLength: 1,
        maxLength: 400,
        description: '数据包：文件夹或工作簿',
      },
      date: { ...INPUT.date, description: '快照的日期，不写为当日，YYYY-MM-DD' },
      empty: { type: 'boolean', description: 'yes：申明当日没有录取，须另一人确认' },
      held: { type: 'integer', minimum: 1, description: '要确认采用的快照编号' },
    },
    required: ['city'],
  },
  relatives: false,
  everyKind: true,
  window: ({ policy }) => snapshotSpans(policy),
  confirm: ({ input }) => input.empty === true,
  async target({ input }) {
    const given = [input.package !== undefined, input.empty === true, input.held !== undefined];
    if (given.filter(Boolean).length !== 1) throw snapshotError('one-of-three', {});
    return { cities: [input.city] };
  },
  async effect(act) {
    const taken = await act.asRunner(async session => {
      // Its rows are a city's, and compared set with set.
      await planByValues(session.client);
      const taking = await takingOf(act, session);
      const result =
        act.input.held === undefined
          ? await takeSnapshot(taking, delivery(act))
          : await release(act, taking, act.input.held);
      const findings = await snapshotFindings(session, act.season, act.input.city, result);
      return { result, findings };
    });
    const { result, findings } = taken;
    const { counts, state, snapshot } = result;
    return {
      lines: [snapshotLine(result)],
      values: { snapshot, state },
      counts: { ...counts },
      findings,
    };
  },
});

/** A phase, with the days of grace in which its last snapshots may still come. */
export function snapshotSpans(policy: FullPolicy): OpenSpan[] {
  const grace = valueById(policy, 'review-grace-days', 'number').value;
  return policy.phases.map(({ title, basis, window }) => ({
    title: `${title}及其宽限期`,
    basis,
    window: window === null ? null : [window[0], daysAfter(window[1], grace)],
  }));
}

/** Has the hour come at which the day's snapshot should have been there. */
export function isLate(policy: FullPolicy, date: string, at: Date): boolean {
  const hour = valueById(policy, 'snapshot-cut-off', 'text').value;
  return shanghaiMoment(at) > `${date}T${hour}`;
}

async function takingOf(act: Act<Input>, session: Taking['session']): Promise<Taking> {
  const { city } = act.input;
  const { season, policy, user, at, businessDate, run } = act;
  const versions = await new CityPolicies(session, season).versionOf(city);
  const policyVersion = await policyVersionId(session, versions.baseHash, versions.overlayHash);
  // Of an empty day that two declare, it is the first who has brought it.
  const actor = act.proposer ?? user.user;
  const failPoint = () => {};
  return { session, season, city, policy, policyVersion, actor, at, businessDate, run, failPoint };
}

function delivery(act: Act<Input>) {
  const { package: path = null, date = act.businessDate } = act.input;
  const late = isLate(act.policy, date, act.at);
  const confirmedBy = act.proposer === null ? null : act.user.user;
  if (path === null) return { date, path, late, confirmedBy };
  return { date, path, late, rejectsPath: join(dirname(path), `${basename(path)}-rejects.csv`) };
}

/** @throws same-person: who brought it does not confirm it */
async function release(act: Act<Input>, taking: Taking, snapshot: number) {
  const { held } = await latestSnapshots(taking.session, act.season, act.input.city);
  if (held?.snapshot === snapshot && held.arrivedBy === act.user.user) {
    throw snapshotError('same-person', { snapshot });
  }
  return releaseHeld(taking, snapshot);
}
