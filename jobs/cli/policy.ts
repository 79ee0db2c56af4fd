/** `zhongzhao policy …`: testing, adopting and writing out a policy. */
import { mkdir, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { readPolicyFolder } from '../../db/package/policy-folder.ts';
import { type Adoption, adoptPolicy, readPolicy } from '../../db/policies.ts';
import type { Knowledge } from '../../engine/policy/check-context.ts';
import { type LoadedPolicy, loadPolicy } from '../../engine/policy/load.ts';
import type { PolicyBundle } from '../../engine/policy/types.ts';
import { formatProblem, type Problem } from '../../engine/problem.ts';
import type { Invocation, Options } from './command.ts';
import { cliError } from './errors.ts';
import { InputProblems, type Outcome } from './output.ts';
import {
  actingUser,
  currentSeason,
  type Province,
  runEnvironment,
  withProvince,
} from './province.ts';

/** Reads and checks a folder. @throws CodedError folder-unreadable */
export function loadFolder(folder: string, knowledge: Partial<Knowledge> = {}): LoadedPolicy {
  return loadPolicy(filesOf(folder), knowledge);
}

/** The YAML files of a folder as they are. @throws CodedError folder-unreadable */
export function filesOf(folder: string): Map<string, Uint8Array> {
  try {
    return readPolicyFolder(folder);
  } catch (cause) {
    const reason = (cause as { code?: string }).code;
    if (reason === undefined) throw cause;
    throw cliError('folder-unreadable', { folder, reason }, { cause });
  }
}

/** The bundle of a folder without errors. @throws InputProblems, with all of them */
export function bundleOf(folder: string): PolicyBundle {
  const { bundle, problems } = loadFolder(folder);
  if (bundle !== undefined) return bundle;
  throw new InputProblems(problems, policyRefusal(folder, problems));
}

/** The same, and without what the analysis calls an error. @throws InputProblems */
async function soundBundleOf(folder: string): Promise<PolicyBundle> {
  const bundle = bundleOf(folder);
  const { analysePolicy } = await import('../../engine/policy/analysis/analyse.ts');
  const { problems } = await analysePolicy(bundle);
  if (problems.every(problem => problem.severity !== 'error')) return bundle;
  throw new InputProblems(problems, policyRefusal(folder, problems));
}

/** How many errors there are, and what to do. */
export function policyRefusal(folder: string, problems: readonly Problem[]) {
  const errors = problems.filter(problem => problem.severity === 'error').length;
  return cliError('policy-has-errors', { folder, errors });
}

/**
 * `zhongzhao policy test DIR`: the examples beside the policy, decided by its own rules. Where any
 * does not hold, the exit code is 1.
 */
export async function testPolicy(
  _invocation: Invocation,
  _options: Options,
  [folder = '']: readonly string[],
): Promise<Outcome> {
  const bundle = bundleOf(folder);
  const { runExamples } = await import('../../engine/policy/examples.ts');
  const { runProvinces } = await import('../../engine/policy/provinces.ts');
  const provinces = await runProvinces(bundle);
  const verdicts = [
    ...(await runExamples(bundle)).map(({ problem }) => (problem === null ? [] : [problem])),
    ...provinces.map(province => province.problems),
  ];
  const problems = verdicts.flat();
  const held = verdicts.filter(found => found.length === 0).length;
  const counted = `相符 ${held} 条，不符 ${verdicts.length - held} 条`;
  const ok = problems.length === 0;
  return {
    exitCode: ok ? 0 : 1,
    json: { ok, examples: verdicts.length, provinces: provinces.length, held, problems },
    lines: [
      ...problems.map(formatProblem),
      verdicts.length === 0
        ? `${bundle.title}没有样例；请在 tests/ 中写出，供签署的人阅读。`
        : `${bundle.title}：样例 ${verdicts.length} 条（其中小型数据 ${provinces.length} 条），${counted}。`,
    ],
  };
}

/** Adopts a checked bundle; the same content again changes nothing. */
export function adoptBundle(
  province: Province,
  bundle: PolicyBundle,
  by: { actor: string; at: Date },
): Promise<Adoption> {
  const { season, base, overlays, usesSampleBasis } = bundle;
  return province.database.transaction(session =>
    adoptPolicy(
      session,
      { season, ...base, usesSampleBasis, overlays: [...overlays.values()] },
      by,
    ),
  );
}

/**
 * `zhongzhao policy adopt DIR --as USER`. The first policy of a season is adopted at once: there is
 * nobody yet whose rights it could be held against. A later one is signed by two (adopt-policy):
 * the second repeats the command with `--confirm`.
 */
export async function adopt(
  invocation: Invocation,
  options: Options,
  [folder = '']: readonly string[],
): Promise<Outcome> {
  const bundle = await soundBundleOf(folder);
  return withProvince(invocation, options, async province => {
    const actor = await actingUser(province, options);
    const { season, base } = bundle;
    const [state] = await province.database.query<{ some: boolean; hash: string | null }>(
      `select exists (select from users) as some,
         (select hash from policy_bases where season = $1::smallint
          order by version desc limit 1) as hash`,
      [season],
    );
    const later = state?.some === true && state.hash !== null && state.hash !== base.hash;
    if (later) return adoptLater(province, { folder, bundle }, actor, options);
    const { heldTests } = await import('../base-data/parts/adoption-evidence.ts');
    await heldTests(bundle);
    const adoption = await adoptBundle(province, bundle, { actor, at: province.now() });
    const { version, adopted, cities } = adoption;
    const done = adopted ? '已采用' : '与现行版本相同，未作改动';
    return {
      json: { season, baseHash: base.hash, version, adopted, cities },
      lines: [
        `${bundle.title}：${done}（第 ${version} 版）。`,
        `内容哈希 ${base.hash}`,
        ...(cities.length > 0 ? [`首次采用设置的地市：${cities.join('、')}`] : []),
      ],
    };
  });
}

/** Another version, as the function does it. */
async function adoptLater(
  province: Province,
  { folder, bundle }: { readonly folder: string; readonly bundle: PolicyBundle },
  user: string,
  options: Options,
): Promise<Outcome> {
  const said = ['confirm', 'trial', 'reason'].flatMap(name => {
    const value = options[name];
    return typeof value === 'string' ? [[name, value] as const] : [];
  });
  const given = Object.fromEntries(said);
  const { findFunction } = await import('../act/registry.ts');
  const { runAct } = await import('../act/run-act.ts');
  const { season, base } = bundle;
  const input = { folder, ...given };
  const environment = runEnvironment(province, season, user);
  const report = await runAct(await findFunction('adopt-policy'), { user, input }, environment);
  const { answer, proposal } = report;
  const adopted = report.state === 'done';
  const findings = answer.findings ?? [];
  return {
    exitCode: findings.length > 0 ? 1 : 0,
    json: { season, baseHash: base.hash, adopted, proposal, ...answer.values, findings },
    lines: [...findings.map(finding => `需处理：${finding.sentence}`), ...answer.lines],
  };
}

/** `zhongzhao policy export [--city C] [--out PATH]` */
export async function exportPolicy(invocation: Invocation, options: Options): Promise<Outcome> {
  const out = typeof options['out'] === 'string' ? options['out'] : undefined;
  const city = typeof options['city'] === 'string' ? options['city'] : undefined;
  if (city === undefined && out === undefined) {
    throw cliError('wrong-usage', { reason: '缺少 --out 或 --city', command: 'policy export' });
  }
  return withProvince(invocation, options, async province => {
    const season = await currentSeason(province.database);
    const stored = await province.database.transaction(session => readPolicy(session, season));
    if (stored === null) throw cliError('no-policy', { season });
    if (city !== undefined) return exportCity(stored.overlays.get(city)?.document, city, out);
    const documents = new Map(Object.entries(stored.base.documents));
    for (const overlay of stored.overlays.values()) {
      documents.set(`cities/${overlay.city}.yaml`, overlay.document);
    }
    for (const [path, text] of documents) await writeText(join(out as string, path), text);
    return {
      json: { season, baseHash: stored.base.hash, out, files: [...documents.keys()] },
      lines: [`第 ${stored.base.version} 版政策已写入 ${out}，共 ${documents.size} 个文件。`],
    };
  });
}

async function exportCity(
  document: string | undefined,
  city: string,
  out: string | undefined,
): Promise<Outcome> {
  if (document === undefined) throw cliError('no-overlay', { city });
  if (out === undefined) return { json: { city, document }, lines: [document.trimEnd()] };
  await writeText(out, document);
  return { json: { city, out }, lines: [`${city} 的设置已写入 ${out}。`] };
}

async function writeText(path: string, text: string): Promise<void> {
  await mkdir(dirname(path), { recursive: true });
  await writeFile(path, text);
}
