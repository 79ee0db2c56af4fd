/** A question as the target of an act: the city whose office answers, and the school that asked. */
import { type Question, readQuestion } from '../../../db/season/questions.ts';
import type { Act } from '../../act/act.ts';
import type { Place, Target } from '../../act/function-job.ts';
import { exchangeError } from '../errors.ts';

interface Named {
  readonly question: number;
}

/** @throws unknown-question */
export async function questionTarget(place: Place<Named>): Promise<Target> {
  const number = place.input.question;
  const question = await readQuestion(place.session, place.season, number);
  if (question === null) throw exchangeError('unknown-question', { question: number });
  return { cities: question.city === '' ? [] : [question.city], school: question.school };
}

/** The question, as long as something may still be done with it. @throws question-closed */
export async function openQuestion<I extends Named>(act: Act<I>): Promise<Question> {
  const { question: number } = act.input;
  const question = await readQuestion(act.session, act.season, number);
  if (question === null) throw exchangeError('unknown-question', { question: number });
  if (question.state === 'closed') throw exchangeError('question-closed', { question: number });
  return question;
}
