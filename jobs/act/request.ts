/** What an act is asked for with, and what it answers. */
import type { Answer } from './function-job.ts';

/** What a caller asks for. */
export interface ActRequest {
  readonly user: string;
  /** Texts (command line) or typed. */
  readonly input: Readonly<Record<string, unknown>>;
  /** The caller's own number of the request; the same again is answered, not done again. */
  readonly request?: string;
  /** Who sits at the machine. */
  readonly osUser?: string;
  /** Of the session 登录会话 that the user speaks through; absent: signed in for this act alone. */
  readonly token?: string;
}

export interface ActReport {
  readonly state: 'done' | 'proposed' | 'already-done';
  /** null: a launched run has numbers of its own, a proposal none. */
  readonly run: number | null;
  readonly proposal: number | null;
  readonly answer: Answer;
}
