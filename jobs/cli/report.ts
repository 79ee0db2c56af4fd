/** `zhongzhao reports`, `report`, `explain`: the face of the reports on the command line. */
import type { RegistryContext } from '../../reports/registry.ts';
import type { Invocation, Options } from './command.ts';
import { cliError } from './errors.ts';
import { type Outcome, table } from './output.ts';
import { actingUser, currentSeason, type Province, withProvince } from './province.ts';

/** `zhongzhao reports` */
export async function listReports(): Promise<Outcome> {
  const { reports } = await import('../../reports/registry.ts');
  const list = reports.map(({ id, title, menu, side, parameters }) => ({
    id,
    title,
    menu,
    side,
    who: side,
    parameters,
  }));
  return {
    json: { reports: list },
    lines: table([
      ['编号', '名称', '菜单', '一侧', '谁可以', '参数'],
      ...list.map(report => [
        report.id,
        report.title,
        report.menu,
        report.side === 'school' ? '院校' : '招办',
        report.side === 'school' ? '院校，招办' : '招办',
        Object.keys(report.parameters.properties).join(' '),
      ]),
    ]),
  };
}

/** `zhongzhao report REPORT name=value …` */
export async function report(
  invocation: Invocation,
  options: Options,
  [id = '', ...pairs]: readonly string[],
): Promise<Outcome> {
  const registry = await import('../../reports/registry.ts');
  const declared = registry.findReport(id);
  const format = registry.checkFormat(declared, String(options['format']));
  const given = Object.fromEntries(pairs.map(pair => namedValue(pair)));
  const out = String(options['out']);
  return withProvince(invocation, options, async province => {
    const context = await reportContext(province, options);
    const bytes = await registry.writeReport(declared, context, given, format, out);
    return {
      json: { report: id, format, out, bytes },
      lines: [`${declared.title}已写入 ${out}（${bytes} 字节）。`],
    };
  });
}

function namedValue(pair: string): [string, string] {
  const at = pair.indexOf('=');
  if (at > 0) return [pair.slice(0, at), pair.slice(at + 1)];
  throw cliError('wrong-usage', { reason: `参数“${pair}”应写成 名称=值`, command: 'report' });
}

async function reportContext(province: Province, options: Options): Promise<RegistryContext> {
  const actor = await actingUser(province, options);
  const season = await currentSeason(province.database);
  const { database, now } = province;
  const purpose = typeof options['purpose'] === 'string' ? { purpose: options['purpose'] } : {};
  return { database, season, actor, unmasked: false, now, ...purpose };
}

/** `zhongzhao explain CANDIDATE_NO`: the report candidate-outcome, on the terminal. */
export async function explain(
  invocation: Invocation,
  options: Options,
  [candidate = '']: readonly string[],
): Promise<Outcome> {
  if (options['whatIf'] === true) {
    const { explainWhatIf } = await import('./policy-explain.ts');
    return explainWhatIf(invocation, options, [candidate]);
  }
  const registry = await import('../../reports/registry.ts');
  const { contentJson, contentLines } = await import('./report-text.ts');
  const declared = registry.findReport('candidate-outcome');
  return withProvince(invocation, options, async province => {
    const context = await reportContext(province, options);
    return registry.withContent(
      declared,
      context,
      { candidate_no: candidate },
      async rendering => ({
        json: invocation.json ? await contentJson(rendering) : null,
        lines: invocation.json ? [] : await contentLines(rendering),
      }),
    );
  });
}
