/**
 * A collection of broken policies: each is the shipped one with one slip. Every slip is found once,
 * at its place, with its code, and with the nearest known name where a name is unknown.
 */
import t from 'tap';
import { type Author, type Knowledge, loadPolicy } from '../../engine/policy/load.ts';
import { breakPolicy, SHIPPED } from './broken-policy.ts';

interface Slip {
  readonly title: string;
  readonly file: string;
  /** Replaced where it first stands. */
  readonly find: string;
  /** What is put there; `▸` marks the place that the problem must name. */
  readonly put: string;
  readonly code: string;
  readonly nearest?: string;
  /** Part of the Chinese sentence. */
  readonly says?: string;
  readonly severity?: 'warning';
  readonly knowledge?: Partial<Knowledge>;
  readonly author?: Author;
}

const ATOM = '{ fact: file.state, operator: equal, value: in-pool }';
const LINE = '{ fact: candidate.height, operator: greaterThanInclusive, value: 160 }';

const NAMES: Slip[] = [
  {
    title: 'a key that no schema knows',
    file: 'batches.yaml',
    find: 'rounding: floor',
    put: 'rounding: floor\n      ▸roundng: ceil',
    code: 'unknown-key',
    nearest: 'rounding',
  },
  {
    title: 'a mode that does not exist',
    file: 'batches.yaml',
    find: 'mode: score-first',
    put: 'mode: ▸score-frist',
    code: 'unknown-value',
    nearest: 'score-first',
  },
  {
    title: 'a fact that does not exist',
    file: 'eligibility.yaml',
    find: 'fact: candidate.origin',
    put: 'fact: ▸candidate.orgin',
    code: 'unknown-fact',
    nearest: 'candidate.origin',
  },
  {
    title: 'a fact as a value that does not exist',
    file: 'eligibility.yaml',
    find: 'value: { fact: line.region }',
    put: 'value: { fact: ▸line.regoin }',
    code: 'unknown-fact',
    nearest: 'line.region',
  },
  {
    title: 'an attribute that is not declared',
    file: 'policy.yaml',
    find: '  - { name: height, type: number, title: 身高, unit: 厘米 }\n',
    put: '▸',
    code: 'unknown-fact',
  },
  {
    title: 'an operator that does not exist',
    file: 'eligibility.yaml',
    find: 'operator: greaterThanInclusive',
    put: 'operator: ▸greaterThenInclusive',
    code: 'unknown-operator',
    nearest: 'greaterThanInclusive',
  },
  {
    title: "json-rules-engine's operator decorators",
    file: 'eligibility.yaml',
    find: 'operator: in, value',
    put: 'operator: ▸"not:in", value',
    code: 'unknown-operator',
  },
  {
    title: 'a named condition that does not exist',
    file: 'eligibility.yaml',
    find: ATOM,
    put: '{ condition: ▸articulated-majr }',
    code: 'unknown-condition',
    nearest: 'articulated-major',
  },
  {
    title: 'a value that the fact never has',
    file: 'eligibility.yaml',
    find: 'value: in-pool',
    put: 'value: ▸in-pol',
    code: 'unknown-value',
    nearest: 'in-pool',
  },
  {
    title: 'a phase that the calendar does not have',
    file: 'batches.yaml',
    find: 'phase: phase-1',
    put: 'phase: ▸phase-3',
    code: 'unknown-phase',
    nearest: 'phase-1',
  },
  {
    title: 'a batch that batches.yaml does not have',
    file: 'cities/440100.yaml',
    find: 'batch: vocational, line: 320',
    put: 'batch: ▸vocationl, line: 320',
    code: 'unknown-batch',
    nearest: 'vocational',
  },
  {
    title: 'a basis that policy.yaml does not list',
    file: 'batches.yaml',
    find: 'basis: n66 一（二）',
    put: 'basis: ▸n67 一（二）',
    code: 'unknown-basis',
    nearest: 'n66',
  },
  {
    title: 'a job after one that does not exist',
    file: 'schedule.yaml',
    find: 'after: [dispatch]',
    put: 'after: [▸dispach]',
    code: 'unknown-job',
    nearest: 'dispatch',
  },
  {
    title: 'a path that no city could set',
    file: 'policy.yaml',
    find: '- score-lines.regions',
    put: '- score-lines.regions\n  - ▸score-lines.region',
    code: 'unknown-path',
    nearest: 'score-lines.regions',
  },
  {
    title: 'own-system among what cities may set',
    file: 'policy.yaml',
    find: '- score-lines.regions',
    put: '- score-lines.regions\n  - ▸own-system',
    code: 'own-system-delegated',
  },
  {
    title: 'a property beyond P16',
    file: 'findings.yaml',
    find: 'property: P16',
    put: 'property: ▸P17',
    code: 'unknown-value',
  },
  {
    title: 'an event that no deadline can cause',
    file: 'deadlines.yaml',
    find: 'event: revert',
    put: 'event: ▸revrt',
    code: 'unknown-value',
    nearest: 'revert',
  },
  {
    title: 'a kind of feature that does not exist',
    file: 'preferences.yaml',
    find: 'kind: bonus',
    put: 'kind: ▸bonsu',
    code: 'unknown-value',
    nearest: 'bonus',
  },
  {
    title: 'a subject that the city does not examine',
    file: 'cities/440700.yaml',
    find: 'subjects: [语文, 数学]',
    put: 'subjects: [▸国文, 数学]',
    code: 'unknown-subject',
    knowledge: { subjects: new Map([['440700', ['语文', '数学', '英语']]]) },
  },
  {
    title: 'an attribute with the name of a fact',
    file: 'policy.yaml',
    find: 'attributes:\n',
    put: 'attributes:\n  - { name: ▸total, type: number, title: 总分 }\n',
    code: 'reserved-name',
  },
  {
    title: 'a code that dispatch gives itself',
    file: 'eligibility.yaml',
    find: 'refuse: below-region-line',
    put: 'refuse: ▸full',
    code: 'reserved-code',
  },
];

const EXAMPLES: Slip[] = [
  {
    title: 'a fact of an example that does not exist',
    file: 'tests/quotas.yaml',
    find: 'application.kind: admission',
    put: '▸application.knd: admission',
    code: 'unknown-fact',
    nearest: 'application.kind',
  },
  {
    title: 'a number of an example that is text',
    file: 'tests/quotas.yaml',
    find: 'plan.free: 0',
    put: 'plan.free: ▸"0"',
    code: 'example-fact-type',
    says: '剩余计划数',
  },
  {
    title: 'a yes of an example that is no boolean',
    file: 'tests/start.yaml',
    find: 'batch.window-open: true',
    put: 'batch.window-open: ▸yes',
    code: 'example-fact-type',
  },
  {
    title: 'a code of an example that lost its quotes',
    file: 'tests/special-conditions.yaml',
    find: 'school.code: "4401001"',
    put: 'school.code: ▸4401001',
    code: 'example-fact-type',
    says: '加引号的文字',
  },
  {
    title: 'an example on a day that does not exist',
    file: 'tests/start.yaml',
    find: 'date: 2016-07-20',
    put: 'date: ▸2016-07-32',
    code: 'bad-date',
  },
];

const VALUES: Slip[] = [
  {
    title: 'a number where a code is meant',
    file: 'special-conditions.yaml',
    find: 'school: "4401001"',
    put: 'school: ▸4401001',
    code: 'number-not-quoted',
    says: '加引号',
  },
  {
    title: 'a code that YAML reads as another number',
    file: 'special-conditions.yaml',
    find: 'school: "4401001"',
    put: 'school: ▸0001',
    code: 'number-not-quoted',
    says: '写作 "0001"',
  },
  {
    title: 'a number where the ratio is meant',
    file: 'batches.yaml',
    find: 'ratio: "1.00"',
    put: 'ratio: ▸1.00',
    code: 'number-not-quoted',
    says: '加引号',
  },
  {
    title: 'a number beside a fact that is text',
    file: 'eligibility.yaml',
    find: ATOM,
    put: '{ fact: school.code, operator: equal, value: ▸4401001 }',
    code: 'number-not-quoted',
    says: '加引号',
  },
  {
    title: 'text beside a fact that is a number',
    file: 'special-conditions.yaml',
    find: LINE,
    put: LINE.replace('160', '▸"160"'),
    code: 'value-type-mismatch',
    says: '不加引号的数字',
  },
  {
    title: 'yes beside a fact that is a boolean',
    file: 'batches.yaml',
    find: 'fact: batch.window-open, operator: equal, value: true',
    put: 'fact: batch.window-open, operator: equal, value: ▸yes',
    code: 'value-type-mismatch',
    says: 'true 或 false',
  },
  {
    title: 'a list where one value is meant',
    file: 'eligibility.yaml',
    find: 'operator: in, value: [fresh, junior-graduate]',
    put: 'operator: equal, value: ▸[fresh, junior-graduate]',
    code: 'value-type-mismatch',
  },
  {
    title: 'one value where a list is meant',
    file: 'eligibility.yaml',
    find: 'value: [fresh, junior-graduate]',
    put: 'value: ▸fresh',
    code: 'value-type-mismatch',
    says: '列表',
  },
  {
    title: 'an empty list',
    file: 'eligibility.yaml',
    find: 'value: [fresh, junior-graduate]',
    put: 'value: ▸[]',
    code: 'empty-list',
  },
  {
    title: 'two facts of different types',
    file: 'eligibility.yaml',
    find: 'value: { fact: line.region }',
    put: 'value: { fact: ▸school.code }',
    code: 'value-fact-mismatch',
  },
  {
    title: 'an order of texts',
    file: 'eligibility.yaml',
    find: ATOM,
    put: '{ fact: school.code, operator: ▸greaterThan, value: "4401001" }',
    code: 'operator-mismatch',
  },
  {
    title: 'a day that is not in the calendar',
    file: 'calendar.yaml',
    find: '[2016-07-20, 2016-07-29]',
    put: '[2016-07-20, ▸2016-07-32]',
    code: 'bad-date',
  },
  {
    title: 'a date of another form',
    file: 'calendar.yaml',
    find: 'date: 2016-07-15',
    put: 'date: ▸2016年7月15日',
    code: 'bad-format',
  },
  {
    title: 'a window that ends before it begins',
    file: 'calendar.yaml',
    find: '[2016-07-20, 2016-07-29]',
    put: '▸[2016-07-29, 2016-07-20]',
    code: 'window-order',
  },
  {
    title: 'a window of one day alone',
    file: 'batches.yaml',
    find: '[2016-07-20, 2016-07-29]',
    put: '▸[2016-07-20]',
    code: 'window-incomplete',
  },
  {
    title: 'a validity that is never',
    file: 'eligibility.yaml',
    find: 'refuse: below-region-line',
    put: 'refuse: below-region-line\n    valid: ▸[2016-07-20, 2016-07-20]',
    code: 'empty-validity',
  },
  {
    title: 'three decimals of a score',
    file: 'cities/440100.yaml',
    find: 'line: 380.5',
    put: 'line: ▸380.555',
    code: 'too-many-decimals',
  },
  {
    title: 'three decimals in a condition',
    file: 'special-conditions.yaml',
    find: 'value: 4.8',
    put: 'value: ▸4.805',
    code: 'too-many-decimals',
  },
  {
    title: 'bands that do not fall',
    file: 'cities/440600.yaml',
    find: '[550, 450, 350, 270]',
    put: '[550, 450, ▸450, 270]',
    code: 'bands-not-falling',
  },
  {
    title: 'bands without the mode that reads them',
    file: 'batches.yaml',
    find: 'ratio: "1.00"',
    put: '▸bands: [600, 500]\n      ratio: "1.00"',
    code: 'bands-unused',
    severity: 'warning',
  },
  {
    title: 'a ratio with three decimals',
    file: 'batches.yaml',
    find: 'ratio: "1.00"',
    put: 'ratio: ▸"1.005"',
    code: 'bad-format',
  },
  {
    title: 'a ratio of nothing',
    file: 'batches.yaml',
    find: 'ratio: "1.00"',
    put: 'ratio: ▸"0.00"',
    code: 'bad-ratio',
  },
  {
    title: 'a line that is not a number',
    file: 'cities/440300.yaml',
    find: 'line: 180',
    put: 'line: ▸"180"',
    code: 'wrong-type',
  },
  {
    title: 'points below zero',
    file: 'preferences.yaml',
    find: 'points: 20',
    put: 'points: ▸-20',
    code: 'out-of-range',
  },
  {
    title: 'a cron line of four fields',
    file: 'schedule.yaml',
    find: '"30 19 * * *"',
    put: '▸"30 19 * *"',
    code: 'bad-cron',
  },
  {
    title: 'an hour that no day has',
    file: 'schedule.yaml',
    find: '"30 19 * * *"',
    put: '▸"30 24 * * *"',
    code: 'bad-cron',
  },
  {
    title: 'a candidate number without a serial',
    file: 'policy.yaml',
    find: '"{yy}{city4}{serial8}"',
    put: '▸"{yy}{city4}"',
    code: 'bad-number-pattern',
  },
];

const FORMS: Slip[] = [
  {
    title: 'a required key left out of what cities add to',
    file: 'batches.yaml',
    find: 'mode: score-first\n      ratio: "1.00"\n      rounding: floor',
    put: '▸mode: score-first\n      ratio: "1.00"',
    code: 'missing-key',
    says: 'rounding',
  },
  {
    title: 'a required key left out',
    file: 'eligibility.yaml',
    find: '- id: in-pool\n    title: 档案在库，没有被普通高中录取或挂起',
    put: '- ▸id: in-pool',
    code: 'missing-key',
    says: 'title',
  },
  {
    title: 'a key that is there but empty',
    file: 'eligibility.yaml',
    find: '- id: in-pool\n    title: 档案在库，没有被普通高中录取或挂起',
    put: '- ▸id: in-pool\n    title:',
    code: 'missing-key',
    says: 'title',
  },
  {
    title: 'any of nothing, which the engine takes for true',
    file: 'eligibility.yaml',
    find: `all:\n        - ${ATOM}`,
    put: '▸any: []',
    code: 'empty-any',
  },
  {
    title: 'all beside any, which the engine ignores',
    file: 'eligibility.yaml',
    find: `- ${ATOM}`,
    put: `- ${ATOM}\n      ▸any:\n        - ${ATOM}`,
    code: 'all-beside-any',
  },
  {
    title: 'not beside all',
    file: 'eligibility.yaml',
    find: `- ${ATOM}`,
    put: `- ${ATOM}\n      ▸not: ${ATOM}`,
    code: 'mixed-condition',
  },
  {
    title: 'a comparison outside of all and any',
    file: 'eligibility.yaml',
    find: `all:\n        - ${ATOM}`,
    put: '▸fact: file.state\n      operator: equal\n      value: in-pool',
    code: 'bare-condition',
  },
  {
    title: 'a comparison without its operator',
    file: 'eligibility.yaml',
    find: ATOM,
    put: '▸{ fact: file.state, value: in-pool }',
    code: 'incomplete-condition',
    says: 'operator',
  },
  {
    title: 'a JSONPath in a condition',
    file: 'eligibility.yaml',
    find: 'value: in-pool }',
    put: 'value: in-pool, ▸path: $.state }',
    code: 'forbidden-key',
  },
  {
    title: 'a priority in a condition',
    file: 'eligibility.yaml',
    find: 'value: in-pool }',
    put: 'value: in-pool, ▸priority: 1 }',
    code: 'forbidden-key',
  },
  {
    title: 'a JSONPath in a value',
    file: 'eligibility.yaml',
    find: 'value: { fact: line.region }',
    put: 'value: { fact: line.region, ▸path: $.line }',
    code: 'forbidden-key',
  },
  {
    title: 'a fact that the stage does not have',
    file: 'batches.yaml',
    find: 'fact: batch.window-open',
    put: 'fact: ▸choice.adjustment',
    code: 'fact-not-in-stage',
  },
  {
    title: "a major's fact in the condition of a school",
    file: 'special-conditions.yaml',
    find: LINE,
    put: '{ fact: ▸major.articulated, operator: equal, value: true }',
    code: 'fact-needs-major',
  },
  {
    title: 'a named condition that reads what the stage does not have',
    file: 'batches.yaml',
    find: '{ fact: batch.window-open, operator: equal, value: true }',
    put: '{ condition: ▸articulated-major }',
    code: 'fact-not-in-stage',
  },
  {
    title: 'a rule twice',
    file: 'eligibility.yaml',
    find: 'id: school-line',
    put: 'id: ▸region-line',
    code: 'duplicate-id',
  },
  {
    title: 'a batch by its kinds and its schools',
    file: 'batches.yaml',
    find: 'kinds: [vocational, technical]',
    put: 'kinds: [vocational, technical]\n    schools: ["4401001"]',
    code: 'school-selection',
  },
  {
    title: 'a gap in the lottery',
    file: 'cities/445300.yaml',
    find: 'mode: lottery',
    put: 'mode: lottery\n        majors: { mode: ▸gap, gap: 3 }',
    code: 'gap-in-lottery',
  },
  {
    title: 'banded without bands',
    file: 'cities/440600.yaml',
    find: '        bands: [550, 450, 350, 270]\n',
    put: '',
    code: 'bands-missing',
  },
  {
    title: "a school's line below the region's",
    file: 'cities/440100.yaml',
    find: 'line: 380.5',
    put: 'line: ▸319.5',
    code: 'school-line-below-region',
  },
  {
    title: 'a line of another city',
    file: 'cities/440100.yaml',
    find: 'region: "440100", batch: vocational, line: 380.5',
    put: 'region: ▸"440300", batch: vocational, line: 380.5',
    code: 'overlay-other-city',
  },
  {
    title: 'what only the province sets',
    file: 'cities/440100.yaml',
    find: 'score-lines:',
    put: 'batches:\n  ▸start: []\nscore-lines:',
    code: 'not-city-settable',
  },
  {
    title: 'a document that no city has',
    file: 'cities/440100.yaml',
    find: 'score-lines:',
    put: '▸eligibility:\n  rules: []\nscore-lines:',
    code: 'unknown-key',
  },
  {
    title: 'a slip deep in what a city sets',
    file: 'cities/440300.yaml',
    find: 'ending: candidate-no',
    put: 'ending: ▸candidate-number',
    code: 'unknown-value',
  },
  {
    title: 'a line twice in one city',
    file: 'cities/440100.yaml',
    find: 'school: "4401002"',
    put: 'school: ▸"4401001"',
    code: 'duplicate-id',
  },
  {
    title: 'an own system that a city gives itself',
    file: 'cities/440100.yaml',
    find: 'score-lines:',
    put: '▸own-system: { approved: true, basis: n66 三（一）5 }\nscore-lines:',
    code: 'own-system-by-province',
    author: 'city',
  },
  {
    title: 'jobs that wait for each other',
    file: 'schedule.yaml',
    find: 'cron: "40 19 * * *", after: [dispatch]',
    put: 'cron: "40 19 * * *", ▸after: [audit]',
    code: 'job-cycle',
  },
];

const TEXT: Slip[] = [
  {
    title: 'a full-width colon after a key',
    file: 'eligibility.yaml',
    find: 'refuse: not-in-pool',
    put: 'refuse▸：not-in-pool',
    code: 'full-width',
  },
  {
    title: 'full-width digits',
    file: 'preferences.yaml',
    find: 'points: 20',
    put: 'points: ▸２０',
    code: 'full-width',
  },
  {
    title: 'a full-width space',
    file: 'preferences.yaml',
    find: 'title: 少数民族',
    put: 'title: 少数▸\u3000民族',
    code: 'full-width',
  },
  {
    title: 'a no-break space',
    file: 'preferences.yaml',
    find: 'title: 少数民族',
    put: 'title: 少数▸\u00a0民族',
    code: 'full-width',
  },
  {
    title: 'a key twice',
    file: 'batches.yaml',
    find: 'rounding: floor',
    put: 'rounding: floor\n      ▸rounding: ceil',
    code: 'duplicate-key',
  },
  {
    title: 'an anchor',
    file: 'batches.yaml',
    find: 'rounding: floor',
    put: 'rounding: &mark ▸floor',
    code: 'alias-forbidden',
  },
  {
    title: 'a tag',
    file: 'batches.yaml',
    find: 'rounding: floor',
    put: 'rounding: !!str ▸floor',
    code: 'tag-forbidden',
  },
  {
    title: 'an unknown tag, which is only a warning of the parser',
    file: 'batches.yaml',
    find: 'rounding: floor',
    put: 'rounding: ▸!office floor',
    code: 'yaml-syntax',
  },
  {
    title: 'a second document',
    file: 'eligibility.yaml',
    find: '  - id: school-line',
    put: '▸---\n  - id: school-line',
    code: 'multiple-documents',
  },
  {
    title: 'a NUL byte',
    file: 'eligibility.yaml',
    find: 'not-in-pool',
    put: 'not-▸\u0000in-pool',
    code: 'nul-byte',
  },
  {
    title: 'a tab as indentation',
    file: 'eligibility.yaml',
    find: '    title: 档案在库',
    put: '▸\ttitle: 档案在库',
    code: 'yaml-syntax',
  },
];

for (const [group, slips] of Object.entries({ NAMES, EXAMPLES, VALUES, FORMS, TEXT })) {
  t.test(`slips of ${group.toLowerCase()} are found where they stand`, t => {
    for (const slip of slips) {
      const { files, line, column } = breakPolicy(slip);
      const { bundle, problems } = loadPolicy(files, slip.knowledge ?? {}, slip.author);
      const severity = slip.severity ?? 'error';
      t.equal(bundle === undefined, severity === 'error', `${slip.title}: refused`);
      const codes = problems.map(problem => problem.code);
      const [first] = problems;
      t.ok(codes.length > 0, `${slip.title}: found`);
      // A document that can't be parsed, or an attribute that many rules read, says more than once.
      const marked = slip.put.includes('▸') && slip.put !== '▸';
      if (marked) {
        t.match({ ...first }, { code: slip.code, file: slip.file, line, column }, slip.title);
      }
      t.ok(codes.includes(slip.code), `${slip.title}: ${codes.join(' ')}`);
      if (slip.nearest !== undefined) t.equal(first?.nearest, slip.nearest, slip.title);
      if (slip.says !== undefined) t.match(first?.message, slip.says, slip.title);
      if (marked)
        t.ok(
          problems.every(problem => problem.file === slip.file),
          slip.title,
        );
      if (slip.code !== 'yaml-syntax' && slip.code !== 'multiple-documents') {
        t.same([...new Set(codes)], [slip.code], `${slip.title}: one fault per slip`);
      }
    }
    t.end();
  });
}

t.test('every problem of every file is found in one pass, in order, with its line shown', t => {
  const files = new Map<string, string | Uint8Array>(SHIPPED);
  for (const slip of [NAMES[0], NAMES[2], VALUES[0], TEXT[1]] as Slip[]) {
    files.set(slip.file, breakPolicy(slip).files.get(slip.file) as string);
  }
  files.set('cities/440100.yaml', 'score-lines: { regions: [ { region: 440100 } ] }\n');
  files.delete('findings.yaml');
  const { problems } = loadPolicy(files);
  t.same(
    problems.map(({ file, code }) => `${file} ${code}`),
    [
      'batches.yaml unknown-key',
      'cities/440100.yaml missing-key',
      'cities/440100.yaml number-not-quoted',
      'eligibility.yaml unknown-fact',
      'findings.yaml missing-document',
      'preferences.yaml full-width',
      'special-conditions.yaml number-not-quoted',
    ],
  );
  for (const problem of problems) {
    const whole = problem.code === 'missing-document';
    t.equal(problem.excerpt === '', whole, 'the line is shown');
    t.match(problem.message, /[\u4e00-\u9fff]/, 'in Chinese');
  }
  t.end();
});

t.test('a cycle of named conditions is found, with the way round', t => {
  const atom = '{ fact: today, operator: equal, value: 2016-07-20 }';
  const { files } = breakPolicy({
    file: 'policy.yaml',
    find: 'conditions:\n',
    put: [
      'conditions:',
      '  first: { any: [ { condition: second }, ATOM ] }',
      '  second: { not: { condition: third } }',
      '  third: { all: [ ATOM, { condition: first } ] }',
      '  alone: { all: [ { condition: alone } ] }',
      '',
    ]
      .join('\n')
      .replaceAll('ATOM', atom),
  });
  const { problems } = loadPolicy(files);
  t.same([...new Set(problems.map(problem => problem.code))], ['condition-cycle']);
  t.equal(problems.length, 4);
  t.match(problems[0]?.message, 'first → second → third → first');
  t.end();
});

t.test('named conditions that double forty times are refused, not expanded', t => {
  const levels = Array.from({ length: 40 }, (_, level) => {
    const below = level === 0 ? 'articulated-major' : `level-${level - 1}`;
    return `  level-${level}: { any: [ { condition: ${below} }, { condition: ${below} } ] }`;
  });
  const { files } = breakPolicy({
    file: 'policy.yaml',
    find: 'conditions:\n',
    put: `conditions:\n${levels.join('\n')}\n`,
  });
  const codes = new Set(loadPolicy(files).problems.map(problem => problem.code));
  t.same([...codes], ['condition-too-large']);
  t.end();
});

t.test('a file that does not belong is named, with the nearest document', t => {
  const files = new Map<string, string | Uint8Array>(SHIPPED);
  files.set('eligiblity.yaml', 'rules: []\n');
  files.set('cities/440100/x.yaml', '{}\n');
  const { problems } = loadPolicy(files);
  t.match(problems, [
    { code: 'bad-city-file', file: 'cities/440100/x.yaml' },
    { code: 'unknown-document', file: 'eligiblity.yaml', nearest: 'eligibility.yaml' },
  ]);
  t.end();
});

t.test('a document that cannot be read is one fault, not one per reference to it', t => {
  for (const file of ['policy.yaml', 'batches.yaml', 'calendar.yaml']) {
    const files = new Map<string, string | Uint8Array>(SHIPPED);
    files.set(file, 'id: [\n');
    const { problems } = loadPolicy(files);
    t.same([...new Set(problems.map(problem => problem.file))], [file], file);
  }
  t.end();
});
