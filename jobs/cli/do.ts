/** `zhongzhao do FUNCTION`: an act of a user, from the command line. */
import { userInfo } from 'node:os';
import { findFunction } from '../act/registry.ts';
import { runAct } from '../act/run-act.ts';
import type { Invocation, Options } from './command.ts';
import { signedUser } from './credentials.ts';
import { cliError } from './errors.ts';
import { readInputFile } from './input-file.ts';
import type { Outcome } from './output.ts';
import { currentSeason, runEnvironment, withProvince } from './province.ts';

/** `zhongzhao do FUNCTION --as USER [--input FILE] [name=value …]` */
export async function doFunction(
  invocation: Invocation,
  options: Options,
  [id = '', ...pairs]: readonly string[],
): Promise<Outcome> {
  const job = await findFunction(id);
  const path = options['input'];
  const file = typeof path === 'string' ? await readInputFile(path) : {};
  const input = { ...file, ...pairInput(pairs) };
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
