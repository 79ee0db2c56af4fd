/** The plan of a school as acts hold files against it. */
import fc from 'fast-check';
import t from 'tap';
import { type PlanStanding, planFacts, recounted } from '../../db/season/plan.ts';

const MAJORS = ['01', '02', '03', '98'];
const PLANNED = { '01': 0, '02': 1, '03': 3 };
const major = fc.option(fc.constantFrom(...MAJORS));

/** Counted from nothing, as planStanding does in SQL. */
function count(majors: readonly (string | null)[], flexible: number): PlanStanding {
  const lines = Object.entries(PLANNED).map(([code, planned]) => {
    return { major: code, planned, used: majors.filter(each => each === code).length };
  });
  const stray = majors.filter(each => each !== null && !(each in PLANNED)).length;
  return {
    lines: lines.toSorted((a, b) => (a.major < b.major ? -1 : 1)),
    flexible,
    planned: 4,
    used: majors.length,
    flexibleUsed:
      stray + lines.reduce((sum, line) => sum + Math.max(0, line.used - line.planned), 0),
  };
}

t.test('a file more or less is counted as if all had been counted anew', async t => {
  const property = fc.property(fc.array(major), major, fc.nat(3), (files, one, flexible) => {
    const more = recounted(count(files, flexible), one, 1);
    t.same(more, count([...files, one], flexible));
    t.same(recounted(more, one, -1), count(files, flexible));
  });
  fc.assert(property, { numRuns: 60 });
});

t.test('free places are never less than none where they are flexible', async t => {
  const standing = count(['01', '01', '98', '03'], 2);
  t.match(planFacts(standing, '01'), { 'plan.free': -2, 'plan.flexible-free': 0 });
  t.match(planFacts(standing, '03'), { 'plan.planned': 3, 'plan.used': 1, 'plan.free': 2 });
  t.match(planFacts(standing, null), { 'plan.planned': 4, 'plan.used': 4, 'plan.free': 0 });
});
