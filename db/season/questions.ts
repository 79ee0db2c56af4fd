/** Questions of schools and their answers 问题解答. */
import type { Session } from '../connect.ts';

type Reader = Pick<Session, 'query'>;

export interface Question {
  readonly question: number;
  /** Whose office answers; '': the province. */
  readonly city: string;
  readonly school: string;
  readonly title: string;
  readonly body: string;
  readonly state: 'open' | 'answered' | 'closed';
  readonly askedOn: string;
  readonly assignedTo: string | null;
  readonly answer: string | null;
  readonly answeredBy: string | null;
  readonly public: boolean;
}

const COLUMNS = `question, city, school, title, body, state, asked_on::text as "askedOn",
  assigned_to as "assignedTo", answer, answered_by as "answeredBy", public`;

export async function readQuestion(
  session: Reader,
  season: number,
  question: number,
): Promise<Question | null> {
  const [row] = await session.query<Question>(
    `select ${COLUMNS} from questions where season = $1::smallint and question = $2`,
    [season, question],
  );
  return row ?? null;
}

/** The school's own question of the same words that is not closed. */
export async function sameQuestion(
  session: Reader,
  season: number,
  school: string,
  text: { readonly title: string; readonly body: string },
): Promise<number | null> {
  const [row] = await session.query<{ question: number }>(
    `select question from questions
      where season = $1::smallint and school = $2 and title = $3 and body = $4
        and state <> 'closed' order by question limit 1`,
    [season, school, text.title, text.body],
  );
  return row?.question ?? null;
}

/** A school's own questions and the public ones, the latest first. */
export async function visibleQuestions(
  session: Reader,
  season: number,
  limit: number,
): Promise<Question[]> {
  return session.query<Question>(
    `select ${COLUMNS} from questions where season = $1::smallint
      order by question desc limit $2`,
    [season, limit],
  );
}

export async function insertQuestion(
  session: Reader,
  season: number,
  asked: {
    readonly question: number;
    readonly city: string;
    readonly school: string;
    readonly title: string;
    readonly body: string;
    readonly by: string;
    readonly at: Date;
    readonly on: string;
  },
): Promise<void> {
  await session.query(
    `insert into questions (season, question, city, school, title, body, asked_by, asked_at,
       asked_on)
     values ($1::smallint, $2, $3, $4, $5, $6, $7, $8, $9::date)`,
    [
      season,
      asked.question,
      asked.city,
      asked.school,
      asked.title,
      asked.body,
      asked.by,
      asked.at,
      asked.on,
    ],
  );
}

export async function answerQuestion(
  session: Reader,
  season: number,
  question: number,
  answer: {
    readonly text: string;
    readonly public: boolean;
    readonly by: string;
    readonly at: Date;
  },
): Promise<void> {
  await session.query(
    `update questions set state = 'answered', answer = $3, public = $4, answered_by = $5,
       answered_at = $6
     where season = $1::smallint and question = $2`,
    [season, question, answer.text, answer.public, answer.by, answer.at],
  );
}

export async function assignQuestion(
  session: Reader,
  season: number,
  question: number,
  user: string,
): Promise<void> {
  await session.query(
    'update questions set assigned_to = $3 where season = $1::smallint and question = $2',
    [season, question, user],
  );
}

export async function publishQuestion(
  session: Reader,
  season: number,
  question: number,
): Promise<void> {
  await session.query(
    'update questions set public = true where season = $1::smallint and question = $2',
    [season, question],
  );
}

export async function closeQuestion(
  session: Reader,
  season: number,
  question: number,
  how: { readonly by: string; readonly at: Date; readonly reason: string | null },
): Promise<void> {
  await session.query(
    `update questions set state = 'closed', closed_by = $3, closed_at = $4, closed_reason = $5
     where season = $1::smallint and question = $2`,
    [season, question, how.by, how.at, how.reason],
  );
}
