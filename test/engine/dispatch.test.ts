/** The examples of spec/dispatch.md and the known answers. */
import t from 'tap';
import { roundedPlaces } from '../../engine/dispatch/places.ts';
import type { DispatchRules, PreferenceFeature } from '../../engine/policy/types.ts';
import answers from '../known-answers/dispatch.json' with { type: 'json' };
import { oracle } from './dispatch-oracle.ts';
import {
  BATCH,
  detailRows,
  outcomeOf,
  PLAIN_RULES,
  policyOf,
  SCOPE,
  type SimpleCandidate,
  simpleRows,
} from './dispatch-worlds.ts';

interface Answer {
  id: string;
  title: string;
  dispatch: {
    mode: DispatchRules['mode'];
    ratio: string;
    rounding: DispatchRules['rounding'];
    ties: {
      keys: { subjects?: string[]; subject?: string; priority?: boolean }[];
      ending: DispatchRules['ties']['ending'];
    };
    bands?: number[];
    seed?: string;
  };
  planned: Record<string, number>;
  flexible: Record<string, number>;
  candidates: SimpleCandidate[];
  expect: Record<string, { school: string | null; reasons: string }>;
}

function rulesOf({ dispatch }: Answer): DispatchRules {
  return {
    ...PLAIN_RULES,
    mode: dispatch.mode,
    bands: (dispatch.bands ?? []).map(bound => bound * 100),
    ratio: Number(dispatch.ratio.replace('.', '')),
    rounding: dispatch.rounding,
    seed: dispatch.seed ?? null,
    ties: {
      ending: dispatch.ties.ending,
      keys: dispatch.ties.keys.map(key =>
        key.priority
          ? { kind: 'priority' as const }
          : { kind: 'subjects' as const, subjects: key.subjects ?? [key.subject as string] },
      ),
    },
  };
}

function featuresOf({ candidates }: Answer): PreferenceFeature[] {
  const shared = { title: '', batches: [BATCH], basis: 'sample' };
  return candidates.flatMap(each => [
    ...(each.bonus
      ? [
          {
            ...shared,
            id: `bonus-${each.bonus}`,
            kind: 'bonus' as const,
            points: each.bonus * 100,
            rank: 0,
          },
        ]
      : []),
    ...(each.priority
      ? [
          {
            ...shared,
            id: `priority-${each.priority}`,
            kind: 'priority' as const,
            points: 0,
            rank: each.priority,
          },
        ]
      : []),
  ]);
}

for (const answer of answers as unknown as Answer[]) {
  t.test(`known answer ${answer.id}: ${answer.title}`, async t => {
    const features = featuresOf(answer);
    const policy = policyOf(rulesOf(answer), {
      preferences: { combine: 'max', cap: null, features },
    });
    const data = simpleRows(answer.planned, answer.flexible, answer.candidates);
    const outcome = await outcomeOf(data, policy);
    const rows = detailRows(outcome.detail);
    t.equal(rows.size, Object.keys(answer.expect).length);
    for (const [no, expected] of Object.entries(answer.expect)) {
      const row = rows.get(no)!;
      t.equal(row['school'] || null, expected.school, `${no} school`);
      t.equal(row['reasons'], expected.reasons, `${no} reasons`);
    }
    t.equal(outcome.detail, oracle(data, policy, SCOPE).detail, 'the oracle agrees');
  });
}

t.test('planned × ratio is rounded exactly (example C)', async t => {
  const three = (planned: number, ratio: number) =>
    (['floor', 'ceil', 'half-up'] as const).map(way => roundedPlaces(planned, ratio, way));
  t.same(three(50, 105), [52, 53, 53]);
  t.same(three(10, 105), [10, 11, 11]);
  t.same(three(20, 110), [22, 22, 22]);
});
