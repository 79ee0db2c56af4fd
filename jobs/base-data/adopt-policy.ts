/**
 * 采用政策: the province's base policy for the season, signed by two. The documents themselves are
 * the proposal, so that the second signs what the first has read. They are checked, and the tests
 * that stand beside them must hold. Adopting re-checks every city's settings against the new base
 * and lists those that fail; their cities mend them. While the policy's freeze lasts, it takes a
 * reason and two signatures more.
 */
import { readFileSync } from 'node:fs';
import { readPolicyFolder } from '../../db/package/policy-folder.ts';
import { type Adoption, adoptPolicy, readPolicy, type StoredPolicy } from '../../db/policies.ts';
import { analysePolicy } from '../../engine/policy/analysis/analyse.ts';
import { loadPolicy, type PolicyFiles } from '../../engine/policy/load.ts';
import { isInWindow } from '../../engine/policy/lookup.ts';
import type { FullPolicy, PolicyBundle } from '../../engine/policy/types.ts';
import { formatProblem, type Problem } from '../../engine/problem.ts';
import type { Act } from '../act/act.ts';
import { actError } from '../act/errors.ts';
import { functionJob } from '../act/function-job.ts';
import { wrongInput } from '../act/input.ts';
import { ProblemRefusal } from '../act/problem-refusal.ts';
import type { Finding } from '../run/job.ts';
import { baseDataError } from './errors.ts';
import {
  checkTrial,
  type HeldTests,
  heldTests,
  readTrial,
  type TrialSigned,
} from './parts/adoption-evidence.ts';

interface Input {
  readonly folder?: string;
  /** Path in the folder → YAML. */
  readonly documents?: Readonly<Record<string, string>>;
  /** The JSON that a trial of the policy has written. */
  readonly trial?: string;
  /** Read from it at the proposal. */
  readonly tried?: TrialSigned;
  /** Why it can't wait for the end of the freeze. */
  readonly reason?: string;
}

/** Of calendar.yaml: from the publication of scores to the end of admission. */
const FREEZE = 'base-freeze';
const DOCUMENTS_MAX = 500;
const SIGNERS = 2;
const SIGNERS_IN_FREEZE = 4;

export const job = functionJob<Input>({
  id: 'adopt-policy',
  title: '采用政策',
  sides: ['office'],
  menu: '基本资料',
  annex: false,
  levels: ['province'],
  input: {
    properties: {
      folder: { type: 'string', minLength: 1, maxLength: 1000, description: '政策文件夹' },
      documents: {
        type: 'object',
        minProperties: 1,
        maxProperties: DOCUMENTS_MAX,
        additionalProperties: { type: 'string' },
        description: '或各文件的内容：路径 → YAML',
      },
      trial: {
        type: 'string',
        minLength: 1,
        maxLength: 1000,
        description: '试算报告（policy try 写出的 JSON 文件）',
      },
      tried: {
        type: 'object',
        additionalProperties: false,
        required: ['hash', 'baseHash', 'runs'],
        properties: {
          hash: { type: 'string', pattern: '^[0-9a-f]{64}$' },
          baseHash: { type: 'string', pattern: '^[0-9a-f]{64}$' },
          runs: { type: 'array', minItems: 1, items: { type: 'integer', minimum: 1 } },
        },
        description: '试算报告的摘要，由 trial 得出',
      },
      reason: { type: 'string', minLength: 1, maxLength: 500, description: '冻结期内改动的理由' },
    },
  },
  relatives: false,
  window: 'none',
  confirm: true,
  signers: ({ policy, businessDate }) =>
    freezeOn(policy, businessDate) === null ? SIGNERS : SIGNERS_IN_FREEZE,
  prepare,
  async target() {
    return { cities: [] };
  },
  async effect(act) {
    requireReason(act);
    const bundle = checkedBundle(new Map(Object.entries(act.input.documents ?? {})));
    const { season, base } = bundle;
    if (season !== act.season) {
      throw baseDataError('other-season', { found: season, season: act.season });
    }
    await refuseUnsound(bundle);
    const tests = await heldTests(bundle);
    const { tried } = act.input;
    const { adoption, stored } = await act.asRunner(async session => {
      const before = await readPolicy(session, season);
      const { overlays, usesSampleBasis } = bundle;
      const policy = { season, ...base, usesSampleBasis, overlays: [...overlays.values()] };
      const by = { actor: act.user.user, at: act.at };
      const adoption = await adoptPolicy(session, policy, by);
      const { version } = before?.base ?? { version: 0 };
      if (!adoption.adopted && adoption.cities.length === 0) {
        throw baseDataError('policy-in-force', { version });
      }
      await checkTrial(session, bundle, tried);
      return { adoption, stored: await readPolicy(session, season) };
    });
    const findings = overlayFindings(stored);
    const failing = findings.map(finding => finding.city as string);
    const { version, cities } = adoption;
    act.record({
      note: {
        ...{ version, baseHash: base.hash, cities, failing },
        ...{ proposer: act.proposer, signers: act.signers, tests, tried: tried ?? null },
        reason: act.input.reason ?? null,
      },
    });
    return answerOf(bundle, adoption, findings, tests);
  },
});

/** Files of a folder become the documents, once, at the proposal. */
async function prepare(input: Input): Promise<Input> {
  const { folder, documents, trial, tried, ...more } = input;
  // What is signed is read from the file: nobody may say it instead.
  if (tried !== undefined) throw wrongInput(job, ['tried 由 trial 得出，不能直接写']);
  const rest = trial === undefined ? more : { ...more, tried: readTrial(trial, textOf(trial)) };
  if ((folder === undefined) === (documents === undefined)) {
    throw wrongInput(job, ['folder 与 documents 须写其一']);
  }
  if (folder === undefined)
    return { ...rest, documents: documents as NonNullable<typeof documents> };
  const files = readFolder(folder);
  // As bytes: what is no UTF-8 is found here, and would be lost once it is text.
  checkedBundle(files);
  const texts = [...files].map(([path, bytes]) => [path, Buffer.from(bytes).toString('utf8')]);
  return { ...rest, documents: Object.fromEntries(texts) };
}

/** @throws policy-unreadable */
function textOf(path: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch (cause) {
    const reason = (cause as { code?: string }).code ?? '';
    throw baseDataError('policy-unreadable', { folder: path, reason }, { cause });
  }
}

/** @throws policy-unreadable */
function readFolder(folder: string): ReadonlyMap<string, Uint8Array> {
  try {
    return readPolicyFolder(folder);
  } catch (cause) {
    const reason = (cause as { code?: string }).code ?? '';
    throw baseDataError('policy-unreadable', { folder, reason }, { cause });
  }
}

/** The freeze that the date lies in; null: none. */
function freezeOn(policy: FullPolicy, date: string): FullPolicy['windows'][number] | null {
  const freeze = policy.windows.find(each => each.id === FREEZE);
  return freeze !== undefined && isInWindow(freeze.window, date) ? freeze : null;
}

/** @throws policy-frozen */
function requireReason(act: Act<Input>): void {
  const freeze = freezeOn(act.policy, act.businessDate);
  if (freeze === null || act.input.reason !== undefined) return;
  const [from, to] = freeze.window as readonly [string, string];
  const said = { from, to, title: freeze.title, signers: SIGNERS_IN_FREEZE };
  throw baseDataError('policy-frozen', said, { basis: freeze.basis });
}

/** @throws policy-has-errors, with all of them */
function checkedBundle(files: PolicyFiles): PolicyBundle {
  const { bundle, problems } = loadPolicy(files);
  if (bundle !== undefined) return bundle;
  throw refusalOf(problems);
}

/**
 * Rules that never act, contradict each other, dates out of order: what `policy check` calls an
 * error is none the less one for standing in well-formed documents.
 *
 * @throws policy-has-errors
 */
async function refuseUnsound(bundle: PolicyBundle): Promise<void> {
  const { problems } = await analysePolicy(bundle);
  if (problems.some(({ severity }) => severity === 'error')) throw refusalOf(problems);
}

function refusalOf(problems: readonly Problem[]): ProblemRefusal {
  const errors = problems.filter(problem => problem.severity === 'error');
  const [first] = errors;
  const said =
    first === undefined ? '' : formatProblem({ ...first, excerpt: '', example: undefined });
  const refusal = baseDataError('policy-has-errors', { errors: errors.length, first: said });
  return new ProblemRefusal(refusal, problems);
}

/** Each city's settings in force, held against the new base. */
function overlayFindings(stored: StoredPolicy | null): Finding[] {
  if (stored === null) throw actError('no-policy', {});
  const files = new Map(Object.entries(stored.base.documents));
  for (const { city, document } of stored.overlays.values()) {
    files.set(`cities/${city}.yaml`, document);
  }
  const { problems } = loadPolicy(files);
  const errors = problems.filter(problem => problem.severity === 'error');
  return [...Map.groupBy(errors, problem => problem.file)].map(([file, found]) => ({
    property: 'overlay-fails',
    severity: 'error',
    city: file.replace(/^cities\/|\.yaml$/g, ''),
    stops: 'nothing',
    sentence: `${file} 与新政策不合，共 ${found.length} 处；请该市改正后再投档。`,
    rows: found.map(({ line, column, code, message }) => ({ line, column, code, message })),
    rowCount: found.length,
  }));
}

function answerOf(
  bundle: PolicyBundle,
  adoption: Adoption,
  findings: readonly Finding[],
  tests: HeldTests,
) {
  const { version, adopted, cities } = adoption;
  const { hash } = bundle.base;
  const failing = findings.map(finding => finding.city);
  return {
    lines: [
      `${bundle.title}：已采用（第 ${version} 版），内容哈希 ${hash}。`,
      tests.count === 0
        ? '政策没有附样例（tests/）。'
        : `所附样例 ${tests.count} 条全部相符，结果哈希 ${tests.hash}。`,
      ...(cities.length > 0 ? [`首次采用设置的地市：${cities.join('、')}。`] : []),
      ...(failing.length > 0 ? [`设置与新政策不合的地市：${failing.join('、')}。`] : []),
    ],
    values: { season: bundle.season, version, adopted, cities, baseHash: hash, failing, tests },
    findings,
  };
}
