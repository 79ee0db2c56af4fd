/** 问题解答管理: assigns a school's question to an officer, publishes its answer, closes it. */
import { readUser } from '../../db/access/user.ts';
import {
  assignQuestion,
  closeQuestion,
  publishQuestion,
  type Question,
} from '../../db/season/questions.ts';
import { CodedError } from '../../engine/errors.ts';
import type { Act } from '../act/act.ts';
import { type Answer, functionJob } from '../act/function-job.ts';
import { checkScope } from '../act/guards.ts';
import { INPUT, wrongInput } from '../act/input.ts';
import { exchangeError } from './errors.ts';
import { openQuestion, questionTarget } from './parts/question-target.ts';

interface Input {
  readonly question: number;
  readonly action: 'assign' | 'publish' | 'close';
  readonly to?: string;
  readonly reason?: string;
}

export const job = functionJob<Input>({
  id: 'manage-questions',
  title: '问题解答管理',
  sides: ['office'],
  menu: '信息交流',
  annex: true,
  input: {
    properties: {
      question: { type: 'integer', minimum: 1, description: '问题编号' },
      action: {
        type: 'string',
        enum: ['assign', 'publish', 'close'],
        description: '指派 assign、公开 publish、关闭 close',
      },
      to: { type: 'string', minLength: 2, maxLength: 64, description: '指派给哪个用户' },
      reason: INPUT.reason,
    },
    required: ['question', 'action'],
  },
  relatives: false,
  window: 'none',
  unlocked: true,
  target: questionTarget,
  async effect(act) {
    const question = await openQuestion(act);
    const does = { assign, publish, close }[act.input.action];
    return does(act, question);
  },
});

async function assign(act: Act<Input>, { question, assignedTo }: Question): Promise<Answer> {
  const { to } = act.input;
  if (to === undefined) throw wrongInput(job, ['指派须写 to（用户）']);
  if (assignedTo === to) {
    return { lines: [`第 ${question} 号问题已指派给用户 ${to}，未作改动。`] };
  }
  if (!(await mayAnswer(act, to))) throw exchangeError('assignee-unfit', { user: to, question });
  await assignQuestion(act.session, act.season, question, to);
  act.record({ note: { question, action: 'assign', to } });
  return { lines: [`第 ${question} 号问题已指派给用户 ${to}。`] };
}

/** Whether the user could answer it: an officer with the function, in charge of the school. */
async function mayAnswer(act: Act<Input>, name: string): Promise<boolean> {
  return act.asRunner(async session => {
    const user = await readUser(session, act.season, name, act.policy);
    if (user === null || user.disabled || user.side !== 'office') return false;
    if (user.level === 'county' || !user.functions.has('answer-question')) return false;
    try {
      await checkScope(session, act.season, user, act.target);
      return true;
    } catch (error) {
      if (error instanceof CodedError) return false;
      throw error;
    }
  });
}

async function publish(act: Act<Input>, { question, ...found }: Question): Promise<Answer> {
  if (found.answer === null) throw exchangeError('no-answer-yet', { question });
  if (found.public) return { lines: [`第 ${question} 号问题的答复已经公开，未作改动。`] };
  await publishQuestion(act.session, act.season, question);
  act.record({ note: { question, action: 'publish' } });
  return { lines: [`第 ${question} 号问题及答复已公开。`] };
}

async function close(act: Act<Input>, { question, answer }: Question): Promise<Answer> {
  const { reason = null } = act.input;
  if (answer === null && reason === null) throw exchangeError('no-answer-yet', { question });
  const by = { by: act.user.user, at: act.at };
  await closeQuestion(act.session, act.season, question, { ...by, reason });
  act.record({ note: { question, action: 'close', ...(reason === null ? {} : { reason }) } });
  return { lines: [`第 ${question} 号问题已关闭。`] };
}
