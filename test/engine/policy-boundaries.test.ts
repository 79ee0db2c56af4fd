/** The boundary sheet: every threshold with the cases around it, as a page and as tests. */
import t from 'tap';
import { appendBoundaries, BOUNDARY_TESTS } from '../../engine/policy/boundaries/append.ts';
import { boundaryChapter, makeSheet } from '../../engine/policy/boundaries/make-sheet.ts';
import { type Boundary, NO_DIFFERENCE } from '../../engine/policy/boundaries/sheet.ts';
import { runExamples } from '../../engine/policy/examples.ts';
import { effectivePolicy, loadPolicy, type PolicyFiles } from '../../engine/policy/load.ts';
import type { PolicyBundle } from '../../engine/policy/types.ts';
import { boundariesCsv, boundariesHtml } from '../../reports/policy/boundaries-page.ts';
import { breakPolicy, SHIPPED } from './broken-policy.ts';

const TITLES = { functions: new Map<string, string>(), regions: new Map<string, string>() };

function bundleOf(files: PolicyFiles): PolicyBundle {
  const { bundle, problems } = loadPolicy(files);
  if (bundle === undefined) throw new Error(problems.map(({ message }) => message).join('\n'));
  return bundle;
}

const SHIPPED_BUNDLE = bundleOf(SHIPPED);
const SHEET = await makeSheet({ bundle: SHIPPED_BUNDLE, titles: TITLES });
const POLICY = effectivePolicy(SHIPPED_BUNDLE, null);

/** The tests of the shipped policy's boundaries, held against another policy. */
async function broken(files: PolicyFiles): Promise<string[]> {
  const { text } = appendBoundaries(SHEET, {}) as { text: string };
  const more = new Map([...files, [BOUNDARY_TESTS, text] as const]);
  const verdicts = await runExamples(bundleOf(more));
  return verdicts
    .filter(({ file, problem }) => file === BOUNDARY_TESTS && problem !== null)
    .map(({ example }) => example.title);
}

const decisions = ({ cases }: Boundary) => cases.map(({ value, decision }) => [value, decision]);

t.test('a line, a rule and a date are decided just below, at and just above', t => {
  const line = SHEET.find(({ subject }) => subject.startsWith('440100区域分数线')) as Boundary;
  t.same(decisions(line), [
    ['319.99 分', '拒绝：不符合“达到区域分数线”（below-region-line）'],
    ['320 分', '通过'],
    ['320.01 分', '通过'],
  ]);
  const height = SHEET.find(({ subject }) => subject.includes('height-4401001')) as Boundary;
  t.match(decisions(height), [
    ['159 厘米', /^拒绝/],
    ['160 厘米', '通过'],
    ['161 厘米', '通过'],
  ]);
  const revert = SHEET.find(({ subject }) => subject.includes('phase-1-unregistered')) as Boundary;
  t.match(decisions(revert), [
    ['2016-08-31（周三）', '不处理'],
    ['2016-09-01（周四）', /^恢复未录取/],
    ['2016-09-02（周五）', /^恢复未录取/],
  ]);
  t.match(revert.note, '2016-09-01 月日对调是 2016-01-09（周六）');
  const ratio = SHEET.filter(({ subject }) => /投档比例/.test(subject));
  t.equal(ratio.length, 4, 'the province and three cities');
  t.match(decisions(ratio[1] as Boundary), [
    ['计划 9 人', /最多投档 9 人/],
    ['计划 10 人', /最多投档 11 人/],
    ['计划 11 人', /最多投档 12 人/],
  ]);
  t.end();
});

t.test('no threshold of the documents is left out', t => {
  const text = SHEET.map(({ subject, threshold, cases }) =>
    [subject, threshold, ...cases.map(({ value }) => value)].join(' '),
  ).join('\n');
  let thresholds = 0;
  for (const [path, bytes] of SHIPPED) {
    if (path.startsWith('tests/') || path === 'schedule.yaml') continue;
    const written = new TextDecoder().decode(bytes).replaceAll(/#.*/g, '');
    for (const [, number] of written.matchAll(/Than(?:Inclusive)?, value: ([0-9.]+) /g)) {
      thresholds += 1;
      t.match(text, new RegExp(`\\b${number}\\b`), `${path}: ${number}`);
    }
    for (const [, number] of written.matchAll(/\bline: ([0-9.]+)/g)) {
      thresholds += 1;
      t.ok(text.includes(`${number} 分`), `${path}: line ${number}`);
    }
    for (const [date] of written.matchAll(/[0-9]{4}-[0-9]{2}-[0-9]{2}/g)) {
      thresholds += 1;
      t.ok(text.includes(date), `${path}: ${date}`);
    }
  }
  t.ok(thresholds >= 80, `${thresholds} thresholds`);
  t.notOk(
    SHEET.some(({ note }) => note.includes(NO_DIFFERENCE)),
    'and each decides something',
  );
  t.end();
});

t.test('the cases are tests that hold; written once more they change nothing', async t => {
  t.same(await broken(SHIPPED), []);
  const first = appendBoundaries(SHEET, {});
  t.ok((first?.added ?? 0) > 100);
  const again = appendBoundaries(SHEET, { [BOUNDARY_TESTS]: first?.text ?? '' });
  t.match(again, { text: null, added: 0, known: first?.added });
  const half = `tests:\n${(first?.text ?? '').split('tests:\n')[1]?.split('\n  - ')[0]}\n`;
  const more = appendBoundaries(SHEET, { [BOUNDARY_TESTS]: half });
  t.equal(more?.added, (first?.added ?? 0) - 1);
  t.ok(more?.text?.startsWith(half), 'what stands there stays as it is');
});

t.test('a file of tests is added to as it is indented, and no other file is touched', t => {
  const mine =
    'tests:\n# 手写\n- title: 自己的\n  stage: start\n  facts: {}\n  expect: { outcome: pass }';
  const added = appendBoundaries(SHEET, { [BOUNDARY_TESTS]: mine });
  t.ok(added?.text?.startsWith(`${mine}\n- title: `));
  const files = new Map<string, string | Uint8Array>(SHIPPED).set(
    BOUNDARY_TESTS,
    added?.text ?? '',
  );
  t.same(loadPolicy(files).problems, []);
  t.equal(appendBoundaries(SHEET, { [BOUNDARY_TESTS]: 'tests: []\n' }), null);
  t.equal(appendBoundaries(SHEET, { [BOUNDARY_TESTS]: '- 1\n' }), null);
  t.end();
});

const MOVED = [
  {
    title: 'a line that moves by a hundredth',
    file: 'cities/440800.yaml',
    find: 'line: 265',
    put: 'line: 265.01',
    breaks: 'cities 265 分',
  },
  {
    title: "a batch's first day",
    file: 'batches.yaml',
    find: 'window: [2016-07-20, 2016-07-29]',
    put: 'window: [2016-07-21, 2016-07-29]',
    breaks: '首日 2016-07-20',
  },
  {
    title: 'a day of which month and day are exchanged',
    file: 'deadlines.yaml',
    find: 'at: 2016-09-01T00:00',
    put: 'at: 2016-01-09T00:00',
    breaks: '2016-08-31',
  },
  {
    title: 'more than written as at least',
    file: 'deadlines.yaml',
    find: 'operator: greaterThan, value: 14',
    put: 'operator: greaterThanInclusive, value: 14',
    breaks: '14 天',
  },
  {
    title: 'a limit that moves by one',
    file: 'quotas.yaml',
    find: 'fact: file.transfers, operator: lessThan, value: 1',
    put: 'fact: file.transfers, operator: lessThan, value: 2',
    breaks: '1 次',
  },
  {
    title: 'a height of one centimetre more',
    file: 'special-conditions.yaml',
    find: 'greaterThanInclusive, value: 160',
    put: 'greaterThanInclusive, value: 161',
    breaks: '160 厘米',
  },
];

t.test('whatever threshold moves, a test that was signed no longer holds', async t => {
  for (const { title, breaks, ...slip } of MOVED) {
    const titles = await broken(breakPolicy({ ...slip, put: `${slip.put}` }).files);
    const wanted = breaks.replace('cities ', '');
    t.ok(
      titles.some(each => each.includes(wanted)),
      `${title}: ${titles.join('\n')}`,
    );
  }
});

t.test('a threshold that decides nothing is said to', async t => {
  const { files } = breakPolicy({
    file: 'eligibility.yaml',
    find: '  - id: region-line',
    put: [
      '  - id: nought',
      '    title: 不起作用',
      '    basis: sample',
      '    requires:',
      '      any:',
      '        - { fact: candidate.age, operator: lessThan, value: 20 }',
      '        - { fact: candidate.age, operator: greaterThan, value: 15 }',
      '    refuse: nought',
      '  - id: region-line',
    ].join('\n'),
  });
  const sheet = await makeSheet({ bundle: bundleOf(files), titles: TITLES });
  const own = sheet.filter(({ subject }) => subject.includes('nought'));
  t.equal(own.length, 2);
  t.ok(own.every(({ note }) => note.includes(NO_DIFFERENCE)));
});

t.test('a mark of a subject has boundaries, and an example need not write it', async t => {
  const { files } = breakPolicy({
    file: 'eligibility.yaml',
    find: '  - id: region-line',
    put: [
      '  - id: maths',
      '    title: 数学不低于60分',
      '    basis: sample',
      '    requires:',
      '      all: [ { fact: candidate.subject.数学, operator: greaterThanInclusive, value: 60 } ]',
      '    refuse: maths',
      '    missing: pass',
      '  - id: region-line',
    ].join('\n'),
  });
  const bundle = bundleOf(files);
  const sheet = await makeSheet({ bundle, titles: TITLES });
  const maths = sheet.find(({ subject }) => subject.includes('maths')) as Boundary;
  t.match(decisions(maths), [
    ['59.99 分', /^拒绝/],
    ['60 分', '通过'],
    ['60.01 分', '通过'],
  ]);
  const own = (await runExamples(bundle)).filter(({ example }) => example.stage === 'eligibility');
  t.ok(own.length > 0 && own.every(({ problem }) => problem === null));
});

t.test('the sheet is a page to sign, rows of a spreadsheet, and a chapter of the handbook', t => {
  const html = boundariesHtml(SHEET, SHIPPED_BUNDLE, { policy: POLICY, madeOn: '2016-06-01' });
  const csv = boundariesCsv(SHEET, POLICY);
  const chapter = JSON.stringify(boundaryChapter(SHEET, POLICY).blocks);
  for (const { subject, cases } of SHEET) {
    t.ok(html.includes(subject) && csv.includes(subject) && chapter.includes(subject), subject);
    for (const { decision } of cases) t.ok(chapter.includes(decision));
  }
  const rows = SHEET.reduce((sum, { cases }) => sum + cases.length, 0);
  t.equal(csv.split('\r\n').length, rows + 2);
  t.equal(html.split('<tbody>').length - 1, SHEET.length);
  t.notMatch(html, /<script|https?:\/\/(?!www\.w3\.org)/, 'it needs nothing but itself');
  t.end();
});
