/** 概要、样例、依据索引、签署: the front and the back of the book. */
import { conditionText, factTitle, factValueTitle } from '../../rules/condition-words.ts';
import { isList, isObject, type Json, type JsonObject, own, type Path } from '../json.ts';
import { type Block, type Chapter, SAMPLE_MARK } from './book.ts';
import { regionText } from './dispatch-chapters.ts';
import { provinceBlocks } from './province-blocks.ts';
import { pathText, type Reading, type Unread } from './reading.ts';
import type { RuleWords } from './rule-blocks.ts';
import {
  basisWords,
  CHOICE_TITLES,
  choiceText,
  cityPathText,
  DOCUMENT_TITLES,
  dateText,
  eventText,
} from './words.ts';

export function outlineChapter(reading: Reading, words: RuleWords): Chapter {
  const { policy } = words;
  const identity = [
    ['名称', reading.text('title')],
    ['标识', reading.text('id')],
    ['年度', reading.text('season')],
    ['地区', regionText(reading.text('jurisdiction'), words)],
    ['时区', reading.text('time-zone')],
    ['由何修订而来', reading.text('extends') || '（没有）'],
    ['考生号样式', reading.at('numbers').text('candidate_no')],
    ['考生号样式的依据', basisWords(policy, reading.at('numbers').text('basis'))],
  ];
  return {
    id: 'outline',
    title: '概要',
    blocks: [
      {
        kind: 'table',
        columns: [{ title: '项目' }, { title: '内容', weight: 3 }],
        rows: identity.filter(([, value]) => value !== ''),
      },
      { kind: 'heading', text: '依据的文件' },
      basesTable(reading),
      { kind: 'heading', text: '附加的考生属性' },
      ...attributes(reading),
      { kind: 'heading', text: '命名条件' },
      ...named(reading, words),
      { kind: 'heading', text: '各市可以自己设定的内容' },
      { kind: 'list', items: reading.texts('city-may-set').map(cityPathText) },
    ],
  };
}

function basesTable(reading: Reading): Block {
  const rows = reading
    .at('basis')
    .entries()
    .map(each => [each.text('id'), each.text('title')]);
  return {
    kind: 'table',
    columns: [
      { title: '标识', weight: 0.5 },
      { title: '文件', weight: 4 },
    ],
    rows,
  };
}

function attributes(reading: Reading): Block[] {
  const rows = reading
    .at('attributes')
    .entries()
    .map(each => [
      each.text('title'),
      each.text('name'),
      choiceText('type', each.text('type')),
      each.text('unit'),
    ]);
  if (rows.length === 0) return [{ kind: 'text', text: '没有。' }];
  const columns = [{ title: '名称' }, { title: '列名' }, { title: '类型' }, { title: '单位' }];
  return [{ kind: 'table', columns, rows }];
}

function named(reading: Reading, { policy, context }: RuleWords): Block[] {
  const conditions = reading.at('conditions');
  conditions.take();
  const items = Object.entries(policy.conditions).map(
    ([name, condition]) => `${name}：${conditionText(condition, context)}`,
  );
  return items.length === 0 ? [{ kind: 'text', text: '没有。' }] : [{ kind: 'list', items }];
}

/** The examples 样例 that stand beside the policy: one sentence, what is given, what follows. */
export function examplesChapter(readings: readonly Reading[], words: RuleWords): Chapter {
  const rows = readings.flatMap(reading =>
    reading
      .at('tests')
      .entries()
      .map(example => exampleRow(example, words)),
  );
  const columns = [
    { title: '样例', weight: 2 },
    { title: '环节', weight: 0.8 },
    { title: '给定', weight: 3 },
    { title: '应有的结果', weight: 1.5 },
    { title: '依据', weight: 1.2 },
  ];
  const blocks: Block[] =
    rows.length === 0 ? [{ kind: 'text', text: '没有样例。' }] : [{ kind: 'table', columns, rows }];
  const provinces = provinceBlocks(readings, words);
  return { id: 'examples', title: '样例', blocks: [...blocks, ...provinces] };
}

function exampleRow(example: Reading, words: RuleWords): string[] {
  const expect = example.at('expect');
  const outcome = choiceText('outcome', expect.text('outcome'));
  const event = expect.text('event');
  const rest = [expect.text('rule'), expect.text('code'), event === '' ? '' : eventText(event)];
  const date = example.text('date');
  const city = example.text('city');
  const given = [
    ...(city === '' ? [] : [regionText(city, words)]),
    ...(date === '' ? [] : [dateText(date)]),
    ...factsText(example.at('facts').take(), words),
  ];
  return [
    example.text('title'),
    CHOICE_TITLES['stage']?.[example.text('stage')] ?? example.text('stage'),
    given.join('；'),
    [outcome, ...rest].filter(text => text !== '').join('，'),
    basisWords(words.policy, example.text('basis')),
  ];
}

function factsText(facts: Json, { context }: RuleWords): string[] {
  if (!isObject(facts)) return [];
  return Object.entries(facts).map(([fact, value]) => {
    const scalar = typeof value === 'object' ? null : value;
    return `${factTitle(fact, context)} ${factValueTitle(fact, scalar, context)}`;
  });
}

/** Each article, with all that rests on it; what rests on none comes first. */
export function basisChapter(
  documents: readonly { readonly name: string; readonly value: Json }[],
  words: RuleWords,
): Chapter {
  const places = new Map<string, string[]>();
  for (const { name, value } of documents) {
    for (const { owner, basis, path } of basesIn(value)) {
      const list = places.get(basis) ?? [];
      list.push(`${documentTitle(name, words)}·${ownerTitle(owner, path)}`);
      places.set(basis, list);
    }
  }
  const sample = places.get('sample') ?? [];
  const cited = [...places].filter(([basis]) => basis !== 'sample').sort(byBasis);
  const columns = [{ title: '依据' }, { title: '项数', weight: 0.4, align: 'right' as const }];
  const table: Block = {
    kind: 'table',
    columns: [...columns, { title: '以此为据的内容', weight: 3 }],
    rows: cited.map(([basis, list]) => [
      basisWords(words.policy, basis),
      String(list.length),
      list.join('；'),
    ]),
  };
  return {
    id: 'bases',
    title: '依据索引',
    blocks: [
      { kind: 'heading', text: `${SAMPLE_MARK}（${sample.length} 项）` },
      sample.length === 0
        ? { kind: 'text', text: '没有。全部内容都有文件依据。' }
        : { kind: 'text', text: `${sample.join('；')}。` },
      { kind: 'heading', text: '有文件依据的内容' },
      table,
    ],
  };
}

/** Every `basis` with the entry that it stands in. */
function basesIn(
  value: Json,
  path: Path = [],
): { readonly owner: JsonObject; readonly basis: string; readonly path: Path }[] {
  if (isList(value)) return value.flatMap((each, at) => basesIn(each, [...path, at]));
  if (!isObject(value)) return [];
  const below = Object.entries(value).flatMap(([key, each]) => basesIn(each, [...path, key]));
  const basis = own(value, 'basis');
  return typeof basis === 'string' ? [{ owner: value, basis, path }, ...below] : below;
}

/** What an entry is called: its title, else whatever names it. */
function ownerTitle(owner: JsonObject, path: Path): string {
  for (const key of ['title', 'school', 'region', 'id', 'job']) {
    const name = own(owner, key);
    if (typeof name === 'string') return name;
  }
  return path.length === 0 ? '全文' : pathText(path);
}

function documentTitle(name: string, words: RuleWords): string {
  const plain = name.replace(/\.yaml$/, '');
  if (!plain.startsWith('cities/')) return DOCUMENT_TITLES[plain] ?? plain;
  return regionText(plain.slice('cities/'.length), words);
}

function byBasis([a]: readonly [string, unknown], [b]: readonly [string, unknown]): number {
  return a < b ? -1 : a > b ? 1 : 0;
}

/** What no chapter words yet: as it is written, so that nothing is missing. */
export function restChapter(
  unread: readonly { readonly name: string; readonly rest: readonly Unread[] }[],
): Chapter | null {
  const rows = unread.flatMap(({ name, rest }) =>
    rest.map(({ path, value }) => [name, pathText(path), String(value)]),
  );
  if (rows.length === 0) return null;
  const columns = [{ title: '文件' }, { title: '位置', weight: 2 }, { title: '内容', weight: 2 }];
  return { id: 'rest', title: '其余各项', blocks: [{ kind: 'table', columns, rows }] };
}

export function signaturesChapter(): Chapter {
  return {
    id: 'signatures',
    title: '签署',
    blocks: [
      {
        kind: 'text',
        text:
          '政策由两人签署后生效；在冻结期内修改，另须两人签署并写明理由。' +
          '签署的是封面所列内容哈希对应的全部内容；任何一字改动，哈希即不同。',
      },
      { kind: 'signatures', places: ['经办人', '复核人', '负责人（签章）', '日期'] },
    ],
  };
}
