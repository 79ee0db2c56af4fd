/**
 * The one machine-readable result of a run. Its schema (run-result.schema.json) is versioned:
 * reports, the desk and other people's scripts read it, so it is checked before it is stored.
 */
import { Ajv } from 'ajv';
import type { Database } from '../../db/connect.ts';
import { runError } from './errors.ts';
import type { Finding, JobOutcome, Scope } from './job.ts';
import { FINDING_ROWS_MAX } from './ledger.ts';
import schema from './run-result.schema.json' with { type: 'json' };

export const RUN_RESULT_VERSION = 1;

export interface RunResult {
  readonly schema: 'zhongzhao/run-result';
  readonly version: typeof RUN_RESULT_VERSION;
  /** null: a dry run. */
  readonly run: number | null;
  readonly job: string;
  readonly identity: string;
  readonly scope: Scope;
  readonly season: number;
  readonly businessDate: string;
  /** 0: a dry run. */
  readonly attempt: number;
  readonly dryRun: boolean;
  readonly actor: string;
  readonly policy: {
    readonly id: number;
    readonly baseHash: string;
    readonly overlayHash: string;
  } | null;
  readonly inputHash: string | null;
  readonly resultHash: string | null;
  readonly counts: Readonly<Record<string, number>>;
  readonly findings: readonly Finding[];
  /** Relative to the home folder. */
  readonly files: readonly string[];
  /** What an act answered its caller. */
  readonly answer?: {
    readonly lines: readonly string[];
    readonly values: Readonly<Record<string, unknown>>;
  };
  readonly timings: {
    readonly startedAt: string;
    readonly elapsedMs: number;
    readonly stepsMs: Readonly<Record<string, number>>;
  };
}

const validate = new Ajv({ allErrors: true, allowUnionTypes: true }).compile<RunResult>(schema);

/**
 * Checks a result against its schema.
 *
 * @throws CodedError run-result-invalid
 */
export function assertRunResult(result: unknown): asserts result is RunResult {
  if (validate(result)) return;
  const job = (result as { job?: string } | null)?.job ?? '';
  const reason = (validate.errors ?? [])
    .map(error => `${error.instancePath || '/'} ${error.message}`)
    .join('；');
  throw runError('run-result-invalid', { job, reason });
}

/** Everything about a run that its outcome does not say. */
export type RunFacts = Omit<
  RunResult,
  | 'schema'
  | 'version'
  | 'policy'
  | 'inputHash'
  | 'resultHash'
  | 'counts'
  | 'findings'
  | 'files'
  | 'answer'
>;

/**
 * Makes the result of an outcome.
 *
 * @param policy the outcome's, where the caller has it at hand; read unless told
 * @throws CodedError run-result-invalid
 */
export async function makeRunResult(
  database: Pick<Database, 'query'>,
  facts: RunFacts,
  outcome: JobOutcome,
  policy?: PolicyOfRun,
): Promise<RunResult> {
  if (policy !== undefined) return resultOf(facts, outcome, policy);
  const [result] = await makeRunResults(database, [{ facts, outcome }]);
  return result as RunResult;
}

/** The same of several runs, by one question. @throws CodedError run-result-invalid */
export async function makeRunResults(
  database: Pick<Database, 'query'>,
  runs: readonly { readonly facts: RunFacts; readonly outcome: JobOutcome }[],
): Promise<RunResult[]> {
  const policies = await policiesOf(
    database,
    runs.flatMap(({ outcome }) => outcome.policy ?? []),
  );
  return runs.map(({ facts, outcome }) => {
    const policy = outcome.policy === undefined ? null : policies.get(outcome.policy);
    return resultOf(facts, outcome, policy ?? null);
  });
}

type PolicyOfRun = NonNullable<RunResult['policy']>;

function resultOf(facts: RunFacts, outcome: JobOutcome, policy: PolicyOfRun | null): RunResult {
  const result: RunResult = {
    schema: 'zhongzhao/run-result',
    version: RUN_RESULT_VERSION,
    ...facts,
    policy,
    inputHash: outcome.inputHash ?? null,
    resultHash: outcome.resultHash ?? null,
    counts: outcome.counts,
    findings: outcome.findings.map(finding => ({
      ...finding,
      rows: finding.rows.slice(0, FINDING_ROWS_MAX),
    })),
    files: outcome.files ?? [],
    ...(outcome.answer === undefined ? {} : { answer: outcome.answer }),
  };
  // What is stored and what is returned are the same, absent keys included.
  const plain: unknown = JSON.parse(JSON.stringify(result));
  assertRunResult(plain);
  return plain;
}

async function policiesOf(
  database: Pick<Database, 'query'>,
  ids: readonly number[],
): Promise<Map<number, PolicyOfRun>> {
  if (ids.length === 0) return new Map();
  const rows = await database.query<PolicyOfRun>(
    `select id, base_hash as "baseHash", overlay_hash as "overlayHash"
     from policy_versions where id = any($1::integer[])`,
    [[...new Set(ids)]],
  );
  return new Map(rows.map(row => [row.id, row]));
}
