/** 与上一版的不同: what the policy changes of another one, last year's above all. */
import type { PolicyChange, PolicyDiff } from '../diff/compare.ts';
import { CHANGE_TITLES, countWords, groupByBasis } from '../diff/group.ts';
import type { Block, Chapter } from './book.ts';

const COLUMNS = [
  { title: '类别', weight: 0.5 },
  { title: '内容', weight: 2 },
  { title: '项目', weight: 0.9 },
  { title: '原', weight: 2.4 },
  { title: '现', weight: 2.4 },
];

export function changesChapter(diff: PolicyDiff): Chapter {
  const { before } = diff;
  const about = `与${before.title}（${before.id}，内容哈希 ${before.hash.slice(0, 12)}…）比较`;
  const blocks: Block[] =
    diff.changes.length === 0
      ? [{ kind: 'text', text: `${about}，内容没有不同。` }]
      : [
          { kind: 'text', text: `${about}：${countWords(diff)}。按依据归类如下。` },
          ...groupByBasis(diff).flatMap(({ title, changes }): Block[] => [
            { kind: 'heading', text: title },
            { kind: 'table', columns: COLUMNS, rows: changes.map(rowOf) },
          ]),
        ];
  return { id: 'changes', title: '与上一版的不同', blocks };
}

function rowOf({ kind, subject, item, before, after }: PolicyChange): string[] {
  return [CHANGE_TITLES[kind], subject.join('·'), item, before ?? '–', after ?? '–'];
}
