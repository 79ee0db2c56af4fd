/** Columns and words that trial reports have in common. */
import type { ChangeKind } from '../../engine/trial/compare.ts';
import type { ChangeCounts } from '../../engine/trial/tally.ts';
import type { Column, Row } from '../report.ts';

export const CHANGE_TITLES: Readonly<Record<ChangeKind, string>> = Object.freeze({
  same: '不变',
  gained: '新投出',
  lost: '不再投出',
  better: '志愿提前',
  worse: '志愿推后',
  major: '只换建议专业',
  reasons: '只换理由',
});

/** What a change is counted by, left of the counts. */
export function countColumns(first: readonly Column[]): Column[] {
  const count = (key: string, title: string): Column => ({
    ...{ key, title, type: 'integer', unit: '人', width: 8, total: 'sum' },
  });
  return [
    ...first,
    count('participants', '参加'),
    count('placedBefore', '原投出'),
    count('placedAfter', '试投出'),
    count('difference', '增减'),
    count('gained', CHANGE_TITLES.gained),
    count('lost', CHANGE_TITLES.lost),
    count('better', CHANGE_TITLES.better),
    count('worse', CHANGE_TITLES.worse),
    count('major', CHANGE_TITLES.major),
  ];
}

export function countRow(first: Row, counts: ChangeCounts): Row {
  const { participants, placedBefore, placedAfter, gained, lost, better, worse, major } = counts;
  const difference = placedAfter - placedBefore;
  return {
    ...first,
    ...{ participants, placedBefore, placedAfter, difference, gained, lost, better, worse, major },
  };
}

export const TRIAL_DEFINITIONS = [
  { term: '试算', meaning: '用过去一次投档的原始数据，按另一政策重算；只算不写，什么也不改。' },
  { term: '新投出', meaning: '原政策下没有投出，新政策下投出。不再投出则相反。' },
  { term: '志愿提前', meaning: '两种政策下都投出，新政策下投往更靠前的志愿。志愿推后则相反。' },
  { term: '只换建议专业', meaning: '院校不变，建议专业不同。' },
  { term: '空余名额', meaning: '各校投档后剩余的可投人数之和，超出的不相抵。' },
  {
    term: '不含',
    meaning: '考生填报志愿时并不知道新政策；政策变了，志愿也可能变，试算不能预料。',
  },
];
