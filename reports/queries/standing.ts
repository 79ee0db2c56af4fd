/** Where a candidate is now, as the figures at the head of candidate-outcome. */
import { EVENT_BY_NAME } from '../../engine/file/events.ts';
import { STATE_TITLES } from '../../engine/file/states.ts';
import { basisWords } from '../../engine/policy/handbook/words.ts';
import type { FullPolicy } from '../../engine/policy/types.ts';
import type { Figure } from '../report.ts';
import type { CandidateStanding, Decision, LastMove } from './candidate-rows.ts';

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
      return school === '' ? '注册已注销。' : `在${school}的注册已注销。`;
    default:
      return '档案尚未派号。';
  }
}

/**
 * What has brought the file to where it is: day, event, school, and the rules of the policy that
 * were behind it, with their articles.
 *
 * @param policy of the event; null: none was adopted
 */
export function moveFigure(move: LastMove, policy: FullPolicy | null): Figure {
  const event = EVENT_BY_NAME.get(move.name)?.title ?? move.name;
  const school = move.school === null ? '' : `，${move.schoolName ?? ''}（${move.school}）`;
  const titles = STATE_TITLES as Readonly<Record<string, string>>;
  const from = move.from === null ? '' : (titles[move.from] ?? move.from);
  const to = move.to === null ? '' : (titles[move.to] ?? move.to);
  const step = from === to || from === '' ? to : `${from} → ${to}`;
  const sentence = `${move.date} ${event}${school}：${step}${rulesBehind(move, policy)}。`;
  return { key: 'lastMove', title: '最近变动', type: 'text', value: sentence };
}

function rulesBehind({ decision }: LastMove, policy: FullPolicy | null): string {
  if (policy === null) return '';
  const ids = new Set(decision.split(' '));
  const rules = [...policy.reviews, ...policy.deadlineRules].filter(({ id }) => ids.has(id));
  if (rules.length === 0) return '';
  const said = rules.map(({ title, basis }) => `“${title}”（${basisWords(policy, basis)}）`);
  return `；按规则${said.join('、')}`;
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
