/** Cities side by side: who may run beside whom, in what order, and what a failure touches. */
import fc from 'fast-check';
import t from 'tap';
import type { Scope } from '../../jobs/run/job.ts';
import { diedBefore, runInLanes } from '../../jobs/run/lanes.ts';
import { recentRuns } from '../../jobs/run/ledger.ts';
import { night } from '../../jobs/run/night.ts';
import { freshDatabase } from '../database.ts';
import { behave, effects, environment, prepare, tinyJob } from './tiny/job.ts';

const DATE = '2016-07-20';

interface Work {
  readonly scope: Scope;
  readonly name: string;
  readonly turns: number;
  readonly alone: boolean;
}

function work(city: string | undefined, name: string, turns: number, alone = false): Work {
  return { scope: city === undefined ? {} : { city }, name, turns, alone };
}

/** Runs the works and tells what stood beside what: `+a` begins, `-a` ends. */
async function trace(
  works: readonly Work[],
  atOnce: number,
  more: { fails?: string; readsOnly?: boolean } = {},
) {
  const said: string[] = [];
  const run = async ({ name, turns }: Work) => {
    said.push(`+${name}`);
    for (let turn = 0; turn < turns; turn += 1) await new Promise(setImmediate);
    said.push(`-${name}`);
    if (name === more.fails) throw new Error(`${name} failed`);
  };
  const alone = (one: Work) => one.alone;
  const { readsOnly = false } = more;
  const done = runInLanes({ scopes: works, atOnce, readsOnly, alone, signal: undefined, run });
  const failure = await done.then(
    () => null,
    (error: Error) => error.message,
  );
  return { said, failure };
}

t.test('two cities run side by side, and are started in their order', async t => {
  const works = [work('A', 'a', 3), work('B', 'b', 1), work('C', 'c', 1)];
  t.same((await trace(works, 2)).said, ['+a', '+b', '-b', '+c', '-c', '-a']);
  t.same((await trace(works, 1)).said, ['+a', '-a', '+b', '-b', '+c', '-c']);
});

t.test('batches of one city run one after the other, and others go past them', async t => {
  const works = [work('A', 'a1', 3), work('A', 'a2', 1), work('B', 'b', 1)];
  t.same((await trace(works, 2)).said, ['+a1', '+b', '-b', '-a1', '+a2', '-a2']);
});

t.test(
  'where nothing is changed, the province runs beside its cities, but not beside the dead',
  async t => {
    const works = [work('A', 'a', 3), work(undefined, 'all', 1), work('A', 'a2', 1)];
    const beside = await trace(works, 2, { readsOnly: true });
    t.same(beside.said, ['+a', '+all', '-all', '+a2', '-a2', '-a']);
    t.same((await trace(works, 2)).said, ['+a', '-a', '+all', '-all', '+a2', '-a2']);
    const dead = [work('A', 'a', 2), work(undefined, 'all', 1, true)];
    t.same((await trace(dead, 2, { readsOnly: true })).said, ['+a', '-a', '+all', '-all']);
  },
);

t.test('one that may have killed its process before has it to itself', async t => {
  const works = [work('A', 'a', 2), work('B', 'b', 1, true), work('C', 'c', 1)];
  t.same((await trace(works, 2)).said, ['+a', '-a', '+b', '-b', '+c', '-c']);
  t.same(
    [undefined, 'completed', 'failed', 'running', 'superseded'].map(state => {
      return diedBefore(state as Parameters<typeof diedBefore>[0]);
    }),
    [false, false, false, true, true],
  );
});

t.test('after an error nothing is started, and what goes on is waited for', async t => {
  const works = [work('A', 'a', 1), work('B', 'b', 3), work('C', 'c', 1)];
  const { said, failure } = await trace(works, 2, { fails: 'a' });
  t.same(said, ['+a', '+b', '-a', '-b']);
  t.equal(failure, 'a failed');
});

t.test('whatever there is to do, all is done once and nothing beside what it touches', async t => {
  const one = fc.record({
    city: fc.option(fc.constantFrom('A', 'B', 'C', 'D'), { nil: undefined, freq: 8 }),
    turns: fc.integer({ min: 0, max: 4 }),
    alone: fc.boolean(),
  });
  const held = fc.assert(
    fc.asyncProperty(
      fc.array(one, { maxLength: 12 }),
      fc.integer({ min: 1, max: 3 }),
      async (all, lanes) => {
        const works = all.map(({ city, turns, alone }, at) => work(city, String(at), turns, alone));
        const { said } = await trace(works, lanes);
        const going = new Set<Work>();
        const begun: Work[] = [];
        for (const line of said) {
          const each = works[Number(line.slice(1))] as Work;
          if (line.startsWith('-')) {
            going.delete(each);
            continue;
          }
          for (const other of going) {
            const { city } = each.scope;
            if (each.alone || other.alone || city === undefined || city === other.scope.city)
              return false;
          }
          // Nobody goes past one of the same city.
          const former = works
            .slice(0, works.indexOf(each))
            .filter(w => w.scope.city === each.scope.city);
          if (!former.every(w => begun.includes(w))) return false;
          begun.push(each);
          going.add(each);
          if (going.size > lanes) return false;
        }
        return going.size === 0 && begun.length === works.length;
      },
    ),
  );
  await t.resolves(held);
});

t.test('a night with cities side by side ends as one without', async t => {
  const ends: unknown[] = [];
  for (const citiesAtOnce of [1, 2, 4]) {
    const database = await freshDatabase(t);
    await prepare(database, ['A', 'B', 'C', 'D', 'E']);
    await behave(database, 'B', 'fail');
    await behave(database, 'D', 'slow');
    const job = tinyJob();
    const entry = { job: job.id, title: '', cron: '30 19 * * *', after: [], basis: 'sample' };
    const report = await night(
      {
        ...environment(database),
        registry: new Map([[job.id, job]]),
        schedule: { catchupWindowDays: 3, keepSeasons: 1, jobs: [entry] },
        at: null,
        citiesAtOnce,
      },
      DATE,
    );
    const rows = await recentRuns(database, { limit: 100 });
    ends.push({
      exitCode: report.exitCode,
      runs: report.runs.map(run => [run.identity, run.state, run.error?.code]),
      ledger: rows.map(row => [row.identity, row.state, row.attempt]).toSorted(),
      effects: await effects(database),
    });
  }
  t.same(ends[1], ends[0]);
  t.same(ends[2], ends[0]);
  t.match(ends[0], { exitCode: 5, runs: [['tiny|A|2016-07-20', 'completed']] });
});
