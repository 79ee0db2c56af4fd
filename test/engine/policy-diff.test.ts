/** The comparison of two policies: everything that differs is named, and nothing else. */
import fc from 'fast-check';
import t from 'tap';
import { isMap, isScalar, isSeq, parseDocument } from 'yaml';
import { readPolicyFolder } from '../../db/package/policy-folder.ts';
import {
  type ComparedPolicy,
  comparePolicies,
  type PolicyChange,
} from '../../engine/policy/diff/compare.ts';
import { movedNames } from '../../engine/policy/diff/entries.ts';
import { groupByBasis } from '../../engine/policy/diff/group.ts';
import { textsOf } from '../../engine/policy/handbook/book.ts';
import { changesChapter } from '../../engine/policy/handbook/changes-chapter.ts';
import { makeHandbook } from '../../engine/policy/handbook/handbook.ts';
import { loadPolicy } from '../../engine/policy/load.ts';
import type { PolicyBundle } from '../../engine/policy/types.ts';
import { diffHtml } from '../../reports/policy/diff-html.ts';

const FOLDER = new URL('../../rules/guangdong-2016', import.meta.url).pathname;
const TITLES = { functions: new Map(), regions: new Map([['440100', '广州市']]) };
const texts = new Map(
  [...readPolicyFolder(FOLDER)].map(([path, bytes]) => [path, Buffer.from(bytes).toString('utf8')]),
);

/** As the database would hold it: compared without being checked. */
function policyOf(files: ReadonlyMap<string, string>): ComparedPolicy {
  const isCity = (path: string) => path.startsWith('cities/');
  const base = [...files].filter(([path]) => !isCity(path));
  const cities = [...files].filter(([path]) => isCity(path));
  return {
    base: { hash: '', documents: Object.fromEntries(base) },
    overlays: new Map(cities.map(([path, document]) => [path.slice(7, -5), { document }])),
  };
}

function edited(...edits: (readonly [path: string, from: string, to: string])[]): ComparedPolicy {
  const files = new Map(texts);
  for (const [path, from, to] of edits) {
    const text = files.get(path) ?? '';
    if (!text.includes(from)) throw new Error(`${path} has no ${from}`);
    files.set(path, text.replace(from, to));
  }
  return policyOf(files);
}

const SHIPPED = policyOf(texts);
const changesFrom = (other: ComparedPolicy) => comparePolicies(SHIPPED, other, TITLES).changes;

/** What an entry is named by, written down apart from the code: the first set that it has. */
const NAMED_BY = [
  ['property'],
  ['school', 'region', 'batch'],
  ['region', 'batch'],
  ['school', 'batch'],
];
const ALSO = ['id', 'job', 'name', 'title'];

function nameOf(entry: unknown, key: string, path: string): string[] | null {
  if (!isMap(entry) || key === 'all' || key === 'any' || key === 'keys') return null;
  if (path.startsWith('tests/') && key !== 'tests' && key !== 'provinces') return null;
  if (path.startsWith('tests/')) return ['title'];
  const lines = key === 'regions' || key === 'schools' || key === 'findings' ? NAMED_BY : [];
  const found = lines.find(keys => keys.every(each => entry.has(each)));
  return found ?? ALSO.filter(each => entry.has(each)).slice(0, 1);
}

interface Place {
  readonly file: string;
  readonly at: readonly (string | number)[];
  readonly path: string;
}

/** Every scalar of the folder that names no entry, by the path that a difference must have. */
function* scalars(file: string, node: unknown, at: Place['at'], path: string): Generator<Place> {
  if (isScalar(node)) {
    if (node.value !== null) yield { file, at, path };
  } else if (isMap(node)) {
    for (const { key, value } of node.items) {
      const name = String(isScalar(key) ? key.value : key);
      yield* scalars(file, value, [...at, name], path === '' ? name : `${path}.${name}`);
    }
  } else if (isSeq(node)) {
    for (const [index, item] of node.items.entries()) {
      const naming = nameOf(item, String(at.at(-1)), file);
      const parts = naming?.map(key => String((item as { get(key: string): unknown }).get(key)));
      const below = `${path}[${parts === undefined ? index : parts.join(',')}]`;
      for (const each of scalars(file, item, [...at, index], below)) {
        const own = each.at.length === at.length + 2 ? String(each.at.at(-1)) : '';
        if (naming?.includes(own) !== true) yield each;
      }
    }
  }
}

const PLACES = [...texts].flatMap(([file, text]) => {
  const { contents } = parseDocument(text);
  const document = file.startsWith('tests/') ? 'tests' : file.replace('.yaml', '');
  return [...scalars(file, contents, [], file.startsWith('cities/') ? '' : document)];
});

function mutated(files: ReadonlyMap<string, string>, { file, at }: Place): Map<string, string> {
  const document = parseDocument(files.get(file) ?? '');
  const value = document.getIn(at);
  const other =
    typeof value === 'number' ? value + 1 : typeof value === 'boolean' ? !value : `${value}x`;
  document.setIn(at, other);
  return new Map(files).set(file, document.toString());
}

t.test('a policy does not differ from itself, nor from its own text in another layout', async t => {
  t.same(changesFrom(SHIPPED), []);
  const laidOut = new Map(
    [...texts].map(([path, text]) => [path, parseDocument(text).toString({ indent: 4 })]),
  );
  t.same(changesFrom(policyOf(laidOut)), []);
});

t.test('whichever scalar is changed, exactly its path is named', async t => {
  t.ok(PLACES.length > 1500, `${PLACES.length} scalars`);
  fc.assert(
    fc.property(fc.constantFrom(...PLACES), place => {
      const changes = changesFrom(policyOf(mutated(texts, place)));
      t.same(
        changes.map(({ kind, file, scalars }) => ({ kind, file, scalars })),
        [{ kind: 'changed', file: place.file, scalars: [place.path] }],
      );
      const [{ before, after, path }] = changes as [PolicyChange];
      t.ok(place.path.startsWith(path));
      t.ok(before !== null && after !== null);
    }),
    { numRuns: 40 },
  );
});

t.test('seen from the other side, what was added is dropped', async t => {
  const MIRROR = { added: 'dropped', dropped: 'added', changed: 'changed', moved: 'moved' };
  const files = [...texts.keys()];
  const world = fc.tuple(
    fc.array(fc.constantFrom(...PLACES), { maxLength: 3 }),
    fc.subarray(files, { maxLength: 3 }),
    fc.infiniteStream(fc.nat()),
  );
  fc.assert(
    fc.property(world, ([places, shuffled, picks]) => {
      let changed: Map<string, string> = new Map(texts);
      for (const place of places) changed = mutated(changed, place);
      for (const file of shuffled) {
        changed.set(file, reordered(changed.get(file) ?? '', picks));
      }
      const other = policyOf(changed);
      const forth = comparePolicies(SHIPPED, other).changes;
      const back = comparePolicies(other, SHIPPED).changes;
      const said = (change: PolicyChange) =>
        JSON.stringify([change.kind, change.file, change.path, [...change.scalars].sort()]);
      const mirrored = back.map(change =>
        said({ ...change, kind: MIRROR[change.kind] as PolicyChange['kind'] }),
      );
      t.same(forth.map(said).sort(), mirrored.sort());
    }),
    { numRuns: 15 },
  );
});

/** The entries of each top list in another order, one of them left out. */
function reordered(text: string, picks: fc.Stream<number>): string {
  const document = parseDocument(text);
  if (!isMap(document.contents)) return text;
  for (const { value } of document.contents.items) {
    if (!isSeq(value) || value.items.length < 2 || !isMap(value.items[0])) continue;
    const [from = 0, to = 0, out = 0] = [...picks.take(3)].map(n => n % value.items.length);
    const [moved] = value.items.splice(from, 1);
    value.items.splice(to, 0, moved);
    value.items.splice(out, 1);
  }
  return document.toString();
}

t.test('the moved entries are the fewest, and the same from either side', async t => {
  t.same(movedNames(['a', 'b', 'c', 'd'], ['d', 'a', 'b', 'c']), ['d']);
  t.same(movedNames(['a', 'b', 'c'], ['x', 'a', 'c']), []);
  const names = ['a', 'b', 'c', 'd', 'e', 'f'];
  fc.assert(
    fc.property(fc.shuffledSubarray(names), fc.shuffledSubarray(names), (one, other) => {
      const moved = movedNames(one, other);
      t.same([...movedNames(other, one)].sort(), [...moved].sort());
      const rest = (list: string[], also: string[]) =>
        list.filter(name => also.includes(name) && !moved.includes(name));
      t.same(rest(one, other), rest(other, one));
    }),
  );
});

t.test('a change is said as people read it, under the article of its entry', async t => {
  const other = edited(
    ['batches.yaml', 'ratio: "1.00"', 'ratio: "1.05"'],
    ['batches.yaml', 'mode: score-first\n', 'mode: choice-first\n'],
    ['batches.yaml', '2016-07-29', '2016-07-28'],
    ['eligibility.yaml', 'operator: greaterThanInclusive', 'operator: greaterThan'],
    ['duties.yaml', '      - lock-system\n', ''],
    ['cities/440100.yaml', 'line: 320', 'line: 330'],
    ['calendar.yaml', '    window: [2016-08-20, 2016-11-07]', '    window: null'],
  );
  const said = comparePolicies(SHIPPED, other, TITLES);
  const lines = groupByBasis(said).flatMap(({ title, changes }) =>
    changes.map(({ subject, item, before, after }) =>
      [title, subject.join('·'), item, before ?? '–', after ?? '–'].join('|'),
    ),
  );
  const article = '粤招办普〔2016〕66号';
  const days = '2016-07-20（周三） 至 2016-07-29（周五）|2016-07-20（周三） 至 2016-07-28（周四）';
  const modes =
    '平行志愿：按投档分从高到低，依次看各人的志愿（score-first）|' +
    '顺序志愿：先投第一志愿，再投第二志愿，依此类推（choice-first）';
  const line = '投档分不低于区域分数线|投档分高于区域分数线';
  t.same(lines.sort(), [
    '示例值，无文件依据|广州市 440100·分数线·广州市 中等职业学校批|分数线|320 分|330 分',
    `${article} 一（二）|批次·中等职业学校批|投档模式|${modes}`,
    `${article} 一（二）|批次·中等职业学校批|投档比例|1.00|1.05`,
    `${article} 一（二）|批次·中等职业学校批|时间|${days}`,
    `${article} 一（二）|日程·第二阶段（学校自行组织生源录取）|时间|2016-08-20（周六） 至 2016-11-07（周一）|未定：不开放`,
    `${article} 附件1·投档控制1|投档资格·达到区域分数线|须满足|${line}`,
    `${article} 附件2|职能·负责人|功能|去掉 lock-system|其余各项相同`,
  ]);
});

t.test('a rule put first, one dropped, and a city that sets nothing any more', async t => {
  const files = new Map(texts);
  const rules = files.get('eligibility.yaml') ?? '';
  const at = rules.indexOf('  - id: school-line');
  const [head, rest] = [
    rules.slice(0, rules.indexOf('  - id:')),
    rules.slice(rules.indexOf('  - id:'), at),
  ];
  const moved = `${head}${rules.slice(at)}${rest}`;
  const dropped = rest.slice(
    rest.indexOf('  - id: junior-graduate'),
    rest.indexOf('  - id: region-line'),
  );
  files.set('eligibility.yaml', moved.replace(dropped, ''));
  files.delete('cities/440800.yaml');
  const changes = comparePolicies(SHIPPED, policyOf(files), TITLES).changes;
  t.same(
    changes.map(({ kind, path, before, after }) => [kind, path, before, after].slice(0, 2)),
    [
      ['dropped', 'eligibility.rules[junior-graduate]'],
      ['moved', 'eligibility.rules[school-line]'],
      ['dropped', 'batches.batches[vocational]'],
      ['dropped', 'score-lines.regions[440800,vocational]'],
    ],
  );
  t.match(
    changes[0]?.before,
    /^依据：.*；适用于：阶段为第一阶段.*；须满足：考生类别为应届初中毕业生或/,
  );
  t.match(changes[1], { before: '第 4 项', after: '第 1 项' });
});

t.test('what a city clears is not what it leaves to the province', async t => {
  const cap = /cap: \d+/.exec(texts.get('cities/440900.yaml') ?? '')?.[0] ?? '';
  const cleared = changesFrom(edited(['cities/440900.yaml', cap, 'cap: null']));
  t.match(cleared, [{ kind: 'changed', path: 'preferences.cap', after: '清除（null）' }]);
  const left = changesFrom(edited(['cities/440900.yaml', `  ${cap}\n`, '']));
  t.match(left, [{ kind: 'dropped', path: 'preferences.cap', before: '20 分', after: null }]);
  t.equal(left.length, 1);
});

t.test('a named condition is shown with the rules that it bears on', async t => {
  const use = '        - { condition: articulated-major }\n';
  const at = '    requires:\n      all:\n';
  const rule = ['eligibility.yaml', at, `${at}${use}`] as const;
  const other = edited(rule, ['policy.yaml', 'equal, value: true', 'equal, value: false']);
  const { changes } = comparePolicies(edited(rule), other, TITLES);
  t.same(
    changes.map(({ item, before, after }) => [item, before, after]),
    [
      [
        '命名条件 articulated-major（用于：档案在库，没有被普通高中录取或挂起）',
        '“三二分段”为是',
        '“三二分段”为否',
      ],
    ],
  );
});

t.test('the handbook has a chapter of it, and the page shows every difference', async t => {
  const other = edited(['batches.yaml', 'ratio: "1.00"', 'ratio: "1.05"']);
  const diff = comparePolicies(other, SHIPPED, TITLES);
  const { bundle } = loadPolicy(readPolicyFolder(FOLDER));
  const more = [changesChapter(diff)];
  const book = makeHandbook({ bundle: bundle as PolicyBundle, titles: TITLES, more });
  t.ok(book.chapters.some(({ id }) => id === 'changes'));
  const text = textsOf(book).join('\n');
  t.match(text, /比较：改变 1 处。按依据归类如下。/);
  t.match(text, /\n投档比例\n1\.05\n1\.00\n/);
  const html = diffHtml(diff, '2016-07-01');
  t.match(html, '<td class="before">1.05</td><td class="after">1.00</td>');
  t.match(html, 'batches.batches[vocational].dispatch.ratio');
  t.match(diffHtml(comparePolicies(SHIPPED, SHIPPED), '2016-07-01'), '内容没有不同');
});
