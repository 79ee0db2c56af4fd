/**
 * 问题解答 of the school side: asks a question, which goes to the office of the city where the school
 * lies (to the province where it lies in none); without a text it reads the answers – the school's
 * own and those that were published for all.
 */
import { takeNumbers } from '../../db/season/counters.ts';
import {
  insertQuestion,
  type Question,
  sameQuestion,
  visibleQuestions,
} from '../../db/season/questions.ts';
import { schoolSeat } from '../../db/season/school-seat.ts';
import type { Act } from '../act/act.ts';
import { actError } from '../act/errors.ts';
import { type Answer, functionJob, type Place, type Target } from '../act/function-job.ts';
import { wrongInput } from '../act/input.ts';

interface Input {
  readonly title?: string;
  readonly body?: string;
}

/** A page; older ones are in the reports. */
const SHOWN_MAX = 20;

const STATES: Readonly<Record<Question['state'], string>> = {
  open: '待答复',
  answered: '已答复',
  closed: '已关闭',
};

export const job = functionJob<Input>({
  id: 'ask-question',
  title: '问题解答',
  sides: ['school'],
  menu: '信息交流',
  annex: true,
  input: {
    properties: {
      title: { type: 'string', minLength: 2, maxLength: 100, description: '标题' },
      body: { type: 'string', minLength: 2, maxLength: 4_000, description: '问题' },
    },
  },
  // Schools write of people by name: the ledger keeps a hash.
  personal: ['title', 'body'],
  relatives: false,
  window: 'none',
  unlocked: true,
  target,
  effect: act =>
    act.input.title === undefined && act.input.body === undefined ? read(act) : ask(act),
});

async function target({ session, season, user }: Place<Input>): Promise<Target> {
  const school = user.school ?? '';
  const seat = await schoolSeat(session, season, school);
  if (seat === null) throw actError('unknown-school', { school });
  return { cities: seat.city === '' ? [] : [seat.city], school };
}

async function ask(act: Act<Input>): Promise<Answer> {
  const { session, season, input, user } = act;
  const { title, body } = input;
  if (title === undefined || body === undefined) {
    throw wrongInput(job, ['提问须写 title（标题）和 body（问题）']);
  }
  const school = user.school ?? '';
  const same = await sameQuestion(session, season, school, { title, body });
  if (same !== null) {
    const lines = [`相同的问题已提过（第 ${same} 号），未重复提交。`];
    return { lines, values: { question: same } };
  }
  const question = await act.asRunner(runner => takeNumbers(runner, season, 'question'));
  const city = act.target.cities[0] ?? '';
  const asked = { by: user.user, at: act.at, on: act.businessDate };
  await insertQuestion(session, season, { question, city, school, title, body, ...asked });
  act.record({ note: { question } });
  const office = city === '' ? '省招办' : '学校所在市招办';
  return { lines: [`问题已提交（第 ${question} 号），由${office}答复。`], values: { question } };
}

async function read(act: Act<Input>): Promise<Answer> {
  const questions = await visibleQuestions(act.session, act.season, SHOWN_MAX);
  const own = (question: Question) => question.school === act.user.school;
  return {
    lines:
      questions.length === 0
        ? ['还没有问题。']
        : questions.map(
            each =>
              `第 ${each.question} 号（${own(each) ? '本校' : '公开'}，${STATES[each.state]}）` +
              `${each.title}：${each.answer ?? '尚无答复'}`,
          ),
    values: {
      questions: questions.map(each => ({
        question: each.question,
        own: own(each),
        state: each.state,
        answer: each.answer,
      })),
    },
    // As the input: questions and answers name people.
    unkept: true,
  };
}
