/** Where a candidate is now, as the figures at the head of candidate-outcome. */
import { STATE_TITLES } from '../../engine/file/states.ts';
import type { Figure } from '../report.ts';
import type { CandidateStanding, Decision } from './candidate-rows.ts';

/** The state in a sentence, with what happens next. */
export function standingSentence(standing: CandidateStanding): string {
  const school = standing.schoolName ?? standing.school ?? '';
  switch (standing.state) {
    case 'in-pool':
      return '档案在库，可参加以后的投档。';
    case 'senior-high':
      return `已被普通高中录取（${school}），不参加中职投档。`;
    case 'dispatched':
      return `档案已投往${school}，等待招办发档；还不是录取。`;
    case 'reading':
      return `档案在${school}，院校正在审阅；还不是录取。`;
    case 'proposed':
      return `${school}拟录取，等待确认。`;
    case 'return-proposed':
      return `${school}拟退档，等待审核。`;
    case 'pending-review':
      return `${school}拟录取，等待本市招办审核。`;
    case 'admitted':
      return `已被${school}录取，请按时注册。`;
    case 'registered':
      return `已在${school}注册。`;
    case 'filed':
      return `已在${school}注册，录取名册已备案。`;
    case 'held':
      return '档案被挂起，暂不参加投档。';
    case 'cancelled':
      return '注册已注销。';
    default:
      return '档案尚未派号。';
  }
}

/** The large facts: name (masked), state, place, score. */
export function standingFigures(standing: CandidateStanding, last: Decision | undefined): Figure[] {
  const state = (STATE_TITLES as Record<string, string>)[standing.state] ?? standing.state;
  const figures: Figure[] = [
    { key: 'name', title: '姓名', type: 'text', value: standing.name, masked: 'name' },
    { key: 'state', title: '现状', type: 'text', value: state },
    { key: 'total', title: '总分', type: 'hundredths', value: standing.total, unit: '分' },
  ];
  if (last !== undefined) {
    figures.push(
      { key: 'score', title: '投档分', type: 'hundredths', value: last.score, unit: '分' },
      { key: 'position', title: '位次', type: 'integer', value: last.position },
    );
  }
  if (standing.school !== null) {
    const school = `${standing.schoolName ?? ''}（${standing.school}）`;
    figures.push({ key: 'school', title: '院校', type: 'text', value: school });
  }
  if (standing.major !== null) {
    const major = `${standing.majorName ?? ''}（${standing.major}）`;
    figures.push({ key: 'major', title: '专业', type: 'text', value: major });
  }
  figures.push({
    key: 'sentence',
    title: '说明',
    type: 'text',
    value: standingSentence(standing),
  });
  return figures;
}
