/** What a batch sets, row by row; of a city only what it sets for itself. */
import type { Reading } from './reading.ts';
import type { RuleWords } from './rule-blocks.ts';
import { choiceText, windowText } from './words.ts';

/** Item and value. */
export type BatchRow = readonly [item: string, value: string];

/** The rows of one entry of `batches.batches`; what it does not set is left out. */
export function batchRows(batch: Reading, words: RuleWords): BatchRow[] {
  const rows: BatchRow[] = [];
  const say = (item: string, value: string) => {
    if (value !== '') rows.push([item, value]);
  };
  say('投档次序', batch.has('order') ? `${batch.text('order')}（数字小的先投档）` : '');
  say('阶段', phaseText(batch.text('phase'), words));
  say('时间', batch.has('window') ? windowText(batch.texts('window')) : '');
  say('招生院校', schoolsText(batch));
  say('志愿', choicesText(batch.at('choices')));
  dispatchRows(batch.at('dispatch'), say);
  return rows;
}

function phaseText(phase: string, { policy }: RuleWords): string {
  const title = policy.phases.find(each => each.id === phase)?.title;
  return title === undefined ? phase : `${title}（${phase}）`;
}

function schoolsText(batch: Reading): string {
  const kinds = batch.texts('kinds').map(kind => choiceText('kinds', kind));
  const schools = batch.texts('schools');
  return [...kinds, ...(schools.length === 0 ? [] : [`院校 ${schools.join('、')}`])].join('、');
}

function choicesText(choices: Reading): string {
  const parts = [
    choices.has('max') ? `每人至多 ${choices.text('max')} 个院校志愿` : '',
    choices.has('majors') ? `每个志愿至多 ${choices.text('majors')} 个专业` : '',
  ];
  return parts.filter(part => part !== '').join('，');
}

function dispatchRows(dispatch: Reading, say: (item: string, value: string) => void): void {
  say('投档模式', choiceText('mode', dispatch.text('mode')));
  const bands = dispatch.texts('bands');
  say('分段', bands.length === 0 ? '' : `下限依次为 ${bands.join('、')} 分`);
  say('投档比例', dispatch.text('ratio'));
  say('比例的余数', choiceText('rounding', dispatch.text('rounding')));
  const ties = dispatch.at('ties');
  const keys = ties.at('keys').entries().map(tieKeyText);
  say('同分依次比较', keys.join('；'));
  say('仍相同的', choiceText('ending', ties.text('ending')));
  say('抽签种子', dispatch.text('seed'));
  const majors = dispatch.at('majors');
  say('专业安排', choiceText('majors', majors.text('mode')));
  say('专业级差', majors.has('gap') ? `${majors.text('gap')} 分` : '');
  say('发档', choiceText('release', dispatch.text('release')));
}

function tieKeyText(key: Reading): string {
  const subjects = key.texts('subjects');
  if (subjects.length > 0) return `${subjects.join('、')}的总分`;
  if (key.has('subject')) return `${key.text('subject')}的分数`;
  key.take();
  return '同分优先的照顾特征';
}
