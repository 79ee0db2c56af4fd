/** 批次、分数线、照顾特征: the data by which a batch is dispatched. */
import type { FullPolicy } from '../types.ts';
import { batchRows } from './batch-rows.ts';
import type { Block, Chapter } from './book.ts';
import type { Reading } from './reading.ts';
import { type RuleWords, requirementBlocks } from './rule-blocks.ts';
import { basisWords, choiceText } from './words.ts';

export function batchesChapter(reading: Reading, words: RuleWords): Chapter {
  const { policy } = words;
  const blocks = reading
    .at('batches')
    .entries()
    .flatMap((batch): Block[] => [
      { kind: 'heading', text: `${batch.text('title')}（${batch.text('id')}）` },
      {
        kind: 'table',
        columns: [
          { title: '项目', weight: 1 },
          { title: '规定', weight: 3 },
        ],
        rows: [
          ...batchRows(batch, words).map(row => [...row]),
          ['依据', basisWords(policy, batch.text('basis'))],
        ],
      },
    ]);
  return {
    id: 'batches',
    title: '批次与投档办法',
    blocks: [
      ...blocks,
      { kind: 'heading', text: '投档前的要求' },
      ...requirementBlocks(policy.start, reading.at('start'), words),
    ],
  };
}

/** Lines of the province and, since each city sets its own, of all cities in one table. */
export function linesChapter(readings: readonly Reading[], words: RuleWords): Chapter {
  const regions = readings.flatMap(each => each.at('regions').entries());
  const schools = readings.flatMap(each => each.at('schools').entries());
  return {
    id: 'score-lines',
    title: '分数线',
    blocks: [
      {
        kind: 'note',
        text: '没有区域分数线的市不能投档；院校区域分数线只能高于区域分数线。单位：分。',
      },
      { kind: 'heading', text: '区域分数线' },
      ...linesTable(regions, false, words),
      { kind: 'heading', text: '院校区域分数线' },
      ...linesTable(schools, true, words),
    ],
  };
}

function linesTable(lines: readonly Reading[], ofSchool: boolean, words: RuleWords): Block[] {
  if (lines.length === 0) return [{ kind: 'text', text: '没有设定。' }];
  const rows = lines.map(line => [
    ...(ofSchool ? [line.text('school')] : []),
    regionText(line.text('region'), words),
    batchTitle(line.text('batch'), words.policy),
    line.has('line') ? line.text('line') : '（清除）',
    basisWords(words.policy, line.text('basis')),
  ]);
  const columns = [
    ...(ofSchool ? [{ title: '院校' }] : []),
    { title: '生源地区', weight: 1.4 },
    { title: '批次', weight: 1.6 },
    { title: '分数线', align: 'right' as const, weight: 0.8 },
    { title: '依据', weight: 1.6 },
  ];
  return [{ kind: 'table', columns, rows }];
}

export function regionText(code: string, { titles }: RuleWords): string {
  const name = titles.regions.get(code);
  return name === undefined ? code : `${name}（${code}）`;
}

export function batchTitle(id: string, policy: FullPolicy): string {
  const title = policy.batches.find(batch => batch.id === id)?.title;
  return title === undefined ? id : `${title}（${id}）`;
}

export function preferencesChapter(reading: Reading, words: RuleWords): Chapter {
  const combine = reading.text('combine');
  const cap = reading.text('cap');
  return {
    id: 'preferences',
    title: '照顾特征',
    blocks: [
      {
        kind: 'text',
        text:
          `照顾特征经第二人确认后计入。有几项加分的，${choiceText('combine', combine || 'max')}；` +
          `${cap === '' ? '加分不设上限' : `加分至多 ${cap} 分`}。`,
      },
      ...featureBlocks(reading.at('features').entries(), words),
    ],
  };
}

export function featureBlocks(features: readonly Reading[], words: RuleWords): Block[] {
  if (features.length === 0) return [{ kind: 'text', text: '没有设定。' }];
  const rows = features.map(feature => [
    `${feature.text('title')}（${feature.text('id')}）`,
    choiceText('kind', feature.text('kind')),
    feature.has('points') ? `${feature.text('points')} 分` : '',
    feature.text('rank'),
    feature
      .texts('batches')
      .map(batch => batchTitle(batch, words.policy))
      .join('、'),
    basisWords(words.policy, feature.text('basis')),
  ]);
  const columns = [
    { title: '照顾特征', weight: 2 },
    { title: '办法', weight: 1.3 },
    { title: '加分', weight: 0.7, align: 'right' as const },
    { title: '优先次序', weight: 0.7, align: 'right' as const },
    { title: '批次', weight: 1.8 },
    { title: '依据', weight: 1.4 },
  ];
  return [{ kind: 'table', columns, rows }];
}
