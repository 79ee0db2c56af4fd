/**
 * The command `zhongzhao`: names, options and Chinese help. What a command does stands in a file
 * of its own, loaded when it is called: `--help` needs no database and no charts.
 */
import process from 'node:process';
import { Command, CommanderError, Help, type Option } from 'commander';
import type { CodedError } from '../../engine/errors.ts';
import {
  AS,
  AT,
  BATCH,
  CITY,
  DATE,
  type Definition,
  type Invocation,
  type Options,
  PURPOSE,
} from './command.ts';
import { cliError } from './errors.ts';
import { type Output, STANDARD_OUTPUT, sayError, sayOutcome } from './output.ts';
import { POLICY_COMMANDS } from './policy-commands.ts';

/**
 * Runs one command line.
 *
 * @param parameters without the program's name
 * @returns the exit code (formats.md)
 */
export async function main(
  parameters: readonly string[],
  output: Output = STANDARD_OUTPUT,
): Promise<number> {
  let exitCode = 0;
  const json = parameters.includes('--json');
  const program = makeProgram(output, code => {
    exitCode = code;
  });
  try {
    await program.parseAsync(parameters as string[], { from: 'user' });
    return exitCode;
  } catch (error) {
    if (error instanceof CommanderError) {
      if (error.exitCode === 0) return 0;
      return sayError(usageError(error, parameters), json, output);
    }
    return sayError(error, json, output);
  }
}

function usageError(error: CommanderError, parameters: readonly string[]): CodedError {
  const quoted = /'([^']*)'/.exec(error.message)?.[1] ?? '';
  const near = /Did you mean (?:one of )?([^?)]*)/.exec(error.message)?.[1];
  const hint = near === undefined ? '' : `，是否指 ${near}`;
  const reason =
    (USAGE_REASONS[error.code]?.(quoted) ?? error.message.replace(/^error: /, '')) + hint;
  const command = parameters.find(parameter => !parameter.startsWith('-')) ?? '';
  return cliError('wrong-usage', { reason, command });
}

const USAGE_REASONS: Readonly<Record<string, (name: string) => string>> = {
  'commander.unknownOption': name => `没有选项 ${name}`,
  'commander.unknownCommand': name => `没有命令 ${name}`,
  'commander.missingArgument': name => `缺少参数 ${name}`,
  'commander.optionMissingArgument': name => `选项 ${name} 缺少值`,
  'commander.missingMandatoryOptionValue': name => `缺少选项 ${name}`,
  'commander.excessArguments': () => '参数太多',
  'commander.invalidArgument': name => `${name} 的值不对`,
  'commander.help': () => '没有写明命令',
};

const TITLES: Readonly<Record<string, string>> = {
  'Usage:': '用法：',
  'Options:': '选项：',
  'Arguments:': '参数：',
  'Commands:': '命令：',
  'Global Options:': '通用选项：',
};

class ChineseHelp extends Help {
  override styleTitle(title: string): string {
    return TITLES[title] ?? title;
  }

  override optionDescription(option: Option): string {
    const value = option.defaultValue;
    return value === undefined || typeof value === 'boolean'
      ? option.description
      : `${option.description}（默认 ${String(value)}）`;
  }
}

function makeProgram(output: Output, exit: (code: number) => void): Command {
  const program = new Command('zhongzhao');
  program.createHelp = () => new ChineseHelp();
  program
    .description('中职招生：按 YAML 规则投档，每个结果都可以复核。')
    .exitOverride()
    .configureOutput({ writeOut: text => output.out(text), writeErr: () => {} })
    .usage('命令 [选项]')
    .helpOption('-h, --help', '显示帮助')
    .helpCommand('help [命令]', '显示帮助')
    .showSuggestionAfterError(true);
  for (const definition of COMMANDS) addCommand(program, definition, output, exit);
  const policy = addGroup(program, 'policy', '政策工作台');
  for (const definition of POLICY_COMMANDS) addCommand(policy, definition, output, exit);
  return program;
}

function addGroup(program: Command, name: string, description: string): Command {
  const group = program.command(name).description(description).usage('命令 [选项]');
  group.createHelp = () => new ChineseHelp();
  return group;
}

function addCommand(
  parent: Command,
  definition: Definition,
  output: Output,
  exit: (code: number) => void,
): void {
  const command = parent.command(definition.name).description(definition.description);
  command.createHelp = () => new ChineseHelp();
  command.usage(`${definition.name.split(' ').slice(1).join(' ')} [选项]`.trim());
  command.helpOption('-h, --help', '显示帮助');
  for (const [flags, description] of definition.required ?? []) {
    command.requiredOption(flags, description);
  }
  for (const [flags, description, preset] of definition.options ?? []) {
    command.option(flags, description, preset);
  }
  command.option('--json', '输出一行 JSON，供程序读取');
  command.option('--verbose', '同时在标准错误输出上显示日志');
  command.action(async () => {
    const options = joined(command.opts<Record<string, string | boolean | string[] | undefined>>());
    const invocation: Invocation = {
      json: options['json'] === true,
      verbose: options['verbose'] === true,
      output,
    };
    const action = await definition.action();
    const outcome = await action(invocation, options, command.args);
    exit(sayOutcome(outcome, invocation.json, output));
  });
}

/** Options that may be given several times arrive as one text, a line for each. */
function joined(
  options: Record<string, string | boolean | readonly string[] | undefined>,
): Options {
  return Object.fromEntries(
    Object.entries(options).map(([name, value]) => [
      name,
      typeof value === 'object' ? value.join('\n') : value,
    ]),
  );
}

const COMMANDS: readonly Definition[] = [
  {
    name: 'start',
    description: '演示：建库、采用 2016 年政策、导入合成数据、运行一夜；再次运行则为下一日',
    options: [
      ['--scale <倍数>', '合成数据的规模，1 为全省', '0.05'],
      ['--seed <数>', '合成数据的种子', '1'],
    ],
    action: async () => (await import('./start.ts')).start,
  },
  {
    name: 'sample',
    description: '生成合成数据包；没有 --out 时直接导入数据库',
    options: [
      ['--scale <倍数>', '规模，1 为全省', '0.05'],
      ['--seed <数>', '种子', '1'],
      ['--out <文件夹>', '写到文件夹，不导入'],
    ],
    action: async () => (await import('./data.ts')).sample,
  },
  {
    name: 'import <文件夹>',
    description: '把数据包导入数据库，一次事务',
    required: [AS],
    options: [['--accept-valid', '有错误的行不导入，其余照导']],
    action: async () => (await import('./data.ts')).importData,
  },
  {
    name: 'night',
    description: '运行日程上该业务日期的全部作业，先补错过的日期',
    options: [DATE, ['--until <日期>', '运行到哪一天（含）'], AT],
    action: async () => (await import('./night.ts')).nightly,
  },
  {
    name: 'run <作业>',
    description: '运行一个作业',
    options: [CITY, BATCH, DATE, ['--dry-run', '只算不写'], AT],
    action: async () => (await import('./night.ts')).runOne,
  },
  {
    name: 'do <功能> [输入...]',
    description: '办理一项业务功能；输入写成 名称=值，或用 --input 给出 JSON 文件',
    required: [AS],
    options: [
      ['--input <文件>', '输入，JSON 对象；批量办理的可为 CSV'],
      ['--request <请求号>', '自己的请求号：相同的请求只办理一次'],
      ['--token <令牌>', '登录令牌；没有时询问口令'],
      AT,
    ],
    action: async () => (await import('./do.ts')).doFunction,
  },
  {
    name: 'first-user <用户>',
    description: '建立省级的首个用户（口令自设）；只在没有可用的省级用户时',
    action: async () => (await import('./first-user.ts')).firstUser,
  },
  {
    name: 'runs',
    description: '列出运行及其状态，新的在前',
    options: [DATE, ['--job <作业>', '只看一个作业'], ['--limit <条数>', '最多列出多少', '30']],
    action: async () => (await import('./runs.ts')).runs,
  },
  {
    name: 'stop <运行>',
    description: '让一次运行在下一步停下',
    action: async () => (await import('./runs.ts')).stop,
  },
  {
    name: 'jobs',
    description: '列出全部作业',
    action: async () => (await import('./runs.ts')).jobs,
  },
  {
    name: 'reports',
    description: '列出全部报表',
    action: async () => (await import('./report.ts')).listReports,
  },
  {
    name: 'report <报表> [参数...]',
    description: '生成报表；参数写成 名称=值',
    required: [AS, ['--out <文件>', '写到哪个文件']],
    options: [['--format <格式>', 'csv、json、html、xlsx 或 pdf', 'html'], PURPOSE],
    action: async () => (await import('./report.ts')).report,
  },
  {
    name: 'explain <考生号>',
    description: '考生在哪里、为什么，逐个志愿说明依据',
    required: [AS],
    options: [['--what-if', '并说明最小怎样改变，结果才会不同（重新投档核实，需数秒）'], PURPOSE],
    action: async () => (await import('./report.ts')).explain,
  },
  {
    name: 'recompute <文件夹>',
    description: '不用数据库，只凭数据包和政策重算一次投档',
    required: [
      ['--policy <文件夹>', '政策文件夹'],
      ['--out <文件>', '结果写到哪个文件'],
    ],
    options: [CITY, BATCH, ['--round <轮次>', '轮次'], DATE, ['--school <代码>', '只投一所院校']],
    action: async () => (await import('./data.ts')).recomputeRun,
  },
  {
    name: 'export <运行>',
    description: '把一次投档的输入和政策写成数据包，供重算',
    required: [['--out <文件夹>', '写到哪里']],
    action: async () => (await import('./data.ts')).exportRun,
  },
  {
    name: 'verify',
    description: '核对轨迹是否完整、档案状态是否等于其事件；--seals 对照另存的封签',
    options: [['--seals <文件>', '另存的封签文件，如抄送别处的 seals/2016.jsonl']],
    action: async () => (await import('./verify.ts')).verify,
  },
  {
    name: 'backup <文件>',
    description: '把数据库和运行的数据包备份成一个文件，附数量与校验值',
    action: async () => (await import('./backup.ts')).backup,
  },
  {
    name: 'restore <文件>',
    description: '从备份恢复到空的数据库，一次事务，先核对后提交',
    options: [
      ['--replace', '数据库不是空的也恢复：其中的内容全部被备份取代'],
      ['--hash <校验值>', '备份时显示的校验值；不符则不恢复'],
    ],
    action: async () => (await import('./backup.ts')).restore,
  },
  {
    name: 'serve',
    description: '按日程自动运行，直到收到结束信号',
    options: [AT],
    action: async () => (await import('./serve.ts')).serving,
  },
  {
    name: 'worker',
    description: '另开一个进程（可在另一台机器上）分担各市的运行',
    action: async () => (await import('./serve.ts')).working,
  },
];

/** The environment's own folder. */
export function homeFolder(): string {
  return process.env['ZHONGZHAO_HOME'] || '.zhongzhao';
}
