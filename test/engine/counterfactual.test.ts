/**
 * Counterfactuals on random small provinces: each is made again from the rows, without anything
 * that was kept, and really leads there; and nothing smaller of its kind does.
 */
import fc from 'fast-check';
import t from 'tap';
import { formatHundredths } from '../../engine/decimal.ts';
import { textAt } from '../../engine/dispatch/bytes.ts';
import { WorldMemory } from '../../engine/dispatch/world-memory.ts';
import type { Policy, Requirement } from '../../engine/policy/types.ts';
import {
  type Counterfactual,
  counterfactual,
  type Flip,
} from '../../engine/trial/counterfactual.ts';
import { risesWith } from '../../engine/trial/rising.ts';
import { smallest } from '../../engine/trial/smallest.ts';
import type { Package, Row } from './dispatch-oracle.ts';
import { type Case, cases } from './dispatch-random.ts';
import {
  BATCH,
  CITY,
  placingOf,
  policyOf,
  requirement,
  simpleRows,
  worldOf,
} from './dispatch-worlds.ts';

const RUNS = 60;
const CANDIDATES_ASKED = 3;
const OPTIONS = { random: () => 0.5, recheckSample: 0 };

interface Asked {
  readonly drawn: Case;
  readonly memory: WorldMemory;
  readonly no: string;
  readonly participant: number;
  readonly found: Counterfactual;
}

async function ask(drawn: Case, memory: WorldMemory, participant: number): Promise<Asked> {
  const { school } = drawn.scope;
  const options = school === undefined ? OPTIONS : { ...OPTIONS, school };
  const { result } = await memory.dispatch(drawn.policy, options);
  const found = await counterfactual({
    ...{ memory, policy: drawn.policy, options, result, participant },
    scanMax: Number.POSITIVE_INFINITY,
  });
  const no = textAt(memory.world.candidates.number, result.participants[participant]);
  return { drawn, memory, no, participant, found };
}

/** The choice by which the candidate is placed, from rows alone; -1: none. */
async function placedOf(asked: Asked, data: Package, policy: Policy): Promise<number> {
  const { run } = await placingOf(data, policy, asked.drawn.scope);
  return run.result.placedChoice[asked.participant];
}

function withPoints({ drawn, no }: Asked, hundredths: number): Package {
  const candidates = drawn.data['candidates'].map(row =>
    row['candidate_no'] === no
      ? { ...row, total: formatHundredths(Math.round(Number(row['total']) * 100) + hundredths) }
      : row,
  );
  return { ...drawn.data, candidates };
}

function withPlaces({ drawn }: Asked, school: string, places: number): Package {
  const others = (drawn.data['flexible'] ?? []).filter(row => row['school'] !== school);
  const own = (drawn.data['flexible'] ?? []).find(row => row['school'] === school);
  const row: Row = {
    ...{ school, region: CITY, batch: BATCH },
    places: String(Number(own?.['places'] ?? 0) + places),
  };
  return { ...drawn.data, flexible: [...others, row] };
}

function equal(actual: unknown, expected: unknown, message: string): void {
  if (actual !== expected) throw new Error(`${message}: ${actual}, expected ${expected}`);
}

const reaches = (placed: number, choice: number) => placed !== -1 && placed <= choice;

async function verify(asked: Asked, choice: number, flip: Flip): Promise<void> {
  const { drawn, memory, found } = asked;
  const { change } = flip;
  const { data, policy } = drawn;
  if (change.kind === 'points') {
    const to = (hundredths: number) => placedOf(asked, withPoints(asked, hundredths), policy);
    equal(await to(change.points), flip.placed, 'points lead there');
    for (let less = found.pointStep; less < change.points; less += found.pointStep) {
      equal(reaches(await to(less), choice), false, `${less} points are not enough`);
    }
  } else if (change.kind === 'places') {
    const school = memory.world.schools[memory.world.choices.school[choice]].code;
    const to = (places: number) => placedOf(asked, withPlaces(asked, school, places), policy);
    equal(await to(change.places), flip.placed, 'places lead there');
    for (let less = 1; less < change.places; less += 1) {
      equal(reaches(await to(less), choice), false, `${less} places are not enough`);
    }
  } else if (change.kind === 'rule') {
    const school = memory.world.schools[memory.world.choices.school[choice]].code;
    const isIt = (rule: Requirement) =>
      rule.id === change.rule.rule && (rule.school === null || rule.school === school);
    const without = {
      ...policy,
      eligibility: policy.eligibility.filter(rule => !isIt(rule)),
      special: policy.special.filter(rule => rule.major !== null || !isIt(rule)),
    };
    equal(await placedOf(asked, data, without), flip.placed, 'without the rule');
  }
}

t.test('every counterfactual is true, and nothing smaller of its kind is', async t => {
  const kinds = new Map<string, number>();
  await fc.assert(
    fc.asyncProperty(cases, async drawn => {
      const memory = new WorldMemory(worldOf(drawn.data, drawn.policy, drawn.scope));
      const { school } = drawn.scope;
      const only = school === undefined ? {} : { school };
      const { result } = await memory.dispatch(drawn.policy, { ...OPTIONS, ...only });
      const count = Math.min(CANDIDATES_ASKED, result.participants.length);
      for (let at = 0; at < count; at += 1) {
        const participant = Math.floor((at * result.participants.length) / count);
        const asked = await ask(drawn, memory, participant);
        for (const { choice, flips, vain } of asked.found.missed) {
          for (const flip of flips) {
            equal(flip.proven, true, 'proven');
            await verify(asked, choice, flip);
            kinds.set(flip.change.kind, (kinds.get(flip.change.kind) ?? 0) + 1);
          }
          for (const { kind, upTo } of vain) {
            if (kind !== 'points' || upTo === 0) continue;
            const placed = await placedOf(asked, withPoints(asked, upTo), drawn.policy);
            equal(reaches(placed, choice), false, 'in vain');
          }
        }
      }
    }),
    { numRuns: RUNS },
  );
  const flips = [...kinds.values()].reduce((sum, each) => sum + each, 0);
  t.ok(flips > 0, [...kinds].map(([kind, count]) => `${kind} ${count}`).join(', '));
});

/** The rows with one of the candidate's choices before his others; ordinals stay where they are. */
function withFirst({ drawn, memory, no }: Asked, choice: number): Package {
  const { choices } = memory.world;
  const mine = (row: Row) =>
    row['candidate_no'] === no &&
    row['batch'] === BATCH &&
    Number(row['round'] || '1') === choices.round;
  const own = drawn.data['choices'].filter(mine);
  const ordered = own.toSorted((a, b) => Number(a['ordinal']) - Number(b['ordinal']));
  const first = ordered.find(row => Number(row['ordinal']) === choices.ordinal[choice]) as Row;
  const contents = [first, ...ordered.filter(row => row !== first)];
  const moved = contents.map((row, at) => ({ ...row, ordinal: ordered[at]['ordinal'] }));
  return { ...drawn.data, choices: [...drawn.data['choices'].filter(row => !mine(row)), ...moved] };
}

const byOrdinals = cases.map(drawn => {
  const [batch] = drawn.policy.batches;
  const dispatch = { ...batch.dispatch, mode: 'choice-first' as const, bands: [] };
  return {
    ...drawn,
    scope: { ...drawn.scope, school: undefined },
    policy: { ...drawn.policy, batches: [{ ...batch, dispatch }] },
  };
});

t.test('another order of choices leads where it is said to', async t => {
  let flips = 0;
  await fc.assert(
    fc.asyncProperty(byOrdinals, async drawn => {
      const memory = new WorldMemory(worldOf(drawn.data, drawn.policy, drawn.scope));
      const { result } = await memory.dispatch(drawn.policy, OPTIONS);
      for (let at = 0; at < Math.min(result.participants.length, 8); at += 1) {
        const asked = await ask(drawn, memory, at);
        const first = memory.world.choices.first[result.participants[at]];
        for (const missed of asked.found.missed) {
          const order = missed.flips.some(({ change }) => change.kind === 'order');
          const vain = missed.vain.some(({ kind }) => kind === 'order');
          if (!order && !vain) continue;
          const data = withFirst(asked, missed.choice);
          equal((await placedOf(asked, data, drawn.policy)) === first, order, 'by the order');
          if (order) flips += 1;
        }
      }
    }),
    { numRuns: 40 },
  );
  t.pass(`${flips} orders that help`);
});

const twoSchools = (candidates: Parameters<typeof simpleRows>[2]) =>
  simpleRows({ S1: 1, S2: 1 }, {}, candidates);

async function askFor(data: Package, policy: Policy, no: string): Promise<Counterfactual> {
  const memory = new WorldMemory(worldOf(data, policy));
  const { result } = await memory.dispatch(policy, OPTIONS);
  const participant = result.participants.findIndex(
    at => textAt(memory.world.candidates.number, at) === no,
  );
  return counterfactual({ memory, policy, options: OPTIONS, result, participant });
}

t.test('points, places: just as much as it takes', async t => {
  const data = twoSchools([
    { no: 'q1', total: 500, choices: ['S1', 'S2'] },
    { no: 'q2', total: 492.5, choices: ['S1', 'S2'] },
    { no: 'q3', total: 480, choices: ['S1', 'S2'] },
  ]);
  const { missed, pointStep } = await askFor(data, policyOf(), 'q3');
  t.equal(pointStep, 100, 'totals differ by 2.5 points at least; a point is the largest step');
  t.same(
    missed.map(({ flips }) =>
      flips.map(({ change, placed }) => ({
        kind: change.kind,
        amount: 'points' in change ? change.points : 'places' in change ? change.places : 0,
        placed: placed - 4,
      })),
    ),
    [
      // Nobody can have more than the highest total there is, and equals go by number.
      [{ kind: 'places', amount: 2, placed: 0 }],
      [
        { kind: 'points', amount: 1300, placed: 1 },
        { kind: 'places', amount: 1, placed: 1 },
      ],
    ],
  );
});

t.test('who is placed by the first choice learns how far he was above', async t => {
  const data = twoSchools([
    { no: 'q1', total: 500, choices: ['S1', 'S2'] },
    { no: 'q2', total: 490, choices: ['S1', 'S2'] },
  ]);
  const found = await askFor(data, policyOf(), 'q1');
  t.same(found.missed, []);
  t.equal(found.margin, 1100, 'with 10 fewer the lower number still stands before');
});

t.test('another order helps where order counts; where nothing helps, it is said', async t => {
  const data = twoSchools([
    { no: 'q1', total: 500, choices: ['S1'] },
    { no: 'q2', total: 490, choices: ['S2'] },
    { no: 'q3', total: 495, choices: ['S1', 'S2'] },
  ]);
  const { missed } = await askFor(data, policyOf({ mode: 'choice-first' }), 'q3');
  t.ok(missed[1]?.flips.some(({ change }) => change.kind === 'order'));
  const parallel = await askFor(data, policyOf(), 'q3');
  t.notOk(parallel.missed.some(({ vain }) => vain.some(({ kind }) => kind === 'order')));
  const never = requirement({
    id: 'never',
    requires: { all: [{ fact: 'candidate.sex', operator: 'equal', value: 'X' }] },
    refuse: 'never',
  });
  const single = await askFor(data, policyOf({}, { eligibility: [never] }), 'q1');
  t.match(single.missed[0]?.flips, [{ change: { kind: 'rule', rule: { rule: 'never' } } }]);
  const other = { ...never, id: 'neither', refuse: 'neither' };
  const barred = await askFor(data, policyOf({}, { eligibility: [never, other] }), 'q1');
  t.same(barred.missed[0]?.flips, [], 'one rule less is not enough');
  t.same(
    barred.missed[0]?.vain.map(({ kind }) => kind),
    ['points', 'rule'],
  );
});

t.test('whether more can only help is read from the form of a rule', t => {
  const policy = policyOf();
  const grows = (fact: string) => fact === 'candidate.score';
  const rises = (requires: Requirement['requires'], applies: Requirement['applies'] = null) =>
    risesWith([requirement({ id: 'r', refuse: 'r', requires, applies })], policy, grows);
  const atom = (operator: string, fact = 'candidate.score') => ({ fact, operator, value: 400 });
  t.equal(rises({ all: [atom('greaterThanInclusive')] }), true);
  t.equal(rises({ any: [atom('greaterThan'), atom('equal', 'candidate.age')] }), true);
  t.equal(rises({ not: atom('lessThan') }), true);
  t.equal(rises({ not: { not: atom('greaterThan') } }), true);
  t.equal(rises({ all: [atom('lessThan')] }), false);
  t.equal(rises({ not: atom('greaterThan') }), false);
  t.equal(rises({ all: [atom('equal')] }), false);
  t.equal(
    rises({ all: [] }, { all: [atom('greaterThan')] }),
    false,
    'whom it applies to may change',
  );
  const other = { fact: 'line.region', operator: 'lessThan', value: { fact: 'candidate.score' } };
  t.equal(rises(other), true);
  t.end();
});

t.test('the smallest amount, wherever the guess is', async t => {
  for (let first = 1; first <= 12; first += 1) {
    for (const guess of [undefined, 1, 5, 12, 40]) {
      const search = {
        max: 11,
        rising: true,
        scanMax: 0,
        ...(guess === undefined ? {} : { guess }),
      };
      const found = await smallest(async amount => amount >= first, search);
      t.equal(found?.amount ?? 12, first, `from ${first}, guess ${guess}`);
    }
  }
  const dent = async (amount: number) => amount === 3 || amount >= 9;
  t.same(await smallest(dent, { max: 11, rising: false, scanMax: 11 }), {
    amount: 3,
    proven: true,
  });
  t.same(await smallest(dent, { max: 11, rising: false, scanMax: 2 }), {
    amount: 9,
    proven: false,
  });
});

t.test('nobody without a total is told of points', async t => {
  const data = twoSchools([{ no: 'q1', total: null, choices: ['S1'] }]);
  const found = await askFor(data, policyOf(), 'q1');
  t.same(found.missed[0]?.flips, []);
  t.equal(found.missed[0]?.reason, 'missing-data');
});
