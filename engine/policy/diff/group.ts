/** Differences under the article that they rest on, and how many there are of each kind. */
import { basisWords } from '../handbook/words.ts';
import type { ChangeKind, PolicyChange, PolicyDiff } from './compare.ts';

export interface ChangeGroup {
  /** As written in the policy; empty: what needs no article. */
  readonly basis: string;
  /** Chinese. */
  readonly title: string;
  readonly changes: readonly PolicyChange[];
}

export const CHANGE_TITLES: Readonly<Record<ChangeKind, string>> = {
  added: '新增',
  dropped: '删去',
  changed: '改变',
  moved: '移动',
};

/** In the order of the legal bases, then by article; what rests on none, and samples, last. */
export function groupByBasis({ bases, changes }: PolicyDiff): ChangeGroup[] {
  const groups = Map.groupBy(changes, change => change.basis);
  const policy = { bases };
  const rank = (basis: string) => {
    if (basis === '') return bases.length;
    if (basis === 'sample') return bases.length + 1;
    const at = bases.findIndex(each => each.id === basis.split(' ')[0]);
    return at === -1 ? bases.length : at;
  };
  return [...groups]
    .map(([basis, own]) => ({
      basis,
      title: basis === '' ? '不另写依据的内容' : basisWords(policy, basis),
      changes: own,
    }))
    .sort((a, b) => rank(a.basis) - rank(b.basis) || (a.basis < b.basis ? -1 : 1));
}

/** Of the kinds that occur: 新增 2 处，改变 8 处. */
export function countWords({ changes }: PolicyDiff): string {
  const counts = (Object.keys(CHANGE_TITLES) as ChangeKind[]).map(kind => ({
    title: CHANGE_TITLES[kind],
    count: changes.filter(change => change.kind === kind).length,
  }));
  return counts
    .filter(({ count }) => count > 0)
    .map(({ title, count }) => `${title} ${count} 处`)
    .join('，');
}
