/**
 * Policies that are well-formed and wrong: each is the shipped one with one slip that only shows
 * in what rules, dates and numbers come to together. Every slip has its place and its code.
 */
import type { Knowledge } from '../../engine/policy/check-context.ts';
import type { Break } from './broken-policy.ts';

export interface AnalysisSlip extends Break {
  readonly title: string;
  readonly code: string;
  /** Codes of what follows from the same slip. */
  readonly also?: readonly string[];
  /** Part of the Chinese sentence. */
  readonly says?: string;
  readonly nearest?: string;
  /** What the example that is printed comes to; left out: none is looked for. */
  readonly decides?: string;
  readonly knowledge?: Partial<Knowledge>;
  /** The file that the problem stands in, where it is another than that of the slip. */
  readonly in?: string;
}

const eligibility = (rule: string) => ({
  file: 'eligibility.yaml',
  find: '  - id: region-line',
  put: `${rule}\n  - id: region-line`,
});
const atom = (fact: string, operator: string, value: string | number) =>
  `{ fact: ${fact}, operator: ${operator}, value: ${value} }`;
const lines = (...parts: string[]) => parts.join('\n');
const above = (fact: string, other: string) =>
  `{ fact: ${fact}, operator: greaterThan, value: { fact: ${other} } }`;
const group = (form: string, parts: readonly string[]) => `{ ${form}: [ ${parts.join(', ')} ] }`;
const all = (...parts: string[]) => group('all', parts);
const any = (...parts: string[]) => group('any', parts);
const requirement = (id: string, requires: string, applies = '', more = '') =>
  [
    `  - id: ${id}`,
    '    title: 新规则',
    '    basis: sample',
    ...(applies === '' ? [] : [`    applies: ${applies}`]),
    `    requires: ${requires}`,
    '    refuse: new-code',
    ...(more === '' ? [] : [`    ${more}`]),
  ].join('\n');
const action = (id: string, when: string, then: string, more = '') =>
  [
    `  - id: ${id}`,
    '    title: 新规则',
    '    basis: sample',
    `    when: ${when}`,
    `    then: ${then}`,
    ...(more === '' ? [] : [`    ${more}`]),
  ].join('\n');
const review = (rule: string, before = 'submit-is-admission') => ({
  file: 'reviews.yaml',
  find: `  - id: ${before}`,
  put: `${rule}\n  - id: ${before}`,
});
const deadline = (rule: string, before = 'hold-expired') => ({
  file: 'deadlines.yaml',
  find: `  - id: ${before}`,
  put: `${rule}\n  - id: ${before}`,
});
const calendar = (find: string, put: string) => ({ file: 'calendar.yaml', find, put });

const ADOPTED = atom('city.policy-adopted', 'equal', 'true');
/** A further batch like the first. */
const batchOf = (id: string, order: number, window: string, indent = '  ') =>
  [
    `- id: ${id}`,
    '  title: 后一批次',
    '  basis: sample',
    `  order: ${order}`,
    '  phase: phase-1',
    '  choices: { max: 6, majors: 6 }',
    '  dispatch:',
    '    mode: score-first',
    '    ratio: "1.00"',
    '    rounding: floor',
    '    ties: { keys: [ { priority: true } ], ending: follow }',
    '  kinds: [technical]',
    `  window: ${window}`,
  ].map(line => `${indent}${line}`);
const LOW = atom('candidate.age', 'lessThan', 15);
const HIGH = atom('candidate.age', 'greaterThan', 20);

/** Requirements that never speak, always speak, or come too late. */
export const REQUIREMENTS: readonly AnalysisSlip[] = [
  {
    title: 'a rule for an age below 15 and above 20',
    ...eligibility(
      requirement('ages', all(atom('candidate.score', 'greaterThan', 100)), `▸${all(LOW, HIGH)}`),
    ),
    code: 'rule-never-applies',
    decides: 'pass',
  },
  {
    title: 'a rule for two states of a file at once',
    ...eligibility(
      requirement(
        'states',
        all(LOW),
        `▸${all(atom('file.state', 'equal', 'held'), atom('file.state', 'equal', 'filed'))}`,
      ),
    ),
    code: 'rule-never-applies',
  },
  {
    title: 'a rule for a value that is in a list and not in it',
    ...eligibility(
      requirement(
        'origins',
        all(LOW),
        '▸' +
          all(
            atom('candidate.origin', 'in', '[fresh]'),
            atom('candidate.origin', 'notIn', '[fresh, other]'),
          ),
      ),
    ),
    code: 'rule-never-applies',
  },
  {
    title: 'a rule for a negative number of transfers',
    file: 'quotas.yaml',
    find: '        - { fact: application.kind, operator: equal, value: transfer }\n    requires',
    put: lines(
      '        - { fact: application.kind, operator: equal, value: transfer }',
      `        - ${atom('file.transfers', 'lessThan', 0)}`,
      '    requires',
    ),
    code: 'rule-never-applies',
    also: ['limit-differs'],
  },
  {
    title: 'a rule between 14 and 15 days',
    file: 'quotas.yaml',
    find: '  - id: signed-paper',
    put: `${requirement(
      'between',
      '{ all: [ { fact: application.signed, operator: equal, value: true } ] }',
      `▸${all(atom('file.age-days', 'greaterThan', 14), atom('file.age-days', 'lessThan', 15))}`,
    )}\n  - id: signed-paper`,
    code: 'rule-never-applies',
  },
  {
    title: 'a rule for a day before and after',
    ...eligibility(
      requirement(
        'days',
        all(LOW),
        '▸' +
          all(atom('today', 'lessThan', '2016-07-20'), atom('today', 'greaterThan', '2016-07-21')),
      ),
    ),
    code: 'rule-never-applies',
  },
  {
    title: 'a rule for what is above and not above another fact',
    ...eligibility(
      requirement(
        'lines',
        all(LOW),
        '▸' +
          all(
            above('candidate.score', 'line.region'),
            above('line.region', 'candidate.total'),
            above('candidate.total', 'candidate.score'),
          ),
      ),
    ),
    code: 'rule-never-applies',
  },
  {
    title: 'a rule on a score that is at least nought',
    ...eligibility(
      requirement('nought', `▸${all(atom('candidate.score', 'greaterThanInclusive', 0))}`),
    ),
    code: 'rule-never-refuses',
    decides: 'pass',
  },
  {
    title: 'a rule with alternatives that leave nobody out',
    ...eligibility(
      requirement(
        'either',
        `▸${any(atom('candidate.age', 'lessThan', 20), atom('candidate.age', 'greaterThan', 15))}`,
      ),
    ),
    code: 'rule-never-refuses',
  },
  {
    title: 'a rule that asks for what it applies to',
    ...eligibility(
      requirement(
        'again',
        `▸${all(atom('candidate.origin', 'in', '[fresh, other]'))}`,
        all(atom('candidate.origin', 'equal', 'fresh')),
      ),
    ),
    code: 'rule-never-refuses',
  },
  {
    title: 'a rule that a boolean meets either way',
    file: 'batches.yaml',
    find: lines(
      '- { fact: city.policy-adopted, operator: equal, value: true }',
      '    refuse: policy-not-adopted',
    ),
    put: lines(
      `- ${any(ADOPTED, atom('city.policy-adopted', 'notEqual', 'true'))}`,
      '    refuse: policy-not-adopted',
    ),
    code: 'rule-never-refuses',
  },
  {
    title: 'a rule that nobody meets',
    ...eligibility(requirement('nobody', `▸${all(LOW, HIGH)}`)),
    code: 'rule-refuses-all',
    decides: 'refuse',
  },
  {
    title: 'a rule that asks for a state in a list of none that the first rule lets through',
    ...eligibility(
      requirement(
        'closed',
        `▸${all(atom('candidate.origin', 'equal', 'veteran'))}`,
        all(atom('candidate.origin', 'equal', 'fresh')),
      ),
    ),
    code: 'rule-always-refuses',
    decides: 'refuse',
  },
  {
    title: 'a lower line behind a higher one',
    file: 'special-conditions.yaml',
    find: '  - id: vision-4403001',
    put: `${requirement(
      '▸height-lower',
      all(atom('candidate.height', 'greaterThanInclusive', 150)),
      all(atom('candidate.sex', 'equal', 'M')),
      'school: "4401001"',
    )}\n    missing: pass\n  - id: vision-4403001`,
    code: 'rule-shadowed',
    says: 'height-4401001',
    decides: 'refuse',
  },
  {
    title: 'the same rule twice under two codes',
    ...eligibility(requirement('▸in-pool-again', all(atom('file.state', 'equal', 'in-pool')))),
    code: 'rule-shadowed',
    says: '前面的 in-pool 都已处理',
    decides: 'refuse',
  },
  {
    title: 'a rule that two earlier ones cover together',
    ...eligibility(
      [
        requirement('low', all(atom('candidate.age', 'greaterThanInclusive', 14))),
        requirement('high', all(atom('candidate.age', 'lessThanInclusive', 30))),
        requirement(
          '▸both',
          all(
            atom('candidate.age', 'greaterThanInclusive', 12),
            atom('candidate.age', 'lessThanInclusive', 40),
          ),
        ),
      ].join('\n'),
    ),
    code: 'rule-shadowed',
    says: 'low、high',
  },
  {
    title: 'a rule of a later validity that an earlier one without dates covers',
    ...eligibility(
      [
        requirement('always', all(atom('candidate.age', 'greaterThan', 14))),
        requirement(
          '▸dated',
          all(atom('candidate.age', 'greaterThan', 13)),
          '',
          'valid: [2016-07-22, null]',
        ),
      ].join('\n'),
    ),
    code: 'rule-shadowed',
    says: 'always',
  },
  {
    title: "a city's rule that can't be met",
    file: 'cities/440700.yaml',
    find: '{ fact: candidate.height, operator: greaterThanInclusive, value: 155 }',
    put: lines(
      atom('candidate.height', 'greaterThan', 155),
      `          - ${atom('candidate.height', 'lessThan', 150)}`,
    ),
    code: 'rule-refuses-all',
  },
  {
    title: "a rule of one city for another city's candidates",
    file: 'cities/440700.yaml',
    find: '      requires:\n        all:\n          - { fact: candidate.height',
    put: lines(
      `      applies: ▸${all(atom('candidate.city', 'equal', '"440100"'))}`,
      '      requires:',
      '        all:',
      '          - { fact: candidate.height',
    ),
    code: 'rule-never-applies',
  },
];

const PROPOSED = atom('file.state', 'equal', 'proposed');
const HELD = atom('file.state', 'equal', 'held');

/** Actions that never act, come too late, or order two things at once. */
export const ACTIONS: readonly AnalysisSlip[] = [
  {
    title: 'an action for two states at once',
    ...deadline(action('never', `▸${all(HELD, PROPOSED)}`, '{ event: recall, reason: expired }')),
    code: 'action-never-acts',
    decides: 'none',
  },
  {
    title: 'an action on negative days',
    ...deadline(
      action(
        'days',
        `▸${all(atom('file.age-days', 'lessThan', 0))}`,
        '{ event: recall, reason: expired }',
      ),
    ),
    code: 'action-never-acts',
  },
  {
    title: 'an action that is no longer valid when its moment comes',
    ...deadline(
      action(
        'late',
        all(HELD),
        '{ event: recall, reason: expired }',
        'at: 2016-09-01T00:00\n    valid: [2016-07-01, 2016-09-01]',
      ),
    ),
    code: 'rule-never-in-force',
  },
  {
    title: 'an action after one of the same condition that does something else',
    ...deadline(
      action(
        '▸second',
        all(atom('file.state', 'equal', 'held'), atom('file.hold-expired', 'equal', 'true')),
        '{ event: recall, reason: expired }',
      ),
      'application-expired',
    ),
    code: 'action-shadowed',
    says: 'hold-expired',
    decides: 'act',
  },
  {
    title: 'an action narrower than an earlier one that does something else',
    ...review(
      action(
        '▸narrow',
        all(
          PROPOSED,
          atom('phase.id', 'equal', 'phase-1'),
          atom('file.below-line', 'equal', 'false'),
          atom('candidate.origin', 'equal', 'fresh'),
        ),
        '{ event: refuse-admission, reason: over-plan }',
      ),
      'listed-return',
    ),
    code: 'action-shadowed',
    says: 'submit-is-admission',
  },
  {
    title: 'an action after the same one',
    ...review(
      action(
        '▸again',
        all(atom('file.state', 'equal', 'return-proposed'), atom('return.listed', 'equal', 'true')),
        '{ event: approve-return }',
      ),
      'weak-return-within-plan',
    ),
    code: 'rule-shadowed',
    says: '结果相同',
  },
  {
    title: 'an action behind one that leaves the same to officers',
    ...review(
      action(
        '▸behind',
        all(PROPOSED, atom('file.below-line', 'equal', 'true')),
        '{ event: approve-admission }',
      ),
    ),
    code: 'action-shadowed',
    says: 'below-line-by-officer',
  },
  {
    title: 'two actions that overlap in part',
    ...deadline(
      action(
        'old',
        all(HELD, atom('file.age-days', 'greaterThan', 30)),
        '{ event: recall, reason: expired }',
      ),
    ),
    code: 'actions-contradict',
    says: '「old」要 recall',
    decides: 'act',
  },
  {
    title: 'two actions of facts that have nothing to do with each other',
    ...deadline(
      action('aged', all(atom('file.age-days', 'greaterThan', 60)), '{ event: release-hold }'),
      'spring-unregistered',
    ),
    code: 'actions-contradict',
  },
  {
    title: 'an exception before the rule',
    ...deadline(
      action(
        'exception',
        all(
          HELD,
          atom('file.hold-expired', 'equal', 'true'),
          atom('candidate.origin', 'equal', 'veteran'),
        ),
        '{ event: recall, reason: expired }',
      ),
    ),
    code: 'actions-overlap',
    says: '作为例外',
    decides: 'act',
  },
  {
    title: 'a number of days in both of two actions',
    ...deadline(
      action(
        'forty',
        all(
          HELD,
          atom('file.hold-expired', 'equal', 'true'),
          atom('file.age-days', 'greaterThanInclusive', 40),
        ),
        '{ event: recall, reason: expired }',
      ),
    ),
    code: 'actions-overlap',
  },
  {
    title: 'returns of which only some are decided',
    file: 'reviews.yaml',
    find: '        - { fact: return.listed, operator: equal, value: false }\n',
    put: lines(
      '        - { fact: return.listed, operator: equal, value: false }',
      '        - { fact: phase.id, operator: equal, value: phase-1 }',
      '',
    ),
    code: 'review-uncovered',
    decides: 'none',
  },
  {
    title: 'plan changes of which only small ones are approved',
    file: 'reviews.yaml',
    find: '        - { fact: application.kind, operator: equal, value: flexible }\n',
    put: lines(
      '        - { fact: application.kind, operator: equal, value: flexible }',
      '        - { fact: application.places, operator: lessThan, value: 10 }',
      '',
    ),
    code: 'review-uncovered',
    says: 'flexible',
  },
];

/** Dates that don't go together; swapped ones with what they should be. */
export const DATES: readonly AnalysisSlip[] = [
  {
    title: 'a batch that begins before its phase',
    file: 'batches.yaml',
    find: 'window: [2016-07-20, 2016-07-29]',
    put: 'window: [▸2016-07-18, 2016-07-29]',
    code: 'window-outside-phase',
  },
  {
    title: 'a batch that ends after its phase',
    file: 'batches.yaml',
    find: 'window: [2016-07-20, 2016-07-29]',
    put: 'window: [2016-07-20, ▸2016-08-02]',
    code: 'window-outside-phase',
  },
  {
    title: "a city's batch that ends in another month",
    file: 'cities/440800.yaml',
    find: 'window: [2016-07-20, 2016-07-27]',
    put: 'window: [2016-07-20, ▸2016-08-27]',
    code: 'window-outside-phase',
  },
  {
    title: 'a batch that leaves the last days of its phase',
    file: 'batches.yaml',
    find: 'window: [2016-07-20, 2016-07-29]',
    put: 'window: [2016-07-20, ▸2016-07-25]',
    code: 'window-gap',
    says: '2016-07-26 至 2016-07-29',
  },
  {
    title: 'a batch that leaves the first days of its phase',
    file: 'batches.yaml',
    find: 'window: [2016-07-20, 2016-07-29]',
    put: 'window: [▸2016-07-22, 2016-07-29]',
    code: 'window-gap',
    says: '2016-07-20 至 2016-07-21',
  },
  {
    title: 'a second batch that begins before the first has ended',
    file: 'batches.yaml',
    find: '\nstart:\n',
    put: lines('', ...batchOf('late', 50, '[▸2016-07-25, 2016-07-29]'), '', 'start:', ''),
    code: 'window-overlap',
  },
  {
    title: 'a second batch with month and day of its beginning exchanged',
    file: 'cities/440800.yaml',
    find: '      window: [2016-07-20, 2016-07-27]\n',
    put: lines(
      '      window: [2016-07-20, 2016-07-27]',
      ...batchOf('next', 50, '[▸2016-07-24, 2016-07-29]', '    '),
      '',
    ),
    code: 'window-overlap',
  },
  {
    title: 'phases that overlap',
    ...calendar('window: [2016-08-20, 2016-11-07]', 'window: [▸2016-07-25, 2016-11-07]'),
    code: 'phase-overlap',
  },
  {
    title: 'phase 2 with month and day of its beginning exchanged',
    ...calendar('window: [2016-08-20, 2016-11-07]', 'window: [▸2016-07-11, 2016-11-07]'),
    code: 'phase-overlap',
    nearest: '2016-11-07',
  },
  {
    title: 'a registration day before the phase is over',
    ...calendar('date: 2016-08-25', 'date: ▸2016-07-25'),
    code: 'deadline-order',
    says: '第一阶段',
  },
  {
    title: 'a confirmation before registration',
    ...calendar('date: 2016-08-30', 'date: ▸2016-08-20'),
    code: 'deadline-order',
    also: ['rule-date-differs'],
  },
  {
    title: 'the revert on the day of confirmation',
    ...calendar('date: 2016-09-01', 'date: ▸2016-08-30'),
    code: 'deadline-order',
    also: ['rule-date-differs'],
  },
  {
    title: 'the revert of 09-01 written as 01-09',
    ...calendar('date: 2016-09-01', 'date: ▸2016-01-09'),
    code: 'deadline-order',
    nearest: '2016-09-01',
    also: ['rule-date-differs'],
  },
  {
    title: 'the confirmation of 11-07 written as 07-11',
    ...calendar(
      'title: 第二阶段学校确定已报到新生, date: 2016-11-07',
      'title: 第二阶段学校确定已报到新生, date: ▸2016-07-11',
    ),
    code: 'deadline-order',
    nearest: '2016-11-07',
    also: ['rule-date-differs'],
  },
  {
    title: 'a rule of 09-01 written as 01-09',
    file: 'deadlines.yaml',
    find: 'at: 2016-09-01T00:00',
    put: 'at: ▸2016-01-09T00:00',
    code: 'rule-date-differs',
    nearest: '2016-09-01',
  },
  {
    title: 'a revert a day before what the calendar says',
    file: 'deadlines.yaml',
    find: 'at: 2016-09-01T00:00',
    put: 'at: ▸2016-08-31T00:00',
    code: 'rule-date-differs',
    says: '应为 2016-09-01',
  },
  {
    title: 'files recalled before the phase is over',
    file: 'deadlines.yaml',
    find: 'at: 2016-07-30T00:00',
    put: 'at: ▸2016-07-29T00:00',
    code: 'rule-date-differs',
    says: '应为 2016-07-30',
  },
  {
    title: 'a grace of three days that is given as one',
    ...calendar(
      'title: 阶段结束后待审档案的宽限, basis: sample, value: 3',
      'title: 阶段结束后待审档案的宽限, basis: sample, value: 1',
    ),
    code: 'rule-date-differs',
    says: '宽限 1 天',
    in: 'deadlines.yaml',
  },
  {
    title: 'reminders that go on after the last day',
    file: 'deadlines.yaml',
    find: 'valid: [2016-08-23, 2016-08-31]',
    put: 'valid: [2016-08-23, ▸2016-09-03]',
    code: 'rule-date-differs',
    says: '应为 2016-08-31',
  },
  {
    title: 'a phase whose last day of confirmation is not given',
    ...calendar(
      'title: 第一阶段学校确定已报到新生, date: 2016-08-30',
      'title: 第一阶段学校确定已报到新生, date: ▸null',
    ),
    code: 'registration-undated',
    says: '不能注册',
  },
  {
    title: 'rosters before students are confirmed, month and day exchanged',
    ...calendar('window: [2016-09-07, 2016-09-09]', 'window: [▸2016-07-09, 2016-09-09]'),
    code: 'roster-early',
    nearest: '2016-09-07',
  },
  {
    title: 'senior-high admissions due after the first dispatch',
    ...calendar(
      'title: 普通高中录取数据导入完成, date: 2016-07-15',
      'title: 普通高中录取数据导入完成, date: ▸2016-07-25',
    ),
    code: 'deadline-late',
  },
  {
    title: "a date of last year's",
    ...calendar('生源计划公布, date: 2016-07-10', '生源计划公布, date: ▸2015-07-10'),
    code: 'date-outside-season',
  },
  {
    title: "a rule's date of another year",
    file: 'deadlines.yaml',
    find: 'at: 2016-08-02T00:00',
    put: 'at: ▸2014-08-02T00:00',
    code: 'date-outside-season',
    also: ['rule-date-differs'],
  },
  {
    title: 'two versions of a rule with a gap between',
    ...eligibility(
      [
        requirement(
          'before',
          all(atom('candidate.age', 'greaterThan', 14)),
          '',
          'valid: [2016-07-20, 2016-07-24]',
        ),
        requirement(
          'after',
          all(atom('candidate.age', 'greaterThan', 15)),
          '',
          'valid: [▸2016-07-26, null]',
        ),
      ].join('\n'),
    ),
    code: 'validity-gap',
  },
  {
    title: 'two versions of a rule at the same time',
    ...eligibility(
      [
        requirement(
          'before',
          all(atom('candidate.age', 'greaterThan', 14)),
          '',
          'valid: [2016-07-20, 2016-07-28]',
        ),
        requirement(
          'after',
          all(atom('candidate.age', 'greaterThan', 15)),
          '',
          'valid: [▸2016-07-26, null]',
        ),
      ].join('\n'),
    ),
    code: 'validity-overlap',
  },
];

const MARKS: Partial<Knowledge> = {
  fullMarks: new Map([
    ['440100', 81_000],
    ['440800', 72_000],
  ]),
  subjectMarks: new Map([['数学', 12_000]]),
};

/** Numbers that look misplaced, and codes that the year's data does not know. */
export const NUMBERS: readonly AnalysisSlip[] = [
  {
    title: 'a ratio with its point misplaced',
    file: 'batches.yaml',
    find: 'ratio: "1.00"',
    put: 'ratio: ▸"10.00"',
    code: 'ratio-unusual',
  },
  {
    title: 'a ratio below one',
    file: 'batches.yaml',
    find: 'ratio: "1.00"',
    put: 'ratio: ▸"0.10"',
    code: 'ratio-under-one',
  },
  {
    title: "a city's ratio of 1.5",
    file: 'cities/441900.yaml',
    find: 'ratio: "1.05"',
    put: 'ratio: ▸"1.50"',
    code: 'ratio-unusual',
  },
  {
    title: 'a region line with a digit too many',
    file: 'cities/440800.yaml',
    find: 'line: 265',
    put: 'line: ▸2650',
    code: 'line-unusual',
  },
  {
    title: 'a region line with a digit too few',
    file: 'cities/440800.yaml',
    find: 'line: 265',
    put: 'line: ▸26.5',
    code: 'line-unusual',
  },
  {
    title: 'a line of nought',
    file: 'cities/440100.yaml',
    find: 'line: 320',
    put: 'line: ▸0',
    code: 'line-of-zero',
    knowledge: MARKS,
  },
  {
    title: 'a line above full marks',
    file: 'cities/440800.yaml',
    find: 'line: 265',
    put: 'line: ▸820',
    code: 'line-above-full',
    says: '720',
    knowledge: MARKS,
  },
  {
    title: "a school's line above full marks",
    file: 'cities/440100.yaml',
    find: 'line: 420',
    put: 'line: ▸4200',
    code: 'line-above-full',
    says: '810',
    knowledge: MARKS,
  },
  {
    title: 'a band above full marks',
    file: 'cities/440606.yaml',
    find: 'bands: [500, 380, 270]',
    put: 'bands: [▸500, 380, 270]',
    code: 'band-above-full',
    knowledge: { fullMarks: new Map([['440606', 45_000]]) },
  },
  {
    title: 'a band below the line',
    file: 'cities/440606.yaml',
    find: 'bands: [500, 380, 270]',
    put: 'bands: [500, 380, 260, ▸200]',
    code: 'band-below-line',
  },
  {
    title: 'a bonus of nought',
    file: 'preferences.yaml',
    find: 'points: 20',
    put: 'points: ▸0',
    code: 'bonus-of-zero',
  },
  {
    title: 'a bonus above the cap',
    file: 'preferences.yaml',
    find: 'cap: null',
    put: 'cap: 15',
    code: 'bonus-above-cap',
  },
  {
    title: 'a term of 14 days that is given as 10',
    file: 'deadlines.yaml',
    find: 'operator: greaterThan, value: 14',
    put: 'operator: greaterThan, value: ▸10',
    code: 'limit-differs',
    says: 'application-expiry-days',
  },
  {
    title: 'one transfer by the calendar, two by the rule',
    file: 'quotas.yaml',
    find: 'fact: file.transfers, operator: lessThan, value: 1',
    put: 'fact: file.transfers, operator: lessThan, value: ▸2',
    code: 'limit-differs',
    says: 'transfers-max',
  },
  {
    title: 'an age of 160',
    file: 'special-conditions.yaml',
    find: 'fact: candidate.age, operator: greaterThanInclusive, value: 16',
    put: 'fact: candidate.age, operator: greaterThanInclusive, value: ▸160',
    code: 'age-unusual',
  },
  {
    title: 'a mark in mathematics above its full mark',
    ...eligibility(
      requirement(
        'maths',
        `{ all: [ { fact: candidate.subject.数学, operator: greaterThan, value: ▸130 } ] }`,
      ),
    ),
    code: 'threshold-above-full',
    knowledge: MARKS,
  },
  {
    title: 'a score above the full marks of every city',
    ...eligibility(
      requirement(
        'score',
        `{ all: [ { fact: candidate.score, operator: greaterThan, value: ▸900 } ] }`,
      ),
    ),
    code: 'threshold-above-full',
    knowledge: MARKS,
  },
  {
    title: 'a school in a condition that the data does not know',
    ...eligibility(
      requirement(
        'school',
        all(LOW),
        '{ all: [ { fact: school.code, operator: in, value: ["4401001", ▸"4401099"] } ] }',
      ),
    ),
    code: 'unknown-school',
    nearest: '4401001',
    knowledge: { schools: new Set(['4401001', '4401002', '4403001', '4407001']) },
  },
  {
    title: 'a region in a condition that the data does not know',
    ...eligibility(
      requirement(
        'region',
        all(LOW),
        '{ all: [ { fact: candidate.county, operator: equal, value: ▸"440199" } ] }',
      ),
    ),
    code: 'unknown-region',
    knowledge: { regions: new Set(['440000', '440100', '440103', ...regionsOfCities()]) },
  },
  {
    title: 'a major of a special condition that the school does not have',
    file: 'special-conditions.yaml',
    find: '    school: "4403001"',
    put: '    school: "4403001"\n    major: ▸"01"',
    code: 'unknown-major',
    nearest: '001',
    knowledge: { majors: new Map([['4403001', new Set(['001', '002'])]]) },
  },
];

function regionsOfCities(): string[] {
  const numbers = [2, 3, 4, 5, 6, 7, 8, 9, 12, 13, 14, 15, 16, 17, 18, 19, 20, 51, 52, 53];
  return ['440606', ...numbers.map(each => `44${String(each).padStart(2, '0')}00`)];
}
