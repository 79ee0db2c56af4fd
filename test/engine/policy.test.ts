/**
 * The shipped policy, its versions, what a city's overlay does to it, and what it is rebuilt from.
 */
import { readFileSync } from 'node:fs';
import t from 'tap';
import { readPolicyFolder } from '../../db/package/policy-folder.ts';
import { sha256 } from '../../engine/policy/canonical.ts';
import { FAULT_CODES, sentenceOf } from '../../engine/policy/faults.ts';
import {
  effectivePolicy,
  emptyOverlayHash,
  loadPolicy,
  policyFromStored,
  versionOf,
} from '../../engine/policy/load.ts';
import {
  batchOf,
  isInForce,
  isInWindow,
  linesOf,
  schoolInBatch,
} from '../../engine/policy/lookup.ts';
import type { PolicyBundle } from '../../engine/policy/types.ts';
import { FACTS } from '../../engine/rules/catalogue.ts';

const FOLDER = 'rules/guangdong-2016';
const SHIPPED = readPolicyFolder(FOLDER);
const decoder = new TextDecoder();
const textOf = (path: string) => decoder.decode(SHIPPED.get(path));

/** The shipped policy with other files; it must load. */
function load(changes: Readonly<Record<string, string>>): PolicyBundle {
  const files = new Map<string, string | Uint8Array>(SHIPPED);
  for (const [path, text] of Object.entries(changes)) files.set(path, text);
  const { bundle, problems } = loadPolicy(files);
  if (bundle === undefined) throw new Error(problems.map(each => each.message).join('\n'));
  return bundle;
}

/** The base with one city whose overlay is this text. */
function withOverlay(overlay: string) {
  return effectivePolicy(load({ 'cities/440100.yaml': overlay }), '440100');
}

t.test('the shipped policy has no problems, and an overlay for each of the 22 cities', t => {
  const { bundle, problems } = loadPolicy(SHIPPED);
  t.same(problems, []);
  t.equal(bundle?.overlays.size, 22);
  t.equal(bundle?.season, 2016);
  t.equal(bundle?.usesSampleBasis, true);
  t.end();
});

t.test('the notice is in the shipped policy with its own dates and articles', t => {
  const policy = effectivePolicy(load({}), null);
  const phase = policy.phases.find(each => each.id === 'phase-1');
  t.match(phase, { window: ['2016-07-20', '2016-07-29'], basis: 'n66 一（二）' });
  t.equal(policy.phases.find(each => each.id === 'spring')?.window, null);
  const batch = batchOf(policy, 'vocational');
  t.match(batch, {
    order: 40,
    phase: 'phase-1',
    choices: { max: 6, majors: 6 },
    kinds: ['vocational', 'technical'],
    schools: null,
    dispatch: { mode: 'score-first', ratio: 100, rounding: 'floor', ties: { ending: 'follow' } },
  });
  t.same(
    policy.start.map(rule => rule.refuse),
    [
      'own-system',
      'window-closed',
      'senior-high-incomplete',
      'policy-not-adopted',
      'principles-not-filed',
      'new-choices-missing',
      'earlier-batch-open',
    ],
  );
  t.equal(policy.findings.length, 16);
  t.equal(policy.deadlineRules[0]?.at, '2016-09-01T00:00');
  t.same(
    policy.schedule.jobs.map(job => job.job),
    [
      'sweep',
      'vacancies',
      'cut-off',
      'import',
      'season-audit',
      'dispatch',
      'audit',
      'seal',
      'publish',
    ],
  );
  t.end();
});

t.test('every city has a region line, and together they use every mode and ending', t => {
  const bundle = load({});
  const modes = new Set<string>();
  const endings = new Set<string>();
  const majors = new Set<string>();
  for (const city of bundle.overlays.keys()) {
    const policy = effectivePolicy(bundle, city);
    const { dispatch } = batchOf(policy, 'vocational');
    modes.add(dispatch.mode);
    endings.add(dispatch.ties.ending);
    majors.add(dispatch.majors.mode);
    t.ok((linesOf(policy, city, 'vocational').region ?? 0) > 0, city);
    const drawn = dispatch.mode === 'lottery' || dispatch.ties.ending === 'lottery';
    t.equal(dispatch.seed !== null, drawn, `${city}: a seed where one is needed`);
  }
  t.same([...modes].sort(), ['banded', 'choice-first', 'lottery', 'score-first']);
  t.same([...endings].sort(), ['candidate-no', 'follow', 'lottery', 'reject-all']);
  t.same([...majors].sort(), ['gap', 'major-first', 'score-first']);
  t.end();
});

t.test('format, comments and the order of keys do not change a hash; content does', t => {
  const before = load({});
  const city = '440300';
  const same = load({
    'score-lines.yaml': '# 省里不设\r\nschools:   []\r\n\r\nregions: [ ]  # 空\r\n',
    [`cities/${city}.yaml`]: [
      'score-lines:',
      '  "regions":',
      '    - batch: "vocational"',
      '      line: 180.00',
      '      basis: sample',
      "      region: '440300'",
      'batches:',
      '  batches: [ { dispatch: { majors: { gap: 3, mode: gap },',
      '    ties: { ending: candidate-no } }, basis: sample, id: vocational } ]',
    ].join('\n'),
  });
  t.equal(same.base.hash, before.base.hash);
  t.equal(same.overlays.get(city)?.hash, before.overlays.get(city)?.hash);
  t.not(same.base.documents['score-lines.yaml'], before.base.documents['score-lines.yaml']);
  const other = load({ 'schedule.yaml': textOf('schedule.yaml').replace('30 19', '31 19') });
  t.not(other.base.hash, before.base.hash);
  t.equal(other.overlays.get(city)?.hash, before.overlays.get(city)?.hash);
  t.end();
});

t.test('a hash is of the canonical content; cities are not in the base', t => {
  const bundle = load({});
  t.equal(bundle.base.hash, sha256(bundle.base.content));
  const content: Record<string, unknown> = JSON.parse(bundle.base.content);
  t.same(Object.keys(content), Object.keys(content).sort());
  t.ok(Object.keys(content).includes('tests/start.yaml'));
  t.notOk(Object.keys(content).some(path => path.startsWith('cities/')));
  const fewer = new Map([...SHIPPED].filter(([path]) => !path.startsWith('cities/')));
  const alone = loadPolicy(fewer).bundle as PolicyBundle;
  t.equal(alone.base.hash, bundle.base.hash);
  t.same(versionOf(alone, '440100'), {
    baseHash: bundle.base.hash,
    overlayHash: sha256('{}'),
  });
  t.equal(emptyOverlayHash(), sha256('{}'));
  const overlayHash = bundle.overlays.get('440100')?.hash;
  t.same(versionOf(bundle, '440100'), { baseHash: bundle.base.hash, overlayHash });
  t.end();
});

t.test('an overlay replaces scalars and other lists, and leaves what it does not name', t => {
  const { dispatch, choices, kinds } = batchOf(
    withOverlay(`
batches:
  batches:
    - id: vocational
      dispatch: { ratio: "1.05", ties: { keys: [ { subject: 数学 } ] } }
`),
    'vocational',
  );
  t.equal(dispatch.ratio, 105);
  t.same(dispatch.ties.keys, [{ kind: 'subjects', subjects: ['数学'] }]);
  t.equal(dispatch.ties.ending, 'follow');
  t.equal(dispatch.mode, 'score-first');
  t.same(choices, { max: 6, majors: 6 });
  t.same(kinds, ['vocational', 'technical']);
  t.end();
});

t.test('null clears: a window closes, schools take the place of kinds, a line is gone', t => {
  const policy = withOverlay(`
batches:
  batches:
    - { id: vocational, window: null, kinds: null, schools: ["4401001"] }
score-lines:
  regions:
    - { region: "440100", batch: vocational, line: null, basis: sample }
special-conditions: { conditions: null }
preferences: { cap: null, features: null }
`);
  const batch = batchOf(policy, 'vocational');
  t.equal(batch.window, null);
  t.same(batch.schools, ['4401001']);
  t.equal(batch.kinds, null);
  t.ok(schoolInBatch(batch, { code: '4401001', kind: 'vocational' }));
  t.notOk(schoolInBatch(batch, { code: '4401002', kind: 'vocational' }));
  t.equal(linesOf(policy, '440100', 'vocational').region, null);
  t.same(policy.special, []);
  t.same(policy.preferences.features, []);
  t.end();
});

t.test('entries merge by id, lines by school, region and batch; new ones follow the others', t => {
  const base = {
    'score-lines.yaml': `
regions:
  - { region: "440100", batch: vocational, line: 300, basis: sample }
  - { region: "440300", batch: vocational, line: 200, basis: sample }
schools:
  - { school: "4401001", region: "440100", batch: vocational, line: 400, basis: sample }
`,
    'cities/440100.yaml': `
batches:
  batches:
    - id: later
      title: 补录批
      basis: sample
      order: 50
      phase: phase-1
      choices: { max: 3, majors: 2 }
      dispatch: { mode: lottery, ratio: "1", rounding: ceil, ties: { ending: follow }, seed: "" }
      schools: ["4401009"]
score-lines:
  regions: [ { region: "440100", batch: vocational, line: 310.5 } ]
  schools:
    - { school: "4401002", region: "440100", batch: vocational, line: 320, basis: sample }
preferences: { features: [ { id: minority, rank: 7 } ] }
`,
  };
  const bundle = load(base);
  const policy = effectivePolicy(bundle, '440100');
  const { region, schools } = linesOf(policy, '440100', 'vocational');
  t.equal(region, 31050);
  t.same(
    [...schools],
    [
      ['4401001', 40000],
      ['4401002', 32000],
    ],
  );
  t.equal(linesOf(policy, '440300', 'vocational').region, 20000);
  t.same(
    policy.batches.map(batch => batch.id),
    ['vocational', 'later'],
  );
  t.equal(batchOf(policy, 'later').dispatch.seed, null, 'an empty seed is none');
  const minority = policy.preferences.features.find(each => each.id === 'minority');
  t.match(minority, { rank: 7, kind: 'priority', title: '少数民族' });
  const province = effectivePolicy(bundle, null);
  t.equal(linesOf(province, '440100', 'vocational').region, 30000);
  t.equal(province.batches.length, 1);
  t.end();
});

t.test('own-system, when the province sets it, marks the city', t => {
  const text = 'own-system: { approved: true, basis: n66 三（一）5 }\n';
  const bundle = load({ 'cities/441900.yaml': text });
  t.equal(effectivePolicy(bundle, '441900').ownSystem, true);
  t.equal(effectivePolicy(bundle, '440100').ownSystem, false);
  const files = new Map<string, string | Uint8Array>([...SHIPPED, ['cities/441900.yaml', text]]);
  t.match(loadPolicy(files, {}, 'city').problems, [{ code: 'own-system-by-province' }]);
  t.end();
});

t.test('what the database stores gives the same policy as the folder, frozen', t => {
  const bundle = load({});
  const stored = JSON.parse(JSON.stringify(bundle.base.documents));
  for (const city of ['440100', '440600', null]) {
    const overlay = city === null ? null : (bundle.overlays.get(city)?.document ?? null);
    const policy = policyFromStored(stored, overlay);
    t.same(policy, effectivePolicy(bundle, city));
    t.ok(Object.isFrozen(policy) && Object.isFrozen(policy.batches[0]?.dispatch.ties.keys));
  }
  t.throws(() => policyFromStored({ ...stored, 'batches.yaml': 'batches: [' }, null), {
    code: 'stored-policy-unreadable',
  });
  t.end();
});

t.test('a city without any text in its file has set nothing', t => {
  const bundle = load({ 'cities/440100.yaml': '# 尚未设定\n' });
  t.equal(bundle.overlays.get('440100')?.hash, emptyOverlayHash());
  const overlay = bundle.overlays.get('440100')?.document ?? null;
  t.same(policyFromStored(bundle.base.documents, overlay), effectivePolicy(bundle, null));
  t.end();
});

t.test('windows hold both their days, validities only the first', t => {
  t.ok(isInWindow(['2016-07-20', '2016-07-29'], '2016-07-29'));
  t.notOk(isInWindow(['2016-07-20', '2016-07-29'], '2016-07-30'));
  t.notOk(isInWindow(null, '2016-07-20'));
  t.ok(isInForce(['2016-07-20', '2016-07-29'], '2016-07-20'));
  t.notOk(isInForce(['2016-07-20', '2016-07-29'], '2016-07-29'));
  t.ok(isInForce([null, '2016-07-29'], '2000-01-01'));
  t.end();
});

t.test('points become hundredths, exactly', t => {
  const bundle = load({});
  const dispatch = batchOf(effectivePolicy(bundle, '441200'), 'vocational').dispatch;
  t.same(dispatch.majors, { mode: 'gap', gap: 250 });
  const banded = batchOf(effectivePolicy(bundle, '440600'), 'vocational').dispatch;
  t.same(banded.bands, [55000, 45000, 35000, 27000]);
  t.equal(effectivePolicy(bundle, '440900').preferences.cap, 2000);
  t.equal(linesOf(effectivePolicy(bundle, '440100'), '440100', 'vocational').schools.size, 2);
  t.end();
});

t.test('editors are offered the facts of the catalogue', t => {
  const parts = JSON.parse(readFileSync('rules/schema/parts.schema.json', 'utf8'));
  const offered = parts.definitions.condition.properties.fact.examples;
  t.same(new Set(offered), new Set([...FACTS.map(fact => fact.name), 'candidate.subject.数学']));
  for (const [path] of SHIPPED) {
    t.match(
      textOf(path),
      /^# yaml-language-server: \$schema=(\.\.\/)+schema\/[a-z-]+\.schema\.json\n/,
    );
  }
  t.end();
});

t.test('every code has a Chinese sentence in which every blank is filled', t => {
  for (const code of FAULT_CODES) {
    t.match(sentenceOf(code, {}), /[\u4e00-\u9fff]/, code);
    t.notMatch(sentenceOf(code, {}), /\{[a-z]+\}(?!、|这样)/, code);
  }
  t.end();
});
