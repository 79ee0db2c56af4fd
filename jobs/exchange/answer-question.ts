/**
 * 问题解答 of the office side: answers a school's question, for the school alone or for everybody.
 * Until the question is closed a new answer replaces the former one.
 */
import { answerQuestion } from '../../db/season/questions.ts';
import { functionJob } from '../act/function-job.ts';
import { exchangeError } from './errors.ts';
import { openQuestion, questionTarget } from './parts/question-target.ts';

interface Input {
  readonly question: number;
  readonly answer: string;
  readonly visibility: 'public' | 'private';
}

export const job = functionJob<Input>({
  id: 'answer-question',
  title: '问题解答',
  sides: ['office'],
  menu: '信息交流',
  annex: true,
  input: {
    properties: {
      question: { type: 'integer', minimum: 1, description: '问题编号' },
      answer: { type: 'string', minLength: 2, maxLength: 4_000, description: '答复' },
      visibility: {
        type: 'string',
        enum: ['public', 'private'],
        description: '公开答复 public，只答复该校 private',
      },
    },
    required: ['question', 'answer', 'visibility'],
  },
  personal: ['answer'],
  relatives: false,
  window: 'none',
  unlocked: true,
  target: questionTarget,
  async effect(act) {
    const { question: number, answer, visibility } = act.input;
    const question = await openQuestion(act);
    const { assignedTo } = question;
    if (assignedTo !== null && assignedTo !== act.user.user) {
      throw exchangeError('assigned-to-other', { question: number, user: assignedTo });
    }
    const isPublic = visibility === 'public';
    const values = { question: number, public: isPublic };
    if (question.answer === answer && question.public === isPublic) {
      return { lines: [`第 ${number} 号问题的答复相同，未作改动。`], values };
    }
    const by = { by: act.user.user, at: act.at };
    await answerQuestion(act.session, act.season, number, {
      text: answer,
      public: isPublic,
      ...by,
    });
    act.record({ note: { question: number, visibility } });
    return { lines: [`第 ${number} 号问题已${isPublic ? '公开' : ''}答复。`], values };
  },
});
