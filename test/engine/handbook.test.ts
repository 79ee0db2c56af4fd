/** The handbook: everything that the policy says is in it, in words that mean the same. */
import fc from 'fast-check';
import t from 'tap';
import { extractText, getDocumentProxy } from 'unpdf';
import { parse } from 'yaml';
import { readPolicyFolder } from '../../db/package/policy-folder.ts';
import { textsOf } from '../../engine/policy/handbook/book.ts';
import { makeHandbook } from '../../engine/policy/handbook/handbook.ts';
import { Reading } from '../../engine/policy/handbook/reading.ts';
import { loadPolicy } from '../../engine/policy/load.ts';
import type { Condition, PolicyBundle } from '../../engine/policy/types.ts';
import type { Atom } from '../../engine/rules/atoms.ts';
import { findFact } from '../../engine/rules/catalogue.ts';
import {
  alternatives,
  conditionText,
  type WordsContext,
} from '../../engine/rules/condition-words.ts';
import { valueTitle } from '../../engine/rules/value-titles.ts';
import { handbookHtml } from '../../reports/policy/handbook-html.ts';
import { handbookPdf } from '../../reports/policy/handbook-pdf.ts';

const FOLDER = new URL('../../rules/guangdong-2016', import.meta.url).pathname;
const TITLES = { functions: new Map([['recall-file', '强制回收']]), regions: new Map() };

function shipped(): PolicyBundle {
  const { bundle } = loadPolicy(readPolicyFolder(FOLDER));
  if (bundle === undefined) throw new Error('the shipped policy does not load');
  return bundle;
}

/** What each value of a YAML document must be found as. Written apart from the handbook. */
const SAID: Readonly<Record<string, Readonly<Record<string, string>>>> = {
  missing: { pass: '缺少所需数据时视为符合', refuse: '缺少所需数据时拒绝' },
  stage: {
    start: '开始投档',
    eligibility: '投档资格',
    special: '特殊条件',
    quota: '计划与名额',
    review: '审核',
    deadline: '到期处理',
  },
  basis: { sample: '示例值，无文件依据' },
};
const ATTRIBUTES = [
  { name: 'height', type: 'number', title: '身高' },
  { name: 'vision', type: 'number', title: '裸眼视力' },
] as const;
const PHASES: Readonly<Record<string, string>> = {
  'phase-1': '第一阶段（统一录取）',
  'phase-2': '第二阶段（学校自行组织生源录取）',
  spring: '春季自主招生（以2017年发文为准）',
};
const BASES: Readonly<Record<string, string>> = { n66: '粤招办普〔2016〕66号' };

const title = (fact: string) => findFact(fact, ATTRIBUTES, null)?.title ?? fact;
const word = (fact: string, value: unknown) =>
  PHASES[String(value)] ?? valueTitle(fact, value as string | number | boolean | null);

function expected(key: string, value: unknown): string[] {
  const said = SAID[key]?.[String(value)];
  if (said !== undefined) return [said];
  if (typeof value === 'boolean') return [value ? '是' : '否'];
  const text = String(value);
  if (key === 'basis') {
    const [id = '', ...article] = text.split(' ');
    return [[BASES[id] ?? id, ...article].join(' ')];
  }
  return key === 'at' ? text.split('T') : [text];
}

/** Every value with what it must be found as; comparisons and given facts by their titles. */
function* demanded(value: unknown, key: string): Generator<string> {
  if (value === null) return;
  if (Array.isArray(value)) {
    for (const each of value) yield* demanded(each, key);
    return;
  }
  if (typeof value !== 'object') {
    yield* expected(key, value);
    return;
  }
  const entry = value as Record<string, unknown>;
  if (typeof entry['fact'] === 'string') {
    yield title(entry['fact']);
    const right = entry['value'];
    const other = (right as { fact?: string } | null)?.fact;
    if (other !== undefined) yield title(other);
    else for (const each of [right].flat()) yield word(entry['fact'], each);
    return;
  }
  for (const [name, each] of Object.entries(entry)) {
    if (name === 'conditions' && !Array.isArray(each)) yield* Object.keys(each as object);
    if (key === 'facts') yield* [title(name), word(name, each)];
    else yield* demanded(each, name);
  }
}

t.test('every value and rule of the YAML appears in the handbook', async t => {
  const bundle = shipped();
  const book = makeHandbook({ bundle, titles: TITLES });
  const text = textsOf(book).join('\n');
  const documents = [
    ...Object.entries(bundle.base.documents),
    ...[...bundle.overlays].map(([city, overlay]) => [`cities/${city}.yaml`, overlay.document]),
  ] as [string, string][];
  let count = 0;
  for (const [path, source] of documents) {
    const missing = [...demanded(parse(source), '')].filter(each => {
      count += 1;
      return !text.includes(each);
    });
    t.same(missing, [], path);
  }
  t.ok(count > 1500, `${count} values`);
  t.equal(
    book.chapters.find(chapter => chapter.id === 'rest'),
    undefined,
    'every value has a place of its own',
  );
  t.match(text, '强制回收（recall-file）');
});

t.test('what no chapter knows is printed as it stands, never left out', async t => {
  const bundle = shipped();
  const schedule = `${bundle.base.documents['schedule.yaml']}\nnew-key: { deep: [7531] }\n`;
  const documents = { ...bundle.base.documents, 'schedule.yaml': schedule };
  const book = makeHandbook({
    bundle: { ...bundle, base: { ...bundle.base, documents } },
    titles: TITLES,
  });
  const rest = book.chapters.find(chapter => chapter.id === 'rest');
  t.match(rest?.blocks[0], { rows: [['schedule.yaml', 'new-key.deep[0]', '7531']] });
});

t.test('page and print hold the same chapters, and say what has no basis', async t => {
  const book = makeHandbook({ bundle: shipped(), titles: TITLES });
  const cover = { madeOn: '2016-07-01', against: null };
  const html = handbookHtml(book, cover);
  const pdf = await getDocumentProxy(new Uint8Array(await handbookPdf(book, cover)));
  const { text, totalPages } = await extractText(pdf, { mergePages: true });
  const printed = text.replace(/\s+/g, '');
  t.ok(totalPages > 10);
  for (const { title } of book.chapters) {
    t.ok(html.includes(title), title);
    t.ok(printed.includes(title), title);
  }
  for (const each of ['示例值，无文件依据', '2016-09-01（周四）', book.baseHash.slice(0, 12)]) {
    t.ok(html.includes(each), each);
    t.ok(printed.includes(each), each);
  }
  t.notMatch(html, /<script|src=/);
});

t.test('a reading knows what was not taken, whatever the document', async () => {
  fc.assert(
    fc.property(fc.jsonValue({ maxDepth: 4 }), document => {
      const reading = new Reading(document as never);
      const all = reading.unread().length;
      const keys = reading.keys();
      const [first] = keys;
      if (first === undefined) return;
      const below = reading.at(first);
      const own = below.unread().length;
      below.take();
      if (reading.unread().length !== all - own) throw new Error('a value was lost');
    }),
    { seed: 20160720, numRuns: 300 },
  );
});

const FACTS = ['plan.free', 'plan.used', 'file.transfers'] as const;
const atom: fc.Arbitrary<Condition> = fc.record({
  fact: fc.constantFrom(...FACTS),
  operator: fc.constantFrom(
    'equal',
    'notEqual',
    'lessThan',
    'lessThanInclusive',
    'greaterThan',
    'greaterThanInclusive',
  ),
  value: fc.oneof(
    fc.integer({ min: 0, max: 3 }),
    fc.constantFrom(...FACTS).map(fact => ({ fact })),
  ),
});
const { condition } = fc.letrec<{ condition: Condition }>(tie => ({
  condition: fc.oneof(
    { maxDepth: 3 },
    atom,
    fc.record({ all: fc.array(tie('condition'), { minLength: 1, maxLength: 3 }) }),
    fc.record({ any: fc.array(tie('condition'), { minLength: 1, maxLength: 3 }) }),
    fc.record({ not: tie('condition') }),
    fc.constant({ condition: 'full' }),
  ),
}));
const NAMED: Readonly<Record<string, Condition>> = {
  full: { all: [{ fact: 'plan.free', operator: 'lessThanInclusive', value: 0 }] },
};

type Values = Readonly<Record<string, number>>;

function holds(test: Condition, values: Values): boolean {
  if ('all' in test) return test.all.every(each => holds(each, values));
  if ('any' in test) return test.any.some(each => holds(each, values));
  if ('not' in test) return !holds(test.not, values);
  if ('condition' in test) return holds(NAMED[test.condition] as Condition, values);
  return compares(test, values);
}

function compares({ fact, operator, value }: Atom, values: Values): boolean {
  const left = values[fact] as number;
  const right = (typeof value === 'object' ? values[(value as Atom).fact] : value) as number;
  const results: Readonly<Record<string, boolean>> = {
    equal: left === right,
    notEqual: left !== right,
    lessThan: left < right,
    lessThanInclusive: left <= right,
    greaterThan: left > right,
    greaterThanInclusive: left >= right,
  };
  return results[operator] as boolean;
}

t.test('the rows of a decision table hold exactly when the condition does', async t => {
  const values = fc.record(
    Object.fromEntries(FACTS.map(fact => [fact, fc.integer({ min: 0, max: 4 })])),
  );
  let tables = 0;
  fc.assert(
    fc.property(condition, values, (test, given) => {
      const rows = alternatives(test, false, { named: NAMED });
      if (rows === null) return;
      tables += 1;
      const found = rows.some(row => row.every(each => compares(each, given as Values)));
      if (found !== holds(test, given as Values)) throw new Error(JSON.stringify(test));
    }),
    { seed: 66, numRuns: 2000 },
  );
  t.ok(tables > 1000);
});

t.test('conditions read as sentences', async t => {
  const context: WordsContext = { attributes: ATTRIBUTES, named: NAMED, titleOf: () => null };
  const say = (test: Condition) => conditionText(test, context);
  t.equal(
    say({
      all: [
        { fact: 'candidate.sex', operator: 'equal', value: 'F' },
        {
          any: [
            { fact: 'candidate.height', operator: 'lessThan', value: 160 },
            { not: { condition: 'full' } },
          ],
        },
      ],
    }),
    '性别为女，并且（身高低于 160，或者并非（剩余计划数不高于 0 人））',
  );
  t.equal(
    say({ fact: 'school.kind', operator: 'notIn', value: ['technical'] }),
    '院校类别不是技工学校',
  );
  t.equal(say({ fact: 'major.articulated', operator: 'equal', value: true }), '“三二分段”为是');
  t.equal(
    say({ fact: 'today', operator: 'lessThan', value: '2016-08-01' }),
    '业务日期早于 2016-08-01',
  );
});
