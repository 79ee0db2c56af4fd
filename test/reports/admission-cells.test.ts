import fc from 'fast-check';
import t from 'tap';
import {
  type AdmissionCell,
  groupCells,
  sumCells,
} from '../../reports/statistics/admission-cells.ts';

const scores = fc.array(fc.integer({ min: 0, max: 90_000 }), { maxLength: 9 });
const cell = fc.record({ school: fc.constantFrom('4401001', '4402001', '4402002'), scores });

const asCell = (given: { school: string; scores: readonly number[] }): AdmissionCell => ({
  ...{ city: '440100', school: given.school, major: '' },
  ...{ admitted: given.scores.length + 1, registered: 1, men: 1, women: 0, fresh: 1, other: 0 },
  totals: Int32Array.from(given.scores),
});

t.test('the scores of cells together are those of all their people', async t => {
  fc.assert(
    fc.property(fc.array(cell, { maxLength: 6 }), given => {
      const sum = sumCells(given.map(asCell));
      const all = given.flatMap(each => each.scores).toSorted((a, b) => a - b);
      t.equal(sum['admitted'], all.length + given.length);
      t.equal(sum['lowest'], all[0] ?? null);
      t.equal(sum['highest'], all.at(-1) ?? null);
      // As percentile_disc(0.5): the first score that at least half of all don't exceed.
      const median = all.find(one => 2 * all.filter(other => other <= one).length >= all.length);
      t.equal(sum['median'], median ?? null);
    }),
    { numRuns: 50 },
  );
});

t.test('cells are grouped in the order of their keys, each in one group', async t => {
  fc.assert(
    fc.property(fc.array(cell, { maxLength: 9 }), given => {
      const groups = groupCells(given.map(asCell), ({ school }) => school);
      const keys = groups.map(own => own[0]?.school ?? '');
      t.same(keys, [...new Set(given.map(({ school }) => school))].toSorted());
      t.equal(groups.flat().length, given.length);
      t.ok(groups.every((own, at) => own.every(({ school }) => school === keys[at])));
    }),
    { numRuns: 50 },
  );
});
