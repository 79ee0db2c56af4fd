/**
 * What is signed with a policy: that the tests beside it hold, and what it would have done to runs
 * of the past. Both are bound by their hashes, so that whoever asks later what the signers had
 * before them can tell whether this is it.
 */
import type { Session } from '../../../db/connect.ts';
import { canonicalJson, sha256 } from '../../../engine/policy/canonical.ts';
import { runExamples } from '../../../engine/policy/examples.ts';
import type { Json } from '../../../engine/policy/json.ts';
import { runProvinces } from '../../../engine/policy/provinces.ts';
import type { PolicyBundle } from '../../../engine/policy/types.ts';
import { formatProblem } from '../../../engine/problem.ts';
import { ProblemRefusal } from '../../act/problem-refusal.ts';
import { baseDataError } from '../errors.ts';

export interface HeldTests {
  readonly count: number;
  /** SHA-256 of every test with what the policy decides of it. */
  readonly hash: string;
}

/** @throws policy-tests-fail, with all that do */
export async function heldTests(bundle: PolicyBundle): Promise<HeldTests> {
  const verdicts = await runExamples(bundle);
  const provinces = await runProvinces(bundle);
  const problems = [
    ...verdicts.flatMap(({ problem }) => (problem === null ? [] : [problem])),
    ...provinces.flatMap(province => province.problems),
  ];
  const [first] = problems;
  if (first !== undefined) {
    const said = formatProblem({ ...first, excerpt: '' });
    const refusal = baseDataError('policy-tests-fail', { count: problems.length, first: said });
    throw new ProblemRefusal(refusal, problems);
  }
  const decided = [
    ...verdicts.map(({ problem: _, ...decision }) => decision),
    ...provinces.map(({ problems: _, ...placed }) => placed),
  ];
  // As JSON holds it: what is absent is left out, and what can't be written is no part of it.
  const hash = sha256(canonicalJson(JSON.parse(JSON.stringify(decided)) as Json));
  return { count: decided.length, hash };
}

/** What `zhongzhao policy try DIR --against RUN --out FILE.json` has written, as it is signed. */
export interface TrialSigned {
  /** SHA-256 of the file. */
  readonly hash: string;
  /** Content hash of the policy that was tried. */
  readonly baseHash: string;
  /** Whose data it was tried on. */
  readonly runs: readonly number[];
}

interface TrialJson {
  readonly report?: unknown;
  readonly head?: { readonly runs?: unknown };
  readonly sections?: readonly {
    readonly id?: unknown;
    readonly rows?: readonly { readonly baseHash?: unknown }[];
  }[];
}

/** @throws trial-unreadable: not the JSON of a trial of one whole policy */
export function readTrial(path: string, text: string): TrialSigned {
  const refuse = (reason: string) => baseDataError('trial-unreadable', { path, reason });
  let trial: TrialJson;
  try {
    trial = JSON.parse(text) as TrialJson;
  } catch {
    throw refuse('不是 JSON');
  }
  if (trial?.report !== 'policy-try') throw refuse('不是试算的报告');
  const section = (id: string) => trial.sections?.find(each => each.id === id);
  if ((section('settings')?.rows ?? []).length > 0) throw refuse('试改了单个取值，不是政策本身');
  const baseHash = section('policies')?.rows?.at(-1)?.baseHash;
  const runs = trial.head?.runs;
  if (typeof baseHash !== 'string' || !Array.isArray(runs) || runs.length === 0) {
    throw refuse('没有写明政策和投档运行');
  }
  return { hash: sha256(text), baseHash, runs: runs.map(Number) };
}

/**
 * The trial is of this policy and of runs that there are. Where nothing has been dispatched yet,
 * there is nothing to try it on.
 *
 * @throws policy-not-tried, trial-of-another
 */
export async function checkTrial(
  session: Pick<Session, 'query'>,
  bundle: PolicyBundle,
  trial: TrialSigned | undefined,
): Promise<void> {
  const [row] = await session.query<{ last: number | null; known: number }>(
    `select max(run) as last, count(*) filter (where run = any ($1::integer[]))::integer as known
     from runs where job = 'dispatch' and state = 'completed'`,
    [trial?.runs ?? []],
  );
  if (trial === undefined) {
    if (row?.last == null) return;
    throw baseDataError('policy-not-tried', { run: row.last });
  }
  if (trial.baseHash !== bundle.base.hash) {
    throw baseDataError('trial-of-another', { what: `内容哈希为 ${trial.baseHash} 的政策` });
  }
  const unknown = trial.runs.length - (row?.known ?? 0);
  if (unknown > 0) throw baseDataError('trial-of-another', { what: '本库没有的投档运行' });
}
