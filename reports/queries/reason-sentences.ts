/**
 * Why a choice came out as it did, in a sentence that a family understands, with the school's own
 * numbers. What a rule decided is explained by the rules' own sentences (one-candidate.ts); here is
 * what the room decided.
 */
import { formatHundredths } from '../../engine/decimal.ts';
import type { Batch, TieEnding } from '../../engine/policy/types.ts';

/** A school in a run: school_outcomes, and the last one sent there. */
export interface SchoolNumbers {
  readonly planned: number;
  readonly flexible: number;
  readonly roomBefore: number;
  readonly sent: number;
  /** hundredths */
  readonly lowest: number | null;
  readonly lastOrdinal: number | null;
  /** The last place in the rank among those sent there. */
  readonly lastPosition: number | null;
  readonly overrun: number;
}

export interface Placing {
  readonly ordinal: number;
  /** hundredths */
  readonly score: number | null;
  readonly position: number | null;
  /** The ordinal by which the candidate was placed; null: unplaced. */
  readonly placedOrdinal: number | null;
  /** Chinese: what the suggested major is, or why there is none. */
  readonly major: string;
}

const ENDINGS: Readonly<Record<TieEnding, string>> = {
  follow: '同分跟进',
  'reject-all': '同分不进',
  lottery: '同分派位',
  'candidate-no': '同分按考生号',
};

/**
 * The sentence of a reason that dispatch itself gives.
 *
 * @param school null: the school has no plan line here, or is unknown
 * @param batch null: the policy of that time can't be read any more
 */
export function reasonSentence(
  code: string,
  placing: Placing,
  school: SchoolNumbers | null,
  batch: Batch | null,
): string {
  switch (code) {
    case 'placed':
      return `由此志愿投出。${ownNumbers(placing)}${schoolNumbers(school)}${placing.major}`;
    case 'full':
      return fullSentence(placing, school, batch);
    case 'closed-by-tie':
      return (
        '该校剩余名额容不下全部同分考生，按“同分不进”的规定，这些同分考生都不投往该校，' +
        `该校本次也不再投档。${ownNumbers(placing)}${schoolNumbers(school)}`
      );
    case 'below-bands':
      return `投档分低于最低一段的下限${lowestBand(batch)}，本次不投档。${ownNumbers(placing)}`;
    case 'earlier-choice-open':
      return '本次只向这一所院校投档；您前面的志愿还有空位，所以留待前面的志愿。';
    case 'not-reached':
      return placing.placedOrdinal === null
        ? '本次投档没有轮到此志愿。'
        : `已由第${placing.placedOrdinal}志愿投出，后面的志愿不再检索。`;
    case 'not-in-batch':
      return '所填院校不在本批次招生的院校之中，或院校代码不存在。';
    case 'school-suspended':
      return '该校在本批次的投档已暂停或已结束。';
    case 'returned-before':
      return '该校今年已退过您的档案，同一年不再投往该校。';
    case 'no-plan':
      return '该校在您所在的市没有本批次的招生计划。';
    case 'missing-data':
      return placing.score === null ? '没有总分，不能参加按分数的投档。' : '资料不全，不能判断。';
    case 'majors-full':
      return '派位轮到您时，该校的专业已没有空位。';
    case 'majors-refused':
      return '派位轮到您时，您不符合该校尚有空位的专业的要求。';
    case 'no-adjustment':
      return '派位轮到您时，您填的专业已满，又不服从调剂。';
    default:
      return '';
  }
}

function fullSentence(placing: Placing, school: SchoolNumbers | null, batch: Batch | null): string {
  if (school === null) return '该校在您所在的市没有空余名额。';
  if (school.roomBefore <= 0) {
    return `该校在您所在的市本次投档前已无空位（计划 ${school.planned} 人）。`;
  }
  const numbers = `${schoolNumbers(school)}${ownNumbers(placing)}`;
  return `该校名额已满。${numbers}${comparison(placing, school, batch)}`;
}

/** Why the last one sent comes before this one; empty where nothing plain can be said. */
function comparison(placing: Placing, school: SchoolNumbers, batch: Batch | null): string {
  const { position } = placing;
  const last = school.lastPosition;
  if (position === null || last === null) return '';
  const mode = batch?.dispatch.mode;
  if (position > last) {
    if (mode === 'lottery') return '派位的次序在最后一名之后。';
    return placing.score === school.lowest ? '与最后一名同分，按同分的比较办法排在其后。' : '';
  }
  if (position === last && batch !== null) {
    return `与最后一名完全同分，按“${ENDINGS[batch.dispatch.ties.ending]}”处理。`;
  }
  if (mode === 'choice-first' || mode === 'banded') {
    return '本批次按志愿顺序投档：轮到您的这一志愿时，名额已由把该校填在更前面的考生占满。';
  }
  return '';
}

function ownNumbers({ score, position }: Placing): string {
  const parts = [
    score === null ? '' : `投档分 ${formatHundredths(score)}`,
    position === null ? '' : `位次 ${position}`,
  ].filter(part => part !== '');
  return parts.length === 0 ? '' : `您的${parts.join('，')}。`;
}

function schoolNumbers(school: SchoolNumbers | null): string {
  if (school === null) return '';
  const parts = [`该校可投 ${Math.max(school.roomBefore, 0)} 人，投出 ${school.sent} 人`];
  if (school.overrun > 0) parts.push(`（同分超出 ${school.overrun} 人）`);
  if (school.sent > 0) {
    const last = [
      school.lowest === null ? '' : `投档分 ${formatHundredths(school.lowest)}`,
      school.lastPosition === null ? '' : `位次 ${school.lastPosition}`,
    ].filter(part => part !== '');
    if (last.length > 0) parts.push(`，最后一名${last.join('、')}`);
    if (school.lastOrdinal !== null) parts.push(`，志愿序号最大的为第${school.lastOrdinal}志愿`);
  }
  return `${parts.join('')}。`;
}

function lowestBand(batch: Batch | null): string {
  const lowest = batch?.dispatch.bands.at(-1);
  return lowest === undefined ? '' : `（${formatHundredths(lowest)} 分）`;
}
