/** What a caller has given: typed, checked, and with what it only names read into it. */
import type { FunctionJob } from './function-job.ts';
import { checkInput } from './input.ts';
import type { ActRequest } from './request.ts';

/** An input as it was given, typed and checked. */
export interface Given {
  readonly input: Record<string, unknown>;
  readonly confirm: number | null;
  readonly withdraw: number | null;
}

export async function prepared(job: FunctionJob, asked: ActRequest['input']): Promise<Given> {
  const given = checkInput<Record<string, unknown>>(job, asked);
  // What is confirmed without being said again has been prepared when it was proposed.
  const bare = (given.confirm ?? given.withdraw) !== null && isEmpty(given.input);
  if (job.prepare === undefined || bare) return given;
  return { ...given, input: (await job.prepare(given.input)) as Record<string, unknown> };
}

export function isEmpty(input: Readonly<Record<string, unknown>>): boolean {
  return Object.keys(input).length === 0;
}
