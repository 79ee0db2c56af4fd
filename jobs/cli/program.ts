/**
 * The command `zhongzhao`: names, options and Chinese help. What a command does stands in a file
 * of its own, loaded when it is called: `--help` needs no database and no charts.
 */
import process from 'node:process';
import { Command, CommanderError, Help, type Option } from 'commander';
import type { CodedError } from '../../engine/errors.ts';
import { cliError } from './errors.ts';
import { type Outcome, type Output, STANDARD_OUTPUT, sayError, sayOutcome } from './output.ts';

/** What every command is handed beside its own options. */
export interface Invocation {
  readonly json: boolean;
  /** Log lines on stderr too. */
  readonly verbose: boolean;
  readonly output: Output;
}

export type Options = Readonly<Record<string, string | boolean | undefined>>;
type Action = (
  invocation: Invocation,
  options: Options,
  parameters: readonly string[],
) => Promise<Outcome>;

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

interface Definition {
  /** Name with its arguments, as commander writes them. */
  readonly name: string;
  readonly description: string;
  readonly options?: readonly (readonly [flags: string, description: string, preset?: string])[];
  readonly required?: readonly (readonly [flags: string, description: string])[];
  readonly action: () => Promise<Action>;
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
    const options = command.opts<Record<string, string | boolean | undefined>>();
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

const AS = ['--as <用户>', '以谁的身份'] as const;
const AT = ['--at <时刻>', '设定时钟，如 2016-07-20T19:30（仅限样例数据库）'] as const;
const DATE = ['--date <日期>', '业务日期，如 2016-07-20'] as const;
const CITY = ['--city <代码>', '地市代码'] as const;
const BATCH = ['--batch <批次>', '批次'] as const;

const POLICY_COMMANDS: readonly Definition[] = [
  {
    name: 'check <文件夹>',
    description: '检查政策文件夹，列出全部问题',
    action: async () => (await import('./policy.ts')).check,
  },
  {
    name: 'test <文件夹>',
    description: '用政策自己的规则判定 tests/ 中的样例和小型数据，不符的列出文件和行',
    action: async () => (await import('./policy.ts')).testPolicy,
  },
  {
    name: 'adopt <文件夹>',
    description: '采用政策：存为不可更改的版本；取代现行版本须由两人办理',
    required: [AS],
    options: [['--confirm <编号>', '第二人确认的提议编号'], AT],
    action: async () => (await import('./policy.ts')).adopt,
  },
  {
    name: 'export',
    description: '把采用的政策写成 YAML 文件夹；--city 时写该市的设置',
    options: [CITY, ['--out <路径>', '写到哪里；写一市的设置时可省略，输出到屏幕']],
    action: async () => (await import('./policy.ts')).exportPolicy,
  },
  {
    name: 'handbook <文件夹>',
    description: '把整个政策写成供阅读、签署的中文手册',
    required: [['--out <文件>', '写到哪个文件']],
    options: [
      ['--format <格式>', 'html 或 pdf；没有时看文件名'],
      ['--since <政策>', '加一章与此的不同：文件夹，或 in-force、v版本号'],
    ],
    action: async () => (await import('./policy-handbook.ts')).handbook,
  },
  {
    name: 'new <年度>',
    description: '由上一年的政策写出新年度的文件夹，列出须决定的事项',
    required: [['--from <政策>', '上一年的政策：文件夹，或 rules/ 下的名称，如 guangdong-2016']],
    options: [
      ['--to <文件夹>', '写到哪个文件夹；没有时与原文件夹并列'],
      [
        '--dates <办法>',
        '公布过的日期：empty 留空、same-day 同月同日、same-weekday 同星期',
        'empty',
      ],
      ['--format <格式>', 'text 或 json', 'text'],
    ],
    action: async () => (await import('./policy-new.ts')).newPolicy,
  },
  {
    name: 'format <文件夹>',
    description: '把 YAML 整理成统一写法，注释和次序不变；--check 只列出未整理的',
    options: [['--check', '不改动，只列出须整理的文件；有则退出码为 1']],
    action: async () => (await import('./policy-format.ts')).format,
  },
  {
    name: 'diff <原> <现>',
    description: '比较两份政策：哪些值、日期、次序、规则不同，按依据归类',
    options: [
      ['--format <格式>', 'text、json 或 html；没有时看文件名'],
      ['--out <文件>', '写到哪个文件；没有时输出到屏幕'],
    ],
    action: async () => (await import('./policy-diff.ts')).diff,
  },
];

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
    options: [['--format <格式>', 'csv、json、html 或 xlsx', 'html']],
    action: async () => (await import('./report.ts')).report,
  },
  {
    name: 'explain <考生号>',
    description: '考生在哪里、为什么，逐个志愿说明依据',
    required: [AS],
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
