/** Random worlds: the oracle agrees, and the properties that spec/dispatch.md promises hold. */
import fc from 'fast-check';
import t from 'tap';
import { ABSENT } from '../../engine/decimal.ts';
import { textAt } from '../../engine/dispatch/bytes.ts';
import type { Policy } from '../../engine/policy/types.ts';
import { oracle, type Package } from './dispatch-oracle.ts';
import { type Case, cases } from './dispatch-random.ts';
import { type Outcome, outcomeOf, packageRows } from './dispatch-worlds.ts';

const RUNS = 400;

/** Runs a property and prints its seed with any failure. */
async function holds(
  title: string,
  runs: number,
  property: (drawn: Case) => Promise<void>,
  values: fc.Arbitrary<Case> = cases,
): Promise<void> {
  await t.test(title, async t => {
    await fc.assert(fc.asyncProperty(values, property), { numRuns: runs });
    t.pass(`${runs} worlds`);
  });
}

function equal(actual: unknown, expected: unknown, message: string): void {
  if (actual !== expected) throw new Error(`${message}\n${actual}\n—— expected\n${expected}`);
}

const run = ({ data, policy, scope }: Case) => outcomeOf(data, policy, scope);

await holds('the oracle agrees on every row, list and room', RUNS, async drawn => {
  const { detail, world, run: done } = await run(drawn);
  const expected = oracle(drawn.data, drawn.policy, drawn.scope);
  equal(detail, expected.detail, 'detail');
  const schools = done.result.schools.map(school => ({
    code: world.schools[school.school].code,
    before: school.roomBefore,
    after: school.roomAfter,
    sent: [...done.result.lists[school.list]].map(participant =>
      textAt(world.candidates.number, done.result.participants[participant]),
    ),
    closed: school.closedByTie,
  }));
  equal(JSON.stringify(schools), JSON.stringify(expected.schools), 'schools');
});

await holds('the order of the input rows changes no hash', 60, async drawn => {
  const first = await run(drawn);
  const data = Object.fromEntries(
    Object.entries(drawn.data).map(([file, rows]) => [file, shuffled(rows)]),
  );
  const second = await run({ ...drawn, data });
  equal(second.inputHash, first.inputHash, 'input hash');
  equal(second.resultHash, first.resultHash, 'result hash');
});

/** A fixed shuffle: by the remainder of the position, then backwards. */
function shuffled<T>(rows: readonly T[]): T[] {
  return rows
    .map((row, at) => ({ row, key: (at * 7919 + 13) % (rows.length + 3) }))
    .sort((a, b) => b.key - a.key)
    .map(each => each.row);
}

await holds('the input package builds the same world, package and result', 100, async drawn => {
  const first = await run(drawn);
  const { data, text } = packageRows(first.world);
  const second = await run({ ...drawn, data });
  equal(packageRows(second.world).text, text, 'package');
  equal(second.inputHash, first.inputHash, 'input hash');
  equal(second.resultHash, first.resultHash, 'result hash');
});

await holds('rows of other cities and batches change no hash', 60, async drawn => {
  const first = await run(drawn);
  const second = await run({ ...drawn, data: withStrangers(drawn.data) });
  equal(second.inputHash, first.inputHash, 'input hash');
  equal(second.resultHash, first.resultHash, 'result hash');
});

/** The same city beside another one, which has candidates, choices, files and plans of its own. */
function withStrangers(data: Package): Package {
  const renamed = (no: string) => `other-${no}`;
  const moved = (file: string, cells: Record<string, string>) =>
    (data[file] ?? []).map(row => ({ ...row, ...cells }));
  const theirs = (file: string) =>
    (data[file] ?? []).map(row => ({ ...row, candidate_no: renamed(row['candidate_no']) }));
  const candidates = theirs('candidates').map(row => ({ ...row, city: '440700' }));
  return {
    ...data,
    plans: [...moved('plans', { region: '440700' }), ...(data['plans'] ?? [])],
    flexible: [...(data['flexible'] ?? []), ...moved('flexible', { batch: 'other' })],
    candidates: [...candidates, ...(data['candidates'] ?? [])],
    scores: [...(data['scores'] ?? []), ...theirs('scores')],
    choices: [
      ...theirs('choices'),
      ...(data['choices'] ?? []),
      ...moved('choices', { batch: 'other' }),
    ],
    files: [...(data['files'] ?? []), ...theirs('files')],
    'senior-high': [...(data['senior-high'] ?? []), ...theirs('senior-high')],
    preferences: [...theirs('preferences'), ...(data['preferences'] ?? [])],
  };
}

await holds(
  'no school is sent more than its room, except where equals follow',
  100,
  async drawn => {
    const { run: done } = await run(drawn);
    const { mode, ties } = drawn.policy.batches[0].dispatch;
    for (const school of done.result.schools) {
      const room = Math.max(0, school.roomBefore);
      equal(school.sent, school.roomBefore - school.roomAfter, 'sent');
      if (mode === 'lottery' || ties.ending !== 'follow') {
        equal(school.sent <= room, true, 'within the room');
        equal(school.overrun, 0, 'overrun');
      } else equal(school.overrun, Math.max(0, school.sent - room), 'overrun');
    }
  },
);

const scoreFirst = cases.map(drawn => ({
  ...drawn,
  scope: { ...drawn.scope, school: undefined },
  policy: withMode(drawn.policy),
}));

function withMode(policy: Policy): Policy {
  const [batch] = policy.batches;
  const dispatch = { ...batch.dispatch, mode: 'score-first' as const, bands: [] };
  return { ...policy, batches: [{ ...batch, dispatch }] };
}

/** The allowed choices before the placed one (all, where none was) and what they gave. */
function* missedChoices({ world, run: done }: Outcome) {
  const { result } = done;
  for (let at = 0; at < result.participants.length; at += 1) {
    const candidate = result.participants[at];
    const end =
      result.placedChoice[at] === -1 ? world.choices.first[candidate + 1] : result.placedChoice[at];
    for (let choice = world.choices.first[candidate]; choice < end; choice += 1) {
      const reason = result.reasons[result.reasonOf[choice]];
      if (reason === 'full' || reason === 'closed-by-tie') {
        yield { at, reason, school: world.choices.school[choice] };
      }
    }
  }
}

await holds(
  'score-first: nobody misses a place that a lower one has, and no room is wasted',
  150,
  async drawn => {
    const outcome = await run(drawn);
    const { result } = outcome.run;
    for (const { at, reason, school } of missedChoices(outcome)) {
      const site = result.schools.find(each => each.school === school)!;
      for (const other of result.lists[site.list]) {
        equal(result.score[other] >= result.score[at], true, 'no envy');
      }
      equal(reason === 'closed-by-tie' || site.roomAfter <= 0, true, 'no waste');
      equal(reason === 'closed-by-tie', site.closedByTie, 'closed');
    }
  },
  scoreFirst,
);

await holds(
  'score-first: a higher total never gives a later choice',
  100,
  async drawn => {
    const policy = { ...drawn.policy, eligibility: [], special: [] };
    const before = await run({ ...drawn, policy });
    const { result } = before.run;
    const at = result.score.findIndex(score => score !== ABSENT);
    if (at === -1) return;
    const no = textAt(before.world.candidates.number, result.participants[at]);
    const candidates = drawn.data['candidates'].map(row =>
      row['candidate_no'] === no ? { ...row, total: '700' } : row,
    );
    const after = await run({ ...drawn, policy, data: { ...drawn.data, candidates } });
    const place = (outcome: Outcome) => outcome.run.result.placedChoice[at] >>> 0;
    equal(place(after) <= place(before), true, 'not later');
  },
  scoreFirst,
);

await holds('a run repeated gives the same hashes', 30, async drawn => {
  const [first, second] = [await run(drawn), await run(drawn)];
  equal(second.inputHash, first.inputHash, 'input hash');
  equal(second.resultHash, first.resultHash, 'result hash');
});
