/**
 * 指定派位录取 over random worlds: by the seed alone, within the places and the plan, everybody with
 * a major, nobody passed over who could be admitted, and the same again.
 */
import { createHmac } from 'node:crypto';
import fc from 'fast-check';
import t from 'tap';
import {
  type Drawing,
  drawAdmissions,
  drawingHash,
} from '../../engine/dispatch/draw-admissions.ts';
import { placesOf } from '../../engine/dispatch/places.ts';
import type { World } from '../../engine/dispatch/world.ts';
import type { FullPolicy, Policy, Requirement } from '../../engine/policy/types.ts';
import { cases } from './dispatch-random.ts';
import { requirement, worldOf } from './dispatch-worlds.ts';

const SEED = 'ball-7';
const RANDOM = { random: () => 0.3, recheckSample: 5 };

function lotteryPolicy(policy: Policy, quotas: readonly Requirement[]): FullPolicy {
  const batches = policy.batches.map(batch => ({
    ...batch,
    dispatch: { ...batch.dispatch, seed: SEED },
  }));
  // Of a full policy, a draw reads the quota rules alone.
  return { ...policy, batches, quotas } as unknown as FullPolicy;
}

const WITHIN_PLAN = requirement({
  id: 'within-plan',
  requires: {
    any: [
      { fact: 'plan.free', operator: 'greaterThan', value: 0 },
      { fact: 'plan.flexible-free', operator: 'greaterThan', value: 0 },
    ],
  },
  refuse: 'over-plan',
});

const NEVER = requirement({
  id: 'never',
  requires: { all: [{ fact: 'plan.free', operator: 'greaterThan', value: 1_000_000 }] },
  refuse: 'never',
});

const digest = (no: string) => createHmac('sha256', SEED).update(no).digest('hex');

/** What an admission by lot must not break; undefined: nothing. */
function broken(world: World, school: string, { order, admitted }: Drawing): string | undefined {
  const at = world.schools.findIndex(each => each.code === school);
  const places = placesOf(world);
  const lines = world.lines.filter(line => line.school === school);
  const planned = lines.reduce((sum, line) => sum + line.planned, 0);
  const flexible = world.flexible.get(school) ?? 0;
  const room = Math.max(0, planned + flexible - (places.occupied[at] ?? 0));
  if (admitted.length > room) return 'more than places';
  if (order.some(({ position }, index) => position !== index + 1)) return 'positions';
  const digests = order.map(({ candidateNo }) => digest(candidateNo));
  if (digests.some((own, index) => index > 0 && own <= (digests[index - 1] ?? ''))) return 'order';
  const majors = new Set(lines.map(({ major }) => major));
  if (admitted.some(({ major }) => major === null || !majors.has(major))) return 'majors';
  const full = order.findIndex(({ outcome }) => outcome === 'full');
  const last = order.findLastIndex(({ outcome }) => outcome === 'admitted');
  if (full !== -1 && full < last) return 'passed over';
  if (full !== -1 && admitted.length < room) return 'a place is left';
  const beyond = lines.reduce((sum, line) => {
    const own = world.lines.indexOf(line);
    const taken = admitted.filter(({ major }) => major === line.major).length;
    const before = places.lineOccupied[own] ?? 0;
    return sum + Math.max(0, taken - Math.max(0, line.planned - before));
  }, 0);
  if (beyond > (places.flexibleFree[at] ?? 0)) return 'beyond the flexible places';
  return undefined;
}

t.test('a draw breaks nothing that it promises, and comes out the same again', async t => {
  let admissions = 0;
  let passes = 0;
  await fc.assert(
    fc.asyncProperty(cases, async ({ data, policy, scope }) => {
      const world = worldOf(data, policy, scope);
      const full = lotteryPolicy(policy, [WITHIN_PLAN]);
      for (const { code } of world.schools) {
        const drawing = await drawAdmissions(world, full, code, RANDOM);
        const fault = drawing.outcome === null ? undefined : broken(world, code, drawing);
        if (fault !== undefined) throw new Error(`${code}: ${fault}`);
        const again = await drawAdmissions(world, full, code, { ...RANDOM, random: () => 0.9 });
        if (drawingHash(again.order) !== drawingHash(drawing.order)) throw new Error('differs');
        admissions += drawing.admitted.length;
        passes += drawing.passes - 1;
      }
    }),
    { numRuns: 300 },
  );
  t.ok(admissions > 100, `${admissions} admissions`);
  t.ok(passes > 10, `${passes} times the lottery went on without somebody`);
});

t.test('a quota rule that is never met lets nobody in, and says so', async t => {
  let refused = 0;
  await fc.assert(
    fc.asyncProperty(cases, async ({ data, policy, scope }) => {
      const world = worldOf(data, policy, scope);
      const [school] = world.schools;
      if (school === undefined) return;
      const never = await drawAdmissions(
        world,
        lotteryPolicy(policy, [NEVER]),
        school.code,
        RANDOM,
      );
      if (never.admitted.length > 0) throw new Error('admitted against the rule');
      refused += never.order.filter(({ outcome }) => outcome === 'never').length;
    }),
    { numRuns: 100 },
  );
  t.ok(refused > 10);
});

t.test('another seed draws another order', async t => {
  const orders = new Set<string>();
  await fc.assert(
    fc.asyncProperty(cases, async ({ data, policy, scope }) => {
      const world = worldOf(data, policy, scope);
      const [school] = world.schools;
      if (school === undefined) return;
      const drawing = await drawAdmissions(world, lotteryPolicy(policy, []), school.code, RANDOM);
      orders.add(drawing.order.map(({ candidateNo }) => candidateNo).join(' '));
    }),
    { numRuns: 20 },
  );
  t.ok(orders.size > 1);
});
