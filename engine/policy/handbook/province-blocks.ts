/** Small provinces 小型数据样例 as tables: who is there, what is chosen, where each must end up. */

import { factTitle, factValueTitle } from '../../rules/condition-words.ts';
import { valueTitle } from '../../rules/value-titles.ts';
import { type Placement, placementText } from '../provinces.ts';
import type { Block } from './book.ts';
import { regionText } from './dispatch-chapters.ts';
import type { Reading } from './reading.ts';
import type { RuleWords } from './rule-blocks.ts';
import { basisWords, choiceText, dateText } from './words.ts';

export function provinceBlocks(readings: readonly Reading[], words: RuleWords): Block[] {
  const all = readings.flatMap(reading => reading.at('provinces').entries());
  return all.flatMap(province => [
    { kind: 'heading' as const, text: province.text('title') },
    { kind: 'note' as const, text: aboutText(province, words) },
    schoolTable(province.at('province').at('schools')),
    candidateTable(province, words),
  ]);
}

function aboutText(province: Reading, words: RuleWords): string {
  const [city, batch, date] = ['city', 'batch', 'date'].map(key => province.text(key));
  const parts = [
    `按${regionText(city ?? '', words)}的办法投档`,
    batch === '' ? '' : `批次 ${batch}`,
    date === '' ? '' : dateText(date ?? ''),
  ];
  const basis = basisWords(words.policy, province.text('basis'));
  return `${parts.filter(part => part !== '').join('，')}。${basis === '' ? '' : `依据：${basis}。`}`;
}

function schoolTable(schools: Reading): Block {
  const rows = schools.entries().map(school => {
    const kind = school.text('kind');
    return [
      [school.text('title'), school.text('school'), kind === '' ? '' : choiceText('kinds', kind)]
        .filter(part => part !== '')
        .join(' '),
      school.at('plan').entries().map(planText).join('；'),
      school.text('flexible') || '–',
    ];
  });
  const columns = [{ title: '院校', weight: 1.5 }, { title: '计划', weight: 3 }, { title: '机动' }];
  return { kind: 'table', columns, rows };
}

function planText(line: Reading): string {
  const articulated = line.text('articulated');
  const mark = articulated === '' ? '' : `，三二分段：${articulated === 'true' ? '是' : '否'}`;
  const name = [line.text('title'), line.text('major')].filter(part => part !== '').join(' ');
  return `${name} ${line.text('places')} 人${mark}`;
}

function candidateTable(province: Reading, words: RuleWords): Block {
  const placements = new Map(
    province
      .at('expect')
      .at('placements')
      .entries()
      .map(each => [each.text('candidate'), each.take() as unknown as Placement]),
  );
  const rows = province
    .at('province')
    .at('candidates')
    .entries()
    .map(candidate => {
      const name = candidate.text('candidate');
      const expected = placements.get(name);
      return [
        name,
        `${candidate.text('total')} 分`,
        detailText(candidate, words),
        candidate.at('choices').entries().map(choiceLine).join('；'),
        expected === undefined ? '（不核对）' : placementText(expected, words.policy),
      ];
    });
  const columns = [
    { title: '考生', weight: 0.5 },
    { title: '总分', weight: 0.7 },
    { title: '其他', weight: 1.6 },
    { title: '志愿', weight: 2 },
    { title: '应有的去向', weight: 2 },
  ];
  return { kind: 'table', columns, rows };
}

function detailText(candidate: Reading, { policy, context }: RuleWords): string {
  const marks = candidate.at('marks');
  const attributes = candidate.at('attributes');
  const features = candidate.texts('features').map(id => {
    const title = policy.preferences.features.find(each => each.id === id)?.title;
    return title === undefined ? id : `${title}（${id}）`;
  });
  const parts = [
    ...['origin', 'sex'].map(key => {
      const value = candidate.text(key);
      return value === '' ? '' : `${valueTitle(`candidate.${key}`, value)}（${value}）`;
    }),
    ...marks.keys().map(subject => `${subject} ${marks.text(subject)}`),
    ...features,
    ...attributes.keys().map(name => {
      const fact = `candidate.${name}`;
      const value = attributes.at(name).take();
      const scalar = typeof value === 'object' ? null : value;
      return `${factTitle(fact, context)} ${factValueTitle(fact, scalar, context)}`;
    }),
  ];
  return parts.filter(part => part !== '').join('，') || '–';
}

function choiceLine(choice: Reading, at: number): string {
  const adjustment = choice.text('adjustment');
  const adjusts = adjustment === '' ? '' : `（服从调剂：${adjustment === 'true' ? '是' : '否'}）`;
  const majors = choice.texts('majors');
  const named = majors.length === 0 ? '' : ` 专业 ${majors.join('、')}`;
  return `${at + 1}. 院校 ${choice.text('school')}${named}${adjusts}`;
}
