/** 各市的设置: what each city has set for itself, beside what the province says. */
import type { FullPolicy } from '../types.ts';
import { batchRows } from './batch-rows.ts';
import type { Block, Chapter } from './book.ts';
import { schoolReviewBlocks } from './desk-chapters.ts';
import { batchTitle, featureBlocks, regionText } from './dispatch-chapters.ts';
import type { Reading } from './reading.ts';
import { actionBlocks, type RuleWords, requirementBlocks } from './rule-blocks.ts';
import { basisWords, choiceText } from './words.ts';

/** A city's overlay as written, and the policy in effect there. */
export interface CityPart {
  readonly city: string;
  readonly reading: Reading;
  readonly policy: FullPolicy;
}

/** Score lines stand in their own chapter, for all cities side by side. */
export function citiesChapter(
  cities: readonly CityPart[],
  base: Reading,
  words: RuleWords,
): Chapter {
  const blocks = cities.flatMap(part => cityBlocks(part, base, words));
  return {
    id: 'cities',
    title: '各市的设置',
    blocks: [
      {
        kind: 'note',
        text: '各市只能设定本手册“概要”中列出的内容；没有另设的沿用省里的规定。分数线见前章。',
      },
      ...(blocks.length === 0 ? [{ kind: 'text' as const, text: '没有市另设。' }] : blocks),
    ],
  };
}

function cityBlocks(part: CityPart, base: Reading, words: RuleWords): Block[] {
  const { city, reading, policy } = part;
  const own: RuleWords = { ...words, policy };
  const blocks = [
    ...ownSystem(reading.at('own-system'), own),
    ...batches(reading.at('batches'), base, own),
    ...specials(reading.at('special-conditions').at('conditions'), own),
    ...preferences(reading.at('preferences'), own),
    ...reviews(reading.at('reviews'), own),
  ];
  if (blocks.length === 0) return [];
  return [{ kind: 'heading', text: regionText(city, words) }, ...blocks];
}

function ownSystem(reading: Reading, { policy }: RuleWords): Block[] {
  if (reading.keys().length === 0) return [];
  const approved = reading.text('approved') === 'true' ? '已批准' : '未批准';
  const basis = basisWords(policy, reading.text('basis'));
  const text = `采用本市录取系统：${approved}。本系统不投档，每日导入快照。依据：${basis}。`;
  return [{ kind: 'text', text }];
}

function batches(reading: Reading, base: Reading, words: RuleWords): Block[] {
  const blocks = reading
    .at('batches')
    .entries()
    .map((batch): Block => {
      const id = batch.text('id');
      const title = batch.text('title') || batchTitle(id, words.policy);
      const former = base
        .at('batches')
        .entries()
        .find(each => each.text('id') === id);
      const province = new Map(former === undefined ? [] : batchRows(former, words));
      const basis = basisWords(words.policy, batch.text('basis'));
      const rows = batchRows(batch, words).map(([item, value]) => [
        title,
        item,
        value,
        province.get(item) ?? '',
        basis,
      ]);
      const columns = [
        { title: '批次', weight: 1.3 },
        { title: '项目', weight: 0.9 },
        { title: '本市', weight: 2 },
        { title: '省里的规定', weight: 2 },
        { title: '依据', weight: 1 },
      ];
      return { kind: 'table', columns, rows };
    });
  const start = reading.at('start');
  const ids = start.entries().map(each => each.text('id'));
  const rules = words.policy.start.filter(rule => ids.includes(rule.id));
  return [...blocks, ...(rules.length === 0 ? [] : requirementBlocks(rules, start, words))];
}

function specials(reading: Reading, words: RuleWords): Block[] {
  const ids = reading.entries().map(each => each.text('id'));
  const rules = words.policy.special.filter(rule => ids.includes(rule.id));
  return rules.length === 0 ? [] : requirementBlocks(inOrder(rules, ids), reading, words);
}

function preferences(reading: Reading, words: RuleWords): Block[] {
  const combine = reading.text('combine');
  const cap = reading.text('cap');
  const features = reading.at('features').entries();
  return [
    ...(combine === '' ? [] : [text(`加分的合并：${choiceText('combine', combine)}。`)]),
    ...(cap === '' ? [] : [text(`加分上限：${cap} 分。`)]),
    ...(features.length === 0 ? [] : featureBlocks(features, words)),
  ];
}

function reviews(reading: Reading, words: RuleWords): Block[] {
  const rules = reading.at('rules');
  const ids = rules.entries().map(each => each.text('id'));
  const own = inOrder(
    words.policy.reviews.filter(rule => ids.includes(rule.id)),
    ids,
  );
  const schools = reading.at('schools').entries();
  return [
    ...(own.length === 0 ? [] : actionBlocks(own, rules, words)),
    ...(schools.length === 0 ? [] : schoolReviewBlocks(schools, words)),
  ];
}

/** As the city wrote them: the reading is walked in that order. */
function inOrder<T extends { readonly id: string }>(rules: readonly T[], ids: readonly string[]) {
  return ids.flatMap(id => rules.filter(rule => rule.id === id));
}

function text(words: string): Block {
  return { kind: 'text', text: words };
}
