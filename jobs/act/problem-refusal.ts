/**
 * A refusal with a list of what is wrong, place by place: a package's rows, a policy's lines. The
 * list is told to the caller alone: rows hold people's data, which neither ledger nor log may keep.
 */
import { CodedError } from '../../engine/errors.ts';
import type { Problem } from '../../engine/problem.ts';

export class ProblemRefusal extends CodedError {
  readonly problems: readonly Problem[];
  /** Where the rows at fault were written, if they were. */
  readonly rejects: string | null;

  constructor(refusal: CodedError, problems: readonly Problem[], rejects: string | null = null) {
    const { code, message: sentence, advice, exitCode, detail, basis } = refusal;
    const kind = { sentence, advice, exitCode: exitCode as 2 | 3 | 4 | 5 };
    super(code, kind, detail, basis === undefined ? {} : { basis });
    this.problems = problems;
    this.rejects = rejects;
  }
}
