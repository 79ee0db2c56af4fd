/** Edits of a city's overlay: what they do to the YAML, and that the loader judges the outcome. */
import fc from 'fast-check';
import t from 'tap';
import { readPolicyFolder } from '../../db/package/policy-folder.ts';
import { canonicalJson, sha256 } from '../../engine/policy/canonical.ts';
import {
  type EditOptions,
  editOverlay,
  type OverlayEdit,
} from '../../engine/policy/edit-overlay.ts';
import { emptyOverlayHash, loadPolicy, policyFromStored } from '../../engine/policy/load.ts';
import { batchOf, linesOf } from '../../engine/policy/lookup.ts';
import type { PolicyBundle } from '../../engine/policy/types.ts';

const BUNDLE = loadPolicy(readPolicyFolder('rules/guangdong-2016')).bundle as PolicyBundle;
const BASE = BUNDLE.base.documents;
const textOf = (city: string) => BUNDLE.overlays.get(city)?.document as string;
const BATCH = 'vocational';

function edited(city: string, text: string | null, edit: OverlayEdit, options?: EditOptions) {
  const result = editOverlay(BASE, city, text, edit, options);
  if (!result.ok) throw new Error(result.problems.map(each => each.message).join('\n'));
  return { ...result, policy: policyFromStored(BASE, result.document) };
}

function codesOf(city: string, text: string | null, edit: OverlayEdit, options?: EditOptions) {
  const result = editOverlay(BASE, city, text, edit, options);
  return result.ok ? [] : result.problems.map(({ code }) => code);
}

t.test('a region line is set among what people wrote, whose comments survive', async t => {
  const before = textOf('440100');
  const line: OverlayEdit = { kind: 'region-line', batch: BATCH, line: '325.5' };
  const { document, policy, hash, content } = edited('440100', before, line);
  t.equal(document, before.replace('line: 320,', 'line: 325.5,'));
  t.equal(linesOf(policy, '440100', BATCH).region, 32550);
  t.equal(sha256(content), hash);
  t.not(hash, BUNDLE.overlays.get('440100')?.hash);
});

t.test('an edit that changes nothing gives back the text and the hash', async t => {
  const before = textOf('440100');
  for (const line of [320, '320', '320.0', '320.00']) {
    const edit: OverlayEdit = { kind: 'region-line', batch: BATCH, line };
    const result = edited('440100', before, edit, { basis: 'n66 附件1' });
    t.match(result, { changed: false, document: before });
    t.equal(result.hash, BUNDLE.overlays.get('440100')?.hash);
  }
});

t.test('a city that has set nothing begins its overlay', async t => {
  const line: OverlayEdit = { kind: 'region-line', batch: BATCH, line: 300 };
  for (const text of [null, '{}\n', '# 还没有设置\n']) {
    const { document, policy } = edited('440300', text, line);
    const entry = '- { region: "440300", batch: vocational, line: 300, basis: sample }';
    t.match(document, entry);
    t.equal(document.includes('# 还没有设置'), text?.startsWith('#') ?? false);
    t.equal(linesOf(policy, '440300', BATCH).region, 30000);
  }
  const nothing: OverlayEdit = { kind: 'city-batch', batch: BATCH };
  t.match(edited('440300', null, nothing), { changed: false, hash: emptyOverlayHash() });
});

t.test('a school line is set, taken away, and never below the region’s', async t => {
  const school = {
    kind: 'school-line',
    school: '4401001',
    region: '440100',
    batch: BATCH,
  } as const;
  const before = textOf('440100');
  t.same(codesOf('440100', before, { ...school, line: 319.99 }), ['school-line-below-region']);
  const same = edited('440100', before, { ...school, line: '320' });
  t.equal(linesOf(same.policy, '440100', BATCH).schools.get('4401001'), 32000);
  const none = edited('440100', before, { ...school, line: null });
  t.equal(linesOf(none.policy, '440100', BATCH).schools.get('4401001'), undefined);
  t.equal(linesOf(none.policy, '440100', BATCH).schools.size, 1, 'the other school keeps its own');
  const other = { ...school, school: '4401009', line: 400 };
  t.match(edited('440100', before, other).document, 'school: "4401009"');
  t.same(codesOf('440100', before, { ...other, region: '440200' }), ['overlay-other-city']);
});

t.test('all problems come in one pass, and nothing is given back', async t => {
  const knowledge = { schools: new Set(['4401001', '4401002']) };
  const edit: OverlayEdit = {
    kind: 'school-line',
    school: '9999999',
    region: '440100',
    batch: 'vocationel',
    line: '1.234',
  };
  const codes = codesOf('440100', textOf('440100'), edit, { knowledge });
  t.same(codes.sort(), ['too-many-decimals', 'unknown-batch', 'unknown-school']);
  const words: OverlayEdit = { kind: 'region-line', batch: BATCH, line: '三百' };
  t.same(codesOf('440100', null, words), ['wrong-type']);
  const minus: OverlayEdit = { kind: 'region-line', batch: BATCH, line: -1 };
  t.same(codesOf('440100', null, minus), ['out-of-range']);
});

t.test('a batch gets a window and an order, or is closed', async t => {
  const window = ['2016-07-21', '2016-07-28'] as const;
  const edit: OverlayEdit = { kind: 'city-batch', batch: BATCH, window, order: 50 };
  const open = edited('440800', textOf('440800'), edit);
  t.match(batchOf(open.policy, BATCH), { window, order: 50 });
  const closed = edited('440800', open.document, { ...edit, window: null });
  t.equal(batchOf(closed.policy, BATCH).window, null);
  const turned: OverlayEdit = { ...edit, window: ['2016-07-28', '2016-07-21'] };
  t.same(codesOf('440800', null, turned), ['window-order']);
});

t.test('the mode of dispatch is set with its parts, in points', async t => {
  const banded = edited('440100', textOf('440100'), {
    kind: 'dispatch-mode',
    batch: BATCH,
    mode: 'banded',
    bands: ['550.5', 450],
    ratio: '1.05',
    rounding: 'ceil',
    ties: { keys: [{ subject: '数学' }], ending: 'reject-all' },
    majors: { mode: 'gap', gap: '2.5' },
    release: 'after-audit',
  });
  t.match(batchOf(banded.policy, BATCH).dispatch, {
    mode: 'banded',
    bands: [55050, 45000],
    ratio: 105,
    rounding: 'ceil',
    ties: { keys: [{ kind: 'subjects', subjects: ['数学'] }], ending: 'reject-all' },
    majors: { mode: 'gap', gap: 250 },
    release: 'after-audit',
  });
  const plain: OverlayEdit = { kind: 'dispatch-mode', batch: BATCH, mode: 'score-first' };
  const back = edited('440100', banded.document, plain);
  t.same(batchOf(back.policy, BATCH).dispatch.bands, []);
  t.same(back.warnings, [], 'no bands are left behind');
  t.equal(batchOf(back.policy, BATCH).dispatch.ratio, 105, 'the rest stays');
  t.same(codesOf('440100', null, { ...plain, mode: 'banded' }), ['bands-missing']);
  t.same(codesOf('440100', null, { ...plain, mode: 'lottery', majors: { mode: 'gap' } }), [
    'gap-in-lottery',
  ]);
});

t.test('the seed is text, drawn or taken back', async t => {
  const drawn = edited('445300', textOf('445300'), { kind: 'seed', batch: BATCH, seed: '0001' });
  t.match(drawn.document, 'seed: "0001"');
  t.equal(batchOf(drawn.policy, BATCH).dispatch.seed, '0001');
  const none = edited('445300', drawn.document, { kind: 'seed', batch: BATCH, seed: null });
  t.equal(batchOf(none.policy, BATCH).dispatch.seed, null);
});

t.test('schools join and leave a batch, by list or by kind', async t => {
  const batch = { kind: 'school-batch', batch: BATCH } as const;
  t.throws(() => edited('440100', null, { ...batch, add: '4401003' }), { code: 'batch-by-kinds' });
  const listed = edited('440100', null, { ...batch, schools: ['4401001', '4401002'] });
  t.match(batchOf(listed.policy, BATCH), { schools: ['4401001', '4401002'], kinds: null });
  const more = edited('440100', listed.document, { ...batch, add: '4401003' });
  t.same(batchOf(more.policy, BATCH).schools, ['4401001', '4401002', '4401003']);
  t.equal(edited('440100', more.document, { ...batch, add: '4401003' }).changed, false);
  const fewer = edited('440100', more.document, { ...batch, remove: '4401001' });
  t.same(batchOf(fewer.policy, BATCH).schools, ['4401002', '4401003']);
  const gone = () => edited('440100', fewer.document, { ...batch, remove: '4401001' });
  t.throws(gone, { code: 'no-such-entry' });
  const kinds = edited('440100', fewer.document, { ...batch, kinds: ['technical'] });
  t.match(batchOf(kinds.policy, BATCH), { schools: null, kinds: ['technical'] });
});

const CONDITION = {
  id: 'vision-4407002',
  school: '4407002',
  title: '视力：不低于4.8',
  requires: { all: [{ fact: 'candidate.vision', operator: 'greaterThanInclusive', value: 4.8 }] },
  refuse: 'vision-below-limit',
  missing: 'pass',
};

t.test('conditions come and go by id, and the province’s stay', async t => {
  const edit: OverlayEdit = { kind: 'special-condition', condition: CONDITION };
  const added = edited('440700', textOf('440700'), edit);
  t.match(added.document, '"视力：不低于4.8"', 'full-width characters are quoted');
  const known = added.policy.special.find(({ id }) => id === CONDITION.id);
  t.match(known, { school: '4407002', basis: 'sample', title: CONDITION.title });
  t.equal(edited('440700', added.document, edit).changed, false);
  const id = { kind: 'special-condition', remove: CONDITION.id } as const;
  const removed = edited('440700', added.document, id);
  t.equal(removed.hash, BUNDLE.overlays.get('440700')?.hash, 'back to what it was');
  const remove = (each: string) => () =>
    edited('440700', textOf('440700'), { kind: 'special-condition', remove: each });
  t.throws(remove('height-4401001'), { code: 'base-entry' });
  t.throws(remove('nothing'), { code: 'no-such-entry' });
  const wrong = { ...CONDITION, requires: { all: [{ fact: 'candidate.visoin' }] } };
  const codes = codesOf('440700', null, { kind: 'special-condition', condition: wrong });
  t.ok(codes.includes('unknown-fact') && codes.includes('incomplete-condition'), `${codes}`);
});

t.test('whether a school’s acts wait for an officer, by two keys', async t => {
  const keys = { kind: 'school-review', school: '4401001', batch: BATCH } as const;
  const files = edited('440100', textOf('440100'), { ...keys, files: true });
  t.match(files.policy.schoolReviews, [{ school: '4401001', planChanges: null, files: true }]);
  const both = edited('440100', files.document, { ...keys, planChanges: false });
  t.match(both.policy.schoolReviews, [{ planChanges: false, files: true }]);
  const unset = edited('440100', both.document, { ...keys, files: null });
  t.match(unset.policy.schoolReviews, [{ planChanges: false, files: null }]);
});

const RULE = {
  id: 'own-returns',
  title: '未列理由的退档也通过',
  when: { all: [{ fact: 'file.state', operator: 'equal', value: 'return-proposed' }] },
  then: { event: 'approve-return' },
};

t.test('review rules come, go and are switched off from a day on', async t => {
  const added = edited('440100', null, { kind: 'review-rule', rule: RULE });
  t.ok(added.policy.reviews.some(({ id }) => id === RULE.id));
  const removed = edited('440100', added.document, { kind: 'review-rule', remove: RULE.id });
  t.equal(removed.hash, emptyOverlayHash());
  const off = { kind: 'review-rule', disable: 'listed-return', from: '2016-07-20' } as const;
  const disabled = edited('440100', null, off);
  const rule = disabled.policy.reviews.find(({ id }) => id === 'listed-return');
  t.same(rule?.valid, [null, '2016-07-20']);
  const all = policyFromStored(BASE, null).reviews.length;
  t.equal(disabled.policy.reviews.length, all, 'and stands where it stood');
  t.throws(() => edited('440100', null, { ...off, disable: 'none' }), { code: 'no-such-entry' });
});

t.test('preference features take points as text', async t => {
  const feature = {
    id: 'sport',
    title: '体育特长',
    kind: 'bonus',
    points: '5.5',
    batches: [BATCH],
  };
  const added = edited('440900', textOf('440900'), { kind: 'preference', feature });
  t.match(
    added.policy.preferences.features.find(({ id }) => id === 'sport'),
    { points: 550, basis: 'sample' },
  );
  t.match(added.policy.preferences, { combine: 'sum', cap: 2000 });
  const removed = edited('440900', added.document, { kind: 'preference', remove: 'sport' });
  t.equal(removed.hash, BUNDLE.overlays.get('440900')?.hash);
});

t.test('only the province marks a city as having its own system', async t => {
  const mark: OverlayEdit = { kind: 'own-system', approved: true };
  t.same(codesOf('440300', textOf('440300'), mark), ['own-system-by-province']);
  const marked = edited('440300', textOf('440300'), mark, { author: 'province', basis: 'n66 三' });
  t.equal(marked.policy.ownSystem, true);
  t.match(marked.document, /own-system:\n {2}approved: true\n {2}basis: n66 三/);
  const line: OverlayEdit = { kind: 'region-line', batch: BATCH, line: 190 };
  t.equal(edited('440300', marked.document, line).policy.ownSystem, true, 'and it stays');
});

t.test('what a base does not leave to cities is refused', async t => {
  const policy = (BASE['policy.yaml'] as string).replace('  - preferences\n', '');
  const feature = { id: 'sport', title: '体育', kind: 'bonus', points: 5, batches: [BATCH] };
  const edit: OverlayEdit = { kind: 'preference', feature };
  const result = editOverlay({ ...BASE, 'policy.yaml': policy }, '440100', null, edit);
  t.match(result, { ok: false, problems: [{ code: 'not-city-settable', line: 2 }] });
});

t.test('a list that the city cleared is not quietly begun anew', async t => {
  const line: OverlayEdit = { kind: 'region-line', batch: BATCH, line: 300 };
  const text = 'score-lines:\n  regions: null\n';
  t.throws(() => edited('440100', text, line), { code: 'overlay-list-cleared' });
});

t.test('any lines in any order give the lines, and the hash of the content', async t => {
  const points = fc.integer({ min: 30000, max: 90000 });
  const school = fc.integer({ min: 1, max: 9 }).map(n => `440100${n}`);
  const property = fc.property(
    fc.array(fc.tuple(school, fc.option(points)), { minLength: 1, maxLength: 6 }),
    edits => {
      let text: string | null = null;
      const expected = new Map<string, number>();
      for (const [code, line] of edits) {
        const given = line === null ? null : (line / 100).toFixed(2);
        const at = { school: code, region: '440100', batch: BATCH, line: given };
        const result = edited('440100', text, { kind: 'school-line', ...at });
        text = result.document;
        if (line === null) expected.delete(code);
        else expected.set(code, line);
        t.equal(result.hash, sha256(result.content));
        t.equal(result.content, canonicalJson(JSON.parse(result.content)));
        t.strictSame(
          new Map([...linesOf(result.policy, '440100', BATCH).schools].sort()),
          new Map([...expected].sort()),
        );
      }
    },
  );
  fc.assert(property, { numRuns: 8 });
});

t.test('no overlay takes from officers what the province leaves to them', async t => {
  const off = { kind: 'review-rule', disable: 'non-fresh-by-officer', from: '2016-07-20' } as const;
  for (const author of ['city', 'province'] as const) {
    t.same(codesOf('440100', null, off, { author }), ['not-city-settable'], author);
  }
  const then = { event: 'approve-admission' };
  const rule = { ...RULE, id: 'below-line-by-officer', then };
  t.same(codesOf('440100', null, { kind: 'review-rule', rule }), ['not-city-settable']);
  const own = edited('440100', null, { kind: 'review-rule', rule: { ...RULE, id: 'own' } });
  const order = own.policy.reviews.map(({ id }) => id);
  t.equal(order[0], 'below-line-by-officer', 'and the city’s own rules stand behind them');
  t.equal(order.at(-1), 'own');
});
