/** `zhongzhao do FUNCTION`: an act of a user, from the command line. */
import { readFileSync } from 'node:fs';
import { userInfo } from 'node:os';
import { findFunction } from '../act/registry.ts';
import { runAct } from '../act/run-act.ts';
import { signedUser } from './credentials.ts';
import { cliError } from './errors.ts';
import type { Outcome } from './output.ts';
import type { Invocation, Options } from './program.ts';
import { currentSeason, runEnvironment, withProvince } from './province.ts';

/** An input beyond this is a package, and is imported. */
const INPUT_FILE_MAX_BYTES = 8 * 1024 * 1024;

/** `zhongzhao do FUNCTION --as USER [--input FILE] [name=value …]` */
export async function doFunction(
  invocation: Invocation,
  options: Options,
  [id = '', ...pairs]: readonly string[],
): Promise<Outcome> {
  const job = await findFunction(id);
  const input = { ...fileInput(options), ...pairInput(pairs) };
  return withProvince(invocation, options, async province => {
    const season = await currentSeason(province.database);
    const signed = await signedUser(province, options);
    const { user } = signed;
    const request = options['request'];
    const report = await runAct(
      job,
      {
        ...signed,
        input,
        osUser: userInfo().username,
        ...(typeof request === 'string' ? { request } : {}),
      },
      runEnvironment(province, season, user),
    );
    const { state, run, proposal, answer } = report;
    const findings = answer.findings ?? [];
    return {
      exitCode: findings.length > 0 ? 1 : 0,
      json: {
        function: id,
        state,
        run,
        proposal,
        lines: answer.lines,
        values: answer.values ?? {},
        counts: answer.counts ?? {},
        findings,
      },
      lines: [
        ...findings.map(finding => `需处理：${finding.sentence}`),
        ...answer.lines,
        ...(state === 'already-done' ? ['（此请求此前已办理，未重复办理。）'] : []),
      ],
    };
  });
}

function pairInput(pairs: readonly string[]): Record<string, unknown> {
  return Object.fromEntries(
    pairs.map(pair => {
      const at = pair.indexOf('=');
      if (at > 0) return [pair.slice(0, at), pair.slice(at + 1)];
      throw cliError('wrong-usage', { reason: `输入“${pair}”应写成 名称=值`, command: 'do' });
    }),
  );
}

function fileInput(options: Options): Record<string, unknown> {
  const path = options['input'];
  if (typeof path !== 'string') return {};
  let text: string;
  try {
    const bytes = readFileSync(path);
    if (bytes.length > INPUT_FILE_MAX_BYTES) throw new RangeError('too large');
    text = new TextDecoder('utf-8', { fatal: true }).decode(bytes);
  } catch (cause) {
    const reason = (cause as NodeJS.ErrnoException).code ?? (cause as Error).message;
    throw cliError('input-unreadable', { path, reason }, { cause });
  }
  try {
    const value: unknown = JSON.parse(text);
    if (typeof value === 'object' && value !== null && !Array.isArray(value)) {
      return value as Record<string, unknown>;
    }
  } catch (cause) {
    throw cliError('input-unreadable', { path, reason: (cause as Error).message }, { cause });
  }
  throw cliError('input-unreadable', { path, reason: '应为一个 JSON 对象' });
}
