import fc from 'fast-check';
import t from 'tap';
import { readPolicyFolder } from '../../db/package/policy-folder.ts';
import {
  confirmationDay,
  daysAfter,
  deadlineById,
  graceOver,
  phaseBegunBy,
  phaseOn,
  registerByPassed,
  shanghaiMoment,
  transferTerm,
  valueById,
  windowById,
} from '../../engine/policy/calendar.ts';
import { candidateNumber, numberRange } from '../../engine/policy/candidate-number.ts';
import { effectivePolicy, loadPolicy } from '../../engine/policy/load.ts';
import type { FullPolicy, PolicyBundle } from '../../engine/policy/types.ts';

const BUNDLE = loadPolicy(readPolicyFolder('rules/guangdong-2016')).bundle as PolicyBundle;
const POLICY = effectivePolicy(BUNDLE, null);

t.test('a phase is open on both its days, and begun for good', async t => {
  const cases = [
    ['2016-07-19', null, null],
    ['2016-07-20', 'phase-1', 'phase-1'],
    ['2016-07-29', 'phase-1', 'phase-1'],
    ['2016-07-30', null, 'phase-1'],
    ['2016-08-20', 'phase-2', 'phase-2'],
    ['2016-11-07', 'phase-2', 'phase-2'],
    ['2017-04-01', null, 'phase-2'],
  ] as const;
  for (const [date, on, begun] of cases) {
    t.equal(phaseOn(POLICY, date)?.id ?? null, on, date);
    t.equal(phaseBegunBy(POLICY, date)?.id ?? null, begun, date);
  }
  const spring = {
    id: 'spring',
    title: '春季',
    basis: 'sample',
    window: ['2017-03-01', '2017-03-20'],
  };
  const later = { ...POLICY, phases: [spring, ...POLICY.phases] } as FullPolicy;
  t.equal(phaseBegunBy(later, '2017-04-01')?.id, 'spring', 'in whatever order they stand');
});

t.test('windows, dates and values are found by id, or missed by code', async t => {
  t.same(windowById(POLICY, 'withdrawal').window, ['2016-07-30', '2016-12-31']);
  t.equal(deadlineById(POLICY, 'phase-1-revert').date, '2016-09-01');
  t.equal(deadlineById(POLICY, 'spring-announcement').date, null);
  t.match(valueById(POLICY, 'transfers-max', 'number'), { value: 1, basis: 'sample', unit: '次' });
  t.equal(valueById(POLICY, 'snapshot-cut-off', 'text').value, '18:00');
  t.equal(valueById(POLICY, 'principles-required', 'boolean').value, false);
  t.throws(() => windowById(POLICY, 'none'), { code: 'unknown-window' });
  t.throws(() => deadlineById(POLICY, 'none'), { code: 'unknown-deadline' });
  t.throws(() => valueById(POLICY, 'none', 'text'), { code: 'unknown-value' });
  t.throws(() => valueById(POLICY, 'transfers-max', 'boolean'), { code: 'value-type' });
});

t.test('days are counted over months and leap years, and back again', async t => {
  t.equal(daysAfter('2016-02-28', 1), '2016-02-29');
  t.equal(daysAfter('2016-12-31', 1), '2017-01-01');
  t.equal(daysAfter('2016-07-30', -1), '2016-07-29');
  t.throws(() => daysAfter('2015-02-29', 1), { code: 'bad-date' });
  t.throws(() => daysAfter('2016-07-30', 0.5), { code: 'bad-days' });
  const property = fc.property(fc.integer({ min: -5000, max: 5000 }), days => {
    t.equal(daysAfter(daysAfter('2016-07-20', days), -days), '2016-07-20');
  });
  fc.assert(property, { numRuns: 30 });
});

t.test('moments are what clocks in Shanghai show', async t => {
  t.equal(shanghaiMoment(new Date('2016-08-31T16:00:00Z')), '2016-09-01T00:00');
  t.equal(shanghaiMoment(new Date('2016-08-31T15:59:59Z')), '2016-08-31T23:59');
});

t.test('a transfer has its phase’s day to register, and after it days of its own', async t => {
  t.equal(confirmationDay(POLICY, 'phase-1'), '2016-08-30');
  t.equal(transferTerm(POLICY, 'phase-1', '2016-08-10'), '2016-08-30');
  t.equal(transferTerm(POLICY, 'phase-1', '2016-08-30'), '2016-08-30');
  t.equal(transferTerm(POLICY, 'phase-2', '2016-11-20'), '2016-11-27');
  t.equal(transferTerm(POLICY, 'spring', '2017-03-01'), null);
});

t.test('the day to register has passed on the day after it, unless an office reopened', async t => {
  const file = { phase: 'phase-1', ownDay: null, reopenedUntil: null };
  const passed = (more: object, date: string) =>
    registerByPassed(POLICY, { ...file, ...more }, date);
  t.same([passed({}, '2016-08-30'), passed({}, '2016-08-31')], [false, true]);
  t.same([passed({ ownDay: '2016-09-05' }, '2016-09-05')], [false]);
  t.same([passed({ ownDay: '2016-09-05' }, '2016-09-06')], [true]);
  t.same([passed({ reopenedUntil: '2016-09-03' }, '2016-09-03')], [false]);
  t.same([passed({ reopenedUntil: '2016-09-03' }, '2016-09-04')], [true]);
  t.same([passed({ reopenedUntil: '2016-08-01' }, '2016-08-30')], [false], 'never shortened');
  t.same(
    [passed({ phase: null }, '2017-01-01'), passed({ phase: 'spring' }, '2017-01-01')],
    [false, false],
  );
});

t.test('reviewers have the days of grace after the last day of a phase', async t => {
  t.same(
    ['2016-07-29', '2016-08-01', '2016-08-02'].map(date => graceOver(POLICY, 'phase-1', date)),
    [false, false, true],
  );
  t.same(
    [graceOver(POLICY, 'spring', '2017-06-01'), graceOver(POLICY, null, '2017-06-01')],
    [false, false],
  );
});

t.test('Foshan and Shunde print one prefix, so their numbers count together', async t => {
  const pattern = POLICY.candidateNumberPattern;
  const foshan = numberRange(pattern, { year: 2016, city: '440600' });
  t.same(foshan, { prefix: '164406', suffix: '', digits: 8, last: 99_999_999 });
  t.same(numberRange(pattern, { year: 2016, city: '440606' }), foshan);
  const number = candidateNumber(pattern, { year: 2016, city: '440606', serial: 12 });
  t.equal(number, '16440600000012');
  const last = { year: 2016, city: '440100', serial: 99_999_999 };
  t.equal(candidateNumber(pattern, last), '16440199999999');
});

t.test('a number that does not fit its pattern is refused, never cut', async t => {
  const give = (pattern: string, more = {}) =>
    candidateNumber(pattern, { year: 2016, city: '440100', serial: 1, ...more });
  t.equal(give('{yyyy}-{serial3}-{city6}'), '2016-001-440100');
  t.throws(() => give('{yy}{serial2}', { serial: 100 }), { code: 'numbers-exhausted' });
  for (const serial of [0, -1, 1.5, Number.NaN]) {
    t.throws(() => give('{yy}{serial2}', { serial }), { code: 'number-serial' });
  }
  for (const city of ['4401', '44O100', '']) {
    t.throws(() => give('{city6}{serial2}', { city }), { code: 'number-city' }, city);
  }
  t.throws(() => give('{yy}', {}), { code: 'number-pattern' });
  t.throws(() => give('{serial2}{serial2}'), { code: 'number-pattern' });
  t.throws(() => give('{yy}{serial2}{oops}'), { code: 'number-pattern' });
  t.throws(() => give('{yy}{serial2}', { year: 16 }), { code: 'number-year' });
});

t.test('different serials never print the same number', async t => {
  const serial = fc.integer({ min: 1, max: 9999 });
  const property = fc.property(serial, serial, (a, b) => {
    const print = (each: number) =>
      candidateNumber('{yy}{serial4}{city2}', { year: 2016, city: '440100', serial: each });
    t.equal(print(a) === print(b), a === b);
  });
  fc.assert(property, { numRuns: 50 });
});
